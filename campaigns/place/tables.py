"""What do the data files say? Each is read once, when it is first asked (all of them in some 20 ms)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

MILITARY = "military-"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a country, or several that a code does not tell apart: their regions and zones."""

    regions: tuple[str, ...]
    zones: tuple[str, ...]

    @property
    def military(self) -> bool:
        """Post of the forces: its addresses may be anywhere in the world."""
        return any(region.startswith(MILITARY) for region in self.regions)


def all_of(parts: list[Part]) -> Part:
    """Any of these, as one; each region and zone once."""
    return Part(
        regions=tuple(dict.fromkeys(region for part in parts for region in part.regions)),
        zones=tuple(dict.fromkeys(zone for part in parts for zone in part.zones)),
    )


class ZipCodes:
    """The ZIP codes that are known, each with its part of the country."""

    def __init__(self) -> None:
        self._parts: list[Part] = [Part(regions=(), zones=())]
        self._place = bytearray(100_000 * 2)  # for each ZIP two bytes: which part; 0 is none
        for line in _lines("zips.txt"):
            if line.startswith(" "):
                for run in line.split():
                    first, _, last = run.partition("-")
                    self._set(int(first), int(last or first), len(self._parts) - 1)
            else:
                region, *zones = line.split()
                self._parts.append(Part(regions=(region,), zones=tuple(zones)))
        for code, regions, zones_there, *_ in _rows("zips_in_several.csv"):
            self._parts.append(Part(regions=tuple(regions.split()), zones=tuple(zones_there.split())))
            self._set(int(code), int(code), len(self._parts) - 1)

    def _set(self, first: int, last: int, part: int) -> None:
        self._place[first * 2 : (last + 1) * 2] = part.to_bytes(2, "little") * (last + 1 - first)

    def __getitem__(self, number: int) -> Part | None:
        """The part in which this ZIP lies; None when it is not known."""
        which = int.from_bytes(self._place[number * 2 : number * 2 + 2], "little")
        return self._parts[which] if which else None

    def beginning_with(self, three_digits: int) -> Part | None:
        """All that the known ZIPs with these first digits tell; None when there are none."""
        first = three_digits * 100
        found = [part for number in range(first, first + 100) if (part := self[number]) is not None]
        return all_of(found) if found else None

    def in_state(self, region: str) -> tuple[str, ...]:
        """The zones of all ZIPs of a state."""
        used = (part for part in self._parts if region in part.regions)
        return tuple(dict.fromkeys(zone for part in used for zone in part.zones))


@lru_cache(maxsize=1)
def zip_codes() -> ZipCodes:
    """The ZIP codes of the USA."""
    return ZipCodes()


@lru_cache(maxsize=1)
def area_codes() -> dict[str, tuple[str, ...]]:
    """The regions in which each area code of North America's plan lies (`212`)."""
    return {area: tuple(regions) for area, *regions in (line.split() for line in _lines("area_codes.txt"))}


@lru_cache(maxsize=1)
def subdivision_names() -> dict[tuple[str, str], str]:
    """ISO 3166-2 codes by country and folded name: ("US", "fla") is US-FL."""
    found = {}
    for code, _, names in _rows("subdivisions.csv"):
        country, _, own = code.partition("-")
        for name in (own, code, *names.split("|")):
            found[country, folded(name)] = code
    return found


def known_regions(country: str) -> tuple[str, ...] | None:
    """The subdivisions (ISO 3166-2) of a country that lead lists are read by; None when there is no such country."""
    if country not in countries().values():
        return None
    return tuple(sorted({code for (of, _), code in subdivision_names().items() if of == country}))


@lru_cache(maxsize=512)
def zones_of_region(region: str) -> tuple[str, ...]:
    """Every zone of a subdivision or country; those of its country for a subdivision of which nothing is known."""
    country, _, own = region.partition("-")
    if not own:
        return _zones_of_country(country)
    zones = _subdivision_zones().get(region) or (zip_codes().in_state(region) if country == "US" else ())
    return zones or _zones_of_country(country)


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """ISO 3166-1 codes by folded English name, from tzdata's own table."""
    lines = _tzdata("iso3166.tab")
    return {folded(name): code for code, name in (line.split("\t") for line in lines)}


def part_by_postal_code(country: str, code: str) -> Part | None:
    """The part of the country that the first characters of a postal code tell; None when they tell nothing."""
    table = _postal_prefixes()
    for length in range(len(code), -1, -1):
        found = table.get((country, code[:length]))
        if found is not None:
            return found
    return None


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Letters and digits only, in one case: `St. Gallen` and `st gallen` are the same."""
    return "".join(character for character in text.casefold() if character.isalnum())


@lru_cache(maxsize=1)
def _postal_prefixes() -> dict[tuple[str, str], Part]:
    found = {}
    for country, prefix, regions, zones in _rows("postal_prefixes.csv"):
        names = tuple(regions.split())
        known = tuple(zones.split()) or tuple(z for name in names for z in zones_of_region(name))
        found[country, prefix] = Part(regions=names, zones=tuple(dict.fromkeys(known)))
    return found


@lru_cache(maxsize=1)
def _subdivision_zones() -> dict[str, tuple[str, ...]]:
    return {code: tuple(zones.split()) for code, zones, _ in _rows("subdivisions.csv") if zones}


@lru_cache(maxsize=512)
def _zones_of_country(country: str) -> tuple[str, ...]:
    rows = (line.split("\t") for line in _tzdata("zone.tab"))
    return tuple(sorted(zone for code, _, zone, *_ in rows if code == country))


def _tzdata(name: str) -> Iterator[str]:
    """The lines of a table of the packaged time zone data, the data that calling hours are judged by."""
    text = resources.files("tzdata").joinpath("zoneinfo", name).read_text("utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def _rows(name: str) -> Iterator[list[str]]:
    return csv.reader(_lines(name))


def _lines(name: str) -> Iterator[str]:
    text = resources.files("campaigns.place").joinpath("data", name).read_text("utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))
