"""A home with a store for tests of commands: asked the way a shell or the service asks."""

from __future__ import annotations

import itertools
import wave
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from campaigns.account import account_words
from campaigns.storage.store import Store
from dialer.control import Answer, Command
from dialer.home import Home
from dialer.settings import Settings
from dialer.settings_default import DEFAULT_FILE
from dialer.use_cases import Context, execute

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # 12:00 in New York, a Monday

LEADS = """\
phone,first_name,last_name
+12125550101,Ada,Good
+12125550102,Ben,Busy
911,Eve,Emergency
+12125550101,Ada,Again
"""

SCRIPT = """\
name = "offer"

[[steps]]
key = "greet"
text = "Hello {first_name}"
choices = [{ key = "1", label = "Go on", next = "done" }]

[[steps]]
key = "done"
text = "Good bye."
end = true
"""


def account_of(actor: str) -> str:
    """The operating system's account of somebody in a test: each name has its own, in any case and spelling."""
    name = actor.strip().casefold()
    return account_words(1000 + zlib.crc32(name.encode()) % 10_000, name) if name else ""


class RecordingEngine:
    """Stands where the engine stands and remembers what it was told."""

    registries = None

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., str]:
        def tell(*args: Any) -> str:
            self.told.append((name, *args))
            return f"{name} done."

        return tell


def record(home: Home, name: str, *, seconds: float = 5.0, rate_hz: int = 8000) -> Path:
    """A recording of silence that Asterisk could play, as the user would put it there."""
    path = home.root / "sounds" / f"{name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate_hz)
        sound.writeframes(bytes(2 * int(seconds * rate_hz)))
    return path


_EMPTY: list[bytes] = []


def _fresh_store(home: Home) -> Store:
    """An empty store; its tables are built once in a test run and copied afterwards."""
    url = f"sqlite:///{home.database_file}"
    if not _EMPTY:
        Store.create(url, now=NOON).close()
        _EMPTY.append(home.database_file.read_bytes())
    home.database_file.write_bytes(_EMPTY[0])
    home.database_file.chmod(0o600)
    return Store.open(url)


class Office:
    """`ask` carries a command out and gives the whole answer; `do` insists that it was done and gives its data."""

    def __init__(self, root: Path, *, engine: Any = None, settings: Settings | None = None) -> None:
        self.home = Home(root=root / "home")
        self.home.create()
        self.home.settings_file.write_text(DEFAULT_FILE)
        self.now = NOON
        self.store = _fresh_store(self.home)
        self.folder = root
        self._ids = itertools.count(1)
        self.context = Context(
            store=self.store, home=self.home, settings=settings or Settings(), now=lambda: self.now, engine=engine
        )

    def close(self) -> None:
        self.store.close()

    def command(
        self,
        name: str,
        args: Mapping[str, Any] | None = None,
        *,
        reason: str = "",
        id_: str = "",
        actor: str = "anna",
        account: str | None = None,
    ) -> Command:
        """As the service gets it, which has asked the kernel for the account."""
        command_id, account = id_ or f"test-{next(self._ids)}", account_of(actor) if account is None else account
        made = Command(id=command_id, name=name, args=args or {}, actor=actor, reason=reason, at=self.now)
        return replace(made, account=account)

    def ask(
        self,
        name: str,
        args: Mapping[str, Any] | None = None,
        *,
        reason: str = "",
        id_: str = "",
        actor: str = "anna",
        account: str | None = None,
    ) -> Answer:
        return execute(self.context, self.command(name, args, reason=reason, id_=id_, actor=actor, account=account))

    def do(self, name: str, args: Mapping[str, Any] | None = None, *, reason: str = "") -> Mapping[str, Any]:
        answer = self.ask(name, args, reason=reason)
        assert answer.done, answer.message
        return answer.data

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def leads(self, text: str = LEADS, *, list_: str = "autumn", campaign: str | None = None) -> Mapping[str, Any]:
        path = self.file("leads.csv", text)
        return self.do("leads.import", {"path": path, "list": list_, "campaign": campaign})

    def trunk(self, name: str = "practice", **changes: Any) -> Mapping[str, Any]:
        args = {"name": name, "host": "127.0.0.9", "caller_id": "+12025550100", "practice": True}
        args["right_to_use"] = "LOA of 2026-01-01"
        return self.do("trunk.add", args | changes)

    def heard(self, message: str) -> None:
        """Somebody listened: the recording says all that profiles ask, for the campaigns that `campaign` makes."""
        said = {"seller": "Practice Ltd", "callback": "+12025550100", "opt_out_key": "9"}
        more = {"telemarketing": True, "no_sales": True}
        self.do("rules.declare.add", {"kind": "message", "about": message, "by": "a test", **said, **more})

    def campaign(self, name: str = "Autumn", lists: tuple[str, ...] = (), **changes: Any) -> Mapping[str, Any]:
        settings = {
            "name": name,
            "seller_name": "Practice Ltd",
            "callback_number": "+12025550100",
            "caller_id": "+12025550100",
            "trunk": "practice",
            "rule_profile": "practice",
        }
        return self.do("campaign.create", {"settings": settings | changes, "lists": list(lists)})
