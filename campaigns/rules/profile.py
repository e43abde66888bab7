"""One jurisdiction's rules as a value, and several of them as one."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, reduce

from campaigns.foreign_text import inert
from campaigns.rules.duties import Duties, both_duties
from campaigns.rules.windows import Windows, shared_windows

LANDLINE_AND_MOBILE = ("fixed", "mobile", "fixed_or_mobile", "voip")
# Satellite, personal and premium numbers, some of which libphonenumber gives a harmless kind.
COSTLY_NUMBERS = (
    *("+870*", "+878*", "+881*", "+882*", "+883*", "+979*"),
    *("+1900*", "+1500*", "+1533*", "+1???976????"),
)
NO_REGION = "none in common"


@dataclass(frozen=True, kw_only=True)
class RuleProfile:
    """One jurisdiction's rules as data. `week` holds each day's windows, Monday first.

    `regions` as libphonenumber names them, empty for any; `kinds` are the dialable kinds as campaigns.phone names them,
    `denied_numbers` patterns (`*`, `?`) of numbers never dialled. `closed_dates` and `other_days` are local dates;
    the windows of the latter stand in place of the weekday's. Zones in `held_zones` are never open.
    In force from `in_force_from` to `in_force_to`, and good until its verification ends on `good_until`: on every
    other local day it is closed. `never` tells why it is never open, if so. `practice` profiles may be used on
    loopback trunks only. `purposes`: what calls it is for, empty for any. `every_region`: a lead whose state is not
    known is judged by every state's rules. `made_of` names the files it comes from. Not legal advice.
    """

    name: str
    week: tuple[Windows, ...]
    regions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = LANDLINE_AND_MOBILE
    denied_numbers: tuple[str, ...] = COSTLY_NUMBERS
    held_zones: tuple[str, ...] = ()
    closed_dates: tuple[date, ...] = ()
    other_days: tuple[tuple[date, Windows], ...] = ()
    in_force_from: date | None = None
    in_force_to: date | None = None
    good_until: date | None = None
    practice: bool = False
    version: int = 1
    source: str
    verified_on: date
    never: str = ""
    purposes: tuple[str, ...] = ()
    every_region: bool = False
    duties: Duties = field(default_factory=Duties)
    made_of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError(
                f"Rule profile {self.name!r}: week must have 7 days, Monday first; it has {len(self.week)}."
            )

    def __hash__(self) -> int:
        """Cheap, for it is asked for every lead; equality still compares everything."""
        return hash((self.name, self.version))

    def windows(self, day: date) -> Windows:
        """The windows of one local day."""
        return () if self.why_closed_on(day) or day in self._closed else self._hours_of(day)

    def why_closed_on(self, day: date) -> str:
        """Why nothing is dialled under it on this local day whatever the hour, holidays left out; else empty."""
        if self.never:
            return self.never
        if self.in_force_from is not None and day < self.in_force_from:
            return f"{self.name} is in force from {self.in_force_from} on"
        if self.in_force_to is not None and day > self.in_force_to:
            return f"{self.name} was in force until {self.in_force_to}; a newer version of it is needed"
        if self.good_until is not None and day > self.good_until:
            return f"the verification of {self.name} ended on {self.good_until}; it must be verified anew"
        return ""

    def why_not_dialled(self, number: str, kind: str, region: str) -> str:
        """Why a number (E.164) of this kind and region is not dialled under it at any time; empty when it may be."""
        if kind not in self.kinds:
            return f"a number of kind {inert(kind, 20) or 'unknown'} is not dialled under {self.name}"
        denied = self.denied_pattern(number)
        if denied is not None:
            return f"numbers like {denied} are never dialled"
        if self.regions and region not in self.regions:
            return f"region {inert(region, 20) or 'unknown'} is not covered by {self.name}"
        return ""

    def denied_pattern(self, number: str) -> str | None:
        """The first pattern of numbers never dialled that this one matches."""
        if not self._denied.match(number):
            return None
        return next(pattern for pattern in self.denied_numbers if fnmatch.fnmatchcase(number, pattern))

    @cached_property
    def _closed(self) -> frozenset[date]:
        return frozenset(self.closed_dates)

    @cached_property
    def _other(self) -> dict[date, Windows]:
        return dict(self.other_days)

    @cached_property
    def _denied(self) -> re.Pattern[str]:
        return re.compile("|".join(map(fnmatch.translate, self.denied_numbers)) or "(?!)")

    def _hours_of(self, day: date) -> Windows:
        other = self._other.get(day)
        return self.week[day.weekday()] if other is None else other


def both(one: RuleProfile, other: RuleProfile) -> RuleProfile:
    """What both profiles allow, as one: the hours, regions and kinds they share, whatever either of them denies."""
    if one == other:
        return one
    days = sorted({day for day, _ in (*one.other_days, *other.other_days)})
    return RuleProfile(
        name=_joined(one, other, "name", " and "),
        week=tuple(shared_windows(a, b) for a, b in zip(one.week, other.week, strict=True)),
        regions=_shared_regions(one.regions, other.regions),
        kinds=tuple(kind for kind in one.kinds if kind in other.kinds),
        denied_numbers=tuple(dict.fromkeys((*one.denied_numbers, *other.denied_numbers))),
        held_zones=tuple(dict.fromkeys((*one.held_zones, *other.held_zones))),
        closed_dates=tuple(sorted({*one.closed_dates, *other.closed_dates})),
        other_days=tuple((day, shared_windows(one._hours_of(day), other._hours_of(day))) for day in days),
        in_force_from=max(filter(None, (one.in_force_from, other.in_force_from)), default=None),
        in_force_to=_earliest(one.in_force_to, other.in_force_to),
        good_until=_earliest(one.good_until, other.good_until),
        practice=one.practice or other.practice,
        version=max(one.version, other.version),
        source=_joined(one, other, "source", "; "),
        verified_on=min(one.verified_on, other.verified_on),
        never=one.never or other.never,
        purposes=tuple(sorted({*one.purposes, *other.purposes})) if one.purposes and other.purposes else (),
        every_region=one.every_region or other.every_region,
        duties=both_duties(one.duties, other.duties),
        made_of=tuple(sorted({*one.made_of, *other.made_of})),
    )


def never_open(name: str, why: str) -> RuleProfile:
    """A profile under which nothing is dialled, ever; put together with others it closes them too."""
    return RuleProfile(name=name, week=((),) * 7, never=why, source="none", verified_on=date.min)


def all_of(first: RuleProfile, more: Iterable[RuleProfile]) -> RuleProfile:
    """What all of them allow, as one."""
    return reduce(both, more, first)


def _joined(one: RuleProfile, other: RuleProfile, name: str, by: str) -> str:
    """Both names or sources; those of the one alone when it was made with the files that make up the other."""
    first, second = str(getattr(one, name)), str(getattr(other, name))
    if other.made_of and set(other.made_of) <= set(one.made_of):
        return first
    if one.made_of and set(one.made_of) <= set(other.made_of):
        return second
    return f"{first}{by}{second}"


def _earliest(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _shared_regions(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Empty means any, so two lists without a common region are not an empty one."""
    if not one or not other:
        return one or other
    return tuple(region for region in one if region in other) or (NO_REGION,)
