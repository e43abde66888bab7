"""Can the telephone system be used: found, logged in to, of the right version, its trunks and phones reachable?"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

from campaigns.storage.store import Store
from dialer.findings import Finding, fault, good
from dialer.home import Home, read_secret
from dialer.refusal import Refused
from dialer.settings import ExchangeKind, Settings, sip_host_of
from dialer.standing_faults import SIP_HOST_MEND, why_unreachable
from dialer.trunk_probe import ask_options
from telephony.asterisk import adapter_actions
from telephony.asterisk.adapter_status import reachable_devices
from telephony.asterisk.ami import LinkError, ManagerLink
from telephony.asterisk.laboratory import build_private_exchange
from telephony.asterisk.probe import Finding as Probed
from telephony.asterisk.probe import ManagerLogin, probe
from telephony.asterisk.process import AsteriskError
from telephony.asterisk.provisioning import (
    LEAST_WORDS,
    default_cache,
    find_on_path,
    find_unpacked,
    recent_enough,
)
from telephony.practice_exchange import PracticeError

LOG_IN_LIMIT_S = 5.0
TRUNK_LIMIT_S = 1.5


def examine_exchange(home: Home, settings: Settings, store: Store, trying_out: bool) -> Iterator[Finding]:
    """All findings about the telephone system that the settings name."""
    kind = settings.exchange.kind
    if kind is ExchangeKind.SIMULATED:
        yield good("exchange", "simulated: no telephone is used")
        return
    yield from examine_installation(settings)
    running = yield from _manager(home, settings, store)
    if trying_out and running:
        trunk = next((t.name for t in store.trunks.all() if t.exchange == settings.exchange.name), None)
        yield from features(home, settings, trunk, detecting(store))
    elif trying_out and kind is ExchangeKind.MANAGED:
        yield from features_of_a_private_one(detecting(store))
    yield from _trunks(settings, store)


def examine_installation(settings: Settings) -> Iterator[Finding]:
    """Whether an Asterisk of ours can be started here."""
    if settings.exchange.kind is ExchangeKind.MANAGED:
        yield _installed()


def _installed() -> Finding:
    told: list[str] = []
    install = find_on_path(told.append) or find_unpacked(default_cache())
    if install is not None:
        source = "installed" if install.source == "path" else "unpacked privately"
        return good("Asterisk", f"{install.version}, {source}")
    words = "; ".join(["none is here", *told])
    mend = f"'dialer serve' or 'dialer demo' unpacks one on Debian and Ubuntu; else install {LEAST_WORDS}"
    return fault("Asterisk", words, mend)


def _manager(home: Home, settings: Settings, store: Store) -> Generator[Finding, None, bool]:
    """Whether it runs and lets us in is also the value returned."""
    ami = settings.ami
    where = f"{ami.host}:{ami.port}"
    try:
        user, secret = _account(home, settings)
    except Refused as refusal:
        yield good("manager", f"not asked: {refusal.message}")
        return False
    link = ManagerLink(ami.host, ami.port, user, secret, events=False)
    link.start()
    try:
        link.wait_until_up(LOG_IN_LIMIT_S)
        yield good("manager", f"logged in to {where} as {user}")
        yield _version(link)
        yield from _phones(link, store)
        return True
    except LinkError as refusal:
        yield _not_logged_in(settings, where, refusal)
        return False
    finally:
        link.close()


def detecting(store: Store) -> tuple[str, ...]:
    """The campaigns that need answering machine detection."""
    return tuple(c.name for c in store.campaigns.all() if store.campaigns.settings(c.id).detects)


def features(home: Home, settings: Settings, trunk: str | None, detecting: tuple[str, ...] = ()) -> Iterator[Finding]:
    """What the running Asterisk can do of what the dialer needs, seen and not believed; nobody is called."""
    ami, managed = settings.ami, settings.exchange.kind is ExchangeKind.MANAGED
    login = ManagerLogin(
        host=ami.host,
        port=ami.port,
        dialer_secret=read_secret(home.secrets / "ami") if managed else ami.secret.reveal(),
        watch_secret=read_secret(home.secrets / "ami-watch") if managed else ami.watch_secret.reveal(),
        dialer_user="dialer" if managed else ami.user,
        watch_user="watch" if managed else ami.watch_user,
    )
    yield from _as_findings(probe(login, trunk), detecting)


def features_of_a_private_one(detecting: tuple[str, ...] = ()) -> Iterator[Finding]:
    """Start one for a moment, in a folder of its own, and ask it."""
    install = find_on_path(lambda _: None) or find_unpacked(default_cache())
    if install is None:
        return
    try:
        with tempfile.TemporaryDirectory() as folder, build_private_exchange(Path(folder), install=install) as pair:
            manager = pair.manager
            login = ManagerLogin(
                host=manager.host,
                port=manager.port,
                dialer_secret=manager.dialer_secret,
                watch_secret=manager.watch_secret,
            )
            yield from _as_findings(probe(login, pair.trunk), detecting)
    except (AsteriskError, PracticeError, OSError) as refusal:
        yield fault("private Asterisk", f"it was started for a look, and failed: {refusal}", "see its words above")


def _as_findings(found: tuple[Probed, ...], detecting: tuple[str, ...]) -> Iterator[Finding]:
    for each in found:
        if each.ok:
            yield good(each.name, each.seen)
        elif each.needed:
            yield fault(each.name, each.seen, each.advice)
        elif detecting:
            yield fault(each.name, f"{each.seen}; needed by {', '.join(detecting)}", each.advice)
        else:
            yield good(each.name, f"{each.seen}; no campaign needs it")


def _account(home: Home, settings: Settings) -> tuple[str, str]:
    """Raises Refused when the private Asterisk was never started."""
    if settings.exchange.kind is ExchangeKind.OWN:
        return settings.ami.user, settings.ami.secret.reveal()
    if not (home.secrets / "ami").exists():
        raise Refused("the private Asterisk was not started yet.")
    return "dialer", read_secret(home.secrets / "ami")


def _not_logged_in(settings: Settings, where: str, refusal: LinkError) -> Finding:
    if settings.exchange.kind is ExchangeKind.MANAGED and refusal.fault.name == "UNREACHABLE":
        return good("manager", "the private Asterisk is not running; 'dialer serve' starts it")
    return fault("manager", f"{where}: {refusal}", "check [ami] host, port, user and secret file in dialer.toml")


def _version(link: ManagerLink) -> Finding:
    reply = link.request([("Action", "CoreSettings")])
    found = reply.response.get("AsteriskVersion") if reply.ok and reply.response is not None else ""
    if not found:
        return fault("version", f"Asterisk does not tell it: {reply.reason}", "give the user the class 'reporting'")
    if not recent_enough(found):
        words = f"Asterisk {found}; event filters by name, PJSIPHangup and SIP status on hang-up are not all in it"
        return fault("version", words, f"install {LEAST_WORDS}")
    return good("version", f"Asterisk {found}")


def _phones(link: ManagerLink, store: Store) -> Iterator[Finding]:
    reply = link.request_list(adapter_actions.device_states())
    if not reply.ok:
        yield fault("phones", f"Asterisk does not tell: {reply.reason}", "give the user the class 'reporting'")
        return
    reachable = reachable_devices(reply)
    for agent in store.agents.all(active_only=True):
        name = f"phone of {agent.name}"
        if reachable.get(agent.number):
            yield good(name, f"{agent.number} is registered")
        else:
            mend = "start the softphone and check its account and password"
            yield fault(name, f"{agent.number} is not registered", mend)


def _trunks(settings: Settings, store: Store) -> Iterator[Finding]:
    unreachable = why_unreachable(settings, store.trunks.all())
    if unreachable:
        yield fault("address", unreachable, SIP_HOST_MEND)
    trunks = store.trunks.all()
    if not trunks:
        yield good("trunks", "there is none yet (dialer trunk add)")
    for trunk in trunks:
        name = f"trunk {trunk.name}"
        found = ask_options(trunk.host, trunk.port, TRUNK_LIMIT_S, from_host=sip_host_of(settings))
        if not found.reachable:
            yield fault(name, found.words, "check host, port and firewall; is the far end running?")
        elif trunk.suspended_reason:
            yield fault(name, f"suspended: {trunk.suspended_reason}", "mend its account, then 'dialer trunk resume'")
        else:
            yield good(name, f"{found.words} after {found.took_ms} ms")
