"""Does what is stored contradict itself? Asked at start-up; every contradiction is told, none is mended silently."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, or_, select

from campaigns.model import AnsweredBy, CloseReason, Disposition, LeadState
from campaigns.storage.campaigns import Campaigns
from campaigns.storage.database import Database
from campaigns.storage.pseudonyms import MARK
from campaigns.storage.tables.attempts import ATTEMPT, SUPPRESSION
from campaigns.storage.tables.campaigns import DIALLING

_SHOWN = 20


def check(database: Database) -> tuple[str, ...]:
    """One sentence per contradiction, at most twenty of each kind; empty when all is well."""
    faults: list[str] = []
    for look in (_dispositions, _waiting_leads, _running_leads, _suppressed_leads, _open_calls):
        faults += look(database)
    return tuple(faults)


def _dispositions(database: Database) -> Iterator[str]:
    """sale => final, contact, human; do_not_call => final and an entry; refusal => contact; all of a known set."""
    campaigns = Campaigns(database)
    used = database.execute(
        select(ATTEMPT.c.campaign_id, ATTEMPT.c.disposition_set, ATTEMPT.c.disposition)
        .where(ATTEMPT.c.disposition != "")
        .distinct()
    ).all()
    for campaign_id, version, code in used:
        known = {said.code: said for said in campaigns.dispositions(campaign_id, version)}
        of_these = and_(
            ATTEMPT.c.campaign_id == campaign_id,
            ATTEMPT.c.disposition_set == version,
            ATTEMPT.c.disposition == code,
        )
        if code not in known:
            yield f"Campaign {campaign_id}: calls carry the disposition {code!r}, which set {version} does not have."
            continue
        yield from _facts_against(database, known[code], of_these)


def _facts_against(database: Database, said: Disposition, of_these: object) -> Iterator[str]:
    human = ATTEMPT.c.answered_by == AnsweredBy.HUMAN
    if said.sale:
        not_human = or_(ATTEMPT.c.answered_by.is_(None), ~human)
        yield from _named(database, of_these, not_human, "is a sale but was not answered by a human")
    if said.final:
        left = (
            select(DIALLING.c.person_id)
            .where(DIALLING.c.campaign_id == ATTEMPT.c.campaign_id, DIALLING.c.person_id == ATTEMPT.c.person_id)
            .where(DIALLING.c.state != LeadState.CLOSED)
        ).exists()
        later = ATTEMPT.alias()
        called_again = (
            select(later.c.id)
            .where(later.c.campaign_id == ATTEMPT.c.campaign_id, later.c.person_id == ATTEMPT.c.person_id)
            .where(later.c.created_at > ATTEMPT.c.created_at)
        ).exists()
        still_waits = and_(ATTEMPT.c.closed, left, ~called_again)
        if not said.wrong_number:  # another number of the same person may well be called
            yield from _named(database, of_these, still_waits, f"is final ({said.code}) but its lead is not closed")
    if said.do_not_call:
        entry = select(SUPPRESSION.c.id).where(SUPPRESSION.c.number == ATTEMPT.c.number).exists()
        known = ~ATTEMPT.c.number.startswith(MARK, autoescape=True)  # a call's number goes earlier than the entry's
        yield from _named(
            database, of_these, and_(ATTEMPT.c.closed, known, ~entry), "asked for do-not-call but has no entry"
        )


def _named(database: Database, of_these: object, wrong: object, words: str) -> Iterator[str]:
    found = select(ATTEMPT.c.id).where(of_these, wrong).order_by(ATTEMPT.c.id).limit(_SHOWN)  # type: ignore[arg-type]
    for attempt_id in database.execute(found).scalars():
        yield f"Call {attempt_id} {words}."


def _waiting_leads(database: Database) -> Iterator[str]:
    """Whoever waits has a time and a number; whoever is closed has a reason and no time."""
    waits = DIALLING.c.state.in_((LeadState.NEW, LeadState.RETRY, LeadState.CALLBACK))
    lost = and_(waits, or_(DIALLING.c.ask_again_at.is_(None), DIALLING.c.contact_point_id.is_(None)))
    closed = DIALLING.c.state == LeadState.CLOSED
    half = and_(closed, or_(DIALLING.c.close_reason.is_(None), DIALLING.c.ask_again_at.is_not(None)))
    for wrong, words in (
        (lost, "waits without a time or number"),
        (half, "is closed without a reason, or still waits"),
    ):
        yield from _leads(database, wrong, words)


def _running_leads(database: Database) -> Iterator[str]:
    """In progress exactly while an attempt is open."""
    open_call = (
        select(ATTEMPT.c.id)
        .where(ATTEMPT.c.campaign_id == DIALLING.c.campaign_id, ATTEMPT.c.person_id == DIALLING.c.person_id)
        .where(~ATTEMPT.c.closed)
    ).exists()
    in_progress = DIALLING.c.state == LeadState.IN_PROGRESS
    yield from _leads(database, and_(in_progress, ~open_call), "is in progress without an open call")
    yield from _leads(database, and_(~in_progress, open_call), "has an open call but is not in progress")


def _suppressed_leads(database: Database) -> Iterator[str]:
    """A suppressed lead is never one closed by calling: he was listed before anybody spoke with him."""
    spoken = (
        select(ATTEMPT.c.id)
        .where(ATTEMPT.c.campaign_id == DIALLING.c.campaign_id, ATTEMPT.c.person_id == DIALLING.c.person_id)
        .where(ATTEMPT.c.joined_at.is_not(None))
    ).exists()
    suppressed = DIALLING.c.close_reason == CloseReason.SUPPRESSED
    yield from _leads(database, and_(suppressed, spoken), "is closed as suppressed although somebody spoke with him")


def _open_calls(database: Database) -> Iterator[str]:
    """A live call is open; a closed one has ended."""
    for wrong, words in (
        (and_(ATTEMPT.c.live, ATTEMPT.c.closed), "is closed and live at once"),
        (and_(ATTEMPT.c.closed, ATTEMPT.c.network.is_(None)), "is closed without the network's outcome"),
    ):
        for attempt_id in database.execute(select(ATTEMPT.c.id).where(wrong).limit(_SHOWN)).scalars():
            yield f"Call {attempt_id} {words}."


def _leads(database: Database, wrong: object, words: str) -> Iterator[str]:
    found = select(DIALLING.c.campaign_id, DIALLING.c.person_id).where(wrong).limit(_SHOWN)  # type: ignore[arg-type]
    for campaign_id, person_id in database.execute(found):
        yield f"Campaign {campaign_id}, lead {person_id} {words}."
