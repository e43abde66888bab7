"""Of all leads of a campaign: how many may be called now and tomorrow morning, and what holds the rest? A window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from tui.snapshot import items, texts, words
from tui.widgets.table import Column, KeptTable, Row
from tui.widgets.words import Words

OPENINGS_SHOWN = 6
COLUMNS = (
    Column(key="standing", title="", width=11),
    Column(key="gate", title="Held by", width=20, grows=True),
    Column(key="first", title="", width=12, number=True),
    Column(key="second", title="", width=12, number=True),
)
STANDINGS = ("callable", "later", "in_a_call", "never")


def show_funnel(app: DialerApp, campaign: str) -> None:
    """Ask for the funnel now and at 09:00 tomorrow, and show it."""

    def told(answer: Answer) -> None:
        if answer.done:
            app.push_screen(FunnelView(campaign, answer))

    app.do("funnel", {"campaign": campaign, "list": None, "at": []}, then=told, quiet=True)


class FunnelView(ModalScreen[None]):
    """The funnel as it was asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,x,q", "dismiss", "Close")]

    def __init__(self, campaign: str, answer: Answer) -> None:
        super().__init__()
        self._campaign = campaign
        self._answer = answer

    def compose(self) -> ComposeResult:
        data = self._answer.data
        told = items(data, "instants")[:2]
        titles = [_at(words(each, "at")) for each in told]
        columns = (*COLUMNS[:2], *(Column(**_column(c, t)) for c, t in zip(COLUMNS[2:], titles, strict=False)))
        with Vertical(classes="dialog -forecast"):
            yield Words(joined(("Funnel of ", "bold"), (self._campaign, f"bold {wording.CALM}")), classes="question")
            yield Words(safe_text(self._answer.message), id="sentence")
            yield KeptTable(columns, id="hours")
            with VerticalScroll(id="below"):
                yield Words(_below(data), id="dry")
            yield Words(safe_text("Esc: close", style=wording.DIM), classes="keys")

    def on_mount(self) -> None:
        self.query_one(KeptTable).show(_rows(items(self._answer.data, "instants")[:2]))


def _column(column: Column, title: str) -> dict[str, Any]:
    return {"key": column.key, "title": title, "width": column.width, "number": True}


def _rows(told: Sequence[Mapping[str, Any]]) -> list[Row]:
    """A line for each standing, under it one for each gate that holds leads so, the instants side by side."""
    found: list[Row] = []
    for standing in STANDINGS:
        style = wording.GOOD if standing == "callable" else "bold"
        found.append(_row(standing, "", [each.get(standing) for each in told], style))
        gates = [{_gate(held): held for held in items(each, "held") if words(held, "standing") == standing}
                 for each in told]  # fmt: skip
        found += (
            _row(standing, gate, [each.get(gate, {}).get("leads", 0) for each in gates], wording.DIM)
            for gate in dict.fromkeys(gate for each in gates for gate in each)
        )
    return found


def _row(standing: str, gate: str, leads: list[Any], style: str) -> Row:
    cells = {
        "standing": safe_text("" if gate else wording.said(standing.replace("_", " ")), style=style),
        "gate": safe_text(gate, limit=60),
    }
    cells |= {
        key: safe_text(f"{count}" if isinstance(count, int) else "none", style=style)
        for key, count in zip(("first", "second"), leads, strict=False)
    }
    return Row(key=f"{standing} {gate}", cells=cells)


def _gate(held: Mapping[str, Any]) -> str:
    return words(held, "words")


def _below(data: Mapping[str, Any]) -> Text:
    """From which hours on those of later may be called, seen from the first instant, and what it stands on."""
    first = next(iter(items(data, "instants")), {})
    opens = items(first, "opens")
    lines = [joined(("From ", wording.DIM), _at(words(each, "hour")), (f" on: {each.get('leads')} more", wording.DIM))
             for each in opens[:OPENINGS_SHOWN]]  # fmt: skip
    if len(opens) > OPENINGS_SHOWN:
        lines.append(safe_text(f"and at {len(opens) - OPENINGS_SHOWN} hours more", style=wording.DIM))
    return stacked(*lines, *(safe_text(note, style=wording.DIM) for note in texts(data, "notes")))


def _at(iso: str) -> str:
    return f"{iso[8:10]} {iso[11:16]}"
