"""Where is a person kept? One list of places: which rows are his, and what becomes of each column when he is erased.

What the law makes us keep (calls, do-not-call requests) is pseudonymised: the keyed hash stands where the number stood,
free texts are blanked, and rows, outcomes, times and durations stay, so that every count stays true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, or_, select, true

from campaigns.model import EventKind
from campaigns.reports.refusal import REASON_FIELDS
from campaigns.storage.pseudonyms import KIND
from campaigns.storage.tables.attempts import ATTEMPT, CALLBACK, EVENT, SUPPRESSION
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.consents import CONSENT
from campaigns.storage.tables.leads import CONTACT_POINT, MEMBERSHIP, PERSON
from campaigns.storage.tables.number_answers import NUMBER_ANSWER
from campaigns.storage.tables.overrides import OVERRIDE
from campaigns.storage.tables.previews import PREVIEW
from campaigns.storage.tables.receipts import RECEIPT
from campaigns.storage.tables.records import COMMAND
from campaigns.storage.tables.removals import REMOVAL
from campaigns.traces import ERASED, Traces, of_him_alone, scrubbed, without_his_words

Plain = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom it is about: all persons who have a number, and all their numbers. `asked` is that number.

    `extension`: only those behind it. Lines that they share with `others` persons are `shared` then: what is kept by
    such a number alone is about the line, and stays. `same_key`: leads that a list says are the same person are of
    the subject, too.
    """

    asked: str
    extension: str = ""
    same_key: bool = False
    persons: tuple[int, ...]
    living: tuple[int, ...] = ()  # those of them who were not erased before
    numbers: tuple[str, ...]
    shared: tuple[str, ...] = ()
    others: int = 0
    traces: Traces


@dataclass(frozen=True, kw_only=True)
class Place:
    """One kind of row. `of` says which are the subject's, `blank` what each column becomes, `numbered` which column
    holds the number. `words`: columns of free words, in which a row about somebody else may name him."""

    kind: str
    table: Table
    of: Callable[[Subject], ColumnElement[bool]]
    blank: Mapping[str, Any] = field(default_factory=dict)
    numbered: str = ""
    made: Mapping[str, Callable[[Any, Any, Any], Any]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    spoken: ColumnElement[bool] = field(default_factory=true)  # only these rows have words of people


def calls_of(subject: Subject) -> Any:
    return select(ATTEMPT.c.id).where(ATTEMPT.c.person_id.in_(subject.persons))


def _steps(_row: Any, steps: Any, pattern: Any) -> Any:
    """Answers are blanked; reasons for a refusal are counted by the reports and lose only what names the person."""
    return [
        [step, at, [[name, _answer(name, value, pattern)] for name, value in answers]] for step, at, answers in steps
    ]


def _event(row: Any, data: Any, pattern: Any) -> Any:
    if row.kind in (EventKind.NOTE, EventKind.KEYS_SENT):
        return [[name, ""] for name, _ in data]
    return [
        [name, _answer(name.removeprefix("answer."), value, pattern)]
        if name.startswith("answer.")
        else [name, scrubbed(value, pattern)]
        for name, value in data
    ]


def _answer(name: str, value: Any, pattern: Any) -> Any:
    return scrubbed(value, pattern) if name in REASON_FIELDS else ERASED


def _words(_row: Any, value: Any, pattern: Any) -> Any:
    return scrubbed(value, pattern)


def _blanked(_row: Any, value: Any, _pattern: Any) -> Any:
    return ERASED if value else value


def _said(_row: Any, answer: Any, pattern: Any) -> Any:
    return without_his_words(answer, pattern)


def _why(row: Any, reason: Any, pattern: Any) -> Any:
    """A reason given for what was done about him alone is words about him; that of a whole file is not."""
    return ERASED if reason and of_him_alone(row.answer, pattern) else scrubbed(reason, pattern)


_PERSON_TEXTS = (
    *("first_name", "last_name", "display_name", "external_id", "timezone", "region", "postal_code", "country"),
    *("email", "language", "note", "person_key", "debt"),
)
# Whatever table comes to hold a number or a person's data gets a line here; a test compares it with the schema.
PLACES = (
    Place(
        kind="persons",
        table=PERSON,
        of=lambda s: PERSON.c.id.in_(s.persons),
        blank=dict.fromkeys(_PERSON_TEXTS, "") | {"custom": []},
        words=("note", "custom"),
    ),
    Place(
        kind="numbers",
        table=CONTACT_POINT,
        of=lambda s: CONTACT_POINT.c.person_id.in_(s.persons),
        blank={"kind": KIND, "extension": ""},
        numbered="number",
    ),
    Place(kind="lists", table=MEMBERSHIP, of=lambda s: MEMBERSHIP.c.person_id.in_(s.persons), blank={"line": 0}),
    Place(
        kind="campaigns",
        table=DIALLING,
        of=lambda s: DIALLING.c.person_id.in_(s.persons),
        blank={"hold_code": "", "hold_reason": "", "owner_agent_id": None},
        words=("hold_reason",),
    ),
    Place(
        kind="calls",
        table=ATTEMPT,
        of=lambda s: ATTEMPT.c.person_id.in_(s.persons),
        blank={"note": "", "extension": ""},
        numbered="number",
        made={"script_steps": _steps, "leave_reason": _words},
        words=("note", "script_steps", "leave_reason"),
    ),
    Place(
        kind="events",
        table=EVENT,
        of=lambda s: EVENT.c.attempt_id.in_(calls_of(s)),
        made={"data": _event},
        words=("data",),
        spoken=EVENT.c.kind.in_((EventKind.STEP, EventKind.LEFT_SCRIPT, EventKind.DISPOSED, EventKind.NOTE)),
    ),
    Place(
        kind="callbacks",
        table=CALLBACK,
        of=lambda s: CALLBACK.c.person_id.in_(s.persons),
        blank={"note": ""},
        words=("note",),
    ),
    Place(
        kind="previews",
        table=PREVIEW,
        of=lambda s: PREVIEW.c.person_id.in_(s.persons),
        blank={"reason": ""},
        numbered="number",
        words=("reason",),
    ),
    Place(
        kind="do_not_call",
        table=SUPPRESSION,
        of=lambda s: SUPPRESSION.c.number.in_(s.numbers),
        blank={"reason": ERASED},
        numbered="number",
        made={"source": _words, "removed_reason": _words},
        words=("reason", "source", "removed_reason"),
    ),
    Place(
        kind="requests_to_remove",
        table=REMOVAL,
        of=lambda s: REMOVAL.c.number.in_(s.numbers),
        blank={"reason": ERASED},
        numbered="number",
        words=("reason",),
    ),
    Place(
        kind="consents",
        table=CONSENT,
        of=lambda s: CONSENT.c.number.in_(s.numbers),
        blank={"proof": ERASED},
        numbered="number",
        made={"wording": _words, "source": _words, "revoked_reason": _blanked},
        words=("proof", "wording", "source", "revoked_reason"),
    ),
    Place(
        kind="overrides",
        table=OVERRIDE,
        of=lambda s: OVERRIDE.c.number.in_(s.numbers),
        blank={"reason": ERASED},
        numbered="number",
        made={"revoked_reason": _blanked},
        words=("reason", "revoked_reason"),
    ),
    Place(
        kind="answers_about_numbers",
        table=NUMBER_ANSWER,
        of=lambda s: NUMBER_ANSWER.c.number.in_(s.numbers),
        numbered="number",
        made={"source": _words, "corrected_reason": _blanked},
        words=("source", "corrected_reason"),
    ),
    Place(
        kind="receipts",
        table=RECEIPT,
        of=lambda s: RECEIPT.c.person_id.in_(s.persons),
        blank={"private": "", "mark": ""},
    ),
    Place(
        kind="commands",
        table=COMMAND,
        of=lambda s: _told_of(s.traces),
        made={"answer": _said, "reason": _why},
    ),
)

# Kept by the number alone: of a line that others have, too, only words about him go.
OF_NUMBERS = tuple(
    place for place in PLACES if place.numbered and "person_id" not in place.table.c and (place.blank or place.made)
)


def _told_of(traces: Traces) -> ColumnElement[bool]:
    """Commands whose answer may tell of the subject; every reason is looked at, in whatever spelling it was typed.

    Where he has a key, all answers about files are: they may quote it as it was written. What an earlier erasure left
    is looked at again, for it may have left words beside the number.
    """
    answer = COMMAND.c.answer.cast(SUPPRESSION.c.reason.type)
    told = (*traces.digits(), *traces.words, f'"{ERASED}"')
    looks = [answer.contains(each, autoescape=True) for each in told]
    looks += [COMMAND.c.name.endswith(".import")] if traces.keys else []
    return or_(COMMAND.c.reason != "", *looks)
