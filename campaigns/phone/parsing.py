"""Which number does this text mean, and may it be dialled at all?

The answer never holds a digit that the text does not have, except the country code of the region that the
caller named: letters are not turned into digits, nothing is filled in, inserted or rounded.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, ValidationResult

from campaigns.foreign_text import mask_digits
from campaigns.phone import nanp, policy
from campaigns.phone.library import read_number
from campaigns.phone.practice import nanp_practice_line, reserved_range
from campaigns.phone.spelling import Spelling, read
from campaigns.phone.values import PhoneFault, PhoneFaultKind, PhoneKind, PhoneNumber
from campaigns.phone.zones import zones_of

_COUNTRY_NAMES = {
    "USA": "US",
    "UNITED STATES": "US",
    "UNITED STATES OF AMERICA": "US",
    "UK": "GB",
    "UNITED KINGDOM": "GB",
    "GREAT BRITAIN": "GB",
    "ENGLAND": "GB",
    "CANADA": "CA",
    "GERMANY": "DE",
    "DEUTSCHLAND": "DE",
    "FRANCE": "FR",
    "SPAIN": "ES",
    "ESPAÑA": "ES",
    "ITALY": "IT",
    "ITALIA": "IT",
    "AUSTRALIA": "AU",
    "IRELAND": "IE",
    "AUSTRIA": "AT",
    "SWITZERLAND": "CH",
    "NETHERLANDS": "NL",
    "UKRAINE": "UA",
    "УКРАИНА": "UA",
    "УКРАЇНА": "UA",
    "RUSSIA": "RU",
    "РОССИЯ": "RU",
    "CHINA": "CN",
    "中国": "CN",
    "MEXICO": "MX",
    "MÉXICO": "MX",
    "BRAZIL": "BR",
    "BRASIL": "BR",
    "INDIA": "IN",
}
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SUBSCRIBER_KINDS = (PhoneKind.FIXED, PhoneKind.MOBILE, PhoneKind.FIXED_OR_MOBILE)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    """A number, a fault, or both: a real number that is never dialled."""

    number: PhoneNumber | None = None
    fault: PhoneFaultKind | None = None
    region: str = ""


def parse(text: str, region: str = "US") -> PhoneNumber | PhoneFault:
    """The number to dial that `text` means when written in `region`, or why there is none.

    `region`: two-letter country code for numbers without a country code; ValueError when unknown.
    Never dialled: emergency, crisis and short codes, premium, shared-cost, personal, pager, company-wide,
    voicemail, satellite and network-service numbers. Numbers of ranges reserved for fiction are accepted
    and marked `practice`. Vanity letters are refused, not translated.
    """
    clean = nanp.clean_number(text, region)
    if clean is not None:
        return clean
    judged = _judge(text, _checked(region))
    if judged.fault is None and judged.number is not None:
        return judged.number
    return _fault(text, judged, region)


def parse_listed(text: str, region: str = "US") -> PhoneNumber | PhoneFault:
    """As `parse`, for a do-not-call list: a number that we never dial anyway may stand on the list."""
    clean = nanp.clean_number(text, region)
    if clean is not None:
        return clean
    judged = _judge(text, _checked(region))
    return judged.number if judged.number is not None else _fault(text, judged, region)


def known_region(text: str) -> str | None:
    """The two-letter code when `text` is one that numbers can be read in (`uk` is `GB`), else None."""
    code = text.strip().upper()
    code = "GB" if code == "UK" else code
    return code if code in phonenumbers.SUPPORTED_REGIONS else None


def region_of_country(text: str) -> str | None:
    """The two-letter code of a country cell (`US`, `usa`, `Deutschland`), None when not understood."""
    return known_region(text) or _COUNTRY_NAMES.get(text.strip().upper())


def is_practice(e164: str) -> bool:
    """True when `e164` lies in a range reserved for fiction and so may be dialled on practice trunks only."""
    if reserved_range(e164) is not None:
        return True
    if not (e164.startswith("+1") and len(e164) == 12 and nanp_practice_line(e164[5:])):
        return False
    found = parse(e164)
    return isinstance(found, PhoneNumber) and found.practice


def e164_digits(e164: str) -> str:
    """The digits of an E.164 number without the plus sign; ValueError when it is not one."""
    if not _E164.fullmatch(e164):
        raise ValueError(f"not an E.164 number: {mask_digits(e164)!r}")
    return e164[1:]


@lru_cache(maxsize=512)
def _checked(region: str) -> str:
    code = known_region(region)
    if code is None:
        raise ValueError(f"unknown region {mask_digits(region)!r}; use a two-letter country code such as US")
    return code


def _fault(text: str, judged: _Judged, region: str) -> PhoneFault:
    kind = judged.fault or PhoneFaultKind.NO_DIGITS
    return PhoneFault(kind=kind, shown=mask_digits(text.strip()), region=judged.region or region)


def _judge(text: str, region: str) -> _Judged:
    spelling = read(text)
    if isinstance(spelling, PhoneFaultKind):
        return _Judged(fault=spelling, region=region)
    short = _short_number(spelling, region)
    if short is not None:
        return _Judged(fault=short, region=region)
    try:
        library, parsed = read_number(("+" if spelling.plus else "") + spelling.digits, region)
    except NumberParseException as error:
        return _Judged(fault=_why_not_parsed(error), region=region)
    return _judge_parsed(library, parsed, spelling, region)


def _short_number(spelling: Spelling, region: str) -> PhoneFaultKind | None:
    """911, +911, 1911, +1 988 alike: short codes must not hide behind a country code."""
    candidates = [spelling.digits]
    code = str(phonenumbers.country_code_for_region(region))
    candidates.extend(spelling.digits[len(lead) :] for lead in {code, "1"} if spelling.digits.startswith(lead))
    for digits in candidates:
        if 2 <= len(digits) <= 6 and (fault := policy.short_number_fault(digits, region)):
            return fault
    return None


def _why_not_parsed(error: NumberParseException) -> PhoneFaultKind:
    return {
        NumberParseException.INVALID_COUNTRY_CODE: PhoneFaultKind.UNKNOWN_COUNTRY,
        NumberParseException.TOO_SHORT_AFTER_IDD: PhoneFaultKind.TOO_SHORT,
        NumberParseException.TOO_SHORT_NSN: PhoneFaultKind.TOO_SHORT,
        NumberParseException.TOO_LONG: PhoneFaultKind.TOO_LONG,
    }.get(error.error_type, PhoneFaultKind.TOO_SHORT)


def _judge_parsed(library: ModuleType, parsed: phonenumbers.PhoneNumber, spelling: Spelling, region: str) -> _Judged:
    e164 = library.format_number(parsed, library.PhoneNumberFormat.E164)
    home = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    where = region if home == "ZZ" else library.region_code_for_number(parsed) or home
    reserved = reserved_range(e164)
    if reserved is None and not library.is_valid_number(parsed):
        return _Judged(fault=_why_invalid(library, parsed), region=_shown_region(home, region))
    if not _E164.fullmatch(e164):
        # libphonenumber takes German numbers of 16 digits for valid; E.164 ends at 15.
        too = PhoneFaultKind.TOO_LONG if len(e164) > 16 else PhoneFaultKind.TOO_SHORT
        return _Judged(fault=too, region=where)
    if not _only_its_own_digits(library.national_significant_number(parsed), parsed, spelling, region):
        return _Judged(fault=PhoneFaultKind.REWRITTEN, region=where)
    kind = reserved[0] if reserved else _kind(library, parsed)
    number = _number(e164, parsed, kind, where, spelling.extension, reserved is not None)
    if number.practice:
        return _Judged(number=number, region=where)
    return _Judged(number=number, fault=_never_dialled(number), region=where)


def _shown_region(home: str, region: str) -> str:
    same_plan = phonenumbers.country_code_for_region(region) == phonenumbers.country_code_for_region(home)
    return region if same_plan or home in ("ZZ", "001") else home


def _why_invalid(library: ModuleType, parsed: phonenumbers.PhoneNumber) -> PhoneFaultKind:
    if parsed.country_code in policy.GLOBAL_COUNTRY_CODES:
        return PhoneFaultKind.SATELLITE
    length = library.is_possible_number_with_reason(parsed)
    if length in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return PhoneFaultKind.TOO_SHORT
    if length in (ValidationResult.TOO_LONG, ValidationResult.INVALID_LENGTH):
        return PhoneFaultKind.TOO_LONG
    return PhoneFaultKind.INVALID_AREA


def _kind(library: ModuleType, parsed: phonenumbers.PhoneNumber) -> PhoneKind:
    if parsed.country_code in policy.GLOBAL_COUNTRY_CODES:
        return PhoneKind.GLOBAL_SERVICE
    # A valid number of a type that we do not know is one more that nobody has thought about: no dialling.
    return policy.KINDS.get(library.number_type(parsed), PhoneKind.GLOBAL_SERVICE)


def _number(
    e164: str,
    parsed: phonenumbers.PhoneNumber,
    kind: PhoneKind,
    region: str,
    extension: str | None,
    reserved: bool,
) -> PhoneNumber:
    geographic_nanp = parsed.country_code == 1 and kind in _SUBSCRIBER_KINDS
    return PhoneNumber(
        e164=e164,
        region=region,
        country_code=parsed.country_code or 0,
        kind=kind,
        extension=extension,
        zones=zones_of(e164),
        practice=reserved or (geographic_nanp and nanp_practice_line(e164[5:])),
    )


def _never_dialled(number: PhoneNumber) -> PhoneFaultKind | None:
    if policy.is_crisis_line(number.e164):
        return PhoneFaultKind.CRISIS
    if number.country_code == 1:
        fault = policy.nanp_fault(number.e164[5:8], number.e164[8:])
        if fault is not None:
            return fault
    return policy.NEVER_DIALLED.get(number.kind)


def _only_its_own_digits(nsn: str, parsed: phonenumbers.PhoneNumber, spelling: Spelling, region: str) -> bool:
    """True when the number is the written digits less a well-known prefix: nothing rewritten or inserted."""
    if not spelling.digits.endswith(nsn):
        return False
    lead = spelling.digits[: len(spelling.digits) - len(nsn)]
    code = str(parsed.country_code)
    trunk, international = _prefixes(region)
    if spelling.plus:
        home = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
        return lead in {code, code + _prefixes(home)[0]}
    if lead in {"", code, trunk}:
        return True
    return lead.endswith(code) and re.fullmatch(international, lead[: -len(code)]) is not None


@lru_cache(maxsize=512)
def _prefixes(region: str) -> tuple[str, str]:
    """The digits before a national number (`0`) and the pattern of those before a foreign one (`00`)."""
    metadata = PhoneMetadata.metadata_for_region(region) if region in phonenumbers.SUPPORTED_REGIONS else None
    if metadata is None:
        return "", r"(?!)"
    return metadata.national_prefix or "", metadata.international_prefix or r"(?!)"
