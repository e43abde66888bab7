"""Of all leads of a campaign: how many may be called at an instant, how many later and when, how many never, and why?

Asked of `judge` and of nothing else, once for all leads whom every gate judges alike; `campaigns.storage.alike` reads
them. A lead whose number is barred is judged by his other numbers too, as the dialer does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from campaigns.best_number import best_number, may_have_better
from campaigns.dialable import Candidate, GateCode, Rules, Verdict, judge
from campaigns.model import LeadState


class Standing(StrEnum):
    """Where a lead stands at an instant, as things are now."""

    CALLABLE = "callable"
    LATER = "later"  # a time is known from which on he may be called
    IN_A_CALL = "in_a_call"  # he is being called or waits for his outcome: what becomes of him is not known
    NEVER = "never"  # not by itself: a person, a newer list or another setting would have to change something


class Member(NamedTuple):
    """One lead with one number of his. Equal `key`s: no gate can tell them apart at any of the instants.

    `several`: the person has other numbers. `candidate` makes what is judged, for the few of a kind that are.
    """

    key: Hashable
    person_id: int
    several: bool
    candidate: Callable[[], Candidate]


class Why(NamedTuple):
    """What a lead was found to be: the first shut gate, with a closed lead's reason, and whether it is the only one."""

    standing: Standing
    code: GateCode | None
    detail: str
    alone: bool


@dataclass(frozen=True, kw_only=True)
class Held:
    """`leads` whose first shut gate is this one: they add up. For `alone` of them no other gate is shut."""

    standing: Standing
    code: GateCode
    detail: str
    leads: int
    alone: int


@dataclass(frozen=True, kw_only=True)
class FunnelAt:
    """All leads at one instant. `later`: from when on they may be called, the first time first, whole quarters of an
    hour put together."""

    at: datetime
    counts: dict[Standing, int]
    held: tuple[Held, ...]
    later: tuple[tuple[datetime, int], ...]

    @property
    def leads(self) -> int:
        return sum(self.counts.values())


@dataclass(kw_only=True)
class _Kind:
    """Leads judged alike: one of them, his verdict at each instant, and how many they are."""

    candidate: Candidate
    verdicts: tuple[Verdict, ...]
    look_further: bool
    leads: int = 0


Numbers = Callable[[Sequence[int]], Iterable[Sequence[Member]]]


def funnel(
    members: Iterable[Member], numbers_of: Numbers, rules: Rules, instants: Sequence[datetime]
) -> tuple[FunnelAt, ...]:
    """The funnel at each of the instants. `numbers_of` persons: all their numbers, the next to be called first."""
    kinds: dict[Hashable, _Kind] = {}
    further: list[int] = []
    for member in members:
        kind = _kind_of(member, kinds, rules, instants)
        if kind.look_further and member.several:
            further.append(member.person_id)
        else:
            kind.leads += 1
    tallies = [Counter[tuple[Why, datetime | None]]() for _ in instants]
    for kind in kinds.values():
        for tally, verdict in zip(tallies, kind.verdicts, strict=True):
            tally[_seen(kind.candidate, verdict)] += kind.leads
    for numbers in numbers_of(further):
        known = [_kind_of(member, kinds, rules, instants) for member in numbers]
        for place, tally in enumerate(tallies):
            judged = [(kind.candidate, kind.verdicts[place]) for kind in known]
            tally[_seen(*best_number(*judged[0], lambda judged=judged: judged))] += 1  # type: ignore[misc]
    return tuple(_told(at, tally) for at, tally in zip(instants, tallies, strict=True))


def _kind_of(member: Member, kinds: dict[Hashable, _Kind], rules: Rules, instants: Sequence[datetime]) -> _Kind:
    kind = kinds.get(member.key)
    if kind is None:
        candidate = member.candidate()
        verdicts = tuple(judge(candidate, rules, at) for at in instants)
        further = any(may_have_better(verdict) for verdict in verdicts)
        kind = kinds[member.key] = _Kind(candidate=candidate, verdicts=verdicts, look_further=further)
    return kind


def _seen(candidate: Candidate, verdict: Verdict) -> tuple[Why, datetime | None]:
    gate = verdict.hold
    if gate is None:
        return Why(Standing.CALLABLE, None, "", False), None
    state = candidate.state
    if state.state is LeadState.IN_PROGRESS:
        standing = Standing.IN_A_CALL
    else:
        standing = Standing.LATER if verdict.ask_again_at is not None else Standing.NEVER
    detail = str(state.close_reason or "") if gate.code is GateCode.LEAD_STATE else ""
    alone = sum(not each.passed for each in verdict.gates) == 1
    return Why(standing, gate.code, detail, alone), verdict.ask_again_at


def _told(at: datetime, tally: Counter[tuple[Why, datetime | None]]) -> FunnelAt:
    counts = dict.fromkeys(Standing, 0)
    held: dict[tuple[Standing, GateCode, str], list[int]] = {}
    later: Counter[datetime] = Counter()
    for (why, again_at), leads in tally.items():
        if not leads:
            continue
        counts[why.standing] += leads
        if why.code is not None:
            both = held.setdefault((why.standing, why.code, why.detail), [0, 0])
            both[0] += leads
            both[1] += leads * why.alone
        if why.standing is Standing.LATER and again_at is not None:
            later[again_at] += leads
    order = list(Standing)
    return FunnelAt(
        at=at,
        counts=counts,
        held=tuple(
            Held(standing=standing, code=code, detail=detail, leads=leads, alone=alone)
            for (standing, code, detail), (leads, alone) in sorted(
                held.items(), key=lambda item: (order.index(item[0][0]), -item[1][0], item[0])
            )
        ),
        later=tuple(sorted(later.items())),
    )
