"""How does foreign text reach the screen without doing anything there?

Names, notes, reasons and answers come from lists, scripts and other people. They may hold terminal
escapes, markup, direction overrides or ten thousand characters. Every one of them goes through here,
and this is the only module that makes the `Text` other modules of the screens show.
"""

from __future__ import annotations

import unicodedata

from rich.text import Text

MOST_CHARACTERS = 400
MOST_MARKS = 4  # combining marks in a row; more only serve to paint over the neighbouring lines
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_SPACES = frozenset("\t\n\r\v\f\x85\u2028\u2029")
_JOINERS = frozenset("\u200c\u200d")  # Persian, Indic scripts and emoji need them; they turn nothing around


def safe_str(foreign: object, *, limit: int = MOST_CHARACTERS, lines: bool = False) -> str:
    """The same words as one harmless line (or several, with `lines`), at most `limit` characters.

    C0, DEL, C1, lone surrogates and unassigned characters become a visible replacement character;
    tabs and line ends become a space; direction and other invisible controls are dropped.
    The result is still a str: only for the few places that treat it as plain (an input's value).
    """
    raw = foreign if isinstance(foreign, str) else "" if foreign is None else str(foreign)
    cut = raw[: limit + 1].replace("\r\n", "\n")
    shown: list[str] = []
    marks = 0
    for character in cut:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MOST_MARKS:
            shown.append(_harmless(character, lines=lines))
    words = "".join(shown)
    return words if len(raw) <= limit else words[: limit - 1] + "…"


def safe_text(foreign: object, *, style: str = "", limit: int = MOST_CHARACTERS, lines: bool = False) -> Text:
    """The same words as inert `Text`: no markup, no control characters, at most `limit` characters."""
    return Text(safe_str(foreign, limit=limit, lines=lines), style=style, end="")


def joined(*parts: Text | tuple[object, str] | str, between: str = "") -> Text:
    """Several pieces as one line. A str or (words, style) piece is made harmless first."""
    made = Text(end="")
    for index, part in enumerate(parts):
        if index and between:
            made.append(between)
        made.append_text(_piece(part))
    return made


def stacked(*lines: Text) -> Text:
    """Several lines below each other."""
    return Text("\n", end="").join(lines)


def right(words: Text) -> Text:
    """The same words set to the right of their column, as numbers are."""
    turned = words.copy()
    turned.justify = "right"
    return turned


def _piece(part: Text | tuple[object, str] | str) -> Text:
    if isinstance(part, Text):
        return part
    words, style = (part, "") if isinstance(part, str) else part
    return safe_text(words, style=style)


def _harmless(character: str, *, lines: bool) -> str:
    if character in _SPACES:
        return "\n" if lines and character == "\n" else " "
    category = unicodedata.category(character)
    if category == "Cf":
        return character if character in _JOINERS else ""
    if category in ("Cc", "Cs", "Cn", "Co"):
        return REPLACEMENT
    return character
