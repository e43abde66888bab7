"""How is an erased number still recognised? By a keyed hash of it that stands where the number stood.

HMAC-SHA256 of the number in E.164. Without the key nobody can try numbers out against it, and neither can we: while
erased entries are there and the key is not, the do-not-call list cannot be asked, and nothing is dialled.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable

from sqlalchemy import select

from campaigns.model import Suppression
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.rows import SUPPRESSION_COLUMNS, suppression_of
from campaigns.storage.tables.attempts import SUPPRESSION

MARK, AFTER_MARK = "#", "$"
KIND = "erased"  # of a contact point: no rule profile dials it
_AT_ONCE = 500
_PSEUDONYM = re.compile(r"#[0-9a-f]{64}")


class KeyMissing(StoreRefused):
    """Numbers were erased, and the key that recognises them is not there."""

    def __init__(self) -> None:
        super().__init__(
            "Erased numbers cannot be recognised: their key (secrets/erasure-key in the home) is missing or "
            "cannot be used. Put it back from a backup of that folder, mode 0600. Nothing was stored or dialled."
        )


def pseudonym(number: str, key: bytes) -> str:
    """What stands for a number in E.164 once it is erased; the same for the same number and key."""
    return MARK + hmac.digest(key, number.encode(), "sha256").hex()


def key_name(key: bytes) -> str:
    """Which key makes the pseudonyms, without telling the key: twelve hexadecimal digits."""
    return hmac.digest(key, b"campaign-dialer erasure key name", "sha256").hex()[:12]


def is_pseudonym(text: str) -> bool:
    """Whether it stands for an erased number."""
    return _PSEUDONYM.fullmatch(text) is not None


def any_erased(database: Database) -> bool:
    """Whether a do-not-call entry stands for an erased number."""
    which = select(SUPPRESSION.c.id).where(SUPPRESSION.c.number >= MARK, SUPPRESSION.c.number < AFTER_MARK).limit(1)
    return database.execute(which).first() is not None


def spelled(database: Database, numbers: Iterable[str]) -> dict[str, str]:
    """As what each number may stand on the do-not-call list: itself and its pseudonym, each with the number.

    Raises KeyMissing.
    """
    found = {number: number for number in numbers}
    if database.erasure_key is not None:
        found |= {pseudonym(number, database.erasure_key): number for number in tuple(found)}
    elif any_erased(database):
        raise KeyMissing
    return found


def entries_of(
    database: Database, numbers: Iterable[str], *, removed: bool = False, readable_only: bool = False
) -> dict[str, tuple[Suppression, ...]]:
    """The do-not-call entries in force for those of the numbers that have any; with `removed`, former ones too.

    An entry for an erased number keeps its pseudonym; with `readable_only` it is not looked for. Raises KeyMissing,
    then not.
    """
    asked_for = tuple(dict.fromkeys(numbers))
    names = {number: number for number in asked_for} if readable_only else spelled(database, asked_for)
    found: dict[str, list[Suppression]] = {}
    asked = tuple(names)
    for start in range(0, len(asked), _AT_ONCE):
        which = select(*SUPPRESSION_COLUMNS).where(SUPPRESSION.c.number.in_(asked[start : start + _AT_ONCE]))
        if not removed:
            which = which.where(SUPPRESSION.c.removed_at.is_(None))
        for row in database.execute(which.order_by(SUPPRESSION.c.id)):
            entry = suppression_of(row)
            found.setdefault(names[entry.number], []).append(entry)
    return {number: tuple(entries) for number, entries in found.items()}
