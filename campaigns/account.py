"""Are two persons two? By the operating system's accounts that they used, told apart by number and never by name.

An account is kept as `anna (uid 1000)`. What has no number is nobody's account: it is another than none.
"""

from __future__ import annotations

import re

_KEPT = re.compile(r"(.*) \(uid ([0-9]{1,10})\)", re.DOTALL)
_UNKNOWN = "(unknown account)"


def account_words(uid: int, name: str) -> str:
    """How an account is kept and shown. `name` is what it was called then; only the number tells it from others."""
    return f"{name[:64]} (uid {uid})"


def account_name(account: str) -> str:
    """What the account was called; empty for what is none."""
    found = _KEPT.fullmatch(account)
    return found[1] if found else ""


def is_account(account: str) -> bool:
    """Whether it is known which account this was."""
    return _KEPT.fullmatch(account) is not None


def two_accounts(one: str, other: str) -> bool:
    """Whether these are two accounts for certain. False when either is not known."""
    first, second = _KEPT.fullmatch(one), _KEPT.fullmatch(other)
    return first is not None and second is not None and int(first[2]) != int(second[2])


def signed(actor: str, account: str) -> str:
    """Who gave a command, for people: `anna`, or `anna as root (uid 0)` where the account has another name."""
    if actor and actor == account_name(account):
        return actor
    return f"{actor or 'nobody'} as {account or _UNKNOWN}"


def why_no_other(actor: str, account: str, asked_by: str, asked_account: str) -> str:
    """Why this is no other person than the one who asked; empty when it is one. Both name and account must differ."""
    asker = signed(asked_by, asked_account) if asked_account else asked_by
    if not actor.strip() or same_name(actor, asked_by):
        return f"it needs another person than {asker}, who asked for it"
    if not is_account(asked_account):
        return f"it is not known by which account of the operating system {asked_by} asked for it; ask for it anew"
    if not is_account(account):
        return (
            f"it is not known which account of the operating system {actor} has, so nobody can say that it is another"
        )
    if not two_accounts(account, asked_account):
        return (
            f"it needs another account of the operating system than {asked_account}, by which {asked_by} asked for it"
        )
    return ""


def same_name(one: str, other: str) -> bool:
    """Whether two names are one; a name is the same in any case."""
    return one.strip().casefold() == other.strip().casefold()
