"""Is this number from a range reserved for fiction, so that it can never ring at a real person's home?

Ranges, each with its source:
- NANP: 555-0100 to 555-0199 in every geographic area code (ATIS 555 line number guidelines).
- United Kingdom: Ofcom, "Telephone numbers for use in TV and radio drama programmes" (the premium range
  0909 879 0xxx is left out: we never dial a premium number, not even an invented one).
- Australia: ACMA, "Fictitious numbers for radio, books, film and TV".
- Germany: Bundesnetzagentur, Amtsblatt 7/2021, Mitteilung 148/2021, the five local areas.
- France: ARCEP decision 2018-0881, numbers for audiovisual works.
- Sweden: PTS, numbers for use in books and films (mobile range). Ireland: ComReg, 020 91x xxxx.
"""

import re

from campaigns.phone.values import PhoneKind

_GB_FIXED = (
    r"(?:113|114|115|116|117|118|121|131|141|151|161)4960|2079460|1914980"
    r"|2896496|2890180|2920180|1632960"
)

_RANGES: tuple[tuple[str, PhoneKind, str], ...] = (
    (rf"\+44(?:{_GB_FIXED})\d{{3}}", PhoneKind.FIXED, "GB"),
    (r"\+447700900\d{3}", PhoneKind.MOBILE, "GB"),
    (r"\+448081570\d{3}", PhoneKind.TOLL_FREE, "GB"),
    (r"\+443069990\d{3}", PhoneKind.UAN, "GB"),
    (r"\+61[2378](?:5550|7010)\d{4}", PhoneKind.FIXED, "AU"),
    (r"\+61491570(?:006|110|156|157|158|159|313|737)", PhoneKind.MOBILE, "AU"),
    (r"\+49(?:3023125|6990009|4066969|2214710|8999998)\d{3}", PhoneKind.FIXED, "DE"),
    (r"\+33(?:19900|26191|35301|46571|53649)\d{4}", PhoneKind.FIXED, "FR"),
    (r"\+3363998\d{4}", PhoneKind.MOBILE, "FR"),
    (r"\+4670174(?:060[5-9]|06[1-9]\d)", PhoneKind.MOBILE, "SE"),
    (r"\+3532091\d{5}", PhoneKind.FIXED, "IE"),
)
_COMPILED = tuple((re.compile(pattern), kind, region) for pattern, kind, region in _RANGES)
_COUNTRIES = ("+44", "+61", "+49", "+33", "+46", "+353")


def nanp_practice_line(exchange_and_line: str) -> bool:
    """`5550100` to `5550199`; the caller has made sure that the area code is a geographic one."""
    return exchange_and_line.startswith("55501")


def reserved_range(e164: str) -> tuple[PhoneKind, str] | None:
    """Kind and region when `e164` lies in a reserved range outside NANP, else None."""
    if not e164.startswith(_COUNTRIES):
        return None
    for pattern, kind, region in _COMPILED:
        if pattern.fullmatch(e164):
            return kind, region
    return None
