"""What do the calls of a period add up to, for somebody who checks the rules? Plain values, each recountable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from campaigns.declaration import Declares
from campaigns.dialable import ATTEMPT_WINDOW
from campaigns.evidence.material import EvidenceMaterial, shown_at
from campaigns.evidence.tables import UNKNOWN_FIELDS, outcome_of, settings_of
from campaigns.exporting import figure_as_json
from campaigns.metrics import Call, Period, abandonment, count_abandonment, estimated_abandonment
from campaigns.receipts import Receipt

THIRTY_DAYS = timedelta(days=30)
LAWFUL_RING_MS = 15_000  # 16 CFR 310.4(b)(4)(ii): 15 seconds or four rings
SHOWN = 20


def summary_of(material: EvidenceMaterial) -> dict[str, Any]:
    """Everything summary.json says; a share is none where there is nothing to divide by."""
    report, period = material.report, material.report.period
    said = [receipt for _, receipt in material.receipts_in_period]
    dialled = [receipt for receipt in said if receipt.attempt_id is not None]
    calls = material.calls
    return {
        "format": 1,
        "campaign": report.campaign,
        "seller": report.settings.seller_name,
        "period": {"from": period.first.isoformat(), "to": period.last.isoformat(), "zone": period.zone},
        "made_at": shown_at(report.now),
        "program": material.program,
        "installation": material.installation,
        "calls": {
            "made": len(calls),
            "by_outcome": dict(sorted(Counter(outcome_of(call) for call in calls).items())),
            "with_receipt": len({receipt.attempt_id for receipt in dialled}),
            "receipts_since": shown_at(material.since) or None,
        },
        "blocks": {
            "receipts": len(said) - len(dialled),
            "by_gate": dict(sorted(Counter(r.hold for r in said if r.attempt_id is None).items())),
        },
        "abandonment": _abandonment(material),
        "ring_times": _ring_times(calls),
        "messages_played": sum(call.attempt.id in material.messages for call in calls),
        "calls_outside_hours": _outside_hours(dialled),
        "list_ages": _list_ages(dialled),
        "attempts_over_limit": _over_limit(material, dialled),
        "opt_outs": _opt_outs(material),
        "overrides": _overrides(material, dialled),
        "declared": _declared(material, dialled),
        "time_zone_data": sorted({receipt.tz for receipt in said}),
        "rule_profiles": sorted({f"{receipt.profile} {receipt.profile_version}" for receipt in said}),
        "fields_not_known": UNKNOWN_FIELDS,
    }


def thirty_days_each(first_call: date, period: Period) -> tuple[Period, ...]:
    """Successive 30 days from the campaign's first call on, those that the period touches; the last may be short."""
    begin = first_call + THIRTY_DAYS * max(0, (period.first - first_call) // THIRTY_DAYS)
    found = []
    while begin <= period.last:
        end = min(begin + THIRTY_DAYS - timedelta(days=1), period.last)
        found.append(Period(first=begin, last=end, zone=period.zone))
        begin += THIRTY_DAYS
    return tuple(found)


def _abandonment(material: EvidenceMaterial) -> dict[str, Any]:
    """Per successive 30 days, as 16 CFR 310.4(b)(4)(i) asks, over the campaign and its clones together."""
    report = material.report
    first = min((c.attempt.report_date for c in report.window), default=None)
    errs = report.settings.machine_false_positives
    rows: list[dict[str, Any]] = []
    for days in thirty_days_each(first, report.period) if first is not None else ():
        counted = count_abandonment(report.window, days)
        estimated = estimated_abandonment(report.window, days, errs) if errs else None
        apart: dict[str, Any] = {
            "unknown_fate": counted.unknown,
            "hung_up_early": counted.hung_up_early,
            "taken_for_machines": counted.heard_machine,
            "with_persons_taken_for_machines": estimated and dict(figure_as_json(estimated)),
        }
        rows.append(dict(figure_as_json(abandonment(report.window, days))) | apart)
    shares = [(row["from"], row["value"], row["with_persons_taken_for_machines"]) for row in rows]
    cap = report.settings.abandon_cap
    return {
        "cap": cap,
        "machine_false_positives": errs or None,
        "machine_false_positives_basis": report.settings.machine_false_positives_basis or None,
        "counted_together_with": list(report.sharing),
        "per_30_days": rows,
        "over_cap": [begins for begins, plain, _ in shares if (plain or 0) > cap],
        "over_cap_by_estimate": [begins for begins, _, more in shares if more and (more["value"] or 0) > cap],
    }


def _ring_times(calls: Iterable[Call]) -> dict[str, Any]:
    """Of calls that rang and were not answered; given up is what we ended ourselves."""
    rang = [c.attempt.facts for c in calls if not c.answered and c.attempt.facts.ring_ms is not None]
    times = sorted(facts.ring_ms or 0 for facts in rang)
    early = [facts for facts in rang if (facts.ring_ms or 0) < LAWFUL_RING_MS and facts.cancel_reason]
    return {
        "unanswered": len(times),
        "least_s": times[0] / 1000 if times else None,
        "median_s": median(times) / 1000 if times else None,
        "most_s": times[-1] / 1000 if times else None,
        "under_15_s": sum(ms < LAWFUL_RING_MS for ms in times),
        "given_up_by_us_under_15_s": len(early),
        "given_up_by_us_under_15_s_why": dict(sorted(Counter(facts.cancel_reason for facts in early).items())),
    }


def _outside_hours(dialled: Iterable[Receipt]) -> dict[str, Any]:
    """Recomputed from each receipt's local times and hours: legal in every zone in which the person may be, or not."""
    known = list(dialled)
    outside = [each for each in known if not each.places or not all(place.inside for place in each.places)]
    return {"recomputed": len(known), "outside": len(outside), "calls": [each.attempt_id for each in outside[:SHOWN]]}


def _list_ages(dialled: Iterable[Receipt]) -> list[dict[str, Any]]:
    """The oldest that each registry's list was when a call was made by it; where it was lifted it does not count."""
    oldest: dict[str, tuple[timedelta, datetime]] = {}
    asked: Counter[str] = Counter()
    for receipt in dialled:
        for each in (seen for seen in receipt.lists if not seen.lifted):
            asked[each.list_id] += 1
            age = each.age(receipt.at)
            if age is not None and (each.list_id not in oldest or age > oldest[each.list_id][0]):
                oldest[each.list_id] = (age, receipt.at)
    return [
        {
            "list": name,
            "calls": asked[name],
            "oldest_days": round(oldest[name][0] / timedelta(days=1), 2) if name in oldest else None,
            "at": shown_at(oldest[name][1]) if name in oldest else None,
        }
        for name in sorted(asked)
    ]


def _over_limit(material: EvidenceMaterial, dialled: Iterable[Receipt]) -> dict[str, Any]:
    """Calls that were one too many in 24 h: by the count in the receipt, or by the receipts of this folder."""
    made: dict[str, list[datetime]] = {}
    not_sent = {c.attempt.id for c in material.report.calls if not c.sent}
    over, most = [], 0
    for receipt in sorted(dialled, key=lambda each: each.at):
        earlier = made.setdefault(receipt.number, [])
        here = sum(at > receipt.at - ATTEMPT_WINDOW for at in earlier)
        if receipt.attempt_id not in not_sent:  # one that never left does not count for limits
            earlier.append(receipt.at)
        number = 1 + max(here, receipt.calls_in_24h or 0)
        most = max(most, number)
        if number > settings_of(material, receipt.settings_version).max_attempts_per_number_per_day:
            over.append(receipt.attempt_id)
    return {"calls": len(over), "most_in_24h": most, "ids": over[:SHOWN]}


def _overrides(material: EvidenceMaterial, dialled: Iterable[Receipt]) -> list[dict[str, Any]]:
    """Every looser rule that the campaign had in the period or that a call relied on, with how many calls did."""
    period, relied = material.report.period, Counter(each.id for receipt in dialled for each in receipt.overrides)
    return [
        {
            "id": each.id,
            "rule": each.key,
            "value": each.value,
            "for": each.number or "numbers with a consent on record",
            "reason": each.reason,
            "asked_by": each.asked_by,
            "asked_account": each.asked_account,
            "asked_at": shown_at(each.asked_at),
            "confirmed_by": each.confirmed_by or None,
            "confirmed_account": each.confirmed_account or None,
            "confirmed_at": shown_at(each.confirmed_at) or None,
            "until": shown_at(each.until),
            "revoked_by": each.revoked_by or None,
            "revoked_at": shown_at(each.revoked_at) or None,
            "calls": relied[each.id],
        }
        for each in material.overrides
        if relied[each.id] or (each.asked_at < period.ends_at and each.until > period.begins_at)
    ]


def _declared(material: EvidenceMaterial, dialled: Iterable[Receipt]) -> list[dict[str, Any]]:
    """What people declared, in force at some time in the period, about what the period's calls played, showed and were
    judged by: a person's word each, which no software has checked."""
    period, receipts = material.report.period, list(dialled)
    played = {settings_of(material, receipt.settings_version).message for receipt in receipts}
    about = {
        Declares.MESSAGE: played,
        Declares.CALLED_BACK: {receipt.caller_id for receipt in receipts},
        Declares.OPENING: {material.report.campaign},
        Declares.PROFILE: {name for receipt in receipts for name in receipt.profile.split(" and ")}
        | {each.profile for receipt in receipts for each in receipt.verified},
    }
    return [
        {
            "kind": each.kind.value,
            "about": each.about,
            "says": dict(each.says),
            "checked_by": each.checked_by,
            "proof": each.proof,
            "recorded_by": each.recorded_by,
            "recorded_at": shown_at(each.recorded_at),
            "ended_at": shown_at(each.ended_at) or None,
            "recording_sha256": each.fingerprint or None,
        }
        for each in material.declared
        if each.about in about[each.kind]
        and each.recorded_at < period.ends_at
        and (each.ended_at is None or each.ended_at > period.begins_at)
    ]


def _opt_outs(material: EvidenceMaterial) -> dict[str, Any]:
    """How long it took from the wish until the entry was in force, and whether the number was called after that."""
    found = material.opt_outs
    delays = [each.delay_s for each in found]
    return {
        "in_calls": len(found),
        "longest_delay_s": round(max(delays), 3) if delays else None,
        "calls_after": sum(each.calls_after for each in found),
        "each": [
            {
                "number": each.number,
                "call": each.attempt_id,
                "asked_at": shown_at(each.asked_at),
                "in_force_at": shown_at(each.in_force_at),
                "delay_s": round(each.delay_s, 3),
                "by": each.source,
                "calls_after": each.calls_after,
            }
            for each in found
        ],
    }
