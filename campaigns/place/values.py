"""What is concluded of where a lead is, and from which of the things that are known of him?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

UNKNOWN_REGION = "ZZ"  # as CLDR and libphonenumber write "no country is known"


class ClueKind(StrEnum):
    """What a conclusion was drawn from; the value is what a person reads."""

    AREA_CODE = "the number's area code"
    NUMBER = "the number"
    LISTED_ZONE = "the time zone on the list"
    POSTAL_CODE = "the postal code"
    REGION = "the state or province"
    COUNTRY = "the country"


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a lead lives as the list has it: foreign text, in any spelling, each part possibly empty."""

    country: str = ""
    region: str = ""
    postal_code: str = ""


NO_ADDRESS = Address()


@dataclass(frozen=True, kw_only=True)
class Clue:
    """What one thing says. `zones` are IANA names, `regions` as in Whereabouts; `note` says how it was read."""

    kind: ClueKind
    written: str
    zones: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """Every place where a lead may be. What is legal must be legal in each of `zones` and `regions`.

    `regions`: ISO 3166-2 where the subdivision is known (`US-FL`, also `US-PR`), else ISO 3166-1 (`DE`). A country of
    which the subdivisions matter stands alone (`US`) when it is not known which: it means any of them. `ZZ`
    (UNKNOWN_REGION) means any country: nothing is known. Never empty.
    `unclear`: why nobody may be called at all until the list is mended; empty for nearly everybody.
    """

    zones: tuple[str, ...]
    regions: tuple[str, ...]
    clues: tuple[Clue, ...]
    unclear: str = ""

    def behind_zone(self, zone: str) -> tuple[ClueKind, ...]:
        """From what this zone was concluded."""
        return tuple(dict.fromkeys(clue.kind for clue in self.clues if zone in clue.zones))

    def behind_region(self, region: str) -> tuple[ClueKind, ...]:
        """From what this region was concluded."""
        return tuple(dict.fromkeys(clue.kind for clue in self.clues if region in clue.regions))
