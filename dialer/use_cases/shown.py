"""How do stored things look as plain values that a program can read?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from campaigns.importing import CheckReport
from campaigns.model import Lead

FAULTS_SHOWN = 1000
NUMBERS_SHOWN = 1000


def report_shown(report: CheckReport, *, without: str = "") -> dict[str, Any]:
    """A check report over the control socket: its lists are cut, the counts are not; reasons `without` these words."""
    plain: dict[str, Any] = dict(report.as_json())
    plain["rejected_count"], plain["warnings_count"] = len(report.rejected), len(report.warnings)
    plain["rejected"] = plain["rejected"][:FAULTS_SHOWN]
    plain["warnings"] = plain["warnings"][:FAULTS_SHOWN]
    if without:
        plain["rejected"] = [fault | {"reason": fault["reason"].removesuffix(without)} for fault in plain["rejected"]]
    plain["numbers"] = plain["numbers"][:NUMBERS_SHOWN]
    return plain


def lead_name(lead: Lead) -> str:
    """The name to show: as given, else first and last name, else nothing."""
    return lead.display_name or f"{lead.first_name} {lead.last_name}".strip()


def when(at: datetime | None) -> str | None:
    """An instant as ISO 8601."""
    return None if at is None else at.isoformat()


def counted(number: int, one: str, many: str = "") -> str:
    """`1 agent`, `2 agents`; with both given, `1 lead was`, `2 leads were`."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
