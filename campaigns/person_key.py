"""Who is the same person? The key that a list gives each person, in the one form in which keys are compared."""

from __future__ import annotations

import hashlib
import unicodedata

LONGEST_KEY = 100
# What people write where they have nothing to write: thousands of leads are not one person for it.
_NOTHING = frozenset(
    ("na", "none", "null", "nil", "unknown", "unbekannt", "inconnu", "desconocido", "leer", "empty", "missing", "tbd")
)


def person_key(written: str) -> str:
    """The key without what spellings differ in: marks, case, width of letters, leading zeros; a digest of a long one.

    Empty when nothing is left, or when it says that there is none. Keys that differ only so become one: then calls to
    both count together, which is the strict side.
    """
    if not written:
        return ""  # most lists have no such column
    folded = unicodedata.normalize("NFKC", written).casefold()
    key = "".join(filter(str.isalnum, folded)).lstrip("0")
    if key in _NOTHING:
        return ""
    return key if len(key) <= LONGEST_KEY else f"sha256-{hashlib.sha256(key.encode()).hexdigest()}"
