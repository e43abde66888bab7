"""May this lead be dialled now, and if not, why and until when?

One pure function, `judge`, asked by the dialer (when choosing, and again in the transaction that writes the
attempt), by the "why not?" inspector and by the import preview: all see the same gates in the same order.
It fails closed: a gate that cannot be evaluated is shut, with that as its reason.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from campaigns.dialable.asking import AskedOnce
from campaigns.dialable.gates import GATES, Ask, shut
from campaigns.dialable.looser import LOOSENED, in_force, looser_rules
from campaigns.dialable.values import Basis, Candidate, Gate, GateCode, Rules, Verdict
from campaigns.foreign_text import inert
from campaigns.hours import RuleProfile, next_open
from campaigns.override import Override, of_kind
from campaigns.rules import ProfileFault, never_open, rules_of_places

if TYPE_CHECKING:
    from campaigns.registry import RegistryVerdict


def judge(candidate: Candidate, rules: Rules, now: datetime) -> Verdict:
    """Ask every gate; `now` is an aware instant. Never raises for what a candidate or a rule holds."""
    rules = looser = relied = _rules_for(candidate, rules)
    asked = rules.registries if isinstance(rules.registries, AskedOnce) else None
    gates = tuple(
        _ask(code, gate, candidate, rules, now)
        for code, gate in GATES.items()
        if code is not GateCode.CAMPAIGN_STATE or candidate.campaign_state is not None
    )
    if rules.overrides and any(not gate.passed and gate.code in LOOSENED for gate in gates):
        gates, looser, relied = _overridden(gates, candidate, rules, now)
    shut = tuple(gate for gate in gates if not gate.passed)
    return Verdict(
        dialable=not shut,
        gates=gates,
        hold=shut[0] if shut else None,
        ask_again_at=_ask_again_at(shut, candidate, looser),
        basis=_basis(rules, relied, None if asked is None else asked.said),
    )


def _overridden(
    gates: tuple[Gate, ...], candidate: Candidate, rules: Rules, now: datetime
) -> tuple[tuple[Gate, ...], Rules, Rules]:
    """The gates again, those that may be loosened asked by the looser rules; with these, and those of the hours that
    the call relies on.

    Nothing else is asked again. A fault leaves all as it was: an override that cannot be used is not in force.
    """
    try:
        found = in_force(candidate, rules, now)
        looser = looser_rules(rules, found)
    except Exception:
        return gates, rules, rules
    again = tuple(
        gate if gate.passed or gate.code not in LOOSENED else _by_override(gate, candidate, rules, found, now)
        for gate in gates
    )
    hours = next((gate.overrides for gate in again if gate.code is GateCode.CALLING_HOURS), ())
    return again, looser, looser_rules(rules, hours)


def _by_override(gate: Gate, candidate: Candidate, rules: Rules, found: tuple[Override, ...], now: datetime) -> Gate:
    """The gate by the looser rules; one that opens names only those overrides without which it would be shut."""
    needed = of_kind(found, LOOSENED[gate.code])
    if not needed:
        return gate

    def by(overrides: tuple[Override, ...]) -> Gate:
        return _ask(gate.code, GATES[gate.code], candidate, looser_rules(rules, overrides), now)

    asked = by(needed)
    if not asked.passed:
        return asked
    for each in sorted(needed, key=lambda one: one.id, reverse=True):  # of two that do the same the older one stays
        fewer = tuple(other for other in needed if other is not each)
        if fewer and (without := by(fewer)).passed:
            needed, asked = fewer, without
    reason = f"{asked.reason}; only by {', '.join(each.words for each in needed)}"
    return replace(asked, reason=reason, overrides=needed)


def _rules_for(candidate: Candidate, rules: Rules) -> Rules:
    """The rules for this candidate: of where he may be, and with one answer of the registries."""
    profile = rules.profile
    try:
        profile = rules_of_places(profile, candidate.regions)
    except Exception as fault:
        why = fault if isinstance(fault, ProfileFault) else type(fault).__name__
        where = inert(", ".join(candidate.regions), 60) or "its own profile"
        profile = never_open("no rules", f"the rules of {where} cannot be used: {why}")
    return Rules(
        settings=rules.settings,
        trunk=rules.trunk,
        profile=profile,
        registries=AskedOnce(rules.registries),
        overrides=rules.overrides,
        caller_id=rules.caller_id,
        emergencies=rules.emergencies,
        verified=rules.verified,
    )


def _basis(rules: Rules, by_hours: Rules, said: RegistryVerdict | None) -> Basis | None:
    """None when the rules are not even rules: then a gate is shut, and the receipt says that nothing is known."""
    try:
        caller_id, trunk = rules.settings.caller_id, rules.trunk.name
    except AttributeError:
        return None
    known = isinstance(rules.profile, RuleProfile)
    if not known:
        return None
    made_of = rules.profile.made_of
    return Basis(
        profile=rules.profile,
        hours=by_hours.profile,
        trunk=trunk,
        caller_id=caller_id,
        registry=said,
        verified=tuple(each for each in rules.verified if each.profile in made_of),
    )


def _ask(code: GateCode, gate: Ask, candidate: Candidate, rules: Rules, now: datetime) -> Gate:
    try:
        return gate(candidate, rules, now)
    except Exception as fault:
        return shut(code, f"this rule could not be evaluated ({type(fault).__name__}); held to be safe")


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
