"""Which digits did somebody write into this cell, and is it the spelling of exactly one number?

Nothing is guessed here: letters are never turned into digits, lost digits are never filled in, and a cell
that may hold two numbers is refused.
"""

import re
import unicodedata
from dataclasses import dataclass

from campaigns.phone.values import PhoneFaultKind

MAX_TEXT = 80

_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d*)?\s*[eE]\s*[+-]?\s*\d+")
# One separator with one or two digits behind a long run: a float. Several separators are grouping dots.
_DECIMAL = re.compile(r"[+-]?\d{6,}[.,]\d{0,2}")
_THOUSANDS = re.compile(r"\+?\d{1,3}(?:,\d{3}){2,}(?:\.\d*)?")
# What stands between a number and its extension.
EXTENSION_MARK = r"(?:;ext=|,+|#|(?:ext(?:ension|n)?|x|int|dw|wew|poste|anexo|ramal|доб(?:авочный)?)\.?)"
_EXTENSION = re.compile(
    rf"(?P<base>.*\d[\s).]*){EXTENSION_MARK}"
    r"[\s.:#]*(?P<extension>\d{1,8})#?\s*",
    re.IGNORECASE,
)
_NO_EXTENSION = re.compile(rf"[+\d][\d\s().\-/]{{5,}}{EXTENSION_MARK}[\s.:#]*[\w\s*#-]*", re.IGNORECASE)
_CERTAIN_SEPARATOR = re.compile(r"[;|,\n\r]|\b(?:or|and|oder|und|ou|et|o|y|и|или)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"[@&]|://|^(?:sips?|mailto|https?|callto|skype|iax2?|pjsip|local|urn):", re.IGNORECASE)
_ALLOWED = re.compile(r"[0-9()\-./ ]*")
_PLAIN = re.compile(r"\+?[0-9]{7,15}", re.ASCII)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')


@dataclass(frozen=True, kw_only=True, slots=True)
class Spelling:
    """The one number in a cell: `digits` without the extension, all ASCII."""

    plus: bool
    digits: str
    extension: str | None = None


def read(text: str) -> Spelling | PhoneFaultKind:
    """The digits that stand in `text`, or why it cannot be one number."""
    if _PLAIN.fullmatch(text):  # as most lists write it: nothing below would say otherwise
        return Spelling(plus=text[0] == "+", digits=text.lstrip("+"))
    if len(text) > MAX_TEXT * 4:
        return PhoneFaultKind.TOO_LONG
    plain = _unwrapped(ascii_form(text))
    fault = _not_a_number(plain)
    if fault is not None:
        return fault
    if _holds_two(plain):
        return PhoneFaultKind.TWO_NUMBERS
    with_extension = _EXTENSION.fullmatch(plain)
    if with_extension is None:
        return PhoneFaultKind.EXTENSION if _NO_EXTENSION.fullmatch(plain) else _only_digits(plain, extension=None)
    return _only_digits(with_extension["base"], extension=with_extension["extension"])


def ascii_form(text: str) -> str:
    """Digits of every script, full-width forms, odd dashes and spaces in ASCII; invisible marks dropped.

    Only true decimal digits are taken: a superscript 2 is a footnote, not a digit.
    """
    return text.strip() if text.isascii() else "".join(map(_ascii_character, text)).strip()


def _ascii_character(character: str) -> str:
    if character.isascii():
        return character
    decimal = unicodedata.decimal(character, None)
    if decimal is not None:
        return str(decimal)
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if category == "Zs":
        return " "
    if category == "Pd" or character in "\u2212\u2043":
        return "-"
    if 0xFF01 <= ord(character) <= 0xFF5E:
        return chr(ord(character) - 0xFEE0)
    return "'" if character in "\u2018\u2019" else character


def _unwrapped(plain: str) -> str:
    """Without what exports put around a number: `="…"`, a leading apostrophe, `tel:`."""
    formula = _TEXT_FORMULA.fullmatch(plain)
    plain = formula[1] if formula else plain
    plain = plain.lstrip("'").strip()
    return plain[4:].strip() if plain[:4].lower() == "tel:" else plain


def _not_a_number(plain: str) -> PhoneFaultKind | None:
    if not plain:
        return PhoneFaultKind.EMPTY
    if _ADDRESS.search(plain):
        return PhoneFaultKind.ADDRESS
    if not any(character.isdigit() for character in plain):
        return PhoneFaultKind.NO_DIGITS
    if _SCIENTIFIC.fullmatch(plain):
        return PhoneFaultKind.SCIENTIFIC
    if _DECIMAL.fullmatch(plain) or _THOUSANDS.fullmatch(plain):
        return PhoneFaultKind.DECIMAL
    if "*" in plain or plain.startswith("#"):
        return PhoneFaultKind.FEATURE_CODE
    return PhoneFaultKind.TOO_LONG if len(plain) > MAX_TEXT else None


def _holds_two(plain: str) -> bool:
    parts = [_count_digits(part) for part in _CERTAIN_SEPARATOR.split(plain)]
    if sum(count >= 5 for count in parts) > 1:
        return True
    if plain.rfind("+") > 0 and _count_digits(plain[: plain.rfind("+")]) >= 5:
        return True
    first, slash, rest = plain.partition("/")
    # A short first part is an area code (030/23125000), a long one a whole number (…0123/0124).
    return bool(slash) and _count_digits(first) >= 7 and _count_digits(rest) > 0


def _count_digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _only_digits(base: str, *, extension: str | None) -> Spelling | PhoneFaultKind:
    body = base.strip()
    plus = body.startswith(("+", "(+"))
    if plus:
        body = body.replace("+", "", 1)
    if any(character.isalpha() for character in body):
        return PhoneFaultKind.LETTERS
    if not _ALLOWED.fullmatch(body.replace("\t", " ")) or body.startswith("-"):
        return PhoneFaultKind.BAD_CHARACTER
    digits = "".join(character for character in body if character.isdigit())
    return Spelling(plus=plus, digits=digits, extension=extension)
