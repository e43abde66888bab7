"""Is this text a phone number that may be dialled, which one, and in which time zones may its owner be?

The only door to libphonenumber. `parse` judges what may be dialled, `parse_listed` what may stand on a
do-not-call list, `zones_of` where the owner of a number may be.
"""

from campaigns.phone.nanp import nanp_area_codes
from campaigns.phone.parsing import (
    e164_digits,
    is_practice,
    known_region,
    parse,
    parse_listed,
    region_of_country,
)
from campaigns.phone.patterns import NumberPattern, looks_like_pattern, parse_pattern
from campaigns.phone.spelling import EXTENSION_MARK
from campaigns.phone.values import PhoneFault, PhoneFaultKind, PhoneKind, PhoneNumber
from campaigns.phone.zones import zones_of

__all__ = [
    "EXTENSION_MARK",
    "NumberPattern",
    "PhoneFault",
    "PhoneFaultKind",
    "PhoneKind",
    "PhoneNumber",
    "e164_digits",
    "is_practice",
    "known_region",
    "looks_like_pattern",
    "nanp_area_codes",
    "parse",
    "parse_listed",
    "parse_pattern",
    "region_of_country",
    "zones_of",
]
