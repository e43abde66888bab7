"""Where may this lead be: by his number, by the zone on the list, and by his address?

The address adds candidates and never takes one of the number's away: people move and keep their mobile number, and a
landline may be carried to the next town. So a split area code is not narrowed by a ZIP inside it either: that would
allow a call an hour sooner on the word of a list. An address that is written but cannot be read holds the lead.
"""

from __future__ import annotations

from functools import lru_cache

from campaigns.phone import PhoneKind
from campaigns.place.addresses import AddressReading, read_address
from campaigns.place.tables import area_codes, zones_of_region
from campaigns.place.values import NO_ADDRESS, UNKNOWN_REGION, Address, Clue, ClueKind, Whereabouts

# One calling code for two: a number that is not a landline's may be used in the larger one as well.
_SHARES_ITS_CODE_WITH = {
    **{"GG": "GB", "JE": "GB", "IM": "GB", "CX": "AU", "CC": "AU", "SJ": "NO", "AX": "FI", "YT": "RE", "BL": "GP"},
    **{"MF": "GP", "BQ": "CW", "EH": "MA", "VA": "IT", "TA": "SH"},
}
# Area codes to which libphonenumber gives zones that their states do not have: Saskatchewan's 474 would be Winnipeg's,
# the north's 867 partly Vancouver's and Winnipeg's, the Aleutians in Alaska's 907 Honolulu's, which has no summer time.
_ZONES_OF_NEIGHBOURS = frozenset({"474", "867", "907"})


def whereabouts(
    *,
    number: str,
    kind: str,
    region: str,
    zones: tuple[str, ...],
    listed_zone: str = "",
    address: Address = NO_ADDRESS,
) -> Whereabouts:
    """All candidates for a lead, those of the number first.

    `number` is E.164; `kind` (`fixed`, `mobile`, ...), `region` (libphonenumber's country) and `zones` as they were
    stored with it. `listed_zone`: the zone on the list, checked at import; an unknown one stays in the answer and shuts
    the calling hours. Never raises for what a list holds; takes about a microsecond for a lead like one before.
    """
    return _concluded(_home(number), kind, region, zones, listed_zone, address)


def read_beside(*, number: str, kind: str, region: str, address: tuple[str, str, str]) -> AddressReading:
    """What `whereabouts` reads in a lead's address beside this number: `address` is country, state and postal code.

    Number as there, but its zones do not matter. For whoever asks of a million leads only whether it can be read.
    """
    return _read_beside(address, _countries_of(_home(number), kind, region))


@lru_cache(maxsize=65_536)
def _read_beside(address: tuple[str, str, str], countries_of_number: tuple[str, ...]) -> AddressReading:
    country, region, postal_code = address
    return read_address(Address(country=country, region=region, postal_code=postal_code), countries_of_number)


@lru_cache(maxsize=4096)
def _countries_of(home: str, kind: str, region: str) -> tuple[str, ...]:
    return _countries(_of_number(home, kind, region, ()))


def _countries(number: Clue) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.partition("-")[0] for name in number.regions))


def _home(number: str) -> str:
    """Plan and area code of a number of North America's plan; empty for every other."""
    return number[:5] if number.startswith("+1") else ""


@lru_cache(maxsize=8_192)
def _concluded(
    home: str, kind: str, region: str, zones: tuple[str, ...], listed_zone: str, address: Address
) -> Whereabouts:
    number = _of_number(home, kind, region, zones)
    clues = [number]
    if listed_zone:
        clues.append(Clue(kind=ClueKind.LISTED_ZONE, written=listed_zone, zones=(listed_zone,)))
    read = read_address(address, _countries(number))
    clues += read.clues
    return Whereabouts(
        zones=tuple(dict.fromkeys(zone for clue in clues for zone in clue.zones)),
        regions=tuple(dict.fromkeys(name for clue in clues for name in clue.regions)),
        clues=tuple(clues),
        unclear=read.unclear,
    )


@lru_cache(maxsize=4096)
def _of_number(home: str, kind: str, region: str, zones: tuple[str, ...]) -> Clue:
    if not home:
        return _of_number_abroad(kind, region, zones)
    area_code = home[2:]
    regions = area_codes().get(area_code)
    if regions is None:
        # Toll-free and the like belong to no country; a new area code only lacks its state.
        found = region if region in ("US", "CA") and kind == PhoneKind.FIXED_OR_MOBILE.value else UNKNOWN_REGION
        return Clue(kind=ClueKind.NUMBER, written=home, zones=zones, regions=(found,))
    if area_code in _ZONES_OF_NEIGHBOURS:
        zones = _with_zones_of(regions, zones)
    return Clue(kind=ClueKind.AREA_CODE, written=area_code, zones=zones, regions=regions)


def _of_number_abroad(kind: str, region: str, zones: tuple[str, ...]) -> Clue:
    """Outside North America's plan: a landline's own zones, for any other number all of its country as well.

    libphonenumber writes a neighbour's zone for some countries, with other changes of the clocks: +213 is "Paris",
    +212 "Canary". A landline that has none of its country's own zones gets them too.
    """
    if not (len(region) == 2 and region.isalpha()):
        return Clue(kind=ClueKind.NUMBER, written=region, zones=zones, regions=(UNKNOWN_REGION,))
    landline = kind == PhoneKind.FIXED.value
    larger = _SHARES_ITS_CODE_WITH.get(region)
    regions = (region,) if larger is None or landline else (region, larger)
    if not landline or not set(zones) & set(zones_of_region(region)):
        zones = _with_zones_of(regions, zones)
    return Clue(kind=ClueKind.NUMBER, written=region, zones=zones, regions=regions)


def _with_zones_of(regions: tuple[str, ...], zones: tuple[str, ...]) -> tuple[str, ...]:
    """The number's zones and all of its regions; none where the number's own are not known: that holds the lead."""
    return tuple(dict.fromkeys((*zones, *(z for region in regions for z in zones_of_region(region))))) if zones else ()
