"""Which concrete classes make up the dialer? Named here and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from campaigns.storage import schema
from campaigns.storage.errors import StoreError, StoreMissing
from campaigns.storage.store import Store
from dialer.erasure_key import erasure_key
from dialer.home import Home
from dialer.refusal import Refused
from dialer.settings import ExchangeKind, Settings, database_url
from dialer.settings_default import DEFAULT_FILE
from dialer.settings_file import load
from dialer.use_cases import Context, Exchange
from telephony.clock import Clock
from telephony.port import Telephony


def utc_now() -> datetime:
    """The machine's instant, for what has no clock of its own."""
    return datetime.now(UTC)


class ExchangeInUse(Exchange, Protocol):
    """A telephone system that the service starts and stops. `start` and `stop` block."""

    telephony: Telephony

    def start(self) -> None:
        """Make it ready. Raises Refused saying why it cannot be."""

    def stop(self) -> None:
        """End what was started; running calls end."""

    def let_go(self) -> None:
        """Leave it as it is: running calls go on and the next start finds them."""


def open_store(home: Home, settings: Settings) -> Store:
    """The store that is there. Raises Refused when there is none or it is not of our version."""
    try:
        store = Store.open(database_url(home, settings))
    except StoreError as fault:
        raise Refused(str(fault)) from fault
    store.recognise_erased_by(partial(erasure_key, home))
    return store


def make_home(home: Home, environ: Mapping[str, str], now: datetime) -> str:
    """Make folder, settings and store; what is there already stays. The sentence says what was made."""
    try:
        home.create()
        made = []
        if not home.settings_file.exists():
            home.settings_file.touch(mode=0o600)
            home.settings_file.write_text(DEFAULT_FILE, encoding="utf-8")
            made.append("settings")
    except OSError as fault:
        raise Refused(f"{home.root} cannot be made: {fault.strerror or fault}. Nothing was stored.") from None
    settings = load(home, environ)
    try:
        if _make_store(database_url(home, settings), now):
            made.append("database")
    except StoreError as fault:
        raise Refused(str(fault)) from fault
    if not made:
        return f"{home.root} was made before; settings and database are there and were left as they are."
    return f"The dialer's folder is {home.root}; made: {', '.join(made)}."


def _make_store(url: str, now: datetime) -> bool:
    """An empty store, unless there is one of our version; whether it was made. Raises StoreError."""
    try:
        if schema.current(url) is not None:
            Store.open(url).close()
            return False
    except StoreMissing:
        pass  # an SQLite file is made with its store
    Store.create(url, now=now).close()
    return True


@contextmanager
def offline_context(home: Home, environ: Mapping[str, str]) -> Iterator[Context]:
    """What a command has at hand while no service runs. The caller holds the home."""
    settings = load(home, environ)
    store = open_store(home, settings)
    try:
        yield Context(store=store, home=home, settings=settings, now=utc_now)
    finally:
        store.close()


def upgrade_database(home: Home, environ: Mapping[str, str], now: datetime) -> tuple[str, dict[str, Any]]:
    """Bring the store to our version, a copy made first. Raises Refused."""
    url = database_url(home, load(home, environ))
    try:
        before, after, copy = schema.upgrade(url, now=now)
    except StoreError as fault:
        raise Refused(str(fault)) from fault
    data = {"before": before, "after": after, "copy": str(copy) if copy else None}
    if before == after:
        return f"The database is of version {after} already; nothing was changed.", data
    kept = f" The copy made before is {copy}." if copy else ""
    return f"The database was brought from version {before} to {after}.{kept}", data


def back_up_database(home: Home, environ: Mapping[str, str], path: Path | None, now: datetime) -> Path:
    """Copy the store while it is in use. Raises Refused; then there is no copy."""
    store = open_store(home, load(home, environ))
    target = path or home.backups / f"dialer-{now:%Y%m%dT%H%M%SZ}.sqlite3"
    try:
        store.backup(target)
    except StoreError as fault:
        raise Refused(str(fault)) from fault
    finally:
        store.close()
    return target


def exchange_for(
    home: Home,
    settings: Settings,
    store: Store,
    clock: Clock,
    loop: asyncio.AbstractEventLoop,
    tell: Callable[[str], None],
) -> ExchangeInUse:
    """The telephone system that the settings name, not started yet. `tell` hears what takes long. Raises Refused."""
    from dialer.bootstrap_exchange import ManagedInUse, OwnInUse, SimulatedInUse

    if settings.exchange.kind is ExchangeKind.SIMULATED:
        return SimulatedInUse(settings=settings, store=store, clock=clock)
    if settings.exchange.kind is ExchangeKind.OWN:
        return OwnInUse(home=home, settings=settings, store=store, clock=clock, loop=loop)
    return ManagedInUse(home=home, settings=settings, store=store, clock=clock, loop=loop, tell=tell)
