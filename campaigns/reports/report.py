"""What is a report, and what is it made from?"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from campaigns.metrics import Call, Figure, LedgerSpan, Period, Promise
from campaigns.model import DiallingState
from campaigns.settings import CampaignSettings

ROLLING = timedelta(days=29)  # with the last day itself: 30 days

Cell = str | int | float | None
_Key = TypeVar("_Key", bound=Hashable)


class ColumnKind(StrEnum):
    """How the cells of a column are read."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"  # 0..1
    NUMBER = "number"
    PHONE = "phone"
    INSTANT = "instant"  # ISO 8601, UTC


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its stable name, its heading for people, and what its cells count, for recounting."""

    name: str
    label: str
    kind: ColumnKind = ColumnKind.TEXT
    definition: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an agent wrote down at a step of the script. `at`: when the step was shown, aware UTC."""

    step: str
    at: datetime
    field: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """A finished report: the same material gives the same report. Period dates are inclusive, in its zone.

    `answers`: of a report whose rows are calls, each row's answers, for formats that can hold a list in a row.
    """

    kind: str
    title: str
    campaign: str
    period: Period
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()
    answers: tuple[tuple[Answer, ...], ...] = ()

    def figure(self, name: str) -> Figure | None:
        """The figure with this name, or None."""
        return next((f for f in self.figures if f.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a report is made from.

    `calls`: all of the campaign's calls up to the last day, not only the period's (first-call close and the
    rolling 30 days look back). `leads`: its dialling states now. `numbers`: how many distinct numbers these
    leads have. `agents` and `lists`: names by id; `scripts`: names by settings version. `now` ends the spans that
    still run. `promises`: calls promised for an instant in the period. `survey`: AAPOR rates too. `figure`: only
    the calls behind the figure of this name, for the report of calls. `of_clones`: calls of the last 30 days of the
    campaigns that share the abandonment window; `sharing`: their names.
    """

    campaign: str
    period: Period
    settings: CampaignSettings
    now: datetime
    calls: tuple[Call, ...] = ()
    leads: tuple[DiallingState, ...] = ()
    numbers: int = 0
    agents: Mapping[int, str] = field(default_factory=dict)
    lists: Mapping[int, str] = field(default_factory=dict)
    scripts: Mapping[int, str] = field(default_factory=dict)
    spans: tuple[LedgerSpan, ...] = ()
    promises: tuple[Promise, ...] = ()
    survey: bool = False
    figure: str = ""
    of_clones: tuple[Call, ...] = ()
    sharing: tuple[str, ...] = ()

    @property
    def window(self) -> tuple[Call, ...]:
        """The calls whose abandonment is counted together."""
        return (*self.calls, *self.of_clones)

    @property
    def period_calls(self) -> tuple[Call, ...]:
        """The calls whose report date lies in the period."""
        return tuple(c for c in self.calls if self.period.holds(c.attempt.report_date))

    def agent(self, agent_id: int | None) -> str:
        """An agent's name; of one unknown, his number in the store; of nobody, empty."""
        return "" if agent_id is None else self.agents.get(agent_id, f"agent {agent_id}")

    def title(self, kind: str) -> str:
        days = (
            f"{self.period.first} to {self.period.last}" if self.period.first != self.period.last else self.period.last
        )
        return f"{kind} report, {self.campaign}, {days} ({self.period.zone})"


def grouped(calls: Iterable[Call], key: Callable[[Call], _Key | None]) -> dict[_Key, list[Call]]:
    """Calls by key, keys in rising order; calls whose key is None are in no group."""
    groups: dict[_Key, list[Call]] = {}
    for call in calls:
        name = key(call)
        if name is not None:
            groups.setdefault(name, []).append(call)
    return {name: groups[name] for name in sorted(groups, key=str)}
