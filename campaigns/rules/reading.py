"""What does one profile's file say? Read strictly: every fault is told with its line, key and what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from campaigns.rules.case_reading import read_cases
from campaigns.rules.cases import Case
from campaigns.rules.duties import PURPOSES
from campaigns.rules.duty_reading import read_duties
from campaigns.rules.faults import ProfileFault
from campaigns.rules.fields import Table
from campaigns.rules.hours_reading import read_hours
from campaigns.rules.nodes import NotPlain, read_plain
from campaigns.rules.profile import COSTLY_NUMBERS, LANDLINE_AND_MOBILE, RuleProfile

# No file opens the other kinds, which are refused wherever a number is read.
DIALLED_KINDS = (*LANDLINE_AND_MOBILE, "toll_free")
KINDS = (*DIALLED_KINDS, "premium", "shared_cost", "personal", "pager", "uan", "voicemail", "global_service")


@dataclass(frozen=True, kw_only=True)
class Applies:
    """Where a profile holds by the place of a lead: a country, or parts of it (`US-FL`).

    `by_purpose`: only for calls whose purpose is known to be, or may be, one of its own.
    """

    country: str
    regions: tuple[str, ...]
    by_purpose: bool = False


@dataclass(frozen=True, kw_only=True)
class ProfileFile:
    """One file as it was read. `own`: what it says itself; `extends` names the file it is stricter than.

    `applies` None: it holds only where it is named. `verified_by` empty: nobody has put his name to it yet.
    `doubts`: what is not sure of it, in words.
    """

    name: str
    title: str
    own: RuleProfile
    extends: str
    applies: Applies | None
    sources: tuple[str, ...]
    doubts: tuple[str, ...]
    verified_by: str
    cases: tuple[Case, ...]


def read_profile(text: str, file: str) -> ProfileFile:
    """The profile in this text. Raises ProfileFault naming every fault."""
    try:
        top = Table(node=read_plain(text))
    except NotPlain as fault:
        raise ProfileFault(file, (str(fault),)) from None
    found = _profile_file(top)
    top.end()
    if top.faults:
        raise ProfileFault(file, tuple(top.faults))
    return found


def _profile_file(top: Table) -> ProfileFile:
    name, title = top.text("profile"), top.text("title")
    extends = top.text("extends", "")
    applies = _applies(top)
    sources = top.words("sources")
    if not sources:
        top.fault("sources", "at least one is needed: where the values stand")
    own = _rules(top, name, "; ".join(sources), root=not extends)
    return ProfileFile(
        name=name,
        title=title,
        own=own,
        extends=extends,
        applies=applies,
        sources=sources,
        doubts=top.words("doubt", default=()),
        verified_by=top.text("verified_by", ""),
        cases=read_cases(top, KINDS),
    )


def _rules(top: Table, name: str, source: str, *, root: bool) -> RuleProfile:
    verified_on, good_until = top.day("verified_on"), top.day_or_none("good_until")
    if good_until is not None and good_until < verified_on:
        top.fault("good_until", f"{good_until}: lies before verified_on")
    starts, ends = top.day_or_none("effective_from"), top.day_or_none("effective_to")
    if starts is not None and ends is not None and ends < starts:
        top.fault("effective_to", f"{ends}: lies before effective_from")
    hours = read_hours(top, needed=root, first=verified_on, last=_last_of(good_until, ends))
    numbers = _numbers(top, root=root)
    return RuleProfile(
        name=name,
        version=top.number("version", 1, 9999),
        week=hours.week,
        closed_dates=hours.closed,
        other_days=hours.other,
        in_force_from=starts,
        in_force_to=ends,
        good_until=good_until,
        practice=top.flag("practice", default=False),
        purposes=top.words("purposes", PURPOSES, default=()),
        every_region=top.word("state_unknown", ("base_only", "every_state"), "base_only") == "every_state",
        source=source,
        verified_on=verified_on,
        duties=read_duties(top),
        made_of=(name,),
        kinds=numbers.kinds,
        denied_numbers=numbers.denied,
        regions=numbers.regions,
        held_zones=numbers.held_zones,
    )


@dataclass(frozen=True, kw_only=True)
class _Numbers:
    kinds: tuple[str, ...]
    denied: tuple[str, ...]
    regions: tuple[str, ...]
    held_zones: tuple[str, ...]


def _numbers(top: Table, *, root: bool) -> _Numbers:
    """Left out in a file that extends another: no limit of its own."""
    table = top.table("numbers")
    kinds = table.words("kinds", DIALLED_KINDS, default=LANDLINE_AND_MOBILE if root else DIALLED_KINDS)
    denied = table.words("denied", default=COSTLY_NUMBERS if root else ())
    for pattern in denied:
        if not pattern.startswith("+") or not set(pattern[1:]) <= set("0123456789*?"):
            table.fault("denied", f"{pattern[:20]!r}: expected + and digits, with * and ? for others")
    regions = table.words("regions", default=())
    for region in regions:
        if not (len(region) == 2 and region.isalpha() and region.isupper()):
            table.fault("regions", f"{region[:20]!r}: expected countries by two letters, such as US")
    held = table.words("held_zones", default=())
    table.end()
    return _Numbers(kinds=kinds, denied=denied, regions=regions, held_zones=held)


def _applies(top: Table) -> Applies | None:
    if not top.has("applies"):
        top.raw("applies")
        return None
    table = top.table("applies")
    country, regions = table.text("country"), table.words("regions", default=())
    if not (len(country) == 2 and country.isalpha() and country.isupper()):
        table.fault("country", f"{country[:20]!r}: expected two letters, such as US")
    for region in regions:
        if not region.startswith(f"{country}-") or not 4 <= len(region) <= 6:
            table.fault("regions", f"{region[:20]!r}: expected a part of {country} such as {country}-FL (ISO 3166-2)")
    by_purpose = table.flag("by_purpose", default=False)
    if by_purpose and not top.has("purposes"):
        table.fault("by_purpose", "true: say for which purposes, in the key purposes")
    table.end()
    return Applies(country=country, regions=regions, by_purpose=by_purpose)


def _last_of(good_until: date | None, ends: date | None) -> date | None:
    return min((day for day in (good_until, ends) if day is not None), default=None)


__all__ = ["KINDS", "PURPOSES", "Applies", "ProfileFile", "read_profile"]
