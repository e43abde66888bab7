"""Where does the dialer keep its things, and which process owns them now?

One folder, for its owner only. Whoever changes anything in it holds its exclusive lock: the running
service, or a command while no service runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dialer.refusal import Refused

FOLDER_NAME = "campaign-dialer"


@dataclass(frozen=True, kw_only=True)
class Home:
    """The folder, and the name of everything in it. Nothing is made before `create`."""

    root: Path

    @property
    def settings_file(self) -> Path:
        return self.root / "dialer.toml"

    @property
    def database_file(self) -> Path:
        return self.root / "dialer.sqlite3"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def secrets(self) -> Path:
        """One file of mode 0600 for each secret."""
        return self.root / "secrets"

    @property
    def asterisk(self) -> Path:
        """What the private Asterisk keeps."""
        return self.root / "asterisk"

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def tidied_file(self) -> Path:
        """When the nightly tidying was done last, and what went."""
        return self.root / "tidied.json"

    @property
    def lock_file(self) -> Path:
        return self.root / "dialer.lock"

    @property
    def pid_file(self) -> Path:
        return self.root / "dialer.pid"

    def below(self, path: str) -> Path:
        """A path of the settings: relative ones lie in this folder."""
        return self.root / Path(path).expanduser()

    def exists(self) -> bool:
        """Whether `dialer init` was here."""
        return self.settings_file.is_file()

    def create(self) -> None:
        """Make the folders, for their owner only (0700). Raises OSError."""
        for folder in (self.root, self.secrets, self.logs, self.backups):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)

    def require(self) -> None:
        """Raises Refused when `dialer init` was not here yet."""
        if not self.exists():
            raise Refused(f"There is no dialer in {self.root}: run 'dialer init' first. Nothing was done.")


def find_home(environ: Mapping[str, str]) -> Home:
    """The folder named by DIALER_HOME, else the platform's place for a user's data. Raises Refused."""
    named = environ.get("DIALER_HOME", "")
    try:
        return Home(root=_place(named, environ))
    except RuntimeError:  # pathlib's word for a home folder that nobody knows
        shown = f"DIALER_HOME = {named[:200]!r} cannot be resolved" if named else "Your home folder is not known"
        raise Refused(f"{shown}: set DIALER_HOME to a folder of yours. Nothing was done.") from None


def _place(named: str, environ: Mapping[str, str]) -> Path:
    if named:
        return Path(named).expanduser().absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / FOLDER_NAME
    base = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base).absolute() / FOLDER_NAME


class HomeInUse(Refused):
    """Another process holds the home."""


@contextlib.contextmanager
def exclusive(home: Home) -> Iterator[None]:
    """Own the home until the block is left; the kernel frees it when the process dies. Raises HomeInUse at once."""
    try:
        handle = os.open(home.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as fault:
        words = f"{home.root} cannot be used: {fault.strerror}"
        raise Refused(f"{words}. Its owner must be able to write there. Nothing was done.") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = running_pid(home)
            who = f"process {owner}" if owner else "another command"
            raise HomeInUse(f"{home.root} is in use by {who}; wait for it or stop it. Nothing was done.") from None
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def pid_written(home: Home) -> Iterator[None]:
    """Name this process in the pid file while the block runs. Call it with the home held."""
    home.pid_file.write_text(f"{os.getpid()}\n")
    try:
        yield
    finally:
        home.pid_file.unlink(missing_ok=True)


def running_pid(home: Home) -> int | None:
    """The process id the service wrote, or none. The lock, not this number, says whether it runs."""
    try:
        return int(home.pid_file.read_text())
    except (OSError, ValueError):
        return None


def write_secret(home: Home, name: str, value: str) -> Path:
    """Keep a secret in a file of its own, 0600 from its first byte. Raises Refused; then none was kept."""
    try:
        return _written(home, name, value)
    except OSError as fault:
        words = f"The secret cannot be kept in {home.secrets}: {fault.strerror}"
        raise Refused(f"{words}. Mend the folder and try again. Nothing was stored.") from None


def _written(home: Home, name: str, value: str) -> Path:
    home.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home.secrets / name
    temporary = path.with_name(f".{name}.new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return path


def read_secret(path: Path) -> str:
    """The secret kept in a file. Raises Refused when others may read the file, or when it is empty or missing."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as fault:
        raise Refused(f"The secret file {path} cannot be read: {fault.strerror}. Nothing was done.") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Refused(f"The secret file {path} is not a regular file. Nothing was done.")
        if os.fstat(handle).st_mode & 0o077:
            raise Refused(f"Others may read the secret file {path}: run 'chmod 600 {path}'. Nothing was done.")
        value = file.read(4096).decode("utf-8", "replace").strip()
    if not value:
        raise Refused(f"The secret file {path} is empty: write the secret into it. Nothing was done.")
    return value
