"""May this lead be dialled now, and if not, why and until when?

One pure function, `judge`, asked by the dialer (when choosing, and again in the transaction that writes the
attempt), by the "why not?" inspector and by the import preview: all see the same gates in the same order.
It fails closed: a gate that cannot be evaluated is shut, with that as its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from campaigns.consent import Consent, ConsentAsked, ConsentNeed, judge_consent, kinds_enough
from campaigns.foreign_text import inert
from campaigns.hours import RuleProfile, judge_hours, next_open
from campaigns.model import CampaignState, ContactPoint, DiallingState, LeadState, Suppression
from campaigns.place import NO_ADDRESS, Address, Whereabouts, whereabouts
from campaigns.rules import LONGEST_WINDOW, ProfileFault, longest_rest, never_open, rules_of_places
from campaigns.settings import CampaignSettings

if TYPE_CHECKING:
    from campaigns.registry import RegistryVerdict

ATTEMPT_WINDOW = timedelta(hours=24)
PAST_WINDOW = LONGEST_WINDOW  # no profile's rolling window is longer
LOOK_AGAIN_AFTER_LIVE_CALL = timedelta(seconds=60)
_NO_REGISTRY = "no national registry is kept here (dialer.toml, dnc.registries)"


class GateCode(StrEnum):
    """The gates in the order in which they are asked."""

    CAMPAIGN_STATE = "CAMPAIGN_STATE"
    PRACTICE = "PRACTICE"
    NUMBER = "NUMBER"
    LEAD_STATE = "LEAD_STATE"
    DO_NOT_CALL = "DO_NOT_CALL"
    REGISTRY = "REGISTRY"
    REGISTRY_KNOWN = "REGISTRY_KNOWN"
    CONSENT = "CONSENT"
    ATTEMPTS = "ATTEMPTS"
    PREVIEW = "PREVIEW"
    RETRY_TIME = "RETRY_TIME"
    CALLING_HOURS = "CALLING_HOURS"
    LIVE_CALL = "LIVE_CALL"


@dataclass(frozen=True, kw_only=True)
class Trunk:
    """What the rules must know of a trunk. `loopback`: its address is in 127.0.0.0/8 or ::1."""

    name: str
    practice: bool
    loopback: bool


class RegistryLists(Protocol):
    """The national registries that are kept here."""

    def ask(self, number: str, now: datetime) -> RegistryVerdict:
        """What the generations in force at this moment say of a number in E.164."""


class _AskedOnce:
    """Two gates ask about a number: both must hear of the same generation, even if another comes into force between."""

    def __init__(self, lists: RegistryLists) -> None:
        self._lists = lists
        self._said: RegistryVerdict | None = None

    def ask(self, number: str, now: datetime) -> RegistryVerdict:
        if self._said is None:
            self._said = self._lists.ask(number, now)
        return self._said

    @property
    def said(self) -> RegistryVerdict | None:
        """The answer; None when no gate asked, or no answer came."""
        return self._said


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a candidate is judged by: one version of the settings, the trunk and the rule profile in force.

    The profiles of the places where a candidate may be are added to it for him. `registries` are asked anew for
    every candidate; None when this installation keeps none.
    """

    settings: CampaignSettings
    trunk: Trunk
    profile: RuleProfile
    registries: RegistryLists | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PastCall:
    """A call to a number that counts for legal limits. `abandoned_at`: when it ended, if it was abandoned
    or nobody knows."""

    at: datetime
    abandoned_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A lead and one number of his, with all that the gates ask, as values.

    `suppressions`: every do-not-call entry for the number. `attempted_at`: when the number was called in the
    last 24 h by anybody, attempts that count for legal limits. `live_call`: a call on the number runs now. `consents`:
    every consent on record for the number. None in one of these four means that it could not be looked up: the gate is
    shut.
    `past_calls`: the calls to the number in the last 31 days by anybody, those of the last 24 h among them or not.
    `campaign_state` None leaves the campaign's gate out (the dialer asks running campaigns only).
    `lead_zone` is the zone written on the list, or empty; `address` where he lives, as the list has it.
    """

    contact_point: ContactPoint
    state: DiallingState
    suppressions: tuple[Suppression, ...] | None
    attempted_at: tuple[datetime, ...] | None
    live_call: bool | None
    lead_zone: str = ""
    address: Address = NO_ADDRESS
    campaign_state: CampaignState | None = None
    past_calls: tuple[PastCall, ...] = ()
    consents: tuple[Consent, ...] | None = ()

    @property
    def whereabouts(self) -> Whereabouts:
        """Every place where he may be, and from what each was concluded."""
        point = self.contact_point
        return whereabouts(
            number=point.number,
            kind=point.kind,
            region=point.region,
            zones=point.zones,
            listed_zone=self.lead_zone,
            address=self.address,
        )

    @property
    def zones(self) -> tuple[str, ...]:
        """Every zone in which it must be legal: all the number may be in, the lead's own, and his address's."""
        return self.whereabouts.zones

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region whose rules must allow it, as `campaigns.rules.rules_of_places` takes them; never empty."""
        return self.whereabouts.regions


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One question and its answer. `passes_at`: when a shut gate may open by itself; None: never by itself."""

    code: GateCode
    passed: bool
    reason: str
    passes_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Basis:
    """By what a candidate was judged, for its receipt. `registry` is what all lists said; None: none was asked."""

    profile: RuleProfile
    trunk: str
    caller_id: str
    registry: RegistryVerdict | None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """All gates, asked in order. `hold` is the first that is shut.

    `ask_again_at` is the first instant at which all shut gates may be open and calling is legal; None when
    dialable now, or when a shut gate never opens by itself. `basis` is None only where nothing was judged.
    """

    dialable: bool
    gates: tuple[Gate, ...]
    hold: Gate | None
    ask_again_at: datetime | None
    basis: Basis | None = None

    @property
    def reason(self) -> str:
        """One sentence for screens and the log of holds."""
        return "dialable now" if self.hold is None else f"{self.hold.code}: {self.hold.reason}"


def judge(candidate: Candidate, rules: Rules, now: datetime) -> Verdict:
    """Ask every gate; `now` is an aware instant. Never raises for what a candidate or a rule holds."""
    rules = _rules_for(candidate, rules)
    asked = rules.registries if isinstance(rules.registries, _AskedOnce) else None
    gates = tuple(
        _ask(code, gate, candidate, rules, now)
        for code, gate in GATES.items()
        if code is not GateCode.CAMPAIGN_STATE or candidate.campaign_state is not None
    )
    shut = tuple(gate for gate in gates if not gate.passed)
    return Verdict(
        dialable=not shut,
        gates=gates,
        hold=shut[0] if shut else None,
        ask_again_at=_ask_again_at(shut, candidate, rules),
        basis=_basis(rules, None if asked is None else asked.said),
    )


def _rules_for(candidate: Candidate, rules: Rules) -> Rules:
    """The rules for this candidate: of where he may be, and with one answer of the registries."""
    profile, registries = rules.profile, rules.registries
    try:
        profile = rules_of_places(profile, candidate.regions)
    except Exception as fault:
        why = fault if isinstance(fault, ProfileFault) else type(fault).__name__
        where = inert(", ".join(candidate.regions), 60) or "its own profile"
        profile = never_open("no rules", f"the rules of {where} cannot be used: {why}")
    if registries is not None:
        registries = _AskedOnce(registries)
    if profile is rules.profile and registries is None:
        return rules
    return Rules(settings=rules.settings, trunk=rules.trunk, profile=profile, registries=registries)


def _basis(rules: Rules, said: RegistryVerdict | None) -> Basis | None:
    """None when the rules are not even rules: then a gate is shut, and the receipt says that nothing is known."""
    try:
        caller_id, trunk = rules.settings.caller_id, rules.trunk.name
    except AttributeError:
        return None
    known = isinstance(rules.profile, RuleProfile)
    return Basis(profile=rules.profile, trunk=trunk, caller_id=caller_id, registry=said) if known else None


Ask = Callable[[Candidate, Rules, datetime], Gate]


def _ask(code: GateCode, gate: Ask, candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    try:
        return gate(candidate, rules, now)
    except Exception as fault:
        return _shut(code, f"this rule could not be evaluated ({type(fault).__name__}); held to be safe")


def _ask_again_at(shut: tuple[Gate, ...], candidate: Candidate, rules: Rules) -> datetime | None:
    """The last opening of the shut gates, moved into calling hours, which may be over by then."""
    openings = [gate.passes_at for gate in shut]
    if not openings or any(opening is None for opening in openings):
        return None
    latest = max(opening for opening in openings if opening is not None)
    if any(gate.code is GateCode.CALLING_HOURS and gate.passes_at == latest for gate in shut):
        return latest  # legal already, or a zone that is held until then
    if rules.profile.held_zones and any(zone in rules.profile.held_zones for zone in candidate.zones):
        return latest
    try:
        return next_open(candidate.zones, rules.profile, latest)
    except Exception:
        return None  # a rule that fails later is asked for by nobody, rather than dialled by mistake


def _open(code: GateCode, reason: str) -> Gate:
    return Gate(code=code, passed=True, reason=reason)


def _shut(code: GateCode, reason: str, passes_at: datetime | None = None) -> Gate:
    return Gate(code=code, passed=False, reason=reason, passes_at=passes_at)


def _campaign_state(candidate: Candidate, _rules: Rules, _now: datetime) -> Gate:
    state = candidate.campaign_state
    if state is CampaignState.RUNNING:
        return _open(GateCode.CAMPAIGN_STATE, "the campaign is running")
    return _shut(GateCode.CAMPAIGN_STATE, f"the campaign is {state}, only a running one dials")


def _practice(candidate: Candidate, rules: Rules, _now: datetime) -> Gate:
    """Simulated callees and real people never meet: neither on a trunk nor under a profile."""
    code, trunk = GateCode.PRACTICE, rules.trunk
    if rules.profile.practice and not trunk.loopback:
        return _shut(code, f"rule profile {rules.profile.name} is for loopback trunks; {trunk.name} is not one")
    if candidate.contact_point.practice and not trunk.practice:
        return _shut(code, f"a practice number is never dialled on the real trunk {trunk.name}")
    if trunk.practice and not candidate.contact_point.practice:
        return _shut(code, f"a real number is never dialled on the practice trunk {trunk.name}")
    if rules.profile.practice and not candidate.contact_point.practice:
        return _shut(code, f"rule profile {rules.profile.name} is for practice numbers only")
    return _open(code, "practice number on a practice trunk" if trunk.practice else "real number on a real trunk")


def _number(candidate: Candidate, rules: Rules, _now: datetime) -> Gate:
    code, point, profile = GateCode.NUMBER, candidate.contact_point, rules.profile
    kind = point.kind.lower()
    fault = profile.why_not_dialled(point.number, kind, point.region)
    return _shut(code, fault) if fault else _open(code, f"a {kind} number of {point.region}")


def _lead_state(candidate: Candidate, _rules: Rules, _now: datetime) -> Gate:
    state = candidate.state
    if state.state is LeadState.CLOSED:
        return _shut(GateCode.LEAD_STATE, f"the lead is closed ({state.close_reason or 'no reason stored'})")
    if state.state is LeadState.IN_PROGRESS:
        return _shut(GateCode.LEAD_STATE, "the lead is being called or waits for its outcome")
    return _open(GateCode.LEAD_STATE, f"the lead is {state.state}")


def _do_not_call(candidate: Candidate, rules: Rules, _now: datetime) -> Gate:
    code, settings = GateCode.DO_NOT_CALL, rules.settings
    if candidate.suppressions is None:
        return _shut(code, "the do-not-call list could not be asked")
    reaching = [s for s in candidate.suppressions if s.reaches(seller=settings.seller_name, campaign=settings.name)]
    if not reaching:
        return _open(code, "not on the do-not-call list")
    entry = min(reaching, key=lambda s: s.added_at)
    scope = f"{entry.scope} {inert(entry.value, 60)}".strip()
    added = f"{entry.added_at:%Y-%m-%d %H:%M} UTC, from {inert(entry.source, 60)}"
    scope += f", by the pattern {entry.number}" if entry.number != candidate.contact_point.number else ""
    return _shut(code, f"on do-not-call for {scope}: {inert(entry.reason)} (by {inert(entry.actor, 60)}, {added})")


def _registry(candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    code, verdict = GateCode.REGISTRY, _registries_say(candidate, rules, now)
    if verdict is None:
        return _open(code, _NO_REGISTRY if rules.registries is None else "a practice number is on nobody's registry")
    return _shut(code, verdict.reason) if verdict.listed else _open(code, "no registry lists it")


def _registry_known(candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    """Whether the registry that protects the number can be trusted to know: its area is covered, it is young enough."""
    code, verdict = GateCode.REGISTRY_KNOWN, _registries_say(candidate, rules, now)
    if verdict is None:
        return _open(code, "no registry needs to know it")
    return _open(code, verdict.reason) if verdict.known else _shut(code, verdict.reason)


def _registries_say(candidate: Candidate, rules: Rules, now: datetime) -> RegistryVerdict | None:
    """None when no registry is to be asked. A practice number is fictional wherever it is dialled."""
    point = candidate.contact_point
    return None if rules.registries is None or point.practice else rules.registries.ask(point.number, now)


def _consent(candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    """What the campaign asks for itself, and what every profile of the lead's places asks for: all of it."""
    code, needs = GateCode.CONSENT, _consent_needs(rules)
    if not needs:
        return _open(code, "no consent is asked for")
    verdicts = [judge_consent(candidate.consents, need, now) for need in needs]
    missing = next((verdict for verdict in verdicts if not verdict.given), None)
    return _open(code, verdicts[0].reason) if missing is None else _shut(code, inert(missing.reason))


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


def _attempts(candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    """Tries of the lead, and calls to the number in any 24 h. A promised callback is made whatever was tried."""
    code, settings, state = GateCode.ATTEMPTS, rules.settings, candidate.state
    if candidate.attempted_at is None:
        return _shut(code, "earlier calls to this number could not be counted")
    if state.tries >= settings.max_tries and state.state is not LeadState.CALLBACK:
        return _shut(code, f"all {settings.max_tries} tries are used up")
    recent = sorted(at for at in candidate.attempted_at if at > now - ATTEMPT_WINDOW)
    limit = settings.max_attempts_per_number_per_day
    if len(recent) >= limit:
        opens_at = recent[len(recent) - limit] + ATTEMPT_WINDOW
        return _shut(code, f"called {len(recent)} times in the last 24 h, the limit is {limit}", opens_at)
    called = (*candidate.attempted_at, *(call.at for call in candidate.past_calls))
    abandoned = tuple(call.abandoned_at for call in candidate.past_calls if call.abandoned_at is not None)
    rest = longest_rest(rules.profile, called, abandoned, now, by_hand=settings.mode.by_hand)
    if rest is not None:
        return _shut(code, rest.reason, rest.ends_at)
    return _open(code, f"try {state.tries + 1} of {settings.max_tries}, {len(recent)} of {limit} calls in 24 h")


def _preview(candidate: Candidate, _rules: Rules, now: datetime) -> Gate:
    """A lead on an agent's desk is nobody else's; one that was skipped rests."""
    code, state = GateCode.PREVIEW, candidate.state
    due = state.ask_again_at
    if state.hold_code == code and due is not None and due > now:
        return _shut(code, inert(state.hold_reason), due)
    return _open(code, "on nobody's desk")


def _retry_time(candidate: Candidate, _rules: Rules, now: datetime) -> Gate:
    code, state = GateCode.RETRY_TIME, candidate.state
    if state.state not in (LeadState.RETRY, LeadState.CALLBACK):
        return _open(code, "no waiting time")
    due = state.ask_again_at
    words = "callback asked for" if state.state is LeadState.CALLBACK else "next try"
    if due is None:
        return _shut(code, f"{words}, but no time is stored")
    if due > now:
        return _shut(code, f"{words} at {due:%Y-%m-%d %H:%M} UTC", due)
    return _open(code, f"{words} was due at {due:%Y-%m-%d %H:%M} UTC")


def _calling_hours(candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    place = candidate.whereabouts
    if place.unclear:
        return _shut(GateCode.CALLING_HOURS, place.unclear)
    verdict = judge_hours(place.zones, rules.profile, now)
    if verdict.open:
        return _open(GateCode.CALLING_HOURS, verdict.reason)
    return _shut(GateCode.CALLING_HOURS, verdict.reason, verdict.opens_at)


def _live_call(candidate: Candidate, _rules: Rules, now: datetime) -> Gate:
    code = GateCode.LIVE_CALL
    if candidate.live_call is None:
        return _shut(code, "live calls could not be asked for")
    if candidate.live_call:
        return _shut(code, "a call on this number is running", now + LOOK_AGAIN_AFTER_LIVE_CALL)
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
    GateCode.ATTEMPTS: _attempts,
    GateCode.PREVIEW: _preview,
    GateCode.RETRY_TIME: _retry_time,
    GateCode.CALLING_HOURS: _calling_hours,
    GateCode.LIVE_CALL: _live_call,
}
