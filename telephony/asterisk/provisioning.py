"""Where does a usable Asterisk come from on this machine?

First the one on PATH; else one unpacked privately from the distribution's packages, as an ordinary user, into
a cache outside the work tree (TELEPHONY, section 0). Version 22.7 is the least: event filters by name, PJSIPHangup
and, the youngest of the three, the SIP status on hang-up are all there from then on.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from telephony.asterisk.unpacking import (
    PackageSource,
    UnpackError,
    debian_source,
    download_and_unpack,
    own_source,
    ubuntu_source,
)

LEAST_VERSION = (22, 7)
LEAST_WORDS = "Asterisk 22.7 or later (of branch 23, 23.1)"
WITHOUT_SIP_STATUS = (23, 0)  # younger than 22.7 by number, not by date: the SIP status came to this branch with 23.1
NEEDED_MODULES = ("chan_pjsip.so", "app_confbridge.so", "res_pjsip_endpoint_identifier_ip.so", "app_originate.so")
MODULE_FOLDERS = ("/usr/lib/*/asterisk/modules", "/usr/lib/asterisk/modules", "/usr/lib64/asterisk/modules",
                  "/usr/local/lib/asterisk/modules")  # fmt: skip
DATA_FOLDERS = ("/usr/share/asterisk", "/var/lib/asterisk", "/usr/local/share/asterisk")
COMPLETE = ".complete"
ADVICE = (
    f"Install {LEAST_WORDS} yourself, use the container (docker-compose.asterisk.yml), or run "
    "`dialer demo --simulated`."
)

Log = Callable[[str], None]
FindSource = Callable[[Path], PackageSource]


class ProvisioningError(Exception):
    """No usable Asterisk can be had on this machine; the text says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class AsteriskInstall:
    """One runnable Asterisk. `program` and `sipp` are argument prefixes for a child process."""

    program: tuple[str, ...]
    modules_dir: Path
    data_dir: Path
    sounds_dir: Path | None
    version: str
    source: Literal["path", "sysroot"]
    sipp: tuple[str, ...] | None = None


def find_or_unpack(cache_dir: Path | None = None, log: Log = lambda _line: None) -> AsteriskInstall:
    """The Asterisk to run here, unpacked on the first call. ProvisioningError when there is none.

    Safe to call from several processes at once: one unpacks, the others wait for it and use the result.
    """
    installed = find_on_path(log)
    if installed is not None:
        return installed
    cache = cache_dir or default_cache()
    with _only_one(cache / "lock", log):
        unpacked = find_unpacked(cache)
        return unpacked if unpacked is not None else _unpack(cache, log)


def default_cache() -> Path:
    """Where unpacked Asterisks are kept: the user's cache folder, never the work tree."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "campaign-dialer" / "asterisk"


def find_on_path(log: Log = lambda _line: None) -> AsteriskInstall | None:
    """The installed Asterisk, or None when there is none or it lacks what the dialer needs (and says so)."""
    found = shutil.which("asterisk", path=_search_path())
    if found is None:
        return None
    version = _version_of((found,))
    modules = _first_folder(MODULE_FOLDERS, NEEDED_MODULES)
    data = _first_folder(DATA_FOLDERS, ())
    if version is None or not recent_enough(version) or modules is None or data is None:
        log(f"the installed {found} (version {version or 'unknown'}) is too old or lacks modules; it is not used")
        return None
    sipp = shutil.which("sipp")
    return AsteriskInstall(
        program=(found,), modules_dir=modules, data_dir=data, sounds_dir=_english(data), version=version,
        source="path", sipp=(sipp,) if sipp else None,
    )  # fmt: skip


def find_unpacked(cache: Path) -> AsteriskInstall | None:
    """The newest complete unpacked Asterisk in the cache that still runs, or None."""
    complete = [path.parent for path in cache.glob(f"asterisk-*/{COMPLETE}")]
    folders = [folder for folder in complete if recent_enough(folder.name.split("-")[1])]
    for folder in sorted(folders, key=lambda path: version_tuple(path.name.split("-")[1]), reverse=True):
        install = inspect_sysroot(folder)
        if install is not None:
            return install
    return None


def inspect_sysroot(root: Path) -> AsteriskInstall | None:
    """What an unpacked folder offers, or None when it does not hold an Asterisk that runs here."""
    modules = next(iter(root.glob("usr/lib/*/asterisk/modules")), None)
    if modules is None:
        return None
    libraries = modules.parent.parent
    loader = next((path for name in ("ld-linux*.so.*", "ld64.so.*") for path in libraries.glob(name)), None)
    if loader is None:
        return None
    start = (str(loader), "--library-path", f"{libraries}:{modules.parent}")
    program = (*start, str(root / "usr/sbin/asterisk"))
    version = _version_of(program)
    if version is None:
        return None
    data, sipp = root / "usr/share/asterisk", root / "usr/bin/sipp"
    return AsteriskInstall(
        program=program, modules_dir=modules, data_dir=data, sounds_dir=_english(data), version=version,
        source="sysroot", sipp=(*start, str(sipp)) if sipp.exists() else None,
    )  # fmt: skip


def _unpack(cache: Path, log: Log) -> AsteriskInstall:
    places = _package_sources()
    with tempfile.TemporaryDirectory(prefix="unpacking-", dir=cache) as temporary:
        root, work = Path(temporary, "root"), Path(temporary, "apt")
        _download(places, work, root, log)
        version = _checked(inspect_sysroot(root))
        (root / COMPLETE).write_text(version + "\n")
        final = cache / f"asterisk-{version}-{os.uname().machine}"
        if final.exists():  # present but unusable, else it would have been found
            shutil.rmtree(final)
        root.rename(final)
    install = inspect_sysroot(final)
    if install is None:
        raise ProvisioningError(f"the Asterisk just unpacked to {final} does not run from there.")
    log(f"Asterisk {install.version} is ready in {final}")
    return install


def _download(places: Sequence[FindSource], work: Path, root: Path, log: Log) -> None:
    """From the first place that has what is needed; when none has, all their reasons are told."""
    reasons: list[str] = []
    for number, find_source in enumerate(places, start=1):
        place = work / str(number)
        try:
            return download_and_unpack(find_source(place), work=place, root=root, fits=recent_enough, log=log)
        except UnpackError as fault:
            reasons.append(str(fault))
            if root.exists():  # half unpacked: no mirror's fault, another one would not help
                break
            log(str(fault))
    raise ProvisioningError("\n".join((*reasons, ADVICE)))


def _checked(install: AsteriskInstall | None) -> str:
    if install is None:
        raise ProvisioningError(
            f"The packages were unpacked but the Asterisk in them does not run here. Nothing was kept. {ADVICE}"
        )
    return install.version


def _package_sources() -> tuple[FindSource, ...]:
    """Where to look, in order. Ubuntu's releases up to 26.04 carry an Asterisk that is too old."""
    ids = _os_release()
    if "ubuntu" in ids:
        return (own_source, ubuntu_source)
    if "debian" in ids:
        return (debian_source,)
    raise ProvisioningError(
        f"The packages of this system ({' '.join(ids) or 'unknown'}) are not ones this program can unpack (Debian's "
        f"and Ubuntu's are). Nothing was changed. {ADVICE}"
    )


def _os_release(path: Path = Path("/etc/os-release")) -> tuple[str, ...]:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return ()
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    words = " ".join(fields.get(key, "").strip('"') for key in ("ID", "ID_LIKE"))
    return tuple(dict.fromkeys(words.split()))


def version_tuple(text: str) -> tuple[int, ...]:
    """(22, 10, 1) from any text that holds 22.10.1; () when it holds no number."""
    found = re.search(r"\d+(\.\d+)*", text)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def recent_enough(version: str) -> bool:
    """Whether this version of Asterisk has what the dialer needs."""
    numbers = version_tuple(version)
    return numbers >= LEAST_VERSION and numbers[:2] != WITHOUT_SIP_STATUS


def _version_of(program: tuple[str, ...]) -> str | None:
    try:
        done = subprocess.run([*program, "-V"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"Asterisk\s+(?:certified/)?(\d+(?:\.\d+)+)", done.stdout)
    return found.group(1) if found and done.returncode == 0 else None


def _search_path() -> str:
    return os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))


def _first_folder(patterns: tuple[str, ...], files: tuple[str, ...]) -> Path | None:
    for pattern in patterns:
        for folder in sorted(Path("/").glob(pattern.lstrip("/"))):
            if folder.is_dir() and all((folder / name).exists() for name in files):
                return folder
    return None


def _english(data: Path) -> Path | None:
    """The folder of English prompts; packages leave the link `en` to a script that did not run here."""
    named = [data / "sounds" / "en", *sorted((data / "sounds").glob("en_US*"))]
    return next((folder for folder in named if any(folder.glob("beep.*"))), None)


def main() -> int:
    """Get it now, so that tests need not wait for it: what `make test` does first. The exit code."""
    try:
        install = find_or_unpack(log=_say)
    except ProvisioningError as fault:
        sys.stderr.write(f"No Asterisk for the tests: {fault}\n")
        return 2
    _say(f"The tests run on Asterisk {install.version} ({install.source}).")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def _only_one(lock: Path, log: Log) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log("another run is unpacking Asterisk; waiting for it ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
