"""What do legal limits know of a call that was made: when, to whom, for whom and about what, and how it ended?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from campaigns.rules.duties import CONNECTED, CONVERSATION, CONVERSATIONS, RINGING_OR_CONNECTED


@dataclass(frozen=True, kw_only=True, slots=True)
class PastCall:
    """A call that counts for legal limits. Instants are aware UTC; `ended_at` none: not known.

    `outcomes`: those of `campaigns.rules.duties` after which a person may have to be left alone; with `known` false
    nobody can tell whether they were so, and they count. `settled` false: it runs, or waits for the agent's word.
    `to_number`: to the very number that is asked about; else to the same person by another number. `seller` and
    `debt`: for whom and about what he was called; empty: not known. `rang`: it may have reached the number dialled,
    be it a telephone that nobody took up; `answered`: somebody or something may have answered.
    """

    at: datetime
    ended_at: datetime | None = None
    outcomes: frozenset[str] = frozenset()
    known: bool = True
    settled: bool = True
    to_number: bool = True
    seller: str = ""
    debt: str = ""
    rang: bool = True
    answered: bool = True


@dataclass(frozen=True, kw_only=True)
class About:
    """For whom and about what somebody is to be called. Empty: not known, so every call before was about the same."""

    seller: str = ""
    debt: str = ""


ANYTHING = About()


def concerns(call: PastCall, scope: str, about: About) -> bool:
    """Whether a rest or limit of this scope looks at the call. Subjects are not told apart: every one is the same."""
    if scope == "number":
        return call.to_number
    if scope == "person+seller":
        return _same(call.seller, about.seller)
    if scope == "person+debt":
        return _same(debt_key(call.debt), debt_key(about.debt))
    return True


def counted(call: PastCall, counts: str) -> bool:
    """Whether a limit of so many `counts` (a word of `campaigns.rules.duties`) counts this call.

    What nobody knows counts: a call that runs, was lost from sight or is not written up may be any of them.
    """
    if counts == RINGING_OR_CONNECTED:
        return call.rang
    if counts == CONNECTED:
        return call.answered
    if counts == CONVERSATIONS:
        return CONVERSATION in call.outcomes or not call.known or not call.settled
    return True


def _same(one: str, other: str) -> bool:
    one, other = one.strip().casefold(), other.strip().casefold()
    return not one or not other or one == other


def debt_key(written: str) -> str:
    """A debt's reference without what spellings differ in: marks, case, leading zeros. Empty when nothing is left.

    Two debts may become one by it, which only counts more calls together.
    """
    return "".join(filter(str.isalnum, written.casefold())).lstrip("0")


def with_instants(calls: Iterable[PastCall], called: Iterable[datetime]) -> list[PastCall]:
    """The calls, and one for each of these instants at which the number was called and none of them began.

    Of those no more is known."""
    calls = list(calls)
    told = {call.at for call in calls if call.to_number}
    return [*calls, *(PastCall(at=at, known=False) for at in set(called) - told)]
