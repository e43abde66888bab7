"""Which leads are the same person? Those with the same key, and those who share a number unless their keys differ.

A key's own are the leads that have it, and the leads without any key who share a number with one of them. All of them
are one person. Two leads without a key are one person if they share a number; they are not strung together over
several numbers. Two different keys on one number are two persons of a household, and a lead without a key there counts
as each of them. Whoever is found by another one finds him, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of some leads: key of each (empty: none), numbers of each, who has a number, who has a key."""

    keys: Mapping[int, str] = field(default_factory=dict)
    numbers: Mapping[int, Collection[str]] = field(default_factory=dict)
    having: Mapping[str, Collection[int]] = field(default_factory=dict)
    keyed: Mapping[str, Collection[int]] = field(default_factory=dict)


def same_person(lead: int, known: Known) -> frozenset[int]:
    """All leads who are the same person as this one, himself among them."""
    key = known.keys.get(lead, "")
    if key:
        return frozenset({lead} | _own(key, known))
    near = {other: known.keys.get(other, "") for other in _beside({lead}, known)}
    alike = {other for other, theirs in near.items() if not theirs}
    return frozenset({lead} | alike.union(*(_own(theirs, known) for theirs in near.values() if theirs)))


def _own(key: str, known: Known) -> set[int]:
    having = set(known.keyed.get(key, ()))
    return having | {other for other in _beside(having, known) if not known.keys.get(other, "")}


def _beside(leads: Collection[int], known: Known) -> set[int]:
    """Who shares a number with one of these leads."""
    numbers = {number for lead in leads for number in known.numbers.get(lead, ())}
    return {other for number in numbers for other in known.having.get(number, ())}
