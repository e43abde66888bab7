"""How does a list come in? A path, what would be stored and what not and why, then import, and undo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from dialer.control import Answer
from tui import wording
from tui.safe import joined, safe_str, safe_text, stacked
from tui.screens.dialogs import Confirm
from tui.screens.live import LiveScreen
from tui.snapshot import count, items, part, words
from tui.widgets.table import Column, KeptTable, Row
from tui.widgets.words import Words

ROWS = (
    Column(key="kind", title="", width=8),
    Column(key="line", title="Line", width=6, number=True),
    Column(key="column", title="Column", width=14),
    Column(key="code", title="Code", width=9),
    Column(key="reason", title="Reason", width=20, grows=True),
)
VERDICTS = {
    "OK": ("every row can be stored", wording.GOOD),
    "OK_WARN": ("every row can be stored, with warnings", wording.WARN),
    "PARTIAL": ("some rows would be left out", wording.WARN),
    "REJECT": ("nothing would be stored", wording.BAD),
}
Args = dict[str, Any]


class ImportScreen(LiveScreen):
    """Preview first: only what was checked can be imported, and only as it was checked."""

    PLACE = "Import"
    HELP = "Import"
    AUTO_FOCUS = "#path"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "check", "Check", tooltip="Read the file and say what would be stored; nothing is"),
        Binding("f5", "import", "Import", tooltip="Store what was checked"),
        Binding("f8", "undo", "Undo", tooltip="Take the last import back, until its first call"),
    ]

    def __init__(self, *, campaign: str = "") -> None:
        super().__init__("board")
        self._campaign = safe_str(campaign, limit=64)
        self._checked: Args | None = None
        self.batch: Any = None

    def body(self) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Words(safe_text("File"), classes="label")
            yield Input(
                id="path", compact=True, placeholder="leads.csv, .tsv, .csv.gz or .xlsx on the dialer's machine"
            )
        with Horizontal(classes="field"):
            yield Words(safe_text("List name"), classes="label")
            yield Input(id="list", compact=True, max_length=64, placeholder="the file's name")
            yield Words(safe_text("Campaign"), classes="label")
            yield Input(value=self._campaign, id="campaign", compact=True, max_length=64)
        with Horizontal(classes="field"):
            yield Words(safe_text("Region"), classes="label")
            yield Input(value="US", id="region", compact=True, max_length=2)
            yield Words(safe_text("Encoding"), classes="label")
            yield Input(id="encoding", compact=True, max_length=20, placeholder="utf-8")
        with Horizontal(classes="field"):
            yield Words(safe_text("Columns"), classes="label")
            yield Input(id="map", compact=True, max_length=400, placeholder="phone=Telephone, first_name=Given")
        hint = "Enter or F2: check the file (nothing is stored)   F5: import   F8: undo"
        yield Words(safe_text(hint, style=wording.DIM), id="verdict")
        yield KeptTable(ROWS, id="rows")
        yield Words(id="detail")

    def campaign_at_hand(self) -> str:
        return self._value("campaign")

    def leave(self) -> None:
        self.dialer.open_board()

    def on_input_submitted(self) -> None:
        self.action_check()

    def on_input_changed(self, event: Input.Changed) -> None:
        if self._checked is not None and event.input.id in ("path", "region", "encoding", "map"):
            self._checked = None  # what was seen is no longer what would be stored

    def action_check(self) -> None:
        args = self._file_args()
        if args is None:
            return

        def checked(answer: Answer) -> None:
            report = _report_of(answer)
            if report:
                self._checked = args if words(report, "status") in ("OK", "OK_WARN", "PARTIAL") else None
                self._show(report, answer.message)

        self.dialer.do("leads.check", args, then=checked, quiet=True)

    def action_import(self) -> None:
        args = self._checked
        if args is None:
            self.dialer.say("Check the file first (F2): you see what would be stored.", title="Import")
            return
        path = Path(args["path"])
        name, campaign = self._value("list") or path.name.split(".")[0], self._value("campaign")
        served = (
            joined("for campaign ", (campaign, f"bold {wording.CALM}"))
            if campaign
            else safe_text("for no campaign yet")
        )
        question = stacked(
            joined(("Import ", "bold"), (path.name, f"bold {wording.CALM}"), ("?", "bold")),
            safe_text(""),
            joined("List ", (name, "bold"), ", ", served, ". It can be undone until its first call."),
        )

        def go_on(yes: bool | None) -> None:
            if yes:
                asked = {**args, "list": name, "campaign": campaign or None}
                self.dialer.do("leads.import", asked, then=self._imported)

        self.app.push_screen(Confirm(question, yes="Import"), go_on)

    def action_undo(self) -> None:
        if self.batch is None:
            self.dialer.say("Nothing was imported from this screen; use: dialer leads undo BATCH", title="Undo")
            return
        batch = self.batch
        asked = joined(("Undo import ", "bold"), (batch, f"bold {wording.CALM}"), ("?", "bold"))
        question = stacked(
            asked, safe_text(""), safe_text("Its leads are taken out again. It is refused after its first call.")
        )

        def go_on(yes: bool | None) -> None:
            if yes:
                self.dialer.do("leads.undo", {"batch": batch}, then=self._undone)

        self.app.push_screen(Confirm(question, yes="Undo", grave=True), go_on)

    def on_data_table_row_highlighted(self) -> None:
        """The whole reason of the row under the cursor, however narrow the terminal."""
        self.query_one("#detail", Words).show(self.query_one("#rows", KeptTable).current_cell("reason"))

    def _imported(self, answer: Answer) -> None:
        if answer.done:
            self.batch = answer.data.get("batch")
            self._checked = None
            told = joined((answer.message, f"bold {wording.GOOD}"), ("   F8 undoes it.", wording.DIM))
            self.query_one("#verdict", Words).show(told)

    def _undone(self, answer: Answer) -> None:
        if answer.done:
            self.batch = None
            self.query_one("#verdict", Words).show(safe_text(answer.message, style="bold"))
            self.query_one("#rows", KeptTable).show(())

    def _file_args(self) -> Args | None:
        path = self._value("path")
        if not path:
            self.dialer.say("Write the file's path first.", title="Import")
            return None
        columns, fault = _mapping(self._value("map"))
        if fault:
            self.dialer.say(fault, title="Import", severity="warning")
            return None
        return {
            "path": str(Path(path).expanduser().absolute()),
            "region": self._value("region").upper() or "US",
            "encoding": self._value("encoding") or None,
            "map": columns,
        }

    def _show(self, report: Mapping[str, Any], message: str) -> None:
        self.query_one("#verdict", Words).show(report_text(report, message))
        table = self.query_one("#rows", KeptTable)
        rejected = [_row(f"r{place}", "rejected", row) for place, row in enumerate(items(report, "rejected"))]
        warned = [_row(f"w{place}", "warning", row) for place, row in enumerate(items(report, "warnings"))]
        table.show((*rejected, *warned))

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()


def report_text(report: Mapping[str, Any], message: str) -> Text:
    """What a check found, in two lines: the counts with their meaning, and the service's sentence."""
    status = words(report, "status")
    meaning, style = VERDICTS.get(status, (status, ""))
    counts = joined(
        (meaning, f"bold {style}"),
        f"{count(report, 'rows')} rows",
        f"{count(report, 'accepted')} accepted",
        (f"{len(items(report, 'rejected'))} rejected", wording.BAD if items(report, "rejected") else wording.DIM),
        (f"{len(items(report, 'warnings'))} warnings", wording.WARN if items(report, "warnings") else wording.DIM),
        between="  ",
    )
    return stacked(counts, safe_text(words(report, "message") or message, style=wording.DIM))


def _report_of(answer: Answer) -> Mapping[str, Any]:
    """The report, whether the file was fit (done) or not (refused with the report beside the reason)."""
    return part(answer.data, "report") or (answer.data if "status" in answer.data else {})


def _row(key: str, kind: str, row: Mapping[str, Any]) -> Row:
    style = wording.BAD if kind == "rejected" else wording.WARN
    cells = {
        "kind": safe_text(kind, style=style),
        "line": safe_text(row.get("line")),
        "column": safe_text(row.get("column"), limit=60),
        "code": safe_text(words(row, "code"), limit=20, style=wording.DIM),
        "reason": safe_text(words(row, "reason"), limit=300),
    }
    return Row(key=key, cells=cells)


def _mapping(written: str) -> tuple[dict[str, str], str]:
    """Field to column from `phone=Telephone, first_name=Given`; the second value says what is wrong."""
    columns: dict[str, str] = {}
    for piece in filter(None, (piece.strip() for piece in written.split(","))):
        field, equals, column = piece.partition("=")
        if not equals or not field.strip() or not column.strip():
            return {}, f"Columns: {piece!r} is not field=column, for example phone=Telephone."
        columns[field.strip()] = column.strip()
    return columns, ""
