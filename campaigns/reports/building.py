"""Which reports are there? One table from the name a manager types to the function that makes it."""

from __future__ import annotations

from collections.abc import Callable

from campaigns.reports.agents import agents_report
from campaigns.reports.answers import answers_report
from campaigns.reports.calls import calls_table
from campaigns.reports.campaign import campaign_report
from campaigns.reports.completion import completion_report
from campaigns.reports.refusal import refusal_report
from campaigns.reports.report import Material, Report

REPORTS: dict[str, Callable[[Material], Report]] = {
    "completion": completion_report,
    "refusal": refusal_report,
    "campaign": campaign_report,
    "agents": agents_report,
    "calls": calls_table,
    "answers": answers_report,
}


def build(kind: str, material: Material) -> Report:
    """The report of this kind. Raises ValueError naming the kinds there are."""
    try:
        maker = REPORTS[kind]
    except KeyError:
        raise ValueError(f"There is no report {kind[:40]!r}; there are {', '.join(REPORTS)}.") from None
    return maker(material)
