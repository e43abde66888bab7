"""Is this a cleanly written number of the USA or Canada? Then it is read without libphonenumber's parser.

The number ranges are libphonenumber's own patterns, so the answer is the same and only the way is shorter
(tests/campaigns/test_phone_properties.py compares them). Anything unusual answers None: the long way.
"""

import re
from functools import lru_cache

from phonenumbers import PhoneMetadata

from campaigns.phone.policy import nanp_fault
from campaigns.phone.practice import nanp_practice_line
from campaigns.phone.values import PhoneKind, PhoneNumber
from campaigns.phone.zones import zones_of_prefix

_CLEAN = re.compile(r"(\+?1[-. ]?)?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[-. ]?)([2-9]\d\d)[-. ]?(\d{4})", re.ASCII)


def clean_number(text: str, region: str) -> PhoneNumber | None:
    """The number when `text` is an undoubted geographic one, else None."""
    match = _CLEAN.fullmatch(text)
    if match is None:
        return None
    prefix, bracketed, plain, exchange, line = match.groups()
    if not _in_nanp(region) and not (prefix or "").startswith("+"):
        return None
    area_code = bracketed or plain
    home = region_of_geographic(area_code + exchange + line)
    if home is None or nanp_fault(exchange, line) is not None:
        return None
    return PhoneNumber(
        e164=f"+1{area_code}{exchange}{line}",
        region=home,
        country_code=1,
        kind=PhoneKind.FIXED_OR_MOBILE,
        zones=zones_of_prefix("1" + area_code),
        practice=nanp_practice_line(exchange + line),
    )


def region_of_geographic(national_number: str) -> str | None:
    """`US` or `CA` for a geographic number of ten digits there, None for every other."""
    for region, pattern in _patterns():
        if pattern.fullmatch(national_number):
            return region
    return None


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = []
    for region in ("US", "CA"):
        metadata = PhoneMetadata.metadata_for_region(region)
        pattern = metadata.fixed_line.national_number_pattern if metadata and metadata.fixed_line else None
        if pattern:
            found.append((region, re.compile(pattern)))
    return tuple(found)


@lru_cache(maxsize=512)
def _in_nanp(region: str) -> bool:
    metadata = PhoneMetadata.metadata_for_region(region)
    return metadata is not None and metadata.country_code == 1


@lru_cache(maxsize=64)
def nanp_area_codes(region: str) -> frozenset[str]:
    """The area codes of one country of North America's plan (`212`); empty when it has none."""
    metadata = PhoneMetadata.metadata_for_region(region) if _in_nanp(region) else None
    pattern = metadata.fixed_line.national_number_pattern if metadata and metadata.fixed_line else None
    if not pattern:
        return frozenset()
    compiled = re.compile(pattern)
    # Some area codes have few exchanges yet: 505 and 983 have no 555 of their own.
    samples = [f"{first}{second}50199" for first in range(2, 10) for second in range(10)]
    areas = map(str, range(200, 1000))
    return frozenset(area for area in areas if any(compiled.fullmatch(area + sample) for sample in samples))
