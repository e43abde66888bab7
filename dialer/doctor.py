"""Is everything there that the dialer needs? Each check is one line: good, or a fault with its mend.

Nothing of the user's is changed and nobody is called by looking. With `trying_out` the features of Asterisk are
seen and not believed: for that a private one is started for a moment, where none runs.
"""

from __future__ import annotations

import os
import resource
import shutil
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from campaigns.storage import schema
from campaigns.storage.errors import StoreError
from campaigns.storage.store import Store
from dialer import zones
from dialer.control_client import ServiceUnavailable, ask, running
from dialer.findings import Finding, fault, good
from dialer.home import Home
from dialer.registries import kept_registries
from dialer.settings import Settings, SettingsFault, database_url
from dialer.settings_file import load
from dialer.standing_faults import exposed_secrets, lists_that_hold, registries_that_hold
from dialer.use_cases.rules import profile_warnings

LEAST_FREE_MB = 500
LEAST_FILES = 4096  # four to five for each call


def examine(home: Home, environ: Mapping[str, str], *, trying_out: bool = False) -> tuple[Finding, ...]:
    """All findings, in the order in which things are needed. Never raises for what it finds."""
    return tuple(_findings(home, environ, trying_out))


def _findings(home: Home, environ: Mapping[str, str], trying_out: bool) -> Iterator[Finding]:
    yield from (_time_zones(), *_rule_profiles(), _files_limit(), _home(home))
    try:
        settings = load(home, environ)
    except SettingsFault as refusal:
        for words in refusal.faults:
            yield fault("settings", words, f"edit {home.settings_file}")
        return
    yield good("settings", f"{home.settings_file.name} and environment are without fault")
    if not home.exists():
        yield from _without_home(settings, trying_out)
        return
    yield _disk(home)
    yield from _secrets(home)
    yield from _registries(home, settings)
    yield from _with_store(home, settings, trying_out)


def _registries(home: Home, settings: Settings) -> Iterator[Finding]:
    words = registries_that_hold(home, settings, datetime.now(UTC))
    for each in words:
        yield fault("registries", each, "dialer dnc import-registry")
    if settings.dnc.registries and not words:
        yield good("registries", f"{', '.join(settings.dnc.registries)} in force and young enough")


def _without_home(settings: Settings, trying_out: bool) -> Iterator[Finding]:
    """What the practice campaign needs, which has a home of its own."""
    from dialer.doctor_exchange import examine_installation, features_of_a_private_one

    yield from examine_installation(settings)
    if trying_out:
        yield from features_of_a_private_one()


def _with_store(home: Home, settings: Settings, trying_out: bool) -> Iterator[Finding]:
    yield _service(home, settings)
    yield from _asks_what_is_written(home, settings)
    try:
        store = Store.open(database_url(home, settings))
    except StoreError as refusal:
        yield fault("database", str(refusal), _mend_of_database(refusal, home, settings))
        return
    try:
        yield _database(store, home, settings)
        yield from _contradictions(store)
        for words in lists_that_hold(kept_registries(home, settings), store, datetime.now(UTC)):
            yield fault("registries", words, "dialer dnc status")
        from dialer.doctor_exchange import examine_exchange

        yield from examine_exchange(home, settings, store, trying_out)
    finally:
        store.close()


def _time_zones() -> Finding:
    now = datetime.now(UTC)
    stale, ageing = zones.why_stale(now), zones.ageing(now)
    if stale:
        return fault("time zones", stale, zones.MEND)
    if ageing:
        return Finding(check="time zones", good=True, words=ageing, mend=zones.MEND)
    return good("time zones", f"tzdata {zones.data_version()}")


def _rule_profiles() -> Iterator[Finding]:
    words = profile_warnings(datetime.now(UTC).date())
    for each in words:
        yield fault("rule profiles", each, "install a newer release, or have the file reviewed (dialer rules lint)")
    if not words:
        yield good("rule profiles", "all can be read, and their verification is good for more than 30 days")


def _files_limit() -> Finding:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    shown = "unlimited" if hard == resource.RLIM_INFINITY else str(hard)
    if hard != resource.RLIM_INFINITY and hard < LEAST_FILES:
        words = f"this user may open {shown} files; a call needs four to five"
        return fault("open files", words, f"raise the hard limit to {LEAST_FILES} (ulimit -Hn, limits.conf)")
    return good("open files", f"limit {shown}")


def _home(home: Home) -> Finding:
    if not home.exists():
        return fault("home", f"there is none in {home.root}", "run 'dialer init'")
    mode = stat.S_IMODE(home.root.stat().st_mode)
    if mode & 0o077:
        return fault("home", f"others may look into {home.root} (mode {mode:o})", f"chmod 700 {home.root}")
    if not os.access(home.root, os.W_OK):
        return fault("home", f"{home.root} cannot be written by this user", "run as its owner")
    return good("home", str(home.root))


def _secrets(home: Home) -> Iterator[Finding]:
    exposed = list(exposed_secrets(home))
    for path, mode in exposed:
        if path.is_symlink():
            yield fault("secrets", f"{path} is a link and is not followed", "put the secret itself there, mode 0600")
        else:
            yield fault("secrets", f"others may read or change {path} (mode {mode:o})", f"chmod 600 {path}")
    if not exposed:
        yield good("secrets", "readable by their owner only")


def _disk(home: Home) -> Finding:
    free_mb = shutil.disk_usage(home.root).free // 2**20
    if free_mb < LEAST_FREE_MB:
        return fault("disk", f"{free_mb} MB are free in {home.root}", f"free at least {LEAST_FREE_MB} MB")
    return good("disk", f"{free_mb} MB free")


def _service(home: Home, settings: Settings) -> Finding:
    if running(home.below(settings.control.socket)):
        return good("service", "runs and listens")
    return good("service", "is not running; start it with 'dialer serve'")


def _asks_what_is_written(home: Home, settings: Settings) -> Iterator[Finding]:
    """A running service asks the registries that dialer.toml named when it began."""
    socket = home.below(settings.control.socket)
    if not running(socket):
        return
    try:
        other = ask(socket, "registry.status", {}, actor="doctor", timeout_s=10.0).data.get("settings_differ")
    except ServiceUnavailable:
        return  # it went away just now
    if other:
        yield fault("registries", str(other).removeprefix("But "), "stop it and run 'dialer serve'")


def _database(store: Store, home: Home, settings: Settings) -> Finding:
    damage = store.check_integrity()
    if damage:
        return fault("database", f"damaged: {damage[0]}", putting_back(home, settings))
    return good("database", f"version {schema.newest()}, no damage found")


def _contradictions(store: Store) -> Iterator[Finding]:
    found = store.check_consistency()
    for words in found[:5]:
        yield fault("consistency", words, "keep a copy (dialer db backup) and report it")
    if not found:
        yield good("consistency", "what is stored does not contradict itself")


def _mend_of_database(refusal: StoreError, home: Home, settings: Settings) -> str:
    mends: dict[str, str] = {"SchemaMismatch": "dialer db upgrade", "StoreMissing": "put it back, or 'dialer init'"}
    other = f"check the disk, the address and who else holds it; if it is damaged, {putting_back(home, settings)}"
    return mends.get(type(refusal).__name__, other)


def putting_back(home: Home, settings: Settings) -> str:
    """How a damaged database is replaced by the newest copy that `dialer db backup` made."""
    if settings.database.url:
        return "restore the database from your own backup with the dialer stopped"
    file = home.database_file
    copies = sorted(home.backups.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime)
    if not copies:
        return f"stop the dialer and put a copy of yours in place of {file} ('dialer db backup' had made none in time)"
    return f"stop the dialer, then: rm -f {file}-wal {file}-shm; cp {copies[-1]} {file} ('dialer db backup' made it)"
