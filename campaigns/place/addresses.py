"""What does the address on the list say of where a lead is? Its country, its state, its postal code, as far as read.

An address that says nothing adds nothing; one that is written but cannot be read is unclear, and nobody is called on
the word of half of it. The text of a state is the exception: that column holds sales areas and counties as often.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from campaigns.foreign_text import inert
from campaigns.phone import region_of_country
from campaigns.place.postal import is_canadian, read_zip
from campaigns.place.tables import (
    Part,
    countries,
    folded,
    part_by_postal_code,
    subdivision_names,
    zip_codes,
    zones_of_region,
)
from campaigns.place.values import NO_ADDRESS, UNKNOWN_REGION, Address, Clue, ClueKind

_MILITARY_STATES = ("AA", "AE", "AP")
_US_TERRITORIES = ("PR", "VI", "GU", "AS", "MP")
_NOTHING_WRITTEN = frozenset({"", "na", "n/a", "n.a", "none", "null", "unknown"})
# Besides English names, two letters and those that numbers are read by: what lists of our customers write most.
_OTHER_NAMES = {
    **{"usa": "US", "unitedstatesofamerica": "US", "gbr": "GB", "deu": "DE", "can": "CA", "aus": "AU", "fra": "FR"},
    **{
        "scotland": "GB",
        "wales": "GB",
        "northernireland": "GB",
        "holland": "NL",
        "niederlande": "NL",
        "nederland": "NL",
    },
    **{"österreich": "AT", "schweiz": "CH", "suisse": "CH", "svizzera": "CH", "frankreich": "FR", "italien": "IT"},
    **{"spanien": "ES", "polen": "PL", "polska": "PL", "belgien": "BE", "belgique": "BE", "belgië": "BE"},
    **{"czechia": "CZ", "tschechien": "CZ", "danmark": "DK", "sverige": "SE", "norge": "NO", "suomi": "FI"},
    **{"türkiye": "TR", "turkey": "TR", "southkorea": "KR", "vietnam": "VN", "казахстан": "KZ", "беларусь": "BY"},
}


@dataclass(frozen=True, kw_only=True)
class AddressReading:
    """What an address adds to a number's candidates; `unclear`: the first thing in it that cannot be read."""

    clues: tuple[Clue, ...] = ()
    unclear: str = ""


@lru_cache(maxsize=65_536)
def read_address(address: Address, countries_of_number: tuple[str, ...]) -> AddressReading:
    """The clues of an address; `countries_of_number` are asked when the address names no country."""
    plain = Address(
        country=_meant(address.country), region=_meant(address.region), postal_code=_meant(address.postal_code)
    )
    if plain == NO_ADDRESS:
        return _NOTHING
    country, plain = _country_of(plain, countries_of_number)
    if not country:
        return AddressReading(unclear=_unknown_country(plain.country)) if plain.country else _NOTHING
    found = _in_the_usa(plain) if country == "US" else _elsewhere(country, plain)
    if not plain.country or country in countries_of_number or any(clue.zones for clue in found.clues):
        return found
    whole = Clue(
        kind=ClueKind.COUNTRY, written=inert(plain.country, 40), zones=zones_of_region(country), regions=(country,)
    )
    return replace(found, clues=(*found.clues, whole))


_NOTHING = AddressReading()


def _country_of(address: Address, countries_of_number: tuple[str, ...]) -> tuple[str, Address]:
    """The country as written, else as state and postal code show, else the number's; empty when it is not known.

    With it the address again: a territory of the USA written as a country is a state of it.
    """
    if address.country:
        found = _country_named(address.country)
        if not found:  # a column called `Land` holds the Bundesland as often as the country
            found = next((known for known in countries_of_number if _subdivision(known, address.country)), "")
            return found, replace(address, country="", region=address.country) if found else address
        if found in _US_TERRITORIES:
            return "US", replace(address, region=address.region or found)
        return found, address
    if is_canadian(address.postal_code):
        return "CA", address
    if "US" not in countries_of_number and _is_us_by_itself(address):
        return "US", address
    known = [country for country in countries_of_number if country != UNKNOWN_REGION]
    return (known[0] if len(known) == 1 else ""), address


def _is_us_by_itself(address: Address) -> bool:
    """Whether a ZIP of five digits lies in the state beside it."""
    state = _subdivision("US", address.region)
    digits = address.postal_code[:5]
    if not (state and len(digits) == 5 and digits.isascii() and digits.isdecimal()):
        return False
    part = zip_codes()[int(digits)]
    return part is not None and state in part.regions


def _in_the_usa(address: Address) -> AddressReading:
    if address.region.upper() in _MILITARY_STATES:
        words = f"{address.region.upper()} is military post (APO, FPO, DPO): no time zone is known for it"
        return AddressReading(unclear=words)
    state = _subdivision("US", address.region)
    part, note, unclear = None, "", ""
    if address.postal_code:
        reading = read_zip(address.postal_code, says_us=bool(address.country), state=state)
        part, note, unclear = reading.part, reading.note, reading.unclear
    return AddressReading(clues=_clues("US", address, part, note), unclear=unclear)


def _elsewhere(country: str, address: Address) -> AddressReading:
    """Outside the USA most postal codes tell no zone; Canada's all tell a province, so there one must be read."""
    postal = _bare(address.postal_code)
    part = part_by_postal_code(country, postal) if postal else None
    unclear = ""
    if country == "CA" and address.postal_code and part is None:
        shown = inert(address.postal_code, 20)
        unclear = f"the postal code {shown!r} on the list is none of Canada; write it as K1A 0B1"
    return AddressReading(clues=_clues(country, address, part, ""), unclear=unclear)


def _clues(country: str, address: Address, part: Part | None, note: str) -> tuple[Clue, ...]:
    """The postal code's clue, and the state's when it says another thing: then both may be right."""
    found = []
    if part is not None:
        shown = inert(address.postal_code, 20)
        found.append(Clue(kind=ClueKind.POSTAL_CODE, written=shown, zones=part.zones, regions=part.regions, note=note))
    state = _subdivision(country, address.region)
    if address.region and (part is None or state not in part.regions):
        found.append(_of_state(country, state, address.region))
    return tuple(found)


def _of_state(country: str, state: str, written: str) -> Clue:
    shown = inert(written, 40)
    if not state:
        note = f"no state or province of {country} that is known by this name; it adds nothing"
        return Clue(kind=ClueKind.REGION, written=shown, note=note)
    return Clue(kind=ClueKind.REGION, written=shown, zones=zones_of_region(state), regions=(state,))


def _subdivision(country: str, text: str) -> str:
    return subdivision_names().get((country, folded(text)), "")


@lru_cache(maxsize=1024)
def _country_named(text: str) -> str:
    known = region_of_country(text)
    if known is not None:
        return known
    name = folded(text)
    return countries().get(name) or _OTHER_NAMES.get(name, "")


def _unknown_country(text: str) -> str:
    return f"the country {inert(text, 40)!r} on the list is not known; write its two letters, such as US"


def _meant(text: str) -> str:
    """The text, empty when it only says that nothing is known (`n/a`, `-`)."""
    written = text.strip()
    return "" if written.strip("-._?").casefold() in _NOTHING_WRITTEN else written


def _bare(postal: str) -> str:
    """A postal code as the table writes it: `F-97 400` is 97400, `k1a 0b1` is K1A0B1."""
    plain = "".join(character for character in postal.upper() if character.isalnum())
    return plain if plain[2:3].isalpha() else plain.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
