"""What did the keeper of a list answer about one number, and may we still rely on that?

Two kinds of lists answer so and never hand out the list itself. The Reassigned Numbers Database (47 CFR 64.1200(m)) is
asked with a number and a date: has the number been disconnected for good since then? *no* makes the caller safe.
Italy's and Australia's registers are handed a list and give it back washed. Every answer is kept with the day it was
asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from campaigns.consent import Consent

REASSIGNED = "us-rnd"
WASHED = {"it-rpo": "Italy's opposition register", "au-dncr": "Australia's Do Not Call Register"}
_WHEREVER = timedelta(hours=12)  # an instant's earliest date anywhere on earth


class Answered(StrEnum):
    """YES, NO and NO_DATA about a date; LISTED and CLEAR from a washed list."""

    YES = "yes"
    NO = "no"
    NO_DATA = "no_data"
    LISTED = "listed"
    CLEAR = "clear"


class ReassignedAsked(StrEnum):
    """Whether a campaign asks the Reassigned Numbers Database before it calls a number."""

    NONE = "none"
    ASK = "ask"


@dataclass(frozen=True, kw_only=True)
class NumberAnswer:
    """One answer about one number (E.164). Instants are aware UTC.

    `about` is the date that was asked about, none for a washed list; `asked_at` when it was asked: its age counts from
    then. `account` names the subscription it was asked under, `source` the file it came in. One with `corrected_at` was
    given wrongly: another one to the same question stands in its place.
    """

    list_id: str
    number: str
    answer: Answered
    asked_at: datetime
    about: date | None = None
    account: str = ""
    source: str
    actor: str
    recorded_at: datetime
    corrected_at: datetime | None = None
    corrected_by: str = ""
    corrected_reason: str = ""
    id: int | None = None


@dataclass(frozen=True, kw_only=True)
class AnswerVerdict:
    """What follows for the number: CLEAR, LISTED (or reassigned), or None when nobody can say; why, and `by` which
    answer it passes."""

    answer: Answered | None
    reason: str
    asked_at: datetime | None = None
    by: NumberAnswer | None = None

    @property
    def passes(self) -> bool:
        return self.answer is Answered.CLEAR


def known_since(consents: Iterable[Consent] | None, seller: str, purpose: str, now: datetime) -> date | None:
    """The date to ask about: of the newest consent to this seller for this purpose, the day it was given wherever that
    was first. None without a consent in force."""
    given = [
        each.given_at
        for each in consents or ()
        if (each.seller, each.purpose) == (seller, purpose)
        and each.given_at <= now
        and (each.revoked_at is None or each.revoked_at > now)
    ]
    return (max(given) - _WHEREVER).date() if given else None


def judge_reassigned(
    answers: Iterable[NumberAnswer] | None, since: date | None, max_age_days: int, now: datetime
) -> AnswerVerdict:
    """CLEAR only by a *no* about `since` or a day before it, young enough, that no later *yes* contradicts.

    Days count from the day it was asked, inclusive to the second. Fails closed: `answers` None, `since` None, *no data*
    and whatever is missing, too old or dated in the future let nobody pass.
    """
    if answers is None:
        return _nobody("answers about reassigned numbers could not be looked up")
    if since is None:
        return _nobody("no consent is on record, so there is no date since which the number is known to be his")
    theirs = sorted((a for a in answers if a.list_id == REASSIGNED), key=_newest, reverse=True)
    if not theirs:
        return _nobody(f"the Reassigned Numbers Database was not asked about {since}")
    good = next((a for a in theirs if a.answer is Answered.NO and a.about is not None and a.about <= since), None)
    yes = next((a for a in theirs if a.answer is Answered.YES), None)
    if yes is not None and (good is None or _newest(yes) >= _newest(good)):
        words = f"the number was given to somebody else since {yes.about}, as was answered on {yes.asked_at:%Y-%m-%d}"
        return AnswerVerdict(answer=Answered.LISTED, reason=words, asked_at=yes.asked_at)
    if good is None:
        told = f"{theirs[0].answer.replace('_', ' ')} about {theirs[0].about}"
        return _nobody(f"the Reassigned Numbers Database has no answer that covers {since} (its newest: {told})")
    return _aged(good, max_age_days, now, "Reassigned Numbers Database")


def judge_washed(
    answers: Iterable[NumberAnswer] | None, list_id: str, max_age_days: int, now: datetime
) -> AnswerVerdict:
    """The newest answer of a washed list. LISTED never ages; CLEAR counts for so many days, to the second."""
    name = WASHED[list_id]
    if answers is None:
        return _nobody(f"answers of {name} could not be looked up")
    newest = max((a for a in answers if a.list_id == list_id), key=_newest_washed, default=None)
    if newest is None:
        words = f"{name} was not asked about this number: hand in a list and bring back what is answered"
        return _nobody(f"{words} (dialer dnc import-washed {list_id})")
    if newest.answer is Answered.CLEAR:
        return _aged(newest, max_age_days, now, name)
    words = f"the number is on {name}, as was answered on {newest.asked_at:%Y-%m-%d}"
    return AnswerVerdict(answer=Answered.LISTED, reason=words, asked_at=newest.asked_at)


def _aged(answer: NumberAnswer, max_age_days: int, now: datetime, whose: str) -> AnswerVerdict:
    until = answer.asked_at + timedelta(days=max_age_days)
    told = f"the answer of {whose} of {answer.asked_at:%Y-%m-%d}"
    if answer.asked_at > now:
        return _nobody(f"{told} is dated in the future")
    if now > until:
        return _nobody(f"{told} counted for {max_age_days} days until {until:%Y-%m-%d %H:%M} UTC; ask again")
    words = f"{told} counts until {until:%Y-%m-%d %H:%M} UTC"
    return AnswerVerdict(answer=Answered.CLEAR, reason=words, asked_at=answer.asked_at, by=answer)


def _nobody(reason: str) -> AnswerVerdict:
    return AnswerVerdict(answer=None, reason=reason)


def _newest(answer: NumberAnswer) -> tuple[datetime, date]:
    """Of answers asked at once, the one about the latest day says most."""
    return answer.asked_at, answer.about or date.min


def _newest_washed(answer: NumberAnswer) -> tuple[datetime, bool]:
    """Of two answers of one day the one that bars."""
    return answer.asked_at, answer.answer is not Answered.CLEAR
