"""The gates: one question each about a lead, a number and this instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from campaigns.consent import ConsentAsked, ConsentNeed, judge_consent, kinds_enough
from campaigns.dialable.asking import keeps_registries, registries_say
from campaigns.dialable.caller_id import why_not_shown
from campaigns.dialable.values import ATTEMPT_WINDOW, Candidate, Gate, GateCode, Rules
from campaigns.emergency import last_of
from campaigns.foreign_text import inert
from campaigns.hours import judge_hours, next_open, zone_named
from campaigns.model import CampaignState, LeadState, Suppression
from campaigns.number_answers import ReassignedAsked, judge_reassigned, known_since
from campaigns.rules import About, longest_rest, with_instants
from campaigns.rules.duties import taken_for_sales
from campaigns.rules.resting import Rest

US_REGIONS = ("US", "PR", "VI", "GU", "MP", "AS")
LOOK_AGAIN_AFTER_LIVE_CALL = timedelta(seconds=60)
_NO_REGISTRY = "no national registry is kept here (dialer.toml, dnc.registries)"

Ask = Callable[[Candidate, Rules, datetime], Gate]


def shut(code: GateCode, reason: str, passes_at: datetime | None = None) -> Gate:
    """A gate that does not pass. `passes_at`: when it may open by itself."""
    return Gate(code=code, passed=False, reason=reason, passes_at=passes_at)


@lru_cache(maxsize=4096)
def _open(code: GateCode, reason: str) -> Gate:
    """An equal value each time, so it is made once: most gates are open, and for a few reasons only."""
    return Gate(code=code, passed=True, reason=reason)


def _campaign_state(candidate: Candidate, _rules: Rules, _now: datetime) -> Gate:
    state = candidate.campaign_state
    if state is CampaignState.RUNNING:
        return _open(GateCode.CAMPAIGN_STATE, "the campaign is running")
    return shut(GateCode.CAMPAIGN_STATE, f"the campaign is {state}, only a running one dials")


def _practice(candidate: Candidate, rules: Rules, _now: datetime) -> Gate:
    """Simulated callees and real people never meet: neither on a trunk nor under a profile."""
    code, trunk = GateCode.PRACTICE, rules.trunk
    if rules.profile.practice and not trunk.loopback:
        return shut(code, f"rule profile {rules.profile.name} is for loopback trunks; {trunk.name} is not one")
    if candidate.contact_point.practice and not trunk.practice:
        return shut(code, f"a practice number is never dialled on the real trunk {trunk.name}")
    if trunk.practice and not candidate.contact_point.practice:
        return shut(code, f"a real number is never dialled on the practice trunk {trunk.name}")
    if rules.profile.practice and not candidate.contact_point.practice:
        return shut(code, f"rule profile {rules.profile.name} is for practice numbers only")
    return _open(code, "practice number on a practice trunk" if trunk.practice else "real number on a real trunk")


def _number(candidate: Candidate, rules: Rules, _now: datetime) -> Gate:
    code, point, profile = GateCode.NUMBER, candidate.contact_point, rules.profile
    kind = point.kind.lower()
    fault = profile.why_not_dialled(point.number, kind, point.region)
    return shut(code, fault) if fault else _open(code, f"a {kind} number of {point.region}")


def _lead_state(candidate: Candidate, _rules: Rules, _now: datetime) -> Gate:
    state = candidate.state
    if state.state is LeadState.CLOSED:
        return shut(GateCode.LEAD_STATE, f"the lead is closed ({state.close_reason or 'no reason stored'})")
    if state.state is LeadState.IN_PROGRESS:
        return shut(GateCode.LEAD_STATE, "the lead is being called or waits for its outcome")
    return _open(GateCode.LEAD_STATE, f"the lead is {state.state}")


def _do_not_call(candidate: Candidate, rules: Rules, _now: datetime) -> Gate:
    code = GateCode.DO_NOT_CALL
    if candidate.suppressions is None:
        return shut(code, "the do-not-call list could not be asked")
    entry = _first_reaching(candidate.suppressions, rules)
    if entry is not None:
        return shut(code, _listed_words(entry))
    if not rules.profile.duties.whole_person_barred:
        return _open(code, "not on the do-not-call list")
    if candidate.suppressions_elsewhere is None:
        return shut(code, "the do-not-call list could not be asked for the person's other numbers")
    entry = _first_reaching(candidate.suppressions_elsewhere, rules)
    if entry is None:
        return _open(code, "no number of this person is on the do-not-call list")
    words = f"a request covers every number of the person under {rules.profile.name}, and another number of his is"
    return shut(code, f"{words} {_listed_words(entry)}")


def _first_reaching(entries: tuple[Suppression, ...], rules: Rules) -> Suppression | None:
    settings = rules.settings
    reaching = [each for each in entries if each.reaches(seller=settings.seller_name, campaign=settings.name)]
    return min(reaching, key=lambda each: each.added_at, default=None)


def _listed_words(entry: Suppression) -> str:
    scope = f"{entry.scope} {inert(entry.value, 60)}".strip()
    added = f"{entry.added_at:%Y-%m-%d %H:%M} UTC, from {inert(entry.source, 60)}"
    scope += f", by the pattern {entry.number}" if entry.number.endswith("*") else ""
    return f"on do-not-call for {scope}: {inert(entry.reason)} (by {inert(entry.actor, 60)}, {added})"


def _registry(candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    """A list that the profile lifts for this purpose, or by a consent on record, bars nobody."""
    code, verdict = GateCode.REGISTRY, registries_say(candidate, rules, now)
    if verdict is None:
        fictional = "a practice number is on nobody's registry"
        return _open(code, fictional if keeps_registries(rules) else _NO_REGISTRY)
    if verdict.listed:
        return shut(code, verdict.reason)
    lifted = next((each.lifted.why for each in verdict.consulted if each.lifted), "no registry lists it")
    return _open(code, lifted)


def _registry_known(candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    """Whether every list that protects the number or that a profile asks for is kept, young enough and covers it."""
    code, verdict = GateCode.REGISTRY_KNOWN, registries_say(candidate, rules, now)
    if verdict is None:
        return _open(code, "no registry needs to know it")
    return _open(code, verdict.reason) if verdict.known else shut(code, verdict.reason)


def _consent(candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    """What the campaign asks for itself, and what every profile of the lead's places asks for: all of it."""
    code, needs = GateCode.CONSENT, _consent_needs(rules)
    if not needs:
        return _open(code, "no consent is asked for")
    verdicts = [judge_consent(candidate.consents, need, now) for need in needs]
    missing = next((verdict for verdict in verdicts if not verdict.given), None)
    if missing is not None:
        return shut(code, inert(missing.reason))
    words = tuple(dict.fromkeys(each.consent for each in verdicts if each.consent is not None))
    return Gate(code=code, passed=True, reason=verdicts[0].reason, consents=words)


def _consent_needs(rules: Rules) -> list[ConsentNeed]:
    settings, own = rules.settings, rules.settings.consent_need
    asked = [
        ConsentNeed(
            seller=settings.seller_name, purpose=settings.purpose, kinds=kinds_enough(each.needed), max_age=each.max_age
        )
        for each in rules.profile.duties.consents
        if each.needed != ConsentAsked.NONE
    ]
    return asked if own is None else [own, *asked]


def _reassigned(candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    """Whether the number is still his whose consent we have. The database knows numbers of the USA only."""
    code, settings, point = GateCode.REASSIGNED, rules.settings, candidate.contact_point
    if settings.reassigned is ReassignedAsked.NONE:
        return _open(code, "reassigned numbers are not asked for")
    if point.practice or point.region not in ("", *US_REGIONS):
        return _open(code, "the Reassigned Numbers Database knows no such number")
    since = known_since(candidate.consents, settings.seller_name, settings.purpose, now)
    verdict = judge_reassigned(candidate.answers, since, settings.reassigned_max_age_days, now)
    if not verdict.passes or verdict.by is None:
        return shut(code, verdict.reason)
    return Gate(code=code, passed=True, reason=verdict.reason, answers=(verdict.by,))


def _caller_id(candidate: Candidate, rules: Rules, _now: datetime) -> Gate:
    """What is shown must be allowed by the campaign's profiles and by those of every place where he may be."""
    code, shown, asked = GateCode.CALLER_ID, rules.caller_id, rules.profile.duties.caller_ids
    if shown is None or not asked or rules.trunk.practice:
        return _open(code, "no rule is asked about the caller ID")
    countries = tuple(dict.fromkeys(region.partition("-")[0] for region in candidate.regions))
    fault = why_not_shown(shown, asked, countries)
    if fault:
        return shut(code, fault)
    proof = f" ({inert(shown.right_to_use, 100)})" if shown.right_to_use else ""
    return _open(code, f"{shown.number} may be shown{proof}")


def _attempts(candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    """Tries of the lead, calls to the number in any 24 h, and what the profile says of calls and outcomes before.

    A promised callback is made whatever was tried, but not before its time by the other two. The latest end counts.
    """
    code, settings, state = GateCode.ATTEMPTS, rules.settings, candidate.state
    if candidate.attempted_at is None:
        return shut(code, "earlier calls to this number could not be counted")
    if state.tries >= settings.max_tries and state.state is not LeadState.CALLBACK:
        return shut(code, f"all {settings.max_tries} tries are used up")
    recent = sorted(at for at in candidate.attempted_at if at > now - ATTEMPT_WINDOW)
    limit = settings.max_attempts_per_number_per_day
    rests = [rest for rest in (_house_rest(recent, limit), _profile_rest(candidate, rules, now)) if rest is not None]
    if rests:
        longest = max(rests, key=lambda rest: rest.ends_at)
        return shut(code, longest.reason, longest.ends_at)
    return _open(code, f"try {state.tries + 1} of {settings.max_tries}, {len(recent)} of {limit} calls in 24 h")


def _house_rest(recent: list[datetime], limit: int) -> Rest | None:
    """The campaign's own limit of calls to one number; `recent`: those of the last 24 h, the first of them first."""
    if len(recent) < limit:
        return None
    words = f"called {len(recent)} times in the last 24 h, the limit is {limit}"
    return Rest(ends_at=recent[len(recent) - limit] + ATTEMPT_WINDOW, reason=words)


def _profile_rest(candidate: Candidate, rules: Rules, now: datetime) -> Rest | None:
    return longest_rest(
        rules.profile,
        with_instants(candidate.past_calls, candidate.attempted_at or ()),
        now,
        by_hand=rules.settings.mode.by_hand,
        about=About(seller=rules.settings.seller_name, debt=candidate.debt),
        zones=lambda: [zone_named(name) for name in candidate.zones],
    )


def _preview(candidate: Candidate, _rules: Rules, now: datetime) -> Gate:
    """A lead on an agent's desk is nobody else's; one that was skipped rests."""
    code, state = GateCode.PREVIEW, candidate.state
    due = state.ask_again_at
    if state.hold_code == code and due is not None and due > now:
        return shut(code, inert(state.hold_reason), due)
    return _open(code, "on nobody's desk")


def _retry_time(candidate: Candidate, _rules: Rules, now: datetime) -> Gate:
    code, state = GateCode.RETRY_TIME, candidate.state
    if state.state not in (LeadState.RETRY, LeadState.CALLBACK):
        return _open(code, "no waiting time")
    due = state.ask_again_at
    words = "callback asked for" if state.state is LeadState.CALLBACK else "next try"
    if due is None:
        return shut(code, f"{words}, but no time is stored")
    if due > now:
        return shut(code, f"{words} at {due:%Y-%m-%d %H:%M} UTC", due)
    return _open(code, f"{words} was due at {due:%Y-%m-%d %H:%M} UTC")


def _calling_hours(candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    place = candidate.whereabouts
    if place.unclear:
        return shut(GateCode.CALLING_HOURS, place.unclear)
    if rules.emergencies and taken_for_sales(rules.settings.purpose):
        declared = last_of(rules.emergencies, place.regions, place.zones, now)
        if declared is not None:
            opens_at = next_open(place.zones, rules.profile, declared.over_at)
            return shut(GateCode.CALLING_HOURS, inert(declared.words), opens_at)
    verdict = judge_hours(place.zones, rules.profile, now)
    if verdict.open:
        return _open(GateCode.CALLING_HOURS, verdict.reason)
    return shut(GateCode.CALLING_HOURS, verdict.reason, verdict.opens_at)


def _live_call(candidate: Candidate, _rules: Rules, now: datetime) -> Gate:
    code = GateCode.LIVE_CALL
    if candidate.live_call is None:
        return shut(code, "live calls could not be asked for")
    if candidate.live_call:
        return shut(code, "a call on this number is running", now + LOOK_AGAIN_AFTER_LIVE_CALL)
    if candidate.live_elsewhere:
        words = "a call to this person on another number is running"
        return shut(code, words, now + LOOK_AGAIN_AFTER_LIVE_CALL)
    return _open(code, "no call on this number")


GATES: dict[GateCode, Ask] = {
    GateCode.CAMPAIGN_STATE: _campaign_state,
    GateCode.PRACTICE: _practice,
    GateCode.NUMBER: _number,
    GateCode.LEAD_STATE: _lead_state,
    GateCode.DO_NOT_CALL: _do_not_call,
    GateCode.REGISTRY: _registry,
    GateCode.REGISTRY_KNOWN: _registry_known,
    GateCode.CONSENT: _consent,
    GateCode.REASSIGNED: _reassigned,
    GateCode.CALLER_ID: _caller_id,
    GateCode.ATTEMPTS: _attempts,
    GateCode.PREVIEW: _preview,
    GateCode.RETRY_TIME: _retry_time,
    GateCode.CALLING_HOURS: _calling_hours,
    GateCode.LIVE_CALL: _live_call,
}
