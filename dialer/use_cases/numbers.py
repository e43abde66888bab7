"""Which number did a person mean? Every spelling becomes E.164, or is refused in words."""

from __future__ import annotations

from campaigns.phone import PhoneFault, PhoneNumber, known_region, parse_listed
from dialer.refusal import Refused


def meant(text: str, region: str, consequence: str) -> PhoneNumber:
    """The number as it may stand on a list. Raises Refused with `consequence`, such as "Nothing was stored."."""
    if known_region(region) is None:
        raise Refused(f"{region[:20]!r} is no region; use a two-letter country code such as US. {consequence}")
    found = parse_listed(text, region)
    if isinstance(found, PhoneFault):
        raise Refused(f"'{found.shown}' is not a number: {found.words}. {consequence}")
    return found
