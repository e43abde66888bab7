"""In which time zones may the owner of this number be?

libphonenumber answers for the longest prefix it knows, and so tells only one zone for area codes that lie
in two: +1 219 555… is "New York" although half of 219 is in Chicago's zone. Here the answer is the union
over *all* prefixes it knows inside the number's area code: calling hours must hold in each of them.
"""

from functools import lru_cache

import phonenumbers
from phonenumbers.timezone import UNKNOWN_TIMEZONE
from phonenumbers.tzdata import TIMEZONE_DATA

from campaigns.phone.library import read_number


def zones_of(e164: str) -> tuple[str, ...]:
    """IANA names, sorted, of every zone that the owner of `e164` may be in; empty when nothing is known.

    A mobile, toll-free or otherwise not geographic number answers with the zones of its whole country. In North
    America's plan that is the country of the area code (876 is Jamaica) when it has its own, else all of the plan.
    `e164` is plus sign and digits as `PhoneNumber.e164` has it; other text answers with no zone.
    """
    if not (e164.startswith("+") and e164[1:].isascii() and e164[1:].isdigit()):
        return ()
    home = _widest_home(e164) or _home_by_plan(e164[1:]) or country_code_of(e164[1:])
    return zones_of_prefix(home) if home else ()


@lru_cache(maxsize=8192)
def zones_of_prefix(prefix: str) -> tuple[str, ...]:
    """The union of the zones of all numbers that begin with `prefix` (country code and area code)."""
    found: set[str] = set()
    for known, zones in TIMEZONE_DATA.items():
        if known.startswith(prefix):
            found.update(zones)
    found.discard(UNKNOWN_TIMEZONE)
    if found or len(prefix) <= 1:
        return tuple(sorted(found))
    return zones_of_prefix(_longest_known(prefix[:-1]))


def _longest_known(digits: str) -> str:
    """The longest prefix of `digits` that the data has an entry for, at least one digit."""
    for length in range(len(digits), 1, -1):
        if digits[:length] in TIMEZONE_DATA:
            return digits[:length]
    return digits[:1]


def _home_by_plan(digits: str) -> str:
    """The prefix of a country that shares its code and is known by the digits after it; empty for every other.

    Mobile numbers of Jamaica or Kazakhstan would else be called by all clocks of North America or of Russia.
    """
    if digits.startswith("77"):
        return "77"  # Kazakhstan; Russia's own begin with 73, 74, 78 and 79
    if digits.startswith("1") and _of_an_own_area_code(digits):
        return digits[:4]
    return ""


def _of_an_own_area_code(digits: str) -> bool:
    number = phonenumbers.PhoneNumber(country_code=1, national_number=int(digits[1:] or 0))
    region = phonenumbers.region_code_for_number(number)
    return region not in (None, "US", "CA") and digits[:4] in TIMEZONE_DATA


def country_code_of(digits: str) -> str:
    """The country code that E.164 digits begin with; empty when there is none (or the digits end before it)."""
    return next((digits[:n] for n in (1, 2, 3) if int(digits[:n] or 0) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), "")


def _widest_home(e164: str) -> str:
    """The prefix that says where a number is at home: with its area code if it is geographic, else none."""
    try:
        library, number = read_number(e164, None)
    except phonenumbers.NumberParseException:
        return ""
    if not library.is_number_geographical(number):
        return ""
    length = library.length_of_geographical_area_code(number)
    nsn = library.national_significant_number(number)
    return f"{number.country_code}{nsn[:length]}" if length else _longest_known(e164[1:])
