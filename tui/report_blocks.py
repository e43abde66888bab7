"""How is a report laid out? Its figures with value, parts and formula, its rows by what they count, its notes.

The service sends a report as columns, rows, figures and notes (format 1). Parts it may get later are
laid out by their shape, so that a new part of a report needs no new screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from tui import wording
from tui.safe import safe_str
from tui.snapshot import items, texts, words

WIDEST = 48
MOST_PIVOTED = 7  # figures beside each other; more of them go below each other
_KNOWN = {"format", "kind", "title", "campaign", "period", "columns", "rows", "figures", "notes"}
_NUMBERS = {"count", "share", "number"}
Item = Mapping[str, Any]


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


def blocks_of(data: Item) -> tuple[Block, ...]:
    """The report's parts in the order in which one reads them."""
    figures = items(data, "figures")
    made = (_figures(figures),) if figures else ()
    rows, columns = items(data, "rows"), items(data, "columns")
    groups = dict.fromkeys(words(row, "by") for row in rows)
    if figures:
        groups.pop("campaign", None)  # those are the figures above
    by = tuple(_rows(group, [row for row in rows if words(row, "by") == group], columns) for group in groups)
    notes = tuple((note,) for note in texts(data, "notes"))
    said = (Block(name="Notes", titles=(), rows=notes),) if notes else ()
    return (*made, *by, *said, *_by_shape({key: value for key, value in data.items() if key not in _KNOWN}, "More"))


def _figures(figures: Sequence[Item]) -> Block:
    rows = tuple((words(f, "label"), _valued(f), _made_of(f), words(f, "formula")) for f in figures)
    return Block(name="Figures", titles=("Figure", "Value", "Made of", "Formula"), rows=rows)


def _valued(figure: Item) -> str:
    value, unit = figure.get("value"), words(figure, "unit")
    if not isinstance(value, int | float):
        return "none"
    if unit == "share":
        return wording.share({"value": value})
    return cell(value) if unit in ("", "count") else f"{cell(value)} {unit}"


def _made_of(figure: Item) -> str:
    numerator, denominator = figure.get("numerator"), figure.get("denominator")
    return "" if denominator is None or numerator is None else f"{cell(numerator)} of {cell(denominator)}"


def _rows(by: str, rows: Sequence[Item], columns: Sequence[Item]) -> Block:
    if all("figure" in row for row in rows):
        return _figures_by(by, rows)
    used = [
        c
        for c in columns
        if words(c, "name") != "by" and any(row.get(words(c, "name")) not in ("", None) for row in rows)
    ]
    titles = tuple(words(c, "label") or _title(words(c, "name")) for c in used)
    made = tuple(tuple(_kept(row.get(words(c, "name")), words(c, "kind")) for c in used) for row in rows)
    return Block(name=f"By {by}", titles=titles, rows=made)


def _kept(value: object, kind: str) -> str:
    if kind in _NUMBERS and value is None:
        return "none"
    return wording.share({"value": value}) if kind == "share" else cell(value)


def _figures_by(by: str, rows: Sequence[Item]) -> Block:
    """One figure a line, or the figures beside each other where they are few."""
    labels = tuple(dict.fromkeys(words(row, "label") for row in rows))
    if len(labels) > MOST_PIVOTED:
        lines = tuple((words(row, "name"), words(row, "label"), _valued(row), _made_of(row)) for row in rows)
        return Block(name=f"By {by}", titles=(_title(by), "Figure", "Value", "Made of"), rows=lines)
    told = {(words(row, "name"), words(row, "label")): _valued(row) for row in rows}
    names = tuple(dict.fromkeys(words(row, "name") for row in rows))
    beside = tuple((name, *(told.get((name, label), "") for label in labels)) for name in names)
    return Block(name=f"By {by}", titles=(_title(by), *labels), rows=beside)


def _by_shape(data: Item, name: str) -> tuple[Block, ...]:
    """Parts of no known name: single values first, then tables and nested parts."""
    single: list[tuple[str, ...]] = []
    more: list[Block] = []
    for key, value in data.items():
        if _is_figure(value) or not isinstance(value, Mapping | list | tuple):
            single.append((_title(key), cell(value)))
        elif isinstance(value, Mapping):
            more.extend(_by_shape(value, _title(key)))
        elif value:
            more.append(_list(_title(key), value))
    first = (Block(name=name, titles=(), rows=tuple(single)),) if single else ()
    return (*first, *more)


def _list(name: str, value: Sequence[Any]) -> Block:
    if all(isinstance(item, Mapping) for item in value):
        keys = list(dict.fromkeys(key for item in value for key in item))
        rows = tuple(tuple(cell(item.get(key, "")) for key in keys) for item in value)
        return Block(name=name, titles=tuple(_title(key) for key in keys), rows=rows)
    return Block(name=name, titles=(), rows=tuple((cell(item),) for item in value))


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
        return ", ".join(f"{_title(key)} {cell(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(cell(item) for item in value)
    return str(value)


def _is_figure(value: object) -> bool:
    return isinstance(value, Mapping) and {"numerator", "denominator"} <= set(value)


def _title(key: object) -> str:
    told = str(key).replace("_", " ").strip()
    return told[:1].upper() + told[1:]
