"""How does one get a dialer's Asterisk and a practice exchange, running as a pair, for a test or the demo?

Both run privately on loopback addresses of their own, so any number of pairs can run side by side.
"""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

from telephony.asterisk.configuration import (
    AgentPhone,
    ExchangeSettings,
    Folders,
    ManagerSecrets,
    Trunk,
    new_secret,
    render,
)
from telephony.asterisk.process import ManagedAsterisk
from telephony.asterisk.provisioning import AsteriskInstall, find_or_unpack
from telephony.practice_exchange import PracticeExchange
from telephony.practice_log import PracticeCall
from telephony.practice_plan import PracticePace

SIP_PORT, MANAGER_PORT = 5060, 5038
PRACTICE_TRUNK = "practice"

Log = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class ManagerAccess:
    """How to reach Asterisk's manager: two users, `dialer` and `watch`, with a secret each."""

    host: str
    port: int
    dialer_secret: str
    watch_secret: str


@dataclass(frozen=True, kw_only=True)
class Laboratory:
    """A running pair; `close` ends both. `settings` is what the dialer's Asterisk was configured from."""

    install: AsteriskInstall
    asterisk: ManagedAsterisk
    practice: PracticeExchange
    settings: ExchangeSettings

    def __enter__(self) -> "Laboratory":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def manager(self) -> ManagerAccess:
        """Where and how the manager is reached."""
        secrets = self.settings.manager_secrets
        return ManagerAccess(
            host=self.settings.manager_host,
            port=self.settings.manager_port,
            dialer_secret=secrets.dialer,
            watch_secret=secrets.watch,
        )

    @property
    def agents(self) -> tuple[AgentPhone, ...]:
        """The agents' SIP accounts, to be registered at `settings.sip_host`:`settings.sip_port`."""
        return self.settings.agents

    @property
    def trunk(self) -> str:
        """Name of the trunk to the practice exchange."""
        return PRACTICE_TRUNK

    def practice_log(self) -> tuple[PracticeCall, ...]:
        """What the far end saw of every call."""
        return self.practice.log()

    def close(self) -> None:
        """End the dialer's Asterisk first, then the far end."""
        try:
            self.asterisk.stop()
        finally:
            self.practice.stop()


def build_private_exchange(
    folder: Path,
    *,
    agents: int = 5,
    install: AsteriskInstall | None = None,
    pace: PracticePace | None = None,
    sounds: Mapping[str, Path] | None = None,
    die_with_parent: bool = True,
    supervise: bool = True,
    on_died: Callable[[str], None] | None = None,
    extra_trunks: tuple[Trunk, ...] = (),
    rtp_timeout_s: int = 30,
    agent_rtp_timeout_s: int = 5,
    safe_harbour_ms: int = 1800,
    join_beep: bool = True,
    log: Log = lambda _line: None,
) -> Laboratory:
    """Start both in `folder` (made if missing) and return the running pair.

    Agents are numbered from 1001. ProvisioningError, AsteriskError or PracticeError when something is missing;
    nothing is left running then.
    """
    found = install or find_or_unpack(log=log)
    practice = PracticeExchange(
        found, folder / "practice", free_loopback_address(), pace=pace, die_with_parent=die_with_parent, log=log
    )
    host = free_loopback_address()
    far_end = practice.trunk(PRACTICE_TRUNK)
    settings = ExchangeSettings(
        folders=Folders.under(folder / "asterisk", found.modules_dir),
        manager_secrets=ManagerSecrets.new(),
        sip_host=host, sip_port=SIP_PORT, manager_host=host, manager_port=MANAGER_PORT,
        rtp_first=10000, rtp_last=19999,
        trunks=(_with_timeout(far_end, rtp_timeout_s), *extra_trunks),
        agents=tuple(AgentPhone(number=str(1001 + index), secret=new_secret()) for index in range(agents)),
        agent_rtp_timeout_s=agent_rtp_timeout_s, safe_harbour_ms=safe_harbour_ms, join_beep=join_beep,
    )  # fmt: skip
    asterisk = ManagedAsterisk(
        found, settings.folders, render(settings), sounds=sounds, die_with_parent=die_with_parent,
        supervise=supervise, on_died=on_died, log=log,
    )  # fmt: skip
    return _started(Laboratory(install=found, asterisk=asterisk, practice=practice, settings=settings))


def _started(laboratory: Laboratory) -> Laboratory:
    try:
        laboratory.practice.start()
        laboratory.asterisk.start()
    except BaseException:
        laboratory.close()
        raise
    return laboratory


def _with_timeout(trunk: Trunk, rtp_timeout_s: int) -> Trunk:
    return Trunk(
        name=trunk.name, host=trunk.host, port=trunk.port, practice=True, qualify_s=trunk.qualify_s,
        rtp_timeout_s=rtp_timeout_s,
    )  # fmt: skip


def free_loopback_address() -> str:
    """A random loopback address where nobody uses the SIP and manager ports; chance keeps pairs apart."""
    draw = SystemRandom()
    for _try in range(50):
        address = f"127.{draw.randint(1, 254)}.{draw.randint(0, 255)}.{draw.randint(2, 254)}"
        if _free(address, SIP_PORT, socket.SOCK_DGRAM) and _free(address, MANAGER_PORT, socket.SOCK_STREAM):
            return address
    raise OSError("No free loopback address was found in 50 tries; is another SIP server bound to all addresses?")


def _free(address: str, port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
