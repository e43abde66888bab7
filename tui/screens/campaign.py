"""What happens in one campaign now? Its calls, agents with their time in state, leads held back, last decisions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical

from dialer.control import Answer, Snapshot
from tui import wording
from tui.safe import joined, safe_text
from tui.screens.acting import ActingScreen
from tui.screens.decisions import ask_for_a_time, explain, zone_named
from tui.screens.forecast import show_forecast
from tui.screens.funnel import show_funnel
from tui.screens.help import SettingsView
from tui.screens.open_outcomes import ask_for_outcomes, show_callbacks
from tui.snapshot import items, part, words
from tui.widgets.campaign_summary import CampaignSummary
from tui.widgets.table import MOST_ROWS, Column, KeptTable, Row
from tui.widgets.words import Words

CALLS = (
    Column(key="number", title="Number", width=16),
    Column(key="state", title="State", width=9),
    Column(key="seconds", title="For", width=7, number=True),
    Column(key="agent", title="Agent", width=12),
    Column(key="lead", title="Lead", width=12, grows=True),
)
AGENTS = (
    Column(key="name", title="Agent", width=11, grows=True),
    Column(key="number", title="No.", width=4),
    Column(key="state", title="State", width=14),
    Column(key="seconds", title="For", width=7, number=True),
)
HELD = (
    Column(key="lead", title="Lead", width=16),
    Column(key="number", title="Number", width=16),
    Column(key="until", title="Passes", width=17),
    Column(key="reason", title="Why it is held", width=16, grows=True),
)
DECISIONS = (
    Column(key="minute", title="Minute", width=6),
    Column(key="launched", title="Started", width=7, number=True),
    Column(key="share", title="Held", width=5, number=True),
    Column(key="held_by", title="most by", width=16, grows=True),
)
PANELS = (("calls", "1 Live calls"), ("agents", "2 Agents"), ("held", "3 Held leads"), ("decisions", "4 Decisions"))


class CampaignScreen(ActingScreen):
    """One campaign. In a narrow terminal one panel is seen at a time, in a wide one all four."""

    PLACE = "Campaign"
    HELP = "Campaign"
    AUTO_FOCUS = "#calls-table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "panel('calls')", "Calls", show=False),
        Binding("2", "panel('agents')", "Agents", show=False),
        Binding("3", "panel('held')", "Held", show=False),
        Binding("4", "panel('decisions')", "Decisions", show=False),
        Binding("l", "log_in", "Log in", show=False, tooltip="Log the agent under the cursor in: his phone rings"),
        Binding("o", "log_out", "Log out", show=False, tooltip="Log the agent under the cursor out"),
        Binding("w", "why", "Why?", tooltip="Why the number under the cursor is or is not called"),
        Binding(
            "y",
            "minute",
            "Pace?",
            show=False,
            tooltip="Why calls were started or not in a minute or a stretch of a day",
        ),
        Binding("u", "outcomes", "Outcomes", show=False, tooltip="Give outcomes to calls that ended without one"),
        Binding("k", "callbacks", "Callbacks", show=False, tooltip="The calls promised to people, missed ones first"),
        Binding("f", "forecast", "Forecast", show=False, tooltip="The next 24 hours: leads, answers, when it runs dry"),
        Binding("x", "funnel", "Funnel", show=False, tooltip="Who may be called now and tomorrow, what holds the rest"),
        Binding("v", "settings", "Settings", show=False, tooltip="The settings in force"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(f"campaign:{name}")
        self.campaign = name
        self.panel = "calls"

    def body(self) -> ComposeResult:
        yield CampaignSummary(id="summary")
        with Container(id="panels", classes="-calls"):
            for (key, title), columns in zip(PANELS, (CALLS, AGENTS, HELD, DECISIONS), strict=True):
                with Vertical(classes="panel", id=key):
                    yield Words(safe_text(title, style="bold"), id=f"{key}-title", classes="panel-title")
                    yield KeptTable(columns, id=f"{key}-table")
        yield Words(id="hint")

    def on_mount(self) -> None:
        self._draw_titles({})

    def on_resize(self) -> None:
        self._draw_titles(self.latest.data if self.latest is not None else {})

    async def draw(self, snapshot: Snapshot) -> None:
        data = snapshot.data
        self.query_one(CampaignSummary).draw(part(data, "row"))
        names = {words(agent, "number"): words(agent, "name") for agent in items(data, "agents")}
        self.query_one("#calls-table", KeptTable).show(_call(call, names) for call in items(data, "calls"))
        self.query_one("#agents-table", KeptTable).show(_agent(agent) for agent in items(data, "agents"))
        held = items(data, "held")
        self.query_one("#held-table", KeptTable).show(_held(place, lead) for place, lead in enumerate(held))
        zone = zone_named(part(data, "row").get("zone"))
        self.query_one("#decisions-table", KeptTable).show(_decision(each, zone) for each in items(data, "decisions"))
        self._draw_titles(data)

    def chosen(self) -> Mapping[str, Any]:
        row = part(self.latest.data, "row") if self.latest is not None else {}
        return row or {"name": self.campaign}

    def number_at_hand(self) -> str:
        source = {"calls": "calls", "held": "held"}.get(self.panel)
        return words(self._under_cursor(source), "number") if source else ""

    def action_panel(self, panel: str) -> None:
        self.panel = panel
        panels = self.query_one("#panels")
        panels.set_classes(f"-{panel}")
        self.query_one(f"#{panel}-table").focus()
        self._draw_titles(self.latest.data if self.latest is not None else {})

    def on_descendant_focus(self) -> None:
        focused = self.focused.id if self.focused is not None else None
        panel = next((key for key, _ in PANELS if f"{key}-table" == focused), None)
        if panel is not None and panel != self.panel:
            self.action_panel(panel)

    def action_log_in(self) -> None:
        self._agent_command("agent.login")

    def action_log_out(self) -> None:
        self._agent_command("agent.logout")

    def action_why(self) -> None:
        number = self.number_at_hand()
        if number:
            self.dialer.open_why(number=number, campaign=self.campaign)
        else:
            self.dialer.say("Put the cursor on a live call or a held lead first (1 or 3).", title="Why?")

    def action_minute(self) -> None:
        """Begin with the minute under the cursor, when it is on the decisions."""
        ask_for_a_time(self.dialer, self.campaign, self._minute_at_hand())

    def _minute_at_hand(self) -> str:
        at = wording.instant(self._under_cursor("decisions").get("minute")) if self.panel == "decisions" else None
        zone = zone_named(self.chosen().get("zone"))
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at is not None else ""

    def action_settings(self) -> None:
        settings = part(self.latest.data, "settings") if self.latest is not None else {}
        self.app.push_screen(SettingsView(self.campaign, settings))

    def action_outcomes(self) -> None:
        settings = part(self.latest.data, "settings") if self.latest is not None else {}
        ask_for_outcomes(self.dialer, self.campaign, settings)

    def action_forecast(self) -> None:
        show_forecast(self.dialer, self.campaign)

    def action_funnel(self) -> None:
        show_funnel(self.dialer, self.campaign)

    def action_callbacks(self) -> None:
        show_callbacks(self.dialer, self.campaign)

    def on_data_table_row_highlighted(self) -> None:
        self._draw_titles(self.latest.data if self.latest is not None else {})

    def on_data_table_row_selected(self) -> None:
        if self.panel in ("calls", "held"):
            self.action_why()
        elif self.panel == "decisions" and self._minute_at_hand():
            explain(self.dialer, self.campaign, self._minute_at_hand())

    def renamed(self, answer: Answer) -> None:
        if answer.done and self.is_current:
            self.dialer.open_campaign(words(answer.data, "name"))

    def leave(self) -> None:
        self.dialer.open_board()

    def _agent_command(self, command: str) -> None:
        name = words(self._under_cursor("agents"), "name") if self.panel == "agents" else ""
        if name:
            self.dialer.do(command, {"agent": name})
        else:
            self.dialer.say("Put the cursor on an agent first (2).", title="Agents")

    def _under_cursor(self, panel: str) -> Mapping[str, Any]:
        if self.latest is None:
            return {}
        shown = items(self.latest.data, panel)[:MOST_ROWS]
        place = self.query_one(f"#{panel}-table", KeptTable).cursor_row
        return shown[place] if 0 <= place < len(shown) else {}

    def _draw_titles(self, data: Mapping[str, Any]) -> None:
        titles = {key: self._title(key, title, len(items(data, key))) for key, title in PANELS}
        wide = self.has_class("-wide")
        for key, title in titles.items():
            self.query_one(f"#{key}-title", Words).show(title if wide else joined(*titles.values(), between="  "))
        hints = {
            "calls": "Enter: why is it called?   n: add it to do-not-call   v: settings",
            "agents": "l: log in, the phone rings   o: log out   a: assign to campaigns",
        }
        told = {"held": "reason", "decisions": "said"}.get(self.panel, "")
        whole = self.query_one(f"#{self.panel}-table", KeptTable).current_cell(told)
        hint = safe_text(hints[self.panel], style=wording.DIM) if self.panel in hints else whole
        self.query_one("#hint", Words).show(hint)

    def _title(self, key: str, title: str, number: int) -> Text:
        shown = f" {number}" if number < MOST_ROWS else f" first {MOST_ROWS}"
        style = f"bold reverse {wording.CALM}" if key == self.panel else f"bold {wording.DIM}"
        return joined((f" {title} ", style), (shown, wording.DIM))


def _call(call: Mapping[str, Any], names: Mapping[str, str]) -> Row:
    state, agent = words(call, "state"), words(call, "agent")
    cells = {
        "number": safe_text(words(call, "number"), limit=24),
        "state": safe_text(wording.said(state), style=wording.CALL_STYLE.get(state, "")),
        "seconds": safe_text(wording.length(call.get("seconds"))),
        "agent": safe_text(names.get(agent, agent), limit=40),
        "lead": safe_text(call.get("lead"), limit=80),
    }
    return Row(key=words(call, "id"), cells=cells)


def _agent(agent: Mapping[str, Any]) -> Row:
    cells = {
        "name": safe_text(words(agent, "name"), limit=64, style="bold"),
        "number": safe_text(agent.get("number"), limit=8, style=wording.DIM),
        "state": wording.agent_state(agent),
        "seconds": safe_text(wording.length(agent.get("seconds"))),
    }
    return Row(key=words(agent, "name"), cells=cells)


def _decision(minute: Mapping[str, Any], zone: tzinfo | None) -> Row:
    at, share = wording.instant(minute.get("minute")), minute.get("share")
    held_by = words(minute, "held_by")
    cells = {
        "minute": safe_text(f"{at.astimezone(zone):%H:%M}" if at is not None else ""),
        "launched": wording.number(minute.get("launched"), "bold"),
        "share": safe_text(f"{100 * share:.0f} %" if held_by and isinstance(share, int | float) else ""),
        "held_by": safe_text(held_by or "nothing", limit=60, style="" if held_by else wording.DIM),
        "said": safe_text(words(minute, "said"), limit=300),
    }
    return Row(key=words(minute, "minute"), cells=cells)


def _held(place: int, lead: Mapping[str, Any]) -> Row:
    until = wording.instant(lead.get("ask_again_at"))
    cells = {
        "lead": safe_text(lead.get("lead"), limit=80),
        "number": safe_text(words(lead, "number"), limit=24),
        "until": safe_text(f"{until.astimezone():%a %d %b %H:%M}" if until is not None else "never by itself"),
        "reason": safe_text(words(lead, "reason") or words(lead, "code"), limit=300),
    }
    return Row(key=f"{words(lead, 'number')} {lead.get('lead')} {place}", cells=cells)
