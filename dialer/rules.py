"""What are a campaign's leads judged by, or what is missing for it? Asked by the engine, "why not?" and settings."""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from campaigns.declaration import Declaration, Declares, why_not_said
from campaigns.dialable import RegistryLists, Rules, ShownNumber, Verified, why_never_shown
from campaigns.dialable import Trunk as RuleTrunk
from campaigns.emergency import Emergency
from campaigns.override import Override
from campaigns.rules import PROFILES, ProfileFault, RuleProfile, both, for_purpose
from campaigns.settings import CampaignSettings
from campaigns.storage.store import Store
from campaigns.storage.values import Trunk
from dialer.recorded import WhyNotPlayed

LIST_PROFILES = "'dialer rules list' shows all"


@dataclass(frozen=True, kw_only=True)
class OnRecord:
    """What people recorded that rules depend on: overrides of the campaign, states of emergency, caller IDs.

    `rights`: numbers that may be shown, each with its proof; None where the caller ID is not asked about.
    `profiles`: who declared that he confirmed them. `messages`: what recordings were declared to say; `fingerprint`: of
    the campaign's own as it is now, empty where it is not kept here, None where what it says is not asked about.
    """

    overrides: tuple[Override, ...] = ()
    emergencies: tuple[Emergency, ...] = ()
    rights: Mapping[str, str] | None = None
    messages: Mapping[str, Declaration] = field(default_factory=dict)
    profiles: Mapping[str, Declaration] = field(default_factory=dict)
    fingerprint: str | None = None


def on_record(store: Store, campaign_id: int, fingerprint: str | None) -> OnRecord:
    """All of it, as it is stored now; `fingerprint` of the campaign's message. Raises StoreUnavailable."""
    return OnRecord(
        overrides=store.overrides.of_campaign(campaign_id),
        emergencies=store.emergencies.all(),
        rights=store.caller_ids.in_force(),
        messages=store.declarations.in_force(Declares.MESSAGE),
        profiles=store.declarations.in_force(Declares.PROFILE),
        fingerprint=fingerprint,
    )


def rules_for(
    settings: CampaignSettings,
    trunks: Iterable[Trunk],
    why_not_played: WhyNotPlayed,
    registries: RegistryLists | None = None,
    known: OnRecord = OnRecord(),
) -> tuple[Rules | None, str]:
    """The rules, and what is missing to dial by them. Campaign and trunk each name a profile: both must allow."""
    by_name = {trunk.name: trunk for trunk in trunks}
    stored = by_name.get(settings.trunk)
    if stored is None:
        return None, f"a trunk: {unknown(settings.trunk, by_name, 'dialer trunk add')}"
    for name, whose in ((settings.rule_profile, ""), (stored.rule_profile, f" of trunk {stored.name}")):
        if name not in PROFILES:
            return None, f"a rule profile{whose}: {unknown(name, PROFILES, lister=LIST_PROFILES)}"
    try:
        together = both(PROFILES[settings.rule_profile], PROFILES[stored.rule_profile])
        profile = for_purpose(together, settings.purpose)
    except ProfileFault as fault:
        return None, f"a rule profile that can be used: {fault}"
    trunk = RuleTrunk(name=stored.name, practice=stored.practice, loopback=is_loopback(stored.host))
    if profile.practice and not (trunk.loopback and trunk.practice):
        return None, f"rule profile {profile.name} is for practice trunks on loopback; {trunk.name} is not one"
    looser = ", ".join(looser_than(settings, profile))
    if looser:
        return None, f"settings that rule profile {profile.name} allows: {looser}"
    silent = "" if trunk.practice else why_not_played(settings.message)
    missing = f"a message {settings.message!r} that names the seller and a number: {silent}" if silent else ""
    if known.fingerprint is not None and not trunk.practice and not missing:
        said = known.messages.get(settings.message)
        why = why_not_said(settings, profile.duties.messages, said, known.fingerprint)
        asks = f"a message {settings.message!r} that says what rule profile {profile.name} asks"
        missing = f"{asks}: {why}" if why else ""
    shown = _shown(settings.caller_id or stored.caller_id, known.rights)
    if shown is not None and not trunk.practice and not missing:
        why = why_never_shown(shown, profile.duties.caller_ids, profile.regions)
        missing = f"a caller ID that rule profile {profile.name} allows: {why}" if why else ""
    return Rules(
        settings=settings,
        trunk=trunk,
        profile=profile,
        registries=registries,
        overrides=known.overrides,
        caller_id=shown,
        emergencies=known.emergencies,
        verified=verified(known.profiles),
    ), missing


def verified(declared: Mapping[str, Declaration]) -> tuple[Verified, ...]:
    """Who confirmed which profiles in the version that is here: those of the files, and those declared here."""
    return tuple(
        Verified(profile=name, version=PROFILES[name].version, by=each.checked_by, on=each.recorded_at.date())
        for name, each in sorted(declared.items())
        if name in PROFILES and each.says.get("version") == str(PROFILES[name].version)
    )


def _shown(number: str, rights: Mapping[str, str] | None) -> ShownNumber | None:
    return None if rights is None else ShownNumber(number=number, right_to_use=rights.get(number, ""))


def looser_than(settings: CampaignSettings, profile: RuleProfile) -> Iterator[str]:
    """The campaign's own limits that are looser than the profile's, each with the one it must keep."""
    duties = profile.duties
    cap, connect_ms = duties.abandon_cap, duties.connect_within_ms
    if cap is not None and settings.abandon_cap > cap:
        yield f"abandon_cap = {settings.abandon_cap} (at most {cap})"
    if connect_ms is not None and settings.connect_within_ms > connect_ms:
        yield f"connect_within_ms = {settings.connect_within_ms} (at most {connect_ms})"
    if settings.ring_timeout_s < duties.ring_at_least_s:
        yield f"ring_timeout_s = {settings.ring_timeout_s} (at least {duties.ring_at_least_s})"
    message_ms = min((each.within_ms for each in duties.messages), default=settings.message_starts_ms)
    if settings.message_starts_ms > message_ms:
        yield f"message_starts_ms = {settings.message_starts_ms} (at most {message_ms})"


def unknown(name: str, known: Iterable[str], maker: str = "", lister: str = "") -> str:
    """`'offr' is not known (did you mean offer?); known: offer`, or how one is made; of many, how all are listed."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    meant = f" (did you mean {near[0]}?)" if near else ""
    none = f"none yet ({maker})" if maker else "none"
    rest = f" and {len(names) - 20} more ({lister})" if len(names) > 20 and lister else ""
    return f"{name[:64]!r} is not known{meant}; known: {', '.join(names[:20]) or none}{rest}"


def is_loopback(host: str) -> bool:
    """Only a literal loopback address counts; a name might be answered differently tomorrow."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
