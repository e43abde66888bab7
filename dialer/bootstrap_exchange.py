"""Which telephone system places the calls, and how is it made ready? The other half of bootstrap.

Managed: a private Asterisk, configured from the store, started and stopped with the service; after a crash of
ours its calls went on, and it is adopted. Own: one that others look after. Simulated: none.
"""

from __future__ import annotations

import asyncio
import filecmp
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaigns.storage.store import Store
from campaigns.storage.values import Agent
from campaigns.storage.values import Trunk as StoredTrunk
from dialer.home import Home, read_secret, write_secret
from dialer.recorded import recording_of, why_not_played
from dialer.refusal import Refused
from dialer.settings import Settings
from telephony.asterisk.adapter import AsteriskTelephony
from telephony.asterisk.adapter_link import Connect, ManagerAccess
from telephony.asterisk.ami import ManagerLink
from telephony.asterisk.configuration import (
    AgentPhone,
    ConfigurationError,
    ExchangeSettings,
    Folders,
    ManagerSecrets,
    Trunk,
    new_secret,
    render,
)
from telephony.asterisk.process import AsteriskError, ManagedAsterisk
from telephony.asterisk.provisioning import AsteriskInstall, ProvisioningError, find_or_unpack
from telephony.asterisk.sounds import SoundError
from telephony.call_log import CallLog
from telephony.clock import Clock
from telephony.port import Telephony
from telephony.simulator import Phone, PracticeCallees, SimulatedTelephony

log = logging.getLogger(__name__)

Tell = Callable[[str], None]

REHEARSAL_TALK = 4.0  # simulated callees talk this much longer than in the tests: long enough for a script


@dataclass(frozen=True, kw_only=True)
class Access:
    """Where the manager is and how its two users log in."""

    host: str
    port: int
    dialer_secret: str
    watch_secret: str

    def __repr__(self) -> str:
        return f"Access({self.host}:{self.port})"


class SimulatedInUse:
    """No telephone at all: practice numbers behave as in their table, agents' phones answer."""

    def __init__(self, *, settings: Settings, store: Store, clock: Clock) -> None:
        self._store = store
        self._phones = {agent.number: Phone() for agent in store.agents.all(active_only=True)}
        self._trunks = _trunk_names(store, settings)
        self.telephony: Telephony = SimulatedTelephony(
            clock,
            callees=PracticeCallees(talk=REHEARSAL_TALK),
            exchange=settings.exchange.name,
            trunks=self._trunks,
            phones=self._phones,
        )

    def why_not_played(self, message: str) -> str:  # noqa: ARG002 (another exchange asks for it)
        """Nobody hears it."""
        return ""

    def start(self) -> None:
        """Nothing has to be started."""

    def stop(self) -> None:
        """Nothing has to be stopped."""

    def let_go(self) -> None:
        """Nothing runs on."""

    def phones_or_trunks_changed(self) -> None:
        """New phones and trunks are there at the next start."""
        _refuse_new_trunks(self._trunks, self._store, "")


class OwnInUse:
    """An Asterisk of the user's, reached through its manager; nothing of it is started, stopped or written."""

    def __init__(
        self, *, home: Home, settings: Settings, store: Store, clock: Clock, loop: asyncio.AbstractEventLoop
    ) -> None:
        ami = settings.ami
        access = Access(
            host=ami.host, port=ami.port, dialer_secret=ami.secret.reveal(), watch_secret=ami.watch_secret.reveal()
        )
        self._home, self._settings, self._store = home, settings, store
        self._trunks = _trunk_names(store, settings)
        users = (settings.ami.user, settings.ami.watch_user)
        self.telephony = _asterisk(home, settings, store, clock, loop, access, users)

    def why_not_played(self, message: str) -> str:
        """Whoever looks after it says in the settings which recordings it has."""
        return why_not_played(self._home, self._settings, message)

    def start(self) -> None:
        """It runs already; the link is made when the engine starts."""

    def stop(self) -> None:
        """It runs on."""

    def let_go(self) -> None:
        """It runs on."""

    def phones_or_trunks_changed(self) -> None:
        """Whoever looks after it gives it accounts and trunks."""
        _refuse_new_trunks(self._trunks, self._store, " Your Asterisk needs an endpoint of the same name.")


class ManagedInUse:
    """A private Asterisk in the home, configured from the store."""

    def __init__(
        self,
        *,
        home: Home,
        settings: Settings,
        store: Store,
        clock: Clock,
        loop: asyncio.AbstractEventLoop,
        tell: Tell,
    ) -> None:
        self._home, self._settings, self._store, self._loop, self._tell = home, settings, store, loop, tell
        self._secrets = ManagerSecrets(dialer=_kept(home, "ami"), watch=_kept(home, "ami-watch"))
        self._trunks = _trunk_names(store, settings)
        self._asterisk: ManagedAsterisk | None = None
        access = Access(
            host=settings.ami.host,
            port=settings.ami.port,
            dialer_secret=self._secrets.dialer,
            watch_secret=self._secrets.watch,
        )
        self.telephony = _asterisk(home, settings, store, clock, loop, access, ("dialer", "watch"))
        self._plan = self.plan()

    def plan(self) -> Callable[[AsteriskInstall], ExchangeSettings]:
        """What the exchange is to be, read from the store on the loop's thread; the install is found elsewhere."""
        agents = tuple(phone for agent in self._store.agents.all(active_only=True) if (phone := self._phone(agent)))
        trunks = tuple(self._trunk(trunk) for trunk in _trunks(self._store, self._settings))
        return lambda install: self._exchange(install, agents, trunks)

    def why_not_played(self, message: str) -> str:
        """The recording in the home, as the running Asterisk has it."""
        why = why_not_played(self._home, self._settings, message)
        given = recording_of(self._home, message)
        folders = Folders.under(self._home.asterisk, self._home.asterisk)
        played = folders.data / "sounds" / "en" / given.name
        if why or (played.exists() and filecmp.cmp(given, played, shallow=False)):
            return why
        return f"{given} was put there after the private Asterisk had started: start 'dialer serve' anew"

    def start(self) -> None:
        """Find or unpack Asterisk, then adopt the one a crash left running, or start one. Raises Refused."""
        try:
            self._start(self._plan)
        except (ProvisioningError, AsteriskError, ConfigurationError, SoundError, OSError) as fault:
            raise Refused(f"The private Asterisk cannot be used: {fault} Nothing is dialled.") from fault

    def stop(self) -> None:
        """End it; running calls end."""
        if self._asterisk is not None:
            self._asterisk.stop()

    def let_go(self) -> None:
        """Leave it running; the next start adopts it with its calls."""
        if self._asterisk is not None:
            self._asterisk.let_go()

    def phones_or_trunks_changed(self) -> None:
        """Write its configuration anew and let it read that, beside the loop; calls go on."""
        asterisk = self._asterisk
        if asterisk is None:
            return
        files = render(self.plan()(asterisk.install))
        self._loop.run_in_executor(None, self._reconfigure, asterisk, files)
        _refuse_new_trunks(self._trunks, self._store, "")

    def _start(self, plan: Callable[[AsteriskInstall], ExchangeSettings]) -> None:
        install = find_or_unpack(log=self._tell)
        exchange = plan(install)
        asterisk = ManagedAsterisk(
            install,
            exchange.folders,
            render(exchange),
            sounds=_own_sounds(self._home),
            die_with_parent=False,  # a crash of ours must not end the customers' calls
            on_died=lambda reason: log.warning("%s; it is started again", reason),
            log=self._tell,
        )
        if asterisk.start_or_adopt():
            asterisk.reconfigure(render(exchange))
        self._asterisk = asterisk

    def _reconfigure(self, asterisk: ManagedAsterisk, files: Any) -> None:
        try:
            asterisk.reconfigure(files)
        except (AsteriskError, OSError):
            log.exception("Asterisk did not take its new configuration; phones and trunks stay as they were")

    def _exchange(
        self, install: AsteriskInstall, agents: tuple[AgentPhone, ...], trunks: tuple[Trunk, ...]
    ) -> ExchangeSettings:
        exchange = self._settings.exchange
        return ExchangeSettings(
            folders=Folders.under(self._home.asterisk, install.modules_dir),
            manager_secrets=self._secrets,
            sip_host=exchange.sip_host,
            sip_port=exchange.sip_port,
            manager_host=self._settings.ami.host,
            manager_port=self._settings.ami.port,
            rtp_first=exchange.rtp_first,
            rtp_last=exchange.rtp_last,
            trunks=trunks,
            agents=agents,
            login_extension=exchange.login_extension,
            max_calls=exchange.max_calls,
        )

    def _phone(self, agent: Agent) -> AgentPhone | None:
        try:
            return AgentPhone(number=agent.number, secret=read_secret(self._home.secrets / agent.sip_secret_ref))
        except (Refused, ConfigurationError) as fault:
            log.warning("agent %s has no phone: %s", agent.name, fault)
            return None

    def _trunk(self, trunk: StoredTrunk) -> Trunk:
        account = self._home.secrets / f"trunk-{trunk.name}"
        user, _, password = read_secret(account).partition(":") if account.exists() else ("", "", "")
        return Trunk(
            name=trunk.name,
            host=trunk.host,
            port=trunk.port,
            practice=trunk.practice,
            caller_id=trunk.caller_id,
            username=user or None,
            password=password or None,
        )


def _asterisk(
    home: Home,
    settings: Settings,
    store: Store,
    clock: Clock,
    loop: asyncio.AbstractEventLoop,
    access: ManagerAccess,
    users: tuple[str, str],
) -> Telephony:
    return AsteriskTelephony(
        clock,
        exchange=settings.exchange.name,
        access=access,
        connect=_connecting(users, loop),
        trunks=_trunk_names(store, settings),
        prefix=store.prefix,
        log=CallLog(home.logs / "calls.log", clock),
    )


def _connecting(users: tuple[str, str], loop: asyncio.AbstractEventLoop) -> Connect:
    """The adapter's two users under the names they have on this Asterisk; news arrive on the loop's thread."""

    def connect(access: ManagerAccess, user: str, **hears: Any) -> ManagerLink:
        orders, watches = users
        return ManagerLink(
            access.host,
            access.port,
            orders if user == "dialer" else watches,
            access.dialer_secret if user == "dialer" else access.watch_secret,
            deliver=loop.call_soon_threadsafe,
            **hears,
        )

    return connect


def _trunks(store: Store, settings: Settings) -> tuple[StoredTrunk, ...]:
    return tuple(trunk for trunk in store.trunks.all() if trunk.exchange == settings.exchange.name)


def _trunk_names(store: Store, settings: Settings) -> tuple[str, ...]:
    return tuple(trunk.name for trunk in _trunks(store, settings))


def _refuse_new_trunks(known: tuple[str, ...], store: Store, more: str) -> None:
    new = [trunk.name for trunk in store.trunks.all() if trunk.name not in known]
    if new:
        raise Refused(f"trunk {', '.join(new)} is dialled on after the next start of the service.{more}")


def _kept(home: Home, name: str) -> str:
    """A manager secret of the private Asterisk, made at the first start."""
    path = home.secrets / name
    if not path.exists():
        write_secret(home, name, new_secret())
    return read_secret(path)


def _own_sounds(home: Home) -> dict[str, Path]:
    """Sounds the user gave: <home>/sounds/NAME.wav plays as NAME, such as safe-harbour."""
    return {path.stem: path for path in sorted((home.root / "sounds").glob("*.wav"))}
