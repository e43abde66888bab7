"""How are trunks made, listed and tested?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from campaigns.hours import PROFILES
from campaigns.model import CampaignState
from campaigns.storage.values import Trunk
from dialer.home import read_secret, write_secret
from dialer.refusal import Refused
from dialer.rules import LIST_PROFILES, is_loopback, unknown
from dialer.settings import sip_host_of
from dialer.standing_faults import SIP_HOST_MEND, why_unreachable
from dialer.trunk_probe import ask_options
from dialer.use_cases.arguments import Args
from dialer.use_cases.campaign_names import halted
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted, when

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ACCOUNT = re.compile(r"[A-Za-z0-9_.-]{1,128}:[A-Za-z0-9_.-]{1,128}")
STRICTEST = "strict"
NOTHING = "Nothing was stored."


def add(context: Context, args: Args) -> Done:
    """A trunk; a practice one leads to a loopback address only."""
    name, host = args.text("name", longest=64), args.text("host", longest=253)
    practice = args.flag("practice")
    caller_id = args.text("caller_id", longest=20)
    profile = args.optional_text("rule_profile", longest=64) or ("practice" if practice else STRICTEST)
    _check(name, host, caller_id, profile, practice=practice)
    per_second = args.number("attempts_per_second", 5.0)
    if not 0 < per_second <= 100:
        raise Refused(f"attempts_per_second = {per_second:g}: above 0, at most 100. {NOTHING}")
    account = _account(args)
    trunk = context.store.trunks.add(
        name,
        exchange=args.optional_text("exchange", context.settings.exchange.name, longest=31),
        host=host,
        port=args.integer("port", 5060, least=1, most=65_535),
        caller_id=caller_id,
        practice=practice,
        rule_profile=profile,
        max_calls=args.integer("max_calls", 30, least=1, most=10_000),
        attempts_per_second=per_second,
    )
    proof = args.optional_text("right_to_use", longest=500)
    if proof.strip():
        context.store.caller_ids.add(caller_id, proof, context.actor, context.now())
    if account:
        write_secret(context.home, f"trunk-{name}", account)
    context.later(lambda: _tell(context))
    kind = "Practice trunk" if practice else "Trunk"
    unreachable = why_unreachable(context.settings, [trunk])
    warning = f" But: {unreachable} Before you dial, {SIP_HOST_MEND}." if unreachable else ""
    chosen = "" if practice or args.optional_text("rule_profile", longest=64) else _by_default(trunk)
    message = f"{kind} {name} to {host}:{trunk.port} was made.{chosen}{warning}{_unproven(context, trunk)}"
    return Done(message=message, data={"trunk": _shown(trunk)})


def set_profile(context: Context, args: Args) -> Done:
    """Judge a trunk's calls by another rule profile; what its running campaigns then lack is told."""
    name, profile = args.text("name", longest=64), args.text("rule_profile", longest=64)
    trunk = context.store.trunks.by_name(name)
    if trunk is None:
        known = [each.name for each in context.store.trunks.all()]
        raise Refused(f"Trunk {unknown(name, known, 'dialer trunk add')}. Nothing was changed.")
    if profile not in PROFILES:
        raise Refused(f"Rule profile {unknown(profile, PROFILES, lister=LIST_PROFILES)}. Nothing was changed.")
    if profile == "practice" and not trunk.practice:
        raise Refused("Rule profile practice is for practice trunks only. Nothing was changed.")
    if profile == trunk.rule_profile:
        raise Refused(f"Trunk {name} is judged by {profile} already. Nothing was changed.")
    context.store.trunks.set_profile(name, profile)
    if context.engine is not None:
        context.later(context.engine.trunks_changed)
    words = f"Calls on trunk {name} are judged by {profile} from now on, not by {trunk.rule_profile}."
    data = {"trunk": _shown(replace(trunk, rule_profile=profile)), "former": trunk.rule_profile}
    return Done(message=" ".join((words, *_halted_campaigns(context, name))), data=data)


def _halted_campaigns(context: Context, trunk: str) -> Iterator[str]:
    for campaign in context.store.campaigns.all():
        settings = context.store.campaigns.settings(campaign.id)
        if campaign.state is CampaignState.RUNNING and settings.trunk == trunk:
            missing = halted(context, settings)
            if missing:
                yield f"Campaign {campaign.name} dials no more: missing {missing}."


def list_(context: Context, _args: Args) -> Done:
    """All trunks."""
    trunks = [_shown(trunk) for trunk in context.store.trunks.all()]
    return Done(message=f"{counted(len(trunks), 'trunk')}.", data={"trunks": trunks})


def test(context: Context, args: Args) -> Done:
    """Ask the far end by SIP OPTIONS; no call is placed. Raises Refused when nobody answers."""
    name = args.text("name", longest=64)
    trunk = context.store.trunks.by_name(name)
    if trunk is None:
        known = ", ".join(each.name for each in context.store.trunks.all()) or "none yet"
        raise Refused(f"There is no trunk {name!r}; known: {known}. No call was placed.")
    found = ask_options(trunk.host, trunk.port, from_host=sip_host_of(context.settings))
    data = {"trunk": _shown(trunk), "reachable": found.reachable, "sip_status": found.status, "took_ms": found.took_ms}
    if not found.reachable:
        raise Refused(f"Trunk {name}: {found.words}. Check host, port and firewall. No call was placed.", data)
    if trunk.suspended_reason:
        raise Refused(f"Trunk {name} {found.words}, but it is suspended: {trunk.suspended_reason}", data)
    return Done(message=f"Trunk {name} {found.words} after {found.took_ms} ms. No call was placed.", data=data)


def resume(context: Context, args: Args) -> Done:
    """Dial again on a trunk that was suspended, after its account was mended."""
    name = args.text("name", longest=64)
    trunk = context.store.trunks.by_name(name)
    if trunk is None or not trunk.suspended_reason:
        raise Refused(f"There is no suspended trunk {name!r}. Nothing was changed.")
    context.store.trunks.resume(name)
    if context.engine is not None:
        context.later(context.engine.trunks_changed)
    return Done(message=f"Trunk {name} may be dialled on again; it was suspended: {trunk.suspended_reason}")


def _by_default(trunk: Trunk) -> str:
    return (
        f" Its calls are judged by {trunk.rule_profile}, the strictest rules, for none were named; "
        f"'dialer trunk profile {trunk.name} us-federal' changes that."
    )


def _unproven(context: Context, trunk: Trunk) -> str:
    """What is missing before its own number may be shown by its own rules."""
    if trunk.practice or not any(rule.right_to_use for rule in PROFILES[trunk.rule_profile].duties.caller_ids):
        return ""
    if trunk.caller_id in context.store.caller_ids.in_force():
        return ""
    mend = f"dialer trunk caller-id add {trunk.caller_id} --right-to-use ..."
    return (
        f" Nothing is dialled under {trunk.rule_profile} before the right to use {trunk.caller_id} is recorded: {mend}"
    )


def _tell(context: Context) -> None:
    """The exchange first: while it cannot call on a new trunk (Refused), the engine must not try to."""
    if context.exchange is not None:
        context.exchange.phones_or_trunks_changed()
    if context.engine is not None:
        context.engine.trunks_changed()


def _check(name: str, host: str, caller_id: str, profile: str, *, practice: bool) -> None:
    faults = [
        words
        for broken, words in (
            (not _NAME.fullmatch(name), f"name {name[:40]!r}: lower-case letters, digits and -, at most 31"),
            (not _HOST.fullmatch(host), f"host {host[:40]!r}: a host name or an IPv4 address"),
            (not _E164.fullmatch(caller_id), f"caller ID {caller_id[:20]!r}: write it as +<country><number>"),
            (profile not in PROFILES, f"rule profile {profile[:40]!r}: one of {', '.join(sorted(PROFILES))}"),
            (practice and not is_loopback(host), f"a practice trunk leads to loopback (127.x.y.z), not to {host[:40]}"),
            (profile == "practice" and not practice, "rule profile practice is for practice trunks only"),
        )
        if broken
    ]
    if faults:
        raise Refused(f"The trunk cannot be made: {'; '.join(faults)}. {NOTHING}", {"faults": faults})


def _account(args: Args) -> str:
    file = args.optional_text("account_file", longest=4096)
    account = read_secret(Path(file)) if file else ""
    if account and not _ACCOUNT.fullmatch(account):
        raise Refused(f"{Path(file).name} must hold USER:PASSWORD of letters, digits, _ . or -. {NOTHING}")
    return account


def _shown(trunk: Trunk) -> dict[str, Any]:
    return {
        "name": trunk.name,
        "exchange": trunk.exchange,
        "host": trunk.host,
        "port": trunk.port,
        "caller_id": trunk.caller_id,
        "practice": trunk.practice,
        "rule_profile": trunk.rule_profile,
        "max_calls": trunk.max_calls,
        "attempts_per_second": trunk.attempts_per_second,
        "suspended": trunk.suspended_reason,
        "suspended_at": when(trunk.suspended_at),
    }


HANDLERS = {
    "trunk.add": Handler(run=add, kind=Kind.WRITE),
    "trunk.list": Handler(run=list_, kind=Kind.READ),
    "trunk.profile": Handler(run=set_profile, kind=Kind.WRITE),
    "trunk.test": Handler(run=test, kind=Kind.READ, slow=True),
    "trunk.resume": Handler(run=resume, kind=Kind.WRITE),
}
