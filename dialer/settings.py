"""What can be set for this installation? Sections of frozen values with safe defaults.

Secrets show as *** wherever settings are shown.
"""

from __future__ import annotations

import re
import typing
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Any

from dialer.home import Home
from dialer.refusal import Refused

REGISTRIES = (
    *("us-ftc", "ca-dncl", "uk-tps", "uk-ctps"),
    *("us-co", "us-fl", "us-in", "us-la", "us-ma", "us-mo", "us-ok", "us-pa", "us-tn", "us-tx", "us-wy"),
    *("es-robinson", "br-nao-me-perturbe"),
)
PASSWORD_IN_URL = re.compile(r"(?<=:)[^:@/]+(?=@)")


class ExchangeKind(StrEnum):
    """Which telephone system places the calls."""

    MANAGED = "managed"  # a private Asterisk that we start and stop
    OWN = "own"  # an Asterisk of the user's, reached through its manager
    SIMULATED = "simulated"  # no telephone at all: for rehearsals


@dataclass(frozen=True)
class Secret:
    """A text that shows as *** in dumps and tracebacks. `reveal` gives it to the one who needs it."""

    _value: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "***" if self._value else "''"

    __str__ = __repr__

    def reveal(self) -> str:
        return self._value


NO_SECRET = Secret()


class SettingsFault(Refused):
    """The settings cannot be used; `faults` names every one of them."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults), {"faults": list(faults)})
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """`url` empty: an SQLite file in the home."""

    url: Secret = NO_SECRET


@dataclass(frozen=True, kw_only=True)
class ExchangeSettings:
    """The telephone system. `sip_host` is the address the private Asterisk listens on.

    `messages` are the recordings for abandoned people that the user's own Asterisk has.
    """

    kind: ExchangeKind = ExchangeKind.MANAGED
    name: str = "main"
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    rtp_first: int = 10000
    rtp_last: int = 12999
    login_extension: str = "*55"
    max_calls: int = 500
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AmiSettings:
    """The manager link. `dialer` gives orders, `watch` hears of trunks and phones; two users of one Asterisk."""

    host: str = "127.0.0.1"
    port: int = 5038
    user: str = "dialer"
    secret_file: str = "secrets/ami"  # noqa: S105 (a path)
    watch_user: str = "watch"
    watch_secret_file: str = "secrets/ami-watch"  # noqa: S105 (a path)
    secret: Secret = NO_SECRET
    watch_secret: Secret = NO_SECRET


@dataclass(frozen=True, kw_only=True)
class ExportSettings:
    """Where the nightly reports go, and when they are made, in each campaign's own zone."""

    folder: str = "exports"
    at: time = time(4, 10)


@dataclass(frozen=True, kw_only=True)
class ControlSettings:
    """The local socket that screens and shells speak to. `group`: the operating system's, whose members may, too."""

    socket: str = "control.sock"
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """`drain_s`: how long live calls may go on after the service was told to stop."""

    drain_s: int = 30


@dataclass(frozen=True, kw_only=True)
class LogSettings:
    """The service's log file."""

    level: str = "INFO"
    file: str = "log/dialer.log"


@dataclass(frozen=True, kw_only=True)
class DecisionSettings:
    """`keep_days`: how long `dialer pace` can tell why calls were started or not."""

    keep_days: int = 90


@dataclass(frozen=True, kw_only=True)
class ReceiptSettings:
    """`keep_years`: how long receipts of calls and holds are kept. 16 CFR 310.5 asks for five years.

    Longer where a rule profile by which one was made asks for it, unless `below_law_because` names another law.
    """

    keep_years: int = 5


@dataclass(frozen=True, kw_only=True)
class RetentionSettings:
    """How many days each class is kept; carried out every night. The decision log has its own section.

    `calls_days`: until a call's number, note and log go (its figures stay). `below_law_because`: why calls and receipts
    may go before the five years of 16 CFR 310.5, and before what their rule profiles ask for; empty: they may not.
    Never before nobody has to rest for them.
    """

    calls_days: int = 1827
    answers_days: int = 1827
    commands_days: int = 1827
    exports_days: int = 1827
    rejected_days: int = 90
    logs_days: int = 90
    below_law_because: str = ""


@dataclass(frozen=True, kw_only=True)
class DncSettings:
    """National do-not-call registries: which are kept here, below which folder.

    `us_area_codes` are those of the subscription (`212`); empty: those that the full list names. `serves`: lists for
    which one that is kept stands too, `us-ftc=us-wy`.
    `second_person`: a number leaves our own list only when another person than the one who asked for it confirms.
    """

    registries: tuple[str, ...] = ()
    second_person: bool = True
    us_area_codes: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    folder: str = "registries"


@dataclass(frozen=True, kw_only=True)
class ComplianceSettings:
    """`officers`: the operating system's accounts that may ask for a looser rule. None: whoever owns the database, at
    its console."""

    officers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything set for this installation."""

    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    exchange: ExchangeSettings = field(default_factory=ExchangeSettings)
    ami: AmiSettings = field(default_factory=AmiSettings)
    exports: ExportSettings = field(default_factory=ExportSettings)
    control: ControlSettings = field(default_factory=ControlSettings)
    service: ServiceSettings = field(default_factory=ServiceSettings)
    log: LogSettings = field(default_factory=LogSettings)
    decisions: DecisionSettings = field(default_factory=DecisionSettings)
    dnc: DncSettings = field(default_factory=DncSettings)
    receipts: ReceiptSettings = field(default_factory=ReceiptSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    compliance: ComplianceSettings = field(default_factory=ComplianceSettings)


SECTIONS: dict[str, type[Any]] = {
    "database": DatabaseSettings,
    "exchange": ExchangeSettings,
    "ami": AmiSettings,
    "exports": ExportSettings,
    "control": ControlSettings,
    "service": ServiceSettings,
    "log": LogSettings,
    "decisions": DecisionSettings,
    "dnc": DncSettings,
    "receipts": ReceiptSettings,
    "retention": RetentionSettings,
    "compliance": ComplianceSettings,
}
HINTS: dict[str, dict[str, Any]] = {name: typing.get_type_hints(kind) for name, kind in SECTIONS.items()}


def database_url(home: Home, settings: Settings) -> str:
    """Where the store is: the URL that was set, else the SQLite file of the home."""
    return settings.database.url.reveal() or f"sqlite:///{home.database_file}"


def sip_host_of(settings: Settings) -> str:
    """The address our own Asterisk calls from; empty when it is not ours."""
    exchange = settings.exchange
    return exchange.sip_host if exchange.kind is ExchangeKind.MANAGED else ""


def shown(settings: Settings) -> dict[str, dict[str, object]]:
    """The settings as plain values for a screen, without any secret."""
    return {
        section: {key: _plain(getattr(getattr(settings, section), key)) for key in hints}
        for section, hints in HINTS.items()
    }


def _plain(value: object) -> object:
    if isinstance(value, Secret):
        text = value.reveal()
        return PASSWORD_IN_URL.sub("***", text) if "://" in text else ("***" if text else "")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, tuple):
        return list(value)
    return value.value if isinstance(value, ExchangeKind) else value
