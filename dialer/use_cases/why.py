"""Why may this number not be called, or may it? Asked of the very function the dialer uses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from campaigns.dialable import Candidate, Gate, GateCode, Rules, judge
from campaigns.foreign_text import inert
from campaigns.hours import UnknownZone, zone_named
from campaigns.model import Suppression
from campaigns.phone import PhoneNumber
from campaigns.place import Whereabouts, whereabouts
from campaigns.storage.values import Campaign
from dialer import zones
from dialer.rules import on_record, rules_for
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.numbers import meant
from dialer.use_cases.shown import counted, lead_name

CALLS_SHOWN = 20


def why(context: Context, args: Args) -> Done:
    """Every gate in order, the first that is shut, and when each may pass, for an instant (now when left out).

    With them the newest calls to the number, whatever the instant.
    """
    number = meant(args.text("number", longest=100), args.optional_text("region", "US"), "Nothing was looked up.")
    campaign = context.campaign(args.text("campaign", longest=64))
    now = context.now()
    at = args.instant("at") or now
    candidate, others = _candidate(context, campaign, number, at)
    rules, missing = rules_of(context, campaign)
    gates = [_missing_gate(missing)] if missing else []
    gates += _stale_zones(context)
    ask_again_at = None
    gates_before = bool(gates)
    if candidate is None:
        gates += _not_on_a_list(context, campaign, number)
    elif rules is not None:
        verdict = judge(candidate, rules, at)
        gates += [_gate(gate) for gate in verdict.gates]
        ask_again_at = None if gates_before else verdict.ask_again_at
    place = candidate.whereabouts if candidate is not None else _of_number(number)
    dialable = bool(gates) and all(gate["passed"] for gate in gates)
    past = _by_todays_lists(at, now)
    data = {
        "number": number.e164,
        "campaign": campaign.name,
        "at": at.isoformat(),
        "dialable": dialable,
        "gates": gates,
        "ask_again_at": ask_again_at.isoformat() if ask_again_at else None,
        "zones": _zones(place, at),
        "regions": _regions(place),
        "place_notes": [f"{clue.kind} {clue.written!r}: {clue.note}" for clue in place.clues if clue.note],
        "judged_by_todays_lists": bool(past),
        "calls": _calls(context, number.e164),
        "previews": _previews(context, number.e164),
    }
    which = _judged_lead(context, candidate, others) if candidate is not None else ""
    return Done(message=_sentence(number.e164, gates, ask_again_at, at) + past + which, data=data)


def rules_of(context: Context, campaign: Campaign) -> tuple[Rules | None, str]:
    """What the campaign's leads are judged by, or what is missing for it."""
    settings = context.store.campaigns.settings(campaign.id)
    known = on_record(context.store, campaign.id, context.fingerprint(settings.message))
    trunks = context.store.trunks.all()
    return rules_for(settings, trunks, context.why_not_played, context.registries, known)


def _candidate(context: Context, campaign: Campaign, number: PhoneNumber, at: datetime) -> tuple[Candidate | None, int]:
    """The lead with this number on the campaign's lists, as the dialer would judge him at this instant.

    With it how many more there are: people behind one switchboard are told apart by the extension, if one is given.
    """
    found = [
        candidate
        for person_id in context.store.leads.persons_with_number(number.e164)
        for candidate in context.store.queue.candidates_of(campaign.id, person_id, at)
        if candidate.contact_point.number == number.e164
        and number.extension in (None, candidate.contact_point.extension)
    ]
    return (replace(found[0], campaign_state=campaign.state), len(found) - 1) if found else (None, 0)


def _judged_lead(context: Context, candidate: Candidate, others: int) -> str:
    """Which of several leads with one number was judged; empty when there is no doubt."""
    extension = candidate.contact_point.extension
    if not others and not extension:
        return ""
    name = lead_name(context.store.leads.lead(candidate.state.person_id)) or "a lead without a name"
    words = f" Judged: {inert(name, 60)}, {candidate.contact_point.shown}"
    if not others:
        return f"{words}."
    return f"{words}; {counted(others, 'more lead')} of this campaign {'has' if others == 1 else 'have'} that number."


def _not_on_a_list(context: Context, campaign: Campaign, number: PhoneNumber) -> list[dict[str, Any]]:
    """What can be said of a number that no list of the campaign holds."""
    settings = context.store.campaigns.settings(campaign.id)
    entries = [
        entry
        for entry in context.store.suppressions.matching(number.e164)
        if entry.reaches(seller=settings.seller_name, campaign=campaign.name)
    ]
    shut = {"code": "LIST", "passed": False, "reason": "on no list of this campaign, so never dialled by it"}
    return [{**shut, "passes_at": None}, *(_listed(entry) for entry in entries), *_registered(context, number)]


def _registered(context: Context, number: PhoneNumber) -> list[dict[str, Any]]:
    """What the national registries say, when they bar it."""
    verdict = None if context.registries is None else context.registries.ask(number.e164, context.now())
    if verdict is None or verdict.passes:
        return []
    code = GateCode.REGISTRY if verdict.listed else GateCode.REGISTRY_KNOWN
    return [{"code": code.value, "passed": False, "reason": verdict.reason, "passes_at": None}]


def _listed(entry: Suppression) -> dict[str, Any]:
    pattern = f" by the pattern {entry.number}" if entry.number.endswith("*") else ""
    reason = f"listed{pattern} since {entry.added_at:%Y-%m-%d} by {entry.actor}: {entry.reason}"
    return {"code": "DO_NOT_CALL", "passed": False, "reason": reason, "passes_at": None}


def _stale_zones(context: Context) -> list[dict[str, Any]]:
    """The dialer itself holds every campaign while its time zone data is too old, whatever a lead's gates say."""
    words = zones.why_stale(context.now())
    return [{"code": "TIME_ZONES", "passed": False, "reason": words, "passes_at": None}] if words else []


def _missing_gate(words: str) -> dict[str, Any]:
    return {"code": "RULES", "passed": False, "reason": f"cannot be judged: {words}", "passes_at": None}


def _gate(gate: Gate) -> dict[str, Any]:
    passes_at = gate.passes_at.isoformat() if gate.passes_at else None
    return {"code": gate.code.value, "passed": gate.passed, "reason": gate.reason, "passes_at": passes_at}


def _calls(context: Context, number: str) -> list[dict[str, Any]]:
    """The newest calls to the number from any campaign."""
    names = {campaign.id: campaign.name for campaign in context.store.campaigns.all()}
    return [
        {
            "at": attempt.created_at.isoformat(timespec="seconds"),
            "campaign": names.get(attempt.campaign_id, str(attempt.campaign_id)),
            "network": attempt.facts.network.value if attempt.facts.network else "live",
            "disposition": attempt.facts.disposition or None,
            "attempt": attempt.id,
        }
        for attempt in context.store.attempts.by_number(number, CALLS_SHOWN)
    ]


def _previews(context: Context, number: str) -> list[dict[str, Any]]:
    """When the number lay on an agent's desk, the newest first, and what became of it there."""
    names = {campaign.id: campaign.name for campaign in context.store.campaigns.all()}
    agents = {agent.id: agent.name for agent in context.store.agents.all()}
    persons = context.store.leads.persons_with_number(number)
    found = [preview for person in persons for preview in context.store.previews.of_person(person, CALLS_SHOWN)]
    return [
        {
            "at": preview.offered_at.isoformat(timespec="seconds"),
            "campaign": names.get(preview.campaign_id, str(preview.campaign_id)),
            "agent": agents.get(preview.agent_id, str(preview.agent_id)),
            "end": preview.end.value if preview.end is not None else "on the desk",
            "reason": preview.reason,
        }
        for preview in sorted(found, key=lambda p: -p.id)
        if preview.number == number
    ]


def _of_number(number: PhoneNumber) -> Whereabouts:
    """Where the owner of a number may be, of whom no list knows more."""
    return whereabouts(number=number.e164, kind=number.kind.value, region=number.region, zones=number.zones)


def _zones(place: Whereabouts, at: datetime) -> list[dict[str, Any]]:
    """Every zone in which a call must be legal, with its local time and from what it was concluded."""
    return [
        {"zone": name, "local": _local(name, at), "from": [kind.value for kind in place.behind_zone(name)]}
        for name in place.zones
    ]


def _local(zone: str, at: datetime) -> str:
    """Empty for a zone that is not known; calling hours are shut by it."""
    try:
        return at.astimezone(zone_named(zone)).isoformat(timespec="seconds")
    except UnknownZone:
        return ""


def _regions(place: Whereabouts) -> list[dict[str, Any]]:
    """Every region whose rules must allow a call, as `Whereabouts.regions` writes them, and from what."""
    return [{"region": name, "from": [kind.value for kind in place.behind_region(name)]} for name in place.regions]


def _by_todays_lists(at: datetime, now: datetime) -> str:
    """What an answer about the past does not say: only a receipt knows what was in force then."""
    if at >= now:
        return ""
    return (
        " This asks about the past by what is known today: lists, consents, settings and calls as they are now. "
        "What a call was judged by then stands in its receipt ('dialer evidence')."
    )


def _sentence(number: str, gates: list[dict[str, Any]], again: datetime | None, at: datetime) -> str:
    shut = [gate for gate in gates if not gate["passed"]]
    if not shut:
        return f"{number} may be dialled at {at.isoformat(timespec='seconds')}."
    more = f" (and {len(shut) - 1} more)" if len(shut) > 1 else ""
    later = f" It may be dialled from {again.isoformat(timespec='seconds')}." if again else ""
    return f"{number} is not dialled: {shut[0]['reason']}{more}.{later}"


HANDLERS = {"why": Handler(run=why, kind=Kind.READ)}
