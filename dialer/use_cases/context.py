"""What does a command have at hand while it is carried out, in the service or in a shell?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

from campaigns.storage.store import Store
from campaigns.storage.values import Agent, Campaign
from dialer.home import Home
from dialer.recorded import fingerprint_of, why_not_played
from dialer.refusal import Refused
from dialer.registries import KeptRegistries, kept_registries
from dialer.settings import Settings
from dialer.use_cases.arguments import Args

if TYPE_CHECKING:
    from dialer.engine import Engine


class Exchange(Protocol):
    """What commands ask of the telephone system beside calls."""

    def phones_or_trunks_changed(self) -> None:
        """Agents' accounts or trunks were stored: make the exchange know them. Raises Refused."""

    def why_not_played(self, message: str) -> str:
        """Why no recording of the user's plays under this name now; empty when one does."""


@dataclass(kw_only=True)
class Context:
    """One command's surroundings. `engine` and `exchange` are there only inside the running service.

    `actor` is the name that was given, `account` the operating system's account, empty where it is not known.
    `after_commit` holds what must happen once the command is durable; it runs at once after the commit.
    """

    store: Store
    home: Home
    settings: Settings
    now: Callable[[], datetime]
    actor: str = ""
    account: str = ""
    reason: str = ""
    engine: Engine | None = None
    exchange: Exchange | None = None
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    def require_engine(self) -> Engine:
        """The engine. Raises Refused when no service runs."""
        if self.engine is None:
            raise Refused("No service is running, and this needs one: start it with 'dialer serve'. Nothing was done.")
        return self.engine

    def campaign(self, name: str) -> Campaign:
        """The campaign with this name. Raises Refused naming those there are."""
        found = self.store.campaigns.by_name(name)
        if found is None:
            known = ", ".join(campaign.name for campaign in self.store.campaigns.all()[:20]) or "none yet"
            raise Refused(f"There is no campaign {name[:64]!r}; known: {known}. Nothing was changed.")
        return found

    def agent(self, name_or_number: str) -> Agent:
        """The agent. Raises Refused when there is none."""
        found = self.store.agents.find(name_or_number)
        if found is None:
            raise Refused(
                f"There is no agent {name_or_number[:64]!r}; 'dialer agent list' shows all. Nothing was done."
            )
        return found

    def why_not_played(self, message: str) -> str:
        """Why no recording of the user's plays under this name; empty when one does."""
        if self.exchange is not None:
            return self.exchange.why_not_played(message)
        return why_not_played(self.home, self.settings, message)

    def fingerprint(self, message: str) -> str | None:
        """SHA-256 of the recording that plays under this name, as `recorded.fingerprint_of` has it."""
        return fingerprint_of(self.home, self.settings, message)

    @property
    def registries(self) -> KeptRegistries | None:
        """The national registries of this installation: the engine's while it runs, else opened now."""
        return self.engine.registries if self.engine is not None else kept_registries(self.home, self.settings)

    def later(self, action: Callable[[], None]) -> None:
        """Do this once the command is durable."""
        self.after_commit.append(action)


class Kind(Enum):
    """What a command does, and so how it is carried out."""

    READ = auto()  # changes nothing; asked again it looks again
    WRITE = auto()  # one transaction with the record of its answer
    ENGINE = auto()  # by the running engine; its answer is recorded right after
    JOB = auto()  # takes seconds and is done once by its own means; no transaction is held meanwhile


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a handler did: one plain sentence, and data for a program."""

    message: str
    data: Mapping[str, Any] = field(default_factory=dict)


Run = Callable[[Context, Args], Done]
Prepare = Callable[[Args], Any]


@dataclass(frozen=True, kw_only=True)
class Handler:
    """How one command is carried out.

    `prepare` is slow work without the store (reading a file): the service does it beside its loop, and what
    it returns is `args.prepared`. `slow`: may take seconds; the service gives it a store of its own beside the loop,
    and no engine.
    """

    run: Run
    kind: Kind
    prepare: Prepare | None = None
    slow: bool = False
