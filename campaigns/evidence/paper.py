"""How do the figures look on paper? A few pages of PDF, the same bytes for the same summary.

The only door to fpdf2. Its built-in fonts know Western letters; others are shown as question marks, and summary.json
has them as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from campaigns.evidence.texts import COMMAND, WHAT_IT_CANNOT, WHAT_IT_PROVES
from campaigns.foreign_text import inert

_NAME_MM, _LINE_MM = 72.0, 6.0
_FONT = "helvetica"


def as_pdf(summary: dict[str, Any], made_at: datetime) -> bytes:
    """The summary for people."""
    pdf = FPDF(format="A4")
    pdf.set_creation_date(made_at)
    pdf.set_title(_western(f"Evidence of {summary['campaign']}"))
    pdf.set_auto_page_break(auto=True, margin=18)
    pdf.add_page()
    period = summary["period"]
    _heading(pdf, f"Evidence of campaign {summary['campaign']}", 16)
    _rows(
        pdf,
        (
            ("Seller", summary["seller"] or "not set"),
            ("Period", f"{period['from']} to {period['to']}, both included, {period['zone']}"),
            ("Made", f"{summary['made_at']} by campaign-dialer {summary['program']}"),
            ("Installation", summary["installation"]),
        ),
    )
    for title, rows in _sections(summary):
        _heading(pdf, title, 12)
        _rows(pdf, rows)
    _words(pdf, "What this proves", WHAT_IT_PROVES)
    _words(pdf, "What it cannot prove", WHAT_IT_CANNOT)
    _words(pdf, "To verify", (f"{COMMAND} names the first row that was changed, by file and line.",))
    return bytes(pdf.output())


def _sections(summary: dict[str, Any]) -> Iterator[tuple[str, Iterable[tuple[str, str]]]]:
    calls, blocks, lost = summary["calls"], summary["blocks"], summary["abandonment"]
    yield (
        "Calls",
        (
            ("Calls made", str(calls["made"])),
            *((f"  {name}", str(number)) for name, number in calls["by_outcome"].items()),
            ("Calls with a receipt", str(calls["with_receipt"])),
            ("Recorded messages played", str(summary["messages_played"])),
        ),
    )
    yield (
        f"Abandonment, each 30 days (cap {lost['cap'] * 100:g} %)",
        [each for row in lost["per_30_days"] for each in _thirty_days(row, lost)] or [("Calls", "none")],
    )
    hours, over, outs, ring = (
        summary[name] for name in ("calls_outside_hours", "attempts_over_limit", "opt_outs", "ring_times")
    )
    yield (
        "Rules",
        (
            ("Calls outside calling hours", f"{hours['outside']} of {hours['recomputed']}, recomputed from receipts"),
            ("Calls over the limit in 24 h", f"{over['calls']}; most to one number: {over['most_in_24h']}"),
            ("Opt-outs in calls", str(outs["in_calls"])),
            ("  longest delay until in force", _seconds(outs["longest_delay_s"])),
            ("  calls to them afterwards", str(outs["calls_after"])),
            *((f"Calls by override {each['id']}, {each['rule']}", str(each["calls"])) for each in summary["overrides"]),
            ("Rule profiles", ", ".join(summary["rule_profiles"]) or "none"),
            ("Time zone data", ", ".join(summary["time_zone_data"]) or "none"),
        ),
    )
    yield (
        "Declared by people, not checked by software",
        [
            (f"{each['kind']} {each['about']}", f"{each['checked_by']}, {each['recorded_at'][:10]}")
            for each in summary["declared"]
        ]
        or [("Declared", "nothing")],
    )
    yield (
        "Ringing of calls that rang and were not answered",
        (
            ("Calls", str(ring["unanswered"])),
            ("Least, median, most", ", ".join(_seconds(ring[name]) for name in ("least_s", "median_s", "most_s"))),
            ("Given up by us under 15 s", str(ring["given_up_by_us_under_15_s"])),
            *((f"  {name}", str(number)) for name, number in ring["given_up_by_us_under_15_s_why"].items()),
        ),
    )
    yield (
        "Do-not-call registries, oldest list at a call",
        [(each["list"], f"{each['oldest_days']} days, {each['calls']} calls") for each in summary["list_ages"]]
        or [("Registries", "none was asked")],
    )
    yield (
        "Holds: leads that were not dialled",
        [(name, str(number)) for name, number in blocks["by_gate"].items()] or [("Holds", "none")],
    )


def _thirty_days(row: dict[str, Any], lost: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The plain share, and beside it the one with an estimate of persons whom detection hung up, if there is one."""
    yield f"{row['from']} to {row['to']}", _share(row, lost["over_cap"])
    more = row["with_persons_taken_for_machines"]
    if more is not None:
        errs = f"{lost['machine_false_positives'] * 100:g} % of {row['taken_for_machines']} machines"
        estimate = f"; {errs}: {lost['machine_false_positives_basis']}"
        yield "  with persons taken for machines", _share(more, lost["over_cap_by_estimate"]) + estimate


def _heading(pdf: FPDF, words: str, size: int) -> None:
    pdf.ln(3)
    pdf.set_font(_FONT, style="B", size=size)
    pdf.multi_cell(0, _LINE_MM + 1, _western(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _rows(pdf: FPDF, rows: Iterable[tuple[str, str]]) -> None:
    pdf.set_font(_FONT, size=10)
    for name, value in rows:
        pdf.cell(_NAME_MM, _LINE_MM, _western(name))
        pdf.multi_cell(0, _LINE_MM, _western(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _words(pdf: FPDF, title: str, paragraphs: Iterable[str]) -> None:
    _heading(pdf, title, 12)
    pdf.set_font(_FONT, size=10)
    for each in paragraphs:
        pdf.multi_cell(0, 5, _western(each), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.ln(1)


def _share(row: dict[str, Any], over_cap: list[str]) -> str:
    made_of = f"{row['numerator']} of {row['denominator']}"
    over = ", over the cap" if row["from"] in over_cap else ""
    return f"none ({made_of})" if row["value"] is None else f"{row['value'] * 100:.2f} % ({made_of}){over}"


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:g} s"


def _western(text: str) -> str:
    return inert(text, 400).encode("latin-1", "replace").decode("latin-1")
