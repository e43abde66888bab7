"""What is wrong here although the dialer can start? Told by `serve` as alarms, and by the doctor with its mend."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from campaigns.model import CampaignState
from campaigns.registry import Freshness
from campaigns.storage.store import Store
from campaigns.storage.values import Trunk
from dialer.home import Home, read_secret
from dialer.lists_asked import EVERY_LEAD, lists_needed
from dialer.refusal import Refused
from dialer.registries import KeptRegistries, kept_registries
from dialer.rules import is_loopback
from dialer.settings import ExchangeKind, Settings

SIP_HOST_MEND = "set [exchange] sip_host in dialer.toml to this machine's address in their network"


def standing_faults(home: Home, settings: Settings, store: Store) -> tuple[str, ...]:
    """One sentence each, with what to do."""
    words = why_unreachable(settings, store.trunks.all())
    address = (f"{words} {_capital(SIP_HOST_MEND)}, then start 'dialer serve' anew.",) if words else ()
    return (*address, *_agents_without_phone(home, settings, store))


def registries_that_hold(home: Home, settings: Settings, now: datetime) -> tuple[str, ...]:
    """National registries that are missing, damaged, too old, or will be within days: one sentence each."""
    kept = kept_registries(home, settings)
    if kept is None:
        return ()
    return warnings_of(kept, now)


def warnings_of(kept: KeptRegistries, now: datetime) -> tuple[str, ...]:
    """The same of registries that are open already."""
    found = kept.standings(now).values()
    return tuple(
        each if isinstance(each, str) else each.reason
        for each in found
        if isinstance(each, str) or each.freshness is not Freshness.FRESH
    )


def lists_that_hold(kept: KeptRegistries | None, store: Store, now: datetime) -> tuple[str, ...]:
    """Lists that the rules of running campaigns ask for, for every lead, and that hold them or soon will."""
    trunks = store.trunks.all()
    in_force = None if kept is None else kept.in_force
    told: list[str] = []
    for campaign in store.campaigns.all():
        if campaign.state is CampaignState.RUNNING:
            settings = store.campaigns.settings(campaign.id)
            found = lists_needed(settings, trunks, in_force, now)
            told += [need.told for need in found if need.where == EVERY_LEAD and need.told]
    return tuple(told)


def why_unreachable(settings: Settings, trunks: Iterable[Trunk]) -> str:
    """Why carriers cannot reach the private Asterisk at the address it listens on; empty when they can."""
    exchange = settings.exchange
    here = exchange.sip_host == "localhost" or is_loopback(exchange.sip_host)
    if exchange.kind is not ExchangeKind.MANAGED or not here:
        return ""
    away = [f"{t.name} ({t.host})" for t in trunks if t.exchange == exchange.name and not is_loopback(t.host)]
    if not away:
        return ""
    which = f"trunk {', '.join(away[:5])} {'lead' if len(away) > 1 else 'leads'} elsewhere"
    return f"The private Asterisk listens on {exchange.sip_host}, for this machine only, but {which}."


def exposed_secrets(home: Home) -> Iterator[tuple[Path, int]]:
    """The files in the folder of secrets that others may read or write, with their modes."""
    try:
        entries = sorted(home.secrets.iterdir())
    except OSError:
        return
    for path in entries:
        mode = stat.S_IMODE(os.lstat(path).st_mode)
        if path.is_symlink() or mode & 0o077:
            yield path, mode


def _agents_without_phone(home: Home, settings: Settings, store: Store) -> Iterator[str]:
    if settings.exchange.kind is not ExchangeKind.MANAGED:
        return
    for agent in store.agents.all(active_only=True):
        try:
            read_secret(home.secrets / agent.sip_secret_ref)
        except Refused as refused:
            why = refused.message.removesuffix(" Nothing was done.")
            yield f"Agent {agent.name} has no phone: {why} Then start 'dialer serve' anew."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
