"""Which number did a person mean? Every spelling becomes E.164, or is refused in words."""

from __future__ import annotations

from campaigns.phone import PhoneFault, PhoneNumber, known_region, looks_like_pattern, parse_listed, parse_pattern
from dialer.refusal import Refused


def meant(text: str, region: str, consequence: str) -> PhoneNumber:
    """The number as it may stand on a list. Raises Refused with `consequence`, such as "Nothing was stored."."""
    if known_region(region) is None:
        raise Refused(f"{region[:20]!r} is no region; use a two-letter country code such as US. {consequence}")
    found = parse_listed(text, region)
    if isinstance(found, PhoneFault):
        raise Refused(f"'{found.shown}' is not a number: {found.words}. {consequence}")
    return found


def number_or_pattern(text: str, region: str, consequence: str, *, wide: bool = False) -> str:
    """The E.164 number or the pattern (+4930*) that stands, or shall stand, on our own list.

    Raises Refused as `meant` does, and for a pattern that bars a country or a good part of one, unless `wide`.
    """
    if not looks_like_pattern(text):
        return meant(text, region, consequence).e164
    found = parse_pattern(text)
    if found is None:
        raise Refused(
            f"{text.strip()[:20]!r} is no pattern: write + and country code, the digits that all its numbers begin "
            f"with, and one star, such as +4930*. {consequence}"
        )
    if found.wide and not wide:
        raise Refused(
            f"{found.e164} bars a whole country or a good part of one. If that is meant, say --accept-wide. "
            f"{consequence}"
        )
    return found.e164
