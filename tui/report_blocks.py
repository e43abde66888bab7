"""How is a report of any kind laid out? As named blocks of rows, whatever parts the service puts into it.

A figure {numerator, denominator, value} is one cell with all three; a list of equal objects is a table;
single values are a block of name and value. So a new part of a report needs no new screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from tui import wording
from tui.safe import safe_str

WIDEST = 44


@dataclass(frozen=True, kw_only=True)
class Block:
    """One named part of a report. `titles` is empty for a block of names and values."""

    name: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> int:
        return max((len(row) for row in (self.titles, *self.rows)), default=0)

    def width_of(self, place: int) -> int:
        """As wide as its widest cell, within reason."""
        cells = [row[place] for row in (self.titles, *self.rows) if place < len(row)]
        return min(max((cell_len(safe_str(cell)) for cell in cells), default=1), WIDEST)

    def is_number(self, place: int) -> bool:
        """Whether every cell of the column begins with a digit or says none."""
        cells = [row[place] for row in self.rows if place < len(row)]
        return place > 0 and all(cell[:1].isdigit() or cell in ("none", "", "-") for cell in cells)


def blocks_of(data: Mapping[str, Any], name: str = "Report") -> tuple[Block, ...]:
    """The report's parts in the order they came: single values first, then tables and nested parts."""
    single: list[tuple[str, ...]] = []
    more: list[Block] = []
    for key, value in data.items():
        title = _title(key)
        if _is_figure(value) or not isinstance(value, Mapping | list | tuple):
            single.append((title, cell(value)))
        elif isinstance(value, Mapping):
            more.extend(blocks_of(value, title))
        else:
            more.extend(_of_list(title, value, data))
    first = (Block(name=name, titles=(), rows=tuple(single)),) if single else ()
    return (*first, *more)


def cell(value: object) -> str:
    """One value as a cell: a figure with its counts, none where there is no data."""
    if _is_figure(value):
        return wording.share_with_counts(value)
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, Mapping):
        return ", ".join(f"{_title(key)} {cell(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(cell(part) for part in value)
    return str(value)


def _of_list(title: str, value: Sequence[Any], data: Mapping[str, Any]) -> tuple[Block, ...]:
    if value and all(isinstance(item, Mapping) for item in value):
        keys = list(dict.fromkeys(key for item in value for key in item))
        rows = tuple(tuple(cell(item.get(key)) if key in item else "" for key in keys) for item in value)
        return (Block(name=title, titles=tuple(_title(key) for key in keys), rows=rows),)
    if value and all(isinstance(item, list | tuple) for item in value):
        titles = data.get("columns")
        names = tuple(_title(key) for key in titles) if isinstance(titles, list | tuple) else ()
        return (Block(name=title, titles=names, rows=tuple(tuple(cell(part) for part in row) for row in value)),)
    if not value or title == "Columns":
        return ()
    return (Block(name=title, titles=(), rows=tuple((cell(item),) for item in value)),)


def _is_figure(value: object) -> bool:
    return isinstance(value, Mapping) and {"numerator", "denominator"} <= set(value)


def _title(key: object) -> str:
    words = str(key).replace("_", " ").strip()
    return words[:1].upper() + words[1:]
