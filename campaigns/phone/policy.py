"""Which numbers are never dialled, whoever asks and whatever a list says?"""

import phonenumbers
from phonenumbers import PhoneNumberType as Type
from phonenumbers import shortnumberinfo

from campaigns.phone.values import PhoneFaultKind, PhoneKind

KINDS: dict[int, PhoneKind] = {
    Type.FIXED_LINE: PhoneKind.FIXED,
    Type.MOBILE: PhoneKind.MOBILE,
    Type.FIXED_LINE_OR_MOBILE: PhoneKind.FIXED_OR_MOBILE,
    Type.TOLL_FREE: PhoneKind.TOLL_FREE,
    Type.VOIP: PhoneKind.VOIP,
    Type.PREMIUM_RATE: PhoneKind.PREMIUM,
    Type.SHARED_COST: PhoneKind.SHARED_COST,
    Type.PERSONAL_NUMBER: PhoneKind.PERSONAL,
    Type.PAGER: PhoneKind.PAGER,
    Type.UAN: PhoneKind.UAN,
    Type.VOICEMAIL: PhoneKind.VOICEMAIL,
}

NEVER_DIALLED: dict[PhoneKind, PhoneFaultKind] = {
    PhoneKind.PREMIUM: PhoneFaultKind.PREMIUM,
    PhoneKind.SHARED_COST: PhoneFaultKind.SHARED_COST,
    PhoneKind.PERSONAL: PhoneFaultKind.PERSONAL,
    PhoneKind.PAGER: PhoneFaultKind.PAGER,
    PhoneKind.UAN: PhoneFaultKind.UAN,
    PhoneKind.VOICEMAIL: PhoneFaultKind.VOICEMAIL,
    PhoneKind.GLOBAL_SERVICE: PhoneFaultKind.SATELLITE,
}

# Country codes that belong to no country: +800, +808, +870 Inmarsat, +878, +881 satellites, +882, +883,
# +888, +979 international premium rate.
GLOBAL_COUNTRY_CODES = frozenset({800, 808, 870, 878, 881, 882, 883, 888, 979})

EMERGENCY_EVERYWHERE = frozenset({"911", "112", "999", "000"})
_CRISIS_SHORT = frozenset({"988", "741741", "116123", "116111", "116117", "131114", "135"})
# The full numbers behind well-known crisis lines: US/CA lifelines, UK Childline and Samaritans,
# Germany's Telefonseelsorge, Australia's Lifeline and Kids Helpline.
_CRISIS_LINES = frozenset(
    {
        "+18002738255",
        "+18007997233",
        "+18006564673",
        "+18664887386",
        "+18334564566",
        "+18006686868",
        "+448001111",
        "+44116123",
        "+498001110111",
        "+498001110222",
        "+61131114",
        "+611800551800",
    }
)


def is_crisis_line(e164: str) -> bool:
    """True for the full number of a known crisis line."""
    return e164 in _CRISIS_LINES


def short_number_fault(digits: str, region: str) -> PhoneFaultKind | None:
    """Emergency, crisis or other short code of `region`; None when `digits` is none of them.

    Emergency codes of other countries count too: somebody typed them for a reason.
    """
    if digits in EMERGENCY_EVERYWHERE or shortnumberinfo.is_emergency_number(digits, region):
        return PhoneFaultKind.EMERGENCY
    if digits in _CRISIS_SHORT:
        return PhoneFaultKind.CRISIS
    if len(digits) == 3 and digits.endswith("11"):
        return PhoneFaultKind.SERVICE
    return PhoneFaultKind.SHORT_CODE if _is_short_code(digits, region) else None


def _is_short_code(digits: str, region: str) -> bool:
    code = phonenumbers.country_code_for_region(region)
    number = phonenumbers.PhoneNumber(country_code=code, national_number=int(digits))
    return not digits.startswith("0") and shortnumberinfo.is_valid_short_number_for_region(number, region)


def nanp_fault(exchange: str, line: str) -> PhoneFaultKind | None:
    """Why a number of North America with this exchange is not a subscriber's, though it looks valid.

    libphonenumber takes 212 911 1234, 212 976 1234 and 212 555 1212 for ordinary numbers.
    """
    if exchange == "911":
        return PhoneFaultKind.EMERGENCY
    if exchange.endswith("11"):
        return PhoneFaultKind.SERVICE
    if exchange == "976":
        return PhoneFaultKind.PREMIUM
    return PhoneFaultKind.SERVICE if exchange == "555" and line == "1212" else None
