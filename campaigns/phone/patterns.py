"""Which numbers does a pattern such as +4930* mean, and is it too wide to be meant?

A pattern is the beginning of E.164 numbers with a star behind it: a country and an area code, a premium range, the
numbers of one company. Nothing is filled in: without + and country code nobody can say which numbers it means.
"""

import re
from dataclasses import dataclass

from campaigns.phone.zones import country_code_of

LEAST_AFTER_COUNTRY = 2
_SEPARATORS = re.compile(r"[\s\-./()\u00a0]+")
_PATTERN = re.compile(r"\+([1-9][0-9]{0,13})\*")


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberPattern:
    """All numbers that begin alike. `e164`: plus sign, digits, star. `wide`: a country or a good part of one."""

    e164: str
    wide: bool


def looks_like_pattern(text: str) -> bool:
    """True when somebody meant a pattern: digits with a star behind them, no feature code such as *67."""
    plain = text.strip()
    return plain.endswith("*") and not plain.startswith(("*", "#")) and any(map(str.isdigit, plain))


def parse_pattern(text: str) -> NumberPattern | None:
    """The pattern that `text` means (`+1 900*`, `+49 (30) *`); None when it has no + and country code or no end."""
    match = _PATTERN.fullmatch(_SEPARATORS.sub("", text))
    if match is None:
        return None
    digits = match.group(1)
    code = country_code_of(digits)
    wide = not code or len(digits) - len(code) < LEAST_AFTER_COUNTRY
    return NumberPattern(e164=f"+{digits}*", wide=wide)
