"""By which rules is a lead judged who may be in these places? By the campaign's, and by those of every place."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from campaigns.foreign_text import inert
from campaigns.rules.duties import PURPOSES
from campaigns.rules.profile import RuleProfile, all_of, both, never_open
from campaigns.rules.reading import ProfileFile
from campaigns.rules.shipped import PROFILES, shipped_file, shipped_names


@lru_cache(maxsize=8192)
def rules_of_places(base: RuleProfile, regions: tuple[str, ...]) -> RuleProfile:
    """`base` together with the profiles of every region that the lead may be in: legal only where all of them allow it.

    `regions` are ISO 3166-2 codes (`US-FL`), or a country (`DE`) when no more is known; none when places were not
    asked for. A country whose parts have rules of their own is judged by all of those if `base` says so
    (`every_region`), and so is no region at all; else by its own rules alone. Profiles that hold by purpose are added
    where the base says what the calls are for (`for_purpose`). A place that neither `base` nor any
    profile covers is never open. A practice profile's numbers are nowhere: it is left as it is.
    Raises ProfileFault when a profile that is needed cannot be used.
    """
    if base.practice:
        return base
    if not regions:
        return all_of(base, _of_parts(base, base.regions)) if base.every_region else base
    whole = base
    for region in dict.fromkeys(regions):
        whole = _with_place(whole, base, region)
    return whole


def for_purpose(base: RuleProfile, purpose: str) -> RuleProfile:
    """`base` for calls of this purpose, so that profiles which hold by purpose are added where a lead may be.

    A word that is none of ours may mean any of them. A base that names its own purposes keeps them.
    """
    if base.practice or base.purposes:
        return base
    return replace(base, purposes=(purpose,) if purpose in PURPOSES else PURPOSES)


def added_by_purpose(base: RuleProfile) -> tuple[tuple[str, str], ...]:
    """The profiles that are added in a country for the purpose of the calls, each with its country."""
    return tuple(
        (file.name, file.applies.country)
        for file in map(shipped_file, shipped_names())
        if file.applies is not None
        and file.applies.by_purpose
        and (not base.regions or file.applies.country in base.regions)
        and file.name not in base.made_of
        and _holds_in(file, base, file.applies.country)
    )


def parts_with_rules(base: RuleProfile) -> tuple[str, ...]:
    """The countries of `base`, then their parts that have rules of their own (`US-FL`). None for a practice profile."""
    if base.practice:
        return ()
    found: dict[str, None] = dict.fromkeys(base.regions)
    for country in base.regions:
        for file in _placed(country):
            if file.applies is not None and _same_purpose(base, PROFILES[file.name]):
                found |= dict.fromkeys(file.applies.regions)
    return tuple(found)


def _with_place(whole: RuleProfile, base: RuleProfile, region: str) -> RuleProfile:
    country, _, part = region.partition("-")
    found = tuple(PROFILES[file.name] for file in _placed(country) if _holds_in(file, base, region))
    if part == "" and base.every_region:
        found += _of_parts(base, (country,))
    covered = bool(found) or country in base.regions
    return all_of(whole, found) if covered else both(whole, _uncovered(region))


def _holds_in(file: ProfileFile, base: RuleProfile, region: str) -> bool:
    applies = file.applies
    if applies is None or not _same_purpose(base, PROFILES[file.name]):
        return False
    if applies.by_purpose and not base.purposes:
        return False
    return not applies.regions or region in applies.regions


def _of_parts(base: RuleProfile, countries: tuple[str, ...]) -> tuple[RuleProfile, ...]:
    """The profiles of every part of these countries."""
    return tuple(
        PROFILES[file.name]
        for country in countries
        for file in _placed(country)
        if file.applies is not None and file.applies.regions and _same_purpose(base, PROFILES[file.name])
    )


def _same_purpose(base: RuleProfile, other: RuleProfile) -> bool:
    """When in doubt they share one: only purposes that exclude each other keep a place's rules away."""
    return not base.purposes or not other.purposes or bool(set(base.purposes) & set(other.purposes))


@lru_cache(maxsize=256)
def _placed(country: str) -> tuple[ProfileFile, ...]:
    """The files that hold by place in this country."""
    every = (shipped_file(name) for name in shipped_names())
    return tuple(file for file in every if file.applies is not None and file.applies.country == country)


def _uncovered(region: str) -> RuleProfile:
    shown = inert(region, 10)
    return never_open(f"no profile for {shown}", f"no rule profile covers {shown}, where this lead may be")
