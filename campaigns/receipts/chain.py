"""How does each receipt hold on to the one before it, each day to the day before, and what does a seal prove?

A row's hash is SHA-256 over the hash before it and the digest of its text; a day begins with a hash of its date and
the head of the day before; a day's head is its last row's hash. The digests alone are enough to follow the chain, so
one campaign's receipts can be shown without those of the others.

A seal is an HMAC over a day's head, with a key that is not in the database. Whoever changes the database only cannot
make it; whoever has the key too, or changes a day before it is sealed, can.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

BEFORE_ALL = "0" * 64  # the head before the first day
_DAY = "campaign-dialer receipts 1"
_SEAL = "campaign-dialer receipt seal 1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One row of the chain: `digest` is that of its text, `hash` what was stored. Both are 64 hexadecimal digits."""

    day: date
    seq: int
    digest: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class Day:
    """One UTC day of the chain. `rows` and `head` are none while it goes on, `seal` until it is sealed.

    `previous_head` is the head of the day before it that has rows. `pruned`: its rows are gone, its head stays.
    """

    day: date
    previous_head: str
    rows: int | None = None
    head: str | None = None
    seal: str | None = None
    key_id: str = ""
    pruned: bool = False


def digest_of(text: str) -> str:
    """SHA-256 of a receipt's canonical text."""
    return hashlib.sha256(text.encode()).hexdigest()


def opening_of(day: date, previous_head: str) -> str:
    """What stands before the first row of a day."""
    return hashlib.sha256(f"{_DAY}\n{day.isoformat()}\n{previous_head}".encode()).hexdigest()


def link(before: str, digest: str) -> str:
    """The hash of a row with this digest behind this hash."""
    return hashlib.sha256(f"{before}{digest}".encode()).hexdigest()


def seal_of(key: bytes, installation: str, day: Day) -> str:
    """HMAC-SHA-256 over everything that a closed day says. Raises ValueError for one that goes on."""
    if day.head is None or day.rows is None:
        raise ValueError(f"{day.day} goes on: it has no head yet")
    words = (_SEAL, installation, day.day.isoformat(), day.previous_head, str(day.rows), day.head)
    return hmac.new(key, "\n".join(words).encode(), hashlib.sha256).hexdigest()


def key_id(key: bytes) -> str:
    """Which key it was, without telling the key."""
    return hashlib.sha256(b"campaign-dialer seal key id" + key).hexdigest()[:12]
