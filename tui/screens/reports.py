"""What do the reports say? Completion, refusal and campaign, for any days, and their files written on request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Input, Select

from dialer.control import Answer, Snapshot
from tui import wording
from tui.report_blocks import Block, blocks_of
from tui.safe import safe_str, safe_text
from tui.screens.live import LiveScreen
from tui.snapshot import items, words
from tui.widgets.table import Column, KeptTable, Row
from tui.widgets.words import Words

KINDS = (
    ("completion", "Completion"),
    ("refusal", "Refusal"),
    ("campaign", "Campaign"),
    ("agents", "Agents' time"),
    ("answers", "Answers"),
    ("calls", "Calls"),
)


class ReportsScreen(LiveScreen):
    """One report at a time, each number with what it is made of."""

    PLACE = "Reports"
    HELP = "Reports"
    AUTO_FOCUS = "#kind"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "fetch", "Show", tooltip="Show the report"),
        Binding("f6", "export", "Export", tooltip="Write the report files of the last day now"),
    ]

    def __init__(self, *, campaign: str = "") -> None:
        super().__init__("board")
        self._campaign = safe_str(campaign, limit=64)

    def body(self) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Words(safe_text("Report"), classes="label")
            yield Select(
                [(safe_text(title), kind) for kind, title in KINDS],
                value="completion",
                allow_blank=False,
                compact=True,
                id="kind",
            )
            yield Words(safe_text("Campaign"), classes="label")
            yield Input(value=self._campaign, id="campaign", compact=True, max_length=64)
        with Horizontal(classes="field"):
            yield Words(safe_text("From"), classes="label")
            yield Input(id="from", compact=True, max_length=10, placeholder="2026-11-20")
            yield Words(safe_text("To"), classes="label")
            yield Input(id="to", compact=True, max_length=10, placeholder="2026-11-20")
            yield Button(safe_text("Show"), id="show", compact=True)
            yield Button(safe_text("Export"), id="export", compact=True)
        yield Words(safe_text("Days are inclusive, in the campaign's zone.", style=wording.DIM), id="verdict")
        yield VerticalScroll(id="report")

    async def draw(self, snapshot: Snapshot) -> None:
        campaign = self.query_one("#campaign", Input)
        campaigns = items(snapshot.data, "campaigns")
        if campaigns and not campaign.value and self.focused is not campaign:
            campaign.value = safe_str(words(campaigns[0], "name"), limit=64)
        for name in ("from", "to"):
            day = self.query_one(f"#{name}", Input)
            if not day.value and self.focused is not day:
                day.value = f"{snapshot.at.astimezone(_zone_of(campaigns, campaign.value)):%Y-%m-%d}"

    def campaign_at_hand(self) -> str:
        return self._value("campaign")

    def leave(self) -> None:
        self.dialer.open_board()

    def on_input_submitted(self) -> None:
        self.action_fetch()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "show":
            self.action_fetch()
        else:
            self.action_export()

    def action_fetch(self) -> None:
        args = {
            "kind": str(self.query_one("#kind", Select).value),
            "campaign": self._value("campaign"),
            "from": self._value("from"),
            "to": self._value("to"),
        }
        fault = _fault_of(args)
        if fault:
            self.dialer.say(fault, title="Report", severity="warning")
        else:
            self.dialer.do("report.get", args, then=self._show, quiet=True)

    def action_export(self) -> None:
        day, campaign = self._value("to"), self._value("campaign")
        fault = _fault_of({"campaign": campaign, "from": day, "to": day})
        if fault:
            self.dialer.say(fault, title="Export", severity="warning")
        else:
            self.dialer.do("export.run", {"date": day, "campaign": campaign}, then=self._exported)

    def _show(self, answer: Answer) -> None:
        if answer.done:
            told = answer.message or "The report."
            self.query_one("#verdict", Words).show(safe_text(told, style="bold"))
            self.run_worker(self._draw_report(answer.data), group="report", exclusive=True)

    def _exported(self, answer: Answer) -> None:
        if answer.done:
            self.query_one("#verdict", Words).show(safe_text(answer.message, style=f"bold {wording.GOOD}"))

    async def _draw_report(self, data: Mapping[str, Any]) -> None:
        place = self.query_one("#report", VerticalScroll)
        await place.remove_children()
        for number, block in enumerate(blocks_of(data)):
            table = KeptTable(_columns(block), id=f"block-{number}")
            table.show_header = bool(block.titles)
            table.show_cursor = table.can_focus = False
            await place.mount(Words(safe_text(block.name, style=f"bold {wording.CALM}"), classes="block-title"), table)
            table.show(_rows(block))
            table.styles.height = len(block.rows) + (1 if block.titles else 0)
        place.scroll_home(animate=False)

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()


def _zone_of(campaigns: tuple[Mapping[str, Any], ...], name: str) -> ZoneInfo | None:
    """The zone the campaign's days are counted in; None, the terminal's, when it is not known."""
    zone = next((words(c, "zone") for c in campaigns if words(c, "name") == name), "")
    return ZoneInfo(zone) if zone else None


def _columns(block: Block) -> tuple[Column, ...]:
    return tuple(
        Column(
            key=f"{place}",
            title=block.titles[place] if block.titles else "",
            width=block.width_of(place),
            number=block.is_number(place),
        )
        for place in range(block.columns)
    )


def _rows(block: Block) -> list[Row]:
    return [
        Row(key=f"{place}", cells={f"{column}": safe_text(cell, limit=200) for column, cell in enumerate(cells)})
        for place, cells in enumerate(block.rows)
    ]


def _fault_of(args: Mapping[str, str]) -> str:
    if not args["campaign"]:
        return "Write the campaign's name."
    try:
        first, last = date.fromisoformat(args["from"]), date.fromisoformat(args["to"])
    except ValueError:
        return "Write the days as 2026-11-20."
    return "" if first <= last else "The first day is after the last one."
