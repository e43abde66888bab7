"""How do all campaigns stand? One row each, the chosen one in full below, and the alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text
from textual.app import ComposeResult
from textual.events import Resize

from dialer.control import Snapshot
from tui import wording
from tui.safe import joined, safe_text, stacked
from tui.screens.acting import ActingScreen
from tui.snapshot import count, items, part, words
from tui.widgets.campaign_summary import CampaignSummary
from tui.widgets.table import Column, KeptTable, Row
from tui.widgets.words import Words

ALARMS_SHOWN = 12

_NAME = Column(key="name", title="Campaign", width=14, grows=True)
_STATE = Column(key="state", title="State", width=8)
_MODE = Column(key="mode", title="Mode", width=11)
_LIVE = Column(key="live", title="Calls", width=5, number=True)
_CALLS = tuple(
    Column(key=key, title=title, width=4, number=True)
    for key, title in (("dialling", "Dial"), ("ringing", "Ring"), ("waiting", "Wait"), ("talking", "Talk"))
)
_READY_OF = Column(key="ready_of", title="Ready", width=7, number=True)
_AGENTS = tuple(
    Column(key=key, title=title, width=len(title), number=True)
    for key, title in (("ready", "Ready"), ("talk", "In call"), ("wrap_up", "Wrap-up"), ("pause", "Pause"))
)
_FIGURES = (
    Column(key="hit", title="Hit", width=7, number=True),
    Column(key="today", title="Lost", width=7, number=True),
    Column(key="month", title="30 days", width=7, number=True),
    Column(key="budget", title="Left", width=5, number=True),
)
_BOTH_BUDGETS = Column(key="budgets", title="Left, 30 d", width=10, number=True)


def columns_for(width: int) -> tuple[Column, ...]:
    """What fits into a terminal of this width."""
    if width >= 132:
        return (_NAME, _STATE, _MODE, *_CALLS, *_AGENTS, *_FIGURES[:-1], _BOTH_BUDGETS)
    if width >= 106:
        return (_NAME, _STATE, _MODE, *_CALLS, _READY_OF, *_FIGURES)
    return (_NAME, _STATE, _LIVE, _READY_OF, *_FIGURES)


class Board(ActingScreen):
    """All campaigns."""

    PLACE = "Board"
    HELP = "Board"
    AUTO_FOCUS = "#campaigns"

    def __init__(self) -> None:
        super().__init__("board")

    def body(self) -> ComposeResult:
        yield KeptTable(columns_for(80), id="campaigns")
        yield CampaignSummary(id="summary")
        yield Words(safe_text("No alarms", style=wording.DIM), id="alarms")

    def on_mount(self) -> None:
        self.query_one("#campaigns", KeptTable).use_columns(columns_for(self.app.size.width))

    def on_resize(self, event: Resize) -> None:
        self.query_one("#campaigns", KeptTable).use_columns(columns_for(event.size.width))

    async def draw(self, snapshot: Snapshot) -> None:
        campaigns = items(snapshot.data, "campaigns")
        self.query_one("#campaigns", KeptTable).show(row_of(row) for row in campaigns)
        self._draw_chosen()
        self.query_one("#alarms", Words).show(alarm_words(items(snapshot.data, "alarms")))

    def chosen(self) -> Mapping[str, Any]:
        if self.latest is None:
            return {}
        campaigns = items(self.latest.data, "campaigns")
        key = self.query_one("#campaigns", KeptTable).current_key
        return next((row for row in campaigns if words(row, "name") == key), {})

    def campaign_names(self) -> tuple[str, ...]:
        campaigns = items(self.latest.data, "campaigns") if self.latest is not None else ()
        return tuple(words(row, "name") for row in campaigns)

    def on_data_table_row_highlighted(self) -> None:
        self._draw_chosen()

    def on_data_table_row_selected(self) -> None:
        self.dialer.open_campaign(words(self.chosen(), "name"))

    def _draw_chosen(self) -> None:
        self.query_one("#summary", CampaignSummary).draw(self.chosen())


def row_of(row: Mapping[str, Any]) -> Row:
    """A campaign as the board's table shows it, whatever columns fit."""
    calls, agents = part(row, "calls"), part(row, "agents")
    live = sum(count(calls, key) for key in ("dialling", "ringing", "screening", "waiting", "talking"))
    today, month, budget = row.get("abandon_today"), row.get("abandon_30d"), part(row, "budget")
    cap, budget_style = budget.get("cap"), f"bold {wording.budget_style(budget)}"
    waiting = count(calls, "waiting")
    cells = {
        "name": safe_text(words(row, "name"), limit=64, style="bold"),
        "state": wording.campaign_state(row.get("state")),
        "mode": safe_text(wording.mode(row), style=wording.DIM),
        "live": wording.number(live),
        "dialling": wording.number(count(calls, "dialling")),
        "ringing": wording.number(count(calls, "ringing"), wording.CALM),
        "waiting": wording.number(waiting, f"bold {wording.BAD}"),
        "talking": wording.number(count(calls, "talking"), wording.GOOD),
        "ready_of": safe_text(f"{count(agents, 'ready')} of {count(agents, 'logged_in')}"),
        "ready": wording.number(count(agents, "ready"), wording.GOOD),
        "talk": wording.number(count(agents, "talk"), wording.CALM),
        "wrap_up": wording.number(count(agents, "wrap_up"), wording.WARN),
        "pause": wording.number(count(agents, "pause")),
        "hit": _share(row.get("hit_rate"), ""),
        "today": _share(today, wording.abandon_style(today, cap)),
        "month": _share(month, wording.abandon_style(month, cap)),
        "budget": safe_text(budget.get("more", "none"), style=budget_style),
        "budgets": safe_text(f"{budget.get('more', '-')} · {budget.get('more_30d', '-')}", style=budget_style),
    }
    return Row(key=words(row, "name"), cells=cells)


def alarm_words(alarms: tuple[Mapping[str, Any], ...]) -> Text:
    """The newest alarms, the last one first."""
    if not alarms:
        return safe_text("No alarms", style=wording.DIM)
    shown = sorted(alarms, key=lambda alarm: words(alarm, "at"), reverse=True)[:ALARMS_SHOWN]
    return stacked(*(_alarm(alarm) for alarm in shown))


def _alarm(alarm: Mapping[str, Any]) -> Text:
    at = wording.instant(alarm.get("at"))
    time = f"{at.astimezone():%H:%M:%S}" if at is not None else "--:--:--"
    return joined(("! ", f"bold {wording.BAD}"), (f"{time}  ", wording.DIM), safe_text(words(alarm, "words")))


def _share(figure: object, style: str) -> Text:
    told = wording.share(figure)
    return safe_text(told, style=wording.DIM if told == "none" else style)
