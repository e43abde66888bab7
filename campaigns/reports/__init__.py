"""Which rows and figures does a report hold? Values in, a Report out; every number can be recounted from its rows.

`build(kind, material)` makes one of REPORTS: completion, refusal, campaign, agents, and the raw rows calls and answers.
"""

from campaigns.reports.building import REPORTS, build
from campaigns.reports.calls import calls_table
from campaigns.reports.report import Answer, Cell, Column, ColumnKind, Material, Report

__all__ = ["REPORTS", "Answer", "Cell", "Column", "ColumnKind", "Material", "Report", "build", "calls_table"]
