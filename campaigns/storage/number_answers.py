"""What was answered about single numbers? Answers are added, all of a file or none, and never edited or deleted.

One that was given wrongly is marked as corrected, by whom and why, and another to the same question is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, select, update

from campaigns.dialable import GateCode
from campaigns.model import LeadState
from campaigns.number_answers import NumberAnswer
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.leads import CONTACT_POINT
from campaigns.storage.tables.number_answers import NUMBER_ANSWER

_FIELDS = tuple(field.name for field in fields(NumberAnswer))
_COLUMNS = tuple(NUMBER_ANSWER.c[name] for name in _FIELDS)
_AT_ONCE = 500
_WAITING = (LeadState.NEW, LeadState.RETRY, LeadState.CALLBACK)
_HELD_BY = (GateCode.REASSIGNED, GateCode.REGISTRY, GateCode.REGISTRY_KNOWN)


class NumberAnswers:
    """Answers by number. Used through `Store.number_answers`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add_many(self, answers: Iterable[NumberAnswer], *, correcting: str = "") -> tuple[int, int]:
        """All of them or none: (added, on record already: same list, number, day asked and date asked about).

        Leads that waited for one of them are asked again at once. Raises StoreRefused when one contradicts what was
        answered at that time; nothing is stored then. With `correcting`, which says why, it takes the place of that.
        """
        added = known = 0
        rest = iter(answers)
        with self._db.transaction():
            self._db.take_turn()
            while some := list(islice(rest, _AT_ONCE)):
                fresh = self._fresh(some, correcting)
                if fresh:
                    self._db.execute(insert(NUMBER_ANSWER), [_columns(each) for each in fresh])
                    self._ask_again([each.number for each in fresh], max(each.recorded_at for each in fresh))
                added += len(fresh)
                known += len(some) - len(fresh)
        return added, known

    def of(self, number: str) -> tuple[NumberAnswer, ...]:
        """Everything answered about a number, the newest first; answers that were corrected too."""
        rows = self._db.execute(select(*_COLUMNS).where(NUMBER_ANSWER.c.number == number))
        return tuple(sorted(map(answer_of, rows), key=lambda each: (each.asked_at, each.id or 0), reverse=True))

    @property
    def any(self) -> bool:
        """Whether anything was ever answered."""
        return self._db.execute(select(NUMBER_ANSWER.c.id).limit(1)).first() is not None

    @property
    def corrected(self) -> int:
        """How many answers were corrected, ever."""
        which = select(func.count()).where(NUMBER_ANSWER.c.corrected_at.is_not(None))
        return int(self._db.execute(which).scalar_one())

    def of_campaign(self, campaign_id: int) -> dict[str, tuple[NumberAnswer, ...]]:
        """Everything answered about the numbers of a campaign's leads."""
        found: dict[str, tuple[NumberAnswer, ...]] = {}
        for row in self._db.execute(ANSWERS_OF_CAMPAIGN, {"campaign_id": campaign_id}):
            answer = answer_of(row)
            found[answer.number] = (*found.get(answer.number, ()), answer)
        return found

    def waiting_numbers(self, campaign_id: int) -> tuple[tuple[str, str], ...]:
        """Every number, with its region, of the leads of a campaign who are still to be called, each once."""
        rows = self._db.execute(
            select(CONTACT_POINT.c.number, CONTACT_POINT.c.region)
            .join(DIALLING, DIALLING.c.person_id == CONTACT_POINT.c.person_id)
            .where(DIALLING.c.campaign_id == campaign_id, DIALLING.c.state.in_(_WAITING))
            .where(CONTACT_POINT.c.practice.is_(False))
            .distinct()
            .order_by(CONTACT_POINT.c.number)
        )
        return tuple((number, region) for number, region in rows)

    def _fresh(self, some: Sequence[NumberAnswer], correcting: str) -> list[NumberAnswer]:
        rows = self._db.execute(ANSWERS_OF, {"numbers": list({each.number for each in some})})
        there = {_key(each): each for each in map(answer_of, rows)}
        fresh: list[NumberAnswer] = []
        for each in some:
            before = there.get(_key(each))
            if before is None:
                there[_key(each)] = each
                fresh.append(each)
            elif before.answer is each.answer:
                continue
            elif correcting.strip() and before.id is not None:
                self._correct(before, each, correcting)
                there[_key(each)] = each
                fresh.append(each)
            else:
                raise StoreRefused(
                    f"{each.number}: the file answers {each.answer}, and {before.source} answered {before.answer} to "
                    "the very same question. Nothing was stored. Look which of the two is right; when it is this file, "
                    "import it with --correct and say why the other was wrong."
                )
        return fresh

    def _correct(self, wrong: NumberAnswer, right: NumberAnswer, why: str) -> None:
        """The row stays, with who said that it was wrong, when and why."""
        marks = {"corrected_at": right.recorded_at, "corrected_by": right.actor, "corrected_reason": why}
        self._db.execute(update(NUMBER_ANSWER).where(NUMBER_ANSWER.c.id == wrong.id).values(**marks))

    def _ask_again(self, numbers: Sequence[str], now: datetime) -> None:
        """Leads that wait for an answer fall due; the judge decides whether this is the one."""
        persons = select(CONTACT_POINT.c.person_id).where(CONTACT_POINT.c.number.in_(numbers))
        self._db.execute(
            update(DIALLING)
            .where(DIALLING.c.person_id.in_(persons), DIALLING.c.state.in_(_WAITING))
            .where(DIALLING.c.hold_code.in_(_HELD_BY))
            .values(ask_again_at=now, hold_code="", hold_reason="", changed_at=now)
        )


def _of_campaign() -> Select[Any]:
    numbers = (
        select(CONTACT_POINT.c.number)
        .join(DIALLING, DIALLING.c.person_id == CONTACT_POINT.c.person_id)
        .where(DIALLING.c.campaign_id == bindparam("campaign_id"))
    )
    return select(*_COLUMNS).where(NUMBER_ANSWER.c.number.in_(numbers), _STANDS).order_by(NUMBER_ANSWER.c.id)


_STANDS = NUMBER_ANSWER.c.corrected_at.is_(None)
ANSWERS_OF = select(*_COLUMNS).where(NUMBER_ANSWER.c.number.in_(bindparam("numbers", expanding=True)), _STANDS)
ANSWERS_OF_CAMPAIGN = _of_campaign()


def answer_of(row: Iterable[Any]) -> NumberAnswer:
    """An answer from a row of ANSWERS_OF."""
    return NumberAnswer(**dict(zip(_FIELDS, row, strict=True)))


def _columns(answer: NumberAnswer) -> dict[str, Any]:
    return {name: getattr(answer, name) for name in _FIELDS if name != "id"}


def _key(answer: NumberAnswer) -> tuple[object, ...]:
    return (answer.list_id, answer.number, answer.asked_at, answer.about)
