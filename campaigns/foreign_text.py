"""How does text that came from outside become harmless wherever it is shown, logged or exported?

Every foreign string (a lead's name, a file's cell, a peer's answer) passes `inert` before it reaches a
screen, a log or an error message, and `csv_cell` before it reaches a CSV file.
"""

import re
from functools import lru_cache

REPLACED = "\N{REPLACEMENT CHARACTER}"
CUT = "\N{HORIZONTAL ELLIPSIS}"

# ZWJ and ZWNJ (U+200C, U+200D) stay: Persian and Indic names need them.
_INVISIBLE = "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f"
_SPACE_LIKE = "\t\n\x0b\x0c\r\x85\u2028\u2029"
_CONTROL = "\x00-\x1f\x7f-\x9f\ud800-\udfff"
_HOSTILE = re.compile(f"[{_CONTROL}{_INVISIBLE}{_SPACE_LIKE}]")
_HOSTILE_IN_CELL = re.compile(f"[{_CONTROL}{_INVISIBLE}\u2028\u2029]")
_INVISIBLE_ONLY = re.compile(f"[{_INVISIBLE}]")

# ASVS 5.0 item 1.2.10; the full-width forms are formulas too in some East Asian spreadsheets.
_FORMULA_START = "=+\\-@\t\r\uff1d\uff0b\uff0d\uff20"
_NEEDS_APOSTROPHE = re.compile(f"^[\\s']*[{_FORMULA_START}]")
_OUR_APOSTROPHE = re.compile(f"^'(?=[\\s']*[{_FORMULA_START}])")


def inert(text: str, limit: int = 200) -> str:
    """`text` on one line, without control, bidi or invisible characters, at most `limit` characters long.

    Line breaks and tabs become spaces, other controls and lone surrogates the replacement character,
    bidi and invisible characters vanish. A cut text ends with an ellipsis. Markup is left as it is:
    a screen must still show the result as plain text, never as markup.
    """
    if len(text) > 4 * limit:
        text = text[: 4 * limit] + CUT
    clean = _HOSTILE.sub(_harmless, text)
    return clean if len(clean) <= limit else clean[: max(limit - 1, 0)] + CUT


def holds_control(text: str) -> bool:
    """Whether a text has control, bidi or invisible characters beside line breaks and tabs."""
    return _HOSTILE_IN_CELL.search(re.sub(f"[{_SPACE_LIKE}]", " ", text)) is not None


def csv_cell(text: str) -> str:
    """`text` as a CSV cell that no spreadsheet runs as a formula; `from_csv_cell` takes it back.

    A leading apostrophe is added where the text starts like a formula (spaces and apostrophes before it
    do not help it). Line feeds stay (the CSV writer quotes them); other controls are replaced.
    """
    text = text.replace("\r\n", "\n")
    clean = _HOSTILE_IN_CELL.sub(_harmless_in_cell, text)
    return f"'{clean}" if _NEEDS_APOSTROPHE.match(clean) else clean


def from_csv_cell(cell: str) -> str:
    """The text that `csv_cell` wrote: one apostrophe before a formula start is taken away."""
    return _OUR_APOSTROPHE.sub("", cell, count=1) if cell.startswith("'") else cell


def mask_digits(text: str, keep: int = 6, limit: int = 40) -> str:
    """`text` made inert and cut after its first `keep` digits: for error messages about numbers."""
    shown: list[str] = []
    digits = 0
    for character in inert(text, limit):
        if character.isdigit():
            digits += 1
            if digits > keep:
                return "".join(shown).rstrip(" -.(/") + CUT
        shown.append(character)
    return "".join(shown)


def show_character(character: str) -> str:
    """A control character as people can read it: `<00>`, `<1b>`, `<2028>`."""
    return f"<{ord(character):02x}>"


@lru_cache(maxsize=512)
def _replacement(character: str) -> str:
    if character in _SPACE_LIKE:
        return " "
    return "" if _INVISIBLE_ONLY.match(character) else REPLACED


def _harmless(match: re.Match[str]) -> str:
    return _replacement(match.group())


def _harmless_in_cell(match: re.Match[str]) -> str:
    return "\n" if match.group() == "\n" else _replacement(match.group())
