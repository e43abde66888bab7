"""What do the next 24 hours of a campaign bring? A window with the hours, their answers, and when the list runs dry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from dialer.control import Answer
from tui import wording
from tui.app import DialerApp
from tui.safe import joined, safe_text, stacked
from tui.screens.dialogs import OneLine
from tui.snapshot import items, part, texts, words
from tui.widgets.table import Column, KeptTable, Row
from tui.widgets.words import Words

MOST_AGENTS = 10_000
SPELLS_SHOWN = 3
_BARS = " ▁▂▃▄▅▆▇█"
COLUMNS = (
    Column(key="hour", title="Hour", width=15),
    Column(key="dialable", title="Dialable", width=8, number=True),
    Column(key="attempts", title="Attempts", width=8, number=True),
    Column(key="people", title="People (95 %)", width=15, number=True),
    Column(key="left", title="Left", width=7, number=True, grows=True),
)


def show_forecast(app: DialerApp, campaign: str, agents: int | None = None) -> None:
    """Ask for the forecast, with so many agents or those logged in, and show it."""

    def told(answer: Answer) -> None:
        if answer.done:
            app.push_screen(ForecastView(app, campaign, answer))

    app.do("forecast", {"campaign": campaign, "agents": agents, "at": None}, then=told, quiet=True)


class ForecastView(ModalScreen[None]):
    """The forecast as it was asked for; `g` asks again with another number of agents."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f,q", "dismiss", "Close"),
        Binding("g", "agents", "Agents", tooltip="Ask again for another number of agents"),
    ]

    def __init__(self, app: DialerApp, campaign: str, answer: Answer) -> None:
        super().__init__()
        self._dialer = app
        self._campaign = campaign
        self._answer = answer

    def compose(self) -> ComposeResult:
        data = self._answer.data
        with Vertical(classes="dialog -forecast"):
            yield Words(joined(("Forecast of ", "bold"), (self._campaign, f"bold {wording.CALM}")), classes="question")
            yield Words(safe_text(self._answer.message), id="sentence")
            yield Words(sparkline(data), id="spark")
            yield KeptTable(COLUMNS, id="hours")
            with VerticalScroll(id="below"):
                yield Words(_below(data), id="dry")
            yield Words(safe_text("g: other number of agents   Esc: close", style=wording.DIM), classes="keys")

    def on_mount(self) -> None:
        self.query_one(KeptTable).show(
            _hour(place, hour) for place, hour in enumerate(items(self._answer.data, "hours"))
        )

    def action_agents(self) -> None:
        def ask(line: str | None) -> None:
            if line is not None:
                self.dismiss()
                show_forecast(self._dialer, self._campaign, int(line))

        hint = "How many agents dial, from now on"
        self.app.push_screen(OneLine("Forecast for how many agents?", hint=hint, check=_a_number), ask)


def sparkline(data: Mapping[str, Any]) -> Text:
    """Dialable leads by the hour as bars of an eighth each; an hour without any is blank."""
    hours = items(data, "hours")
    heights = [_number(hour, "dialable", "dialable_untouched") or 0.0 for hour in hours]
    most = max(heights, default=0.0)
    bars = "".join(_bar(height, most) for height in heights)
    first, last = (words(hours[place], "time") if hours else "" for place in (0, -1))
    return joined(
        (f"{first} ", wording.DIM), (bars, wording.CALM), (f" {last}  dialable, at most {most:.0f}", wording.DIM)
    )


def _bar(height: float, most: float) -> str:
    """At least the lowest bar for any lead at all: few are not none."""
    return _BARS[max(1, round(height / most * 8))] if height > 0 else _BARS[0]


def _hour(place: int, hour: Mapping[str, Any]) -> Row:
    people = _number(hour, "humans")
    between = "none"
    if people is not None:
        between = f"{people:.0f} ({_number(hour, 'humans_low') or 0:.0f}-{_number(hour, 'humans_high') or 0:.0f})"
    cells = {
        "hour": joined(
            (words(hour, "date")[8:], wording.DIM),
            words(hour, "time"),
            (words(hour, "utc_offset"), wording.DIM),
            between=" ",
        ),
        "dialable": _count(_number(hour, "dialable", "dialable_untouched")),
        "attempts": _count(_number(hour, "attempts")),
        "people": safe_text(between, style=wording.DIM if people is None else ""),
        "left": _count(_number(hour, "left")),
    }
    return Row(key=f"{words(hour, 'begins_at')} {place}", cells=cells)


def _count(value: float | None) -> Text:
    if value is None:
        return safe_text("none", style=wording.DIM)
    return safe_text(f"{value:.0f}", style="" if value >= 0.5 else wording.DIM)


def _below(data: Mapping[str, Any]) -> Text:
    """When the list is dry, and what the figures stand on."""
    spells = items(data, "dry_spells")
    lines = [_spell(spell) for spell in spells[:SPELLS_SHOWN]]
    if len(spells) > SPELLS_SHOWN:
        lines.append(safe_text(f"and dry {len(spells) - SPELLS_SHOWN} times more", style=wording.DIM))
    notes = [safe_text(note, style=wording.DIM) for note in texts(data, "notes")]
    agents, per_hour = data.get("agents"), _number(data, "attempts_per_agent_hour") or 0.0
    rate = joined(
        (f"{agents} agents" if isinstance(agents, int) else "no agents known", "bold"),
        f" {words(data, 'agents_from')}, {per_hour:.0f} attempts per agent hour, ",
        f"hit rate {wording.share_with_counts(part(data, 'hit_rate'))}",
    )
    return stacked(rate, *lines, *notes)


def _spell(spell: Mapping[str, Any]) -> Text:
    until = words(spell, "ends_at")
    span = f"Dry {_at(words(spell, 'begins_at'))} to {_at(until) if until else 'the end'}"
    next_ = words(spell, "next_at")
    more = f"; next lead {_at(next_)}" if next_ else ""
    return joined((span, f"bold {wording.WARN}"), safe_text(f": {words(spell, 'reason')}{more}"))


def _at(iso: str) -> str:
    return f"{iso[8:10]} {iso[11:16]}"


def _number(data: Mapping[str, Any], *keys: str) -> float | None:
    """The first of these that is a number."""
    values = (data.get(key) for key in keys)
    return next((float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)), None)


def _a_number(line: str) -> tuple[bool, Text]:
    plain = line.strip()
    if plain.isascii() and plain.isdigit() and 0 < int(plain) <= MOST_AGENTS:
        return True, safe_text(f"{int(plain)} agents", style=wording.GOOD)
    return False, safe_text(f"A whole number from 1 to {MOST_AGENTS}.", style=wording.BAD)
