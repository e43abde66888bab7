"""How does a table keep its cursor while its rows change several times a second?

Rows have keys. Cells that changed are drawn again, nothing else; when rows come and go the cursor
stays on its row, or on its place when the row is gone. At most MOST_ROWS rows are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from rich.text import Text
from textual.events import Resize
from textual.widgets import DataTable

from tui.safe import right, safe_text

MOST_ROWS = 200


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `width` in cells; the growing one takes what is left over; numbers stand to the right."""

    key: str
    title: str
    width: int
    number: bool = False
    grows: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: a key that stays the same while its cells change, and a cell for each column's key."""

    key: str
    cells: Mapping[str, Text]


class KeptTable(DataTable[Text]):
    """A table of `Text` cells whose cursor survives updates."""

    def __init__(self, columns: tuple[Column, ...], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, cursor_type="row", zebra_stripes=True)
        self._wanted = columns
        self._rows: tuple[Row, ...] = ()
        self._drawn: list[tuple[str, tuple[Text, ...]]] = []

    def on_mount(self) -> None:
        self._add_columns()

    def use_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these columns from now on (another width of the terminal, another report)."""
        if columns == self._wanted and self.columns:
            return
        self._wanted = columns
        at = self.current_key
        self.clear(columns=True)
        self._drawn = []
        self._add_columns()
        self.show(self._rows)
        self.go_to(at)

    def show(self, rows: Iterable[Row]) -> None:
        """Make the table hold these rows, at most MOST_ROWS of them."""
        self._rows = _with_own_keys(tuple(rows)[:MOST_ROWS])
        wanted = [(row.key, self._cells_of(row)) for row in self._rows]
        if [key for key, _ in wanted] == [key for key, _ in self._drawn]:
            self._change_cells(wanted)
        else:
            self._fill_anew(wanted)
        self._drawn = wanted

    def go_to(self, key: str | None) -> None:
        """Put the cursor on the row with this key, if it is there."""
        keys = [drawn for drawn, _ in self._drawn]
        if key in keys:
            self.move_cursor(row=keys.index(key), animate=False)

    @property
    def current_key(self) -> str | None:
        """The key of the row under the cursor."""
        return self._drawn[self.cursor_row][0] if 0 <= self.cursor_row < len(self._drawn) else None

    def current_cell(self, column: str) -> Text:
        """The cell of this column under the cursor, as long as it is."""
        here = self._rows[self.cursor_row] if 0 <= self.cursor_row < len(self._rows) else None
        return safe_text("") if here is None else here.cells.get(column, safe_text(""))

    def cell_words(self) -> list[list[str]]:
        """What stands in the table, row by row."""
        return [[cell.plain for cell in cells] for _, cells in self._drawn]

    def on_resize(self, event: Resize) -> None:
        self._grow(event.size.width)

    def _add_columns(self) -> None:
        for column in self._wanted:
            title = safe_text(column.title)
            self.add_column(right(title) if column.number else title, width=column.width, key=column.key)
        self._grow(self.size.width)

    def _grow(self, width: int) -> None:
        taken = sum(column.width + 2 * self.cell_padding for column in self._wanted)
        scrollbar = 1 if self.show_vertical_scrollbar else 0
        for wanted, column in zip(self._wanted, self.ordered_columns, strict=False):
            grown = wanted.width + max(width - taken - scrollbar, 0)
            if wanted.grows and column.width != grown:
                column.width = grown
                self._clear_caches()
                self._require_update_dimensions = True
                self.refresh(layout=True)

    def _cells_of(self, row: Row) -> tuple[Text, ...]:
        return tuple(self._cell(column, row.cells.get(column.key)) for column in self._wanted)

    def _cell(self, column: Column, words: Text | None) -> Text:
        if words is not None and not isinstance(words, Text):
            raise TypeError(f"a cell is Text made by tui.safe, not {type(words).__name__}")
        cell = safe_text("") if words is None else words.copy()
        cell.no_wrap, cell.overflow = True, "ellipsis"
        if column.number:
            cell.justify = "right"
        return cell

    def _change_cells(self, wanted: list[tuple[str, tuple[Text, ...]]]) -> None:
        for (key, cells), (_, before) in zip(wanted, self._drawn, strict=True):
            for column, cell, old in zip(self._wanted, cells, before, strict=True):
                if (cell.plain, cell.style, cell.spans) != (old.plain, old.style, old.spans):
                    self.update_cell(key, column.key, cell)

    def _fill_anew(self, wanted: list[tuple[str, tuple[Text, ...]]]) -> None:
        at_key, at_row, top = self.current_key, self.cursor_row, self.scroll_y
        self.clear()
        for key, cells in wanted:
            self.add_row(*cells, key=key)
        keys = [key for key, _ in wanted]
        place = keys.index(at_key) if at_key in keys else min(at_row, len(keys) - 1)
        if place > 0:
            self.move_cursor(row=place, animate=False, scroll=False)
            self.scroll_to(y=top, animate=False)


def _with_own_keys(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Rows whose keys differ even where the service sent the same one twice."""
    seen: dict[str, int] = {}
    made: list[Row] = []
    for row in rows:
        seen[row.key] = seen.get(row.key, 0) + 1
        again = seen[row.key]
        made.append(row if again == 1 else replace(row, key=f"{row.key} #{again}"))
    return tuple(made)
