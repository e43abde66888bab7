"""What must be known before Asterisk's configuration can be written?

Plain frozen values; each refuses what could break out of a configuration line or what the dialplan cannot serve.
"""

import hashlib
import re
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

AGENT_NUMBER = re.compile(r"[0-9]{4}")
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
SECRET = re.compile(r"[A-Za-z0-9_.-]{1,128}")
CALLER_ID = re.compile(r"\+?[0-9]{3,15}")
LOGIN_EXTENSION = re.compile(r"[*0-9][0-9]{1,7}")
CODECS = frozenset({"ulaw", "alaw"})
LONGEST_SOCKET_PATH = 100


class ConfigurationError(ValueError):
    """A value that must not get into a configuration file; nothing was written."""


def new_secret() -> str:
    """32 random characters, good for a manager user or a softphone."""
    return secrets.token_hex(16)


def _check(pattern: re.Pattern[str], value: str, what: str) -> None:
    if not pattern.fullmatch(value):
        raise ConfigurationError(f"{what} {value[:40]!r} is not allowed (must match {pattern.pattern}).")


def _check_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise ConfigurationError(f"{port} is not a port number (1 to 65535).")


@dataclass(frozen=True, kw_only=True)
class Trunk:
    """A SIP trunk known by address. `practice` marks the one to the practice exchange, on loopback only."""

    name: str
    host: str
    port: int = 5060
    practice: bool = False
    caller_id: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    codecs: tuple[str, ...] = ("ulaw", "alaw")
    qualify_s: int = 10
    rtp_timeout_s: int = 30

    def __post_init__(self) -> None:
        _check(NAME, self.name, "Trunk name")
        _check(HOST, self.host, "Trunk host")
        _check_port(self.port)
        if self.caller_id is not None:
            _check(CALLER_ID, self.caller_id, "Caller ID")
        for text in (self.username, self.password):
            if text is not None:
                _check(SECRET, text, "Trunk account")
        if not self.codecs or not set(self.codecs) <= CODECS:
            raise ConfigurationError(f"Trunk {self.name} has codecs {self.codecs}; choose of {sorted(CODECS)}.")
        if self.practice and not self.host.startswith("127."):
            raise ConfigurationError(f"Trunk {self.name} is a practice trunk but {self.host} is not on loopback.")


@dataclass(frozen=True, kw_only=True)
class AgentPhone:
    """An agent's SIP account: exactly four digits, because his room's extension is `_XXXX`."""

    number: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        _check(AGENT_NUMBER, self.number, "Agent number")
        _check(SECRET, self.secret, "Secret of an agent")


@dataclass(frozen=True, kw_only=True)
class ManagerSecrets:
    """Passwords of the manager users: `dialer` gives orders, `watch` only hears of trunks, phones and boots."""

    dialer: str = field(repr=False)
    watch: str = field(repr=False)

    def __post_init__(self) -> None:
        _check(SECRET, self.dialer, "Manager secret")
        _check(SECRET, self.watch, "Manager secret")

    @classmethod
    def new(cls) -> Self:
        """Two fresh random secrets."""
        return cls(dialer=new_secret(), watch=new_secret())


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Every directory one Asterisk uses. All private, but for the modules of the installation."""

    root: Path
    run: Path
    modules: Path

    @classmethod
    def under(cls, root: Path, modules: Path) -> Self:
        """Folders below `root`; the control socket moves to a short path when `root` is too long for one."""
        run = root / "run"
        if len(str(run / "asterisk.ctl")) > LONGEST_SOCKET_PATH:
            digest = hashlib.sha256(str(root).encode()).hexdigest()[:16]
            run = Path(tempfile.gettempdir()) / f"exchange-{digest}"
        return cls(root=root, run=run, modules=modules)

    @property
    def etc(self) -> Path:
        """Where the configuration files lie."""
        return self.root / "etc"

    @property
    def data(self) -> Path:
        """Sounds and documentation."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """Asterisk's own log files."""
        return self.root / "log"

    @property
    def recordings(self) -> Path:
        """Where MixMonitor writes."""
        return self.root / "spool" / "monitor"


@dataclass(frozen=True, kw_only=True)
class ExchangeSettings:
    """Everything the dialer's Asterisk is configured from.

    `safe_harbour_ms` is when the abandonment message starts after the answer, unless a call says otherwise
    (SAFEMS); `talk_limit_s` ends a call that somebody forgot. An agent's phone that sends no sound for
    `agent_rtp_timeout_s` is taken for dead, so that his customer is not left in silence. With `custom_sounds` our
    own sounds lie in `sounds/custom`, as in the container, else beside the core sounds.
    """

    folders: Folders
    manager_secrets: ManagerSecrets
    sip_host: str
    sip_port: int = 5060
    manager_host: str = "127.0.0.1"
    manager_port: int = 5038
    rtp_first: int = 10000
    rtp_last: int = 12999
    trunks: tuple[Trunk, ...] = ()
    agents: tuple[AgentPhone, ...] = ()
    login_extension: str = "*55"
    safe_harbour_ms: int = 1800
    talk_limit_s: int = 4 * 3600
    max_calls: int = 500
    join_beep: bool = True
    agent_rtp_timeout_s: int = 5
    custom_sounds: bool = False

    def __post_init__(self) -> None:
        _check(HOST, self.sip_host, "SIP address")
        _check(HOST, self.manager_host, "Manager address")
        _check(LOGIN_EXTENSION, self.login_extension, "Log-in extension")
        for port in (self.sip_port, self.manager_port, self.rtp_first, self.rtp_last):
            _check_port(port)
        if self.rtp_last - self.rtp_first < 15:
            raise ConfigurationError("The RTP range needs at least 16 ports, four for each conversation.")
        if not self.manager_host.startswith("127."):
            raise ConfigurationError("The manager must listen on loopback only; use a tunnel to reach it from afar.")
        if not 0 <= self.safe_harbour_ms <= 30000 or self.talk_limit_s < 60 or self.max_calls < 1:
            raise ConfigurationError("Message start must be 0..30000 ms, talk limit 60 s or more, calls 1 or more.")
        _refuse_twice([trunk.name for trunk in self.trunks], "Trunk")
        _refuse_twice([agent.number for agent in self.agents], "Agent")


def _refuse_twice(names: list[str], what: str) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ConfigurationError(f"{what} {', '.join(repeated)} is given twice.")
