"""How does a report look in a terminal: its title, its figures with what they are made of, its rows, its notes?"""

from __future__ import annotations

from campaigns.foreign_text import inert
from campaigns.metrics import Figure, Unit
from campaigns.reports import Cell, Column, ColumnKind, Report

WIDEST = 40  # a longer cell is shown whole, out of line with its column
LONGEST = 2000


def as_table(report: Report) -> str:
    """The whole report as lines of text; foreign text in it is inert."""
    lines = [inert(report.title, 300)]
    if report.figures:
        lines += ["", *_figures(report.figures)]
    elif report.rows:
        lines += ["", *_rows(report)]
    elif report.kind != "campaign":
        lines += ["", "There are no rows in this period."]
    if report.kind != "campaign" and report.figures and report.rows:
        lines += ["", *_rows(report)]
    if report.notes:
        lines += ["", *(inert(note, 300) for note in report.notes)]
    return "\n".join(lines) + "\n"


def _figures(figures: tuple[Figure, ...]) -> list[str]:
    cells = [[figure.label, _value(figure), _made_of(figure)] for figure in figures]
    return _aligned([["Figure", "Value", "Made of"], *cells], right={1})


def _value(figure: Figure) -> str:
    if figure.value is None:
        return "none"
    if figure.unit is Unit.SHARE:
        return f"{figure.value * 100:.1f} %"
    if figure.unit is Unit.COUNT:
        return f"{figure.value:.0f}"
    digits = 2 if figure.unit is Unit.PER_LEAD else 1
    return f"{figure.value:.{digits}f} {figure.unit.value}"


def _made_of(figure: Figure) -> str:
    if figure.numerator is None or figure.denominator is None:
        return "" if figure.denominator is None else f"of {figure.denominator:g}"
    return f"{figure.numerator:g} / {figure.denominator:g}"


def _rows(report: Report) -> list[str]:
    head = [column.label for column in report.columns]
    cells = [[_cell(c, cell) for c, cell in zip(report.columns, row, strict=True)] for row in report.rows]
    right = {place for place, column in enumerate(report.columns) if column.kind in _NUMBERS}
    return _aligned([head, *cells], right=right)


_NUMBERS = (ColumnKind.COUNT, ColumnKind.SHARE, ColumnKind.NUMBER)


def _cell(column: Column, cell: Cell) -> str:
    if cell is None:
        return "none"
    if isinstance(cell, float):
        return f"{cell * 100:.1f} %" if column.kind is ColumnKind.SHARE else f"{cell:.3f}".rstrip("0").rstrip(".")
    return inert(str(cell), LONGEST)


def _aligned(rows: list[list[str]], right: set[int]) -> list[str]:
    widths = [min(WIDEST, max(len(row[place]) for row in rows)) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [c.rjust(w) if n in right else c.ljust(w) for n, (c, w) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(cells).rstrip())
    return lines
