"""What is there to prove of a campaign's calls in a period: receipts, calls, settings, opt-outs, rights?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from campaigns.evidence import EvidenceMaterial, OptOut, ShownReceipt
from campaigns.model import EventKind, Scope, Suppression
from campaigns.receipts import Day, Receipt, UnreadableReceipt, digest_of, receipt_from
from campaigns.receipts.making import program_version
from campaigns.storage.receipts import StoredReceipt
from campaigns.storage.store import Store
from campaigns.storage.values import Campaign
from dialer.refusal import Refused
from dialer.use_cases.context import Context
from dialer.use_cases.reports import material_of

NOTHING_WRITTEN = "Nothing was written."


def gathered(context: Context, campaign: Campaign, first: date, last: date) -> EvidenceMaterial:
    """Everything about a campaign's calls in a period. Raises Refused where a receipt of it was changed.

    Receipts are read before calls: a call that is made meanwhile has none among those read, and is left out.
    """
    store = context.store
    _must_be_a_period(first, last)
    days, shown = _chain(store, campaign, first, last)
    report = material_of(context, campaign, first, last, window_since=date.min)
    oldest = store.receipts.first()
    since = _read(oldest).at if oldest is not None else None
    known = {row.receipt.attempt_id for rows in shown.values() for row in rows if row.receipt is not None}
    calls = tuple(
        call
        for call in report.calls
        if call.attempt.id in known or not _came_meanwhile(store, call.attempt.id, call.attempt.created_at, days)
    )
    begin, end = report.period.begins_at, report.period.ends_at
    versions = {call.attempt.settings_version for call in calls}
    return EvidenceMaterial(
        installation=store.prefix,
        program=program_version(),
        report=replace(report, calls=calls),
        days=days,
        shown=shown,
        settings={version: store.campaigns.settings(campaign.id, version) for version in versions},
        messages=store.attempts.first_events(campaign.id, EventKind.SAFE_HARBOUR, begin, end),
        opt_outs=_opt_outs(store, campaign, begin, end),
        overrides=store.overrides.of_campaign(campaign.id),
        right_to_use=_rights(store, shown),
        declared=store.declarations.all(),
        since=since,
    )


def _must_be_a_period(first: date, last: date) -> None:
    if last < first:
        raise Refused(f"The period ends on {last}, before it begins on {first}; turn them round. {NOTHING_WRITTEN}")


def _came_meanwhile(store: Store, attempt_id: str, made_at: datetime, days: tuple[Day, ...]) -> bool:
    """Whether the call's receipt was written after we had read the chain."""
    newest = days[-1].day if days else date.min
    return made_at.date() >= newest and store.receipts.of_attempt(attempt_id) is not None


def _chain(
    store: Store, campaign: Campaign, first: date, last: date
) -> tuple[tuple[Day, ...], dict[date, tuple[ShownReceipt, ...]]]:
    """The chain's days that the period may touch in any zone, each with all its rows if one of them is ours."""
    day_of = timedelta(days=1)
    low = first - day_of if first > date.min else first
    high = last + day_of if last < date.max else last
    days = tuple(day for day in store.receipts.days() if low <= day.day <= high)
    shown: dict[date, tuple[ShownReceipt, ...]] = {}
    for day in days:
        rows = [
            ShownReceipt(
                day=row.day,
                seq=row.seq,
                hash=row.hash,
                digest=digest_of(row.body),
                text=row.body if row.campaign_id == campaign.id else "",
                private=row.private if row.campaign_id == campaign.id else "",
                receipt=_read(row) if row.campaign_id == campaign.id else None,
            )
            for row in store.receipts.of_day(day.day)
        ]
        if any(row.receipt is not None for row in rows):
            shown[day.day] = tuple(rows)
    return days, shown


def _read(row: StoredReceipt) -> Receipt:
    try:
        return receipt_from(row.body, row.private)
    except UnreadableReceipt as fault:
        words = f"Row {row.seq} of {row.day} in the store's receipts was changed: {fault}"
        raise Refused(f"{words}. Look with 'dialer evidence verify'. {NOTHING_WRITTEN}") from None


def _rights(store: Store, shown: Mapping[date, tuple[ShownReceipt, ...]]) -> dict[str, str]:
    """The newest proof that was in force when a call was made, for the number that it showed."""
    known = store.caller_ids.all()
    rights: dict[str, str] = {}
    for said in (row.receipt for rows in shown.values() for row in rows if row.receipt is not None):
        for each in known:
            in_force = each.recorded_at <= said.at and (each.ended_at is None or said.at < each.ended_at)
            if said.attempt_id is not None and each.number == said.caller_id and in_force:
                rights[said.attempt_id] = each.right_to_use
    return rights


def _opt_outs(store: Store, campaign: Campaign, begin: datetime, end: datetime) -> tuple[OptOut, ...]:
    pressed = store.attempts.first_events(campaign.id, EventKind.OPT_OUT, begin, end)
    said = store.attempts.first_events(campaign.id, EventKind.DISPOSED, begin, end)
    found = []
    for entry in store.suppressions.from_calls(campaign.id, begin, end):
        call = entry.attempt_id or ""
        found.append(
            OptOut(
                number=entry.number,
                asked_at=pressed.get(call) or said.get(call) or entry.added_at,
                in_force_at=entry.added_at,
                source=entry.source,
                attempt_id=call,
                calls_after=_calls_after(store, campaign, entry),
            )
        )
    return tuple(found)


def _calls_after(store: Store, campaign: Campaign, entry: Suppression) -> int:
    """Calls to the number while the entry was in force, of those campaigns that it reaches as we know them here."""
    made = store.attempts.by_number(entry.number)
    reached = (each for each in made if entry.scope is Scope.EVERYTHING or each.campaign_id == campaign.id)
    until = entry.removed_at
    return sum(
        each.created_at > entry.added_at and (until is None or each.created_at < until)
        for each in reached
        if each.facts.network is None or each.facts.network.counts_for_limits
    )
