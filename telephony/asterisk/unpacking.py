"""How do distribution packages get unpacked into a private folder without root and without touching apt's own state?

`apt-get` resolves and downloads, `dpkg-deb` unpacks. Every file apt would write is redirected to a private
folder, so the running system's package lists, cache, status and locks are never read for writing. What the
system's configuration says about proxies, mirrors and keys stays in force.
"""

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("asterisk", "asterisk-modules", "asterisk-core-sounds-en-wav", "sip-tester")
DEBIAN_KEYRINGS = tuple(
    Path("/usr/share/keyrings", name) for name in ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")
)
UBUNTU_KEYRINGS = tuple(
    Path("/usr/share/keyrings", name) for name in ("ubuntu-archive-keyring.gpg", "ubuntu-archive-keyring.pgp")
)
UBUNTU_UPDATES = re.compile(r"[a-z]+-updates")  # noble-updates, but not noble-apps-updates, which is no full mirror's
DOWNLOAD_LIMIT_S = 1200.0

Log = Callable[[str], None]


class UnpackError(Exception):
    """The packages could not be had; the text says why. Nothing is left behind."""


@dataclass(frozen=True, kw_only=True)
class PackageSource:
    """Where the packages come from: a private list of one line, or the system's own sources when None."""

    name: str
    source_line: str | None


def debian_source(work: Path) -> PackageSource:
    """Debian's unstable release on the mirror this system already uses; UnpackError when it names none.

    `work` is a private folder for what apt would otherwise look up in the system's own state.
    """
    keyring = _keyring(DEBIAN_KEYRINGS, "Debian's archive keyring is missing (package debian-archive-keyring)")
    mirror = debian_mirror((*_index_targets(), *_planned_downloads(work)))
    return PackageSource(name="Debian unstable", source_line=f"deb [signed-by={keyring}] {mirror} sid main")


def ubuntu_source(work: Path) -> PackageSource:
    """Ubuntu's release under development, under its lasting name, on the mirror this system already uses.

    What `sid` is for Debian: the one place that always has the newest package. UnpackError as for Debian.
    """
    keyring = _keyring(UBUNTU_KEYRINGS, "Ubuntu's archive keyring is missing (package ubuntu-keyring)")
    mirror = ubuntu_mirror((*_index_targets(), *_planned_downloads(work)))
    line = f"deb [signed-by={keyring}] {mirror} devel main universe"
    return PackageSource(name="Ubuntu's development release", source_line=line)


def _keyring(candidates: Sequence[Path], missing: str) -> Path:
    for path in candidates:
        if path.exists():
            return path
    raise UnpackError(f"{missing}, so packages could not be trusted. Install it. Nothing was downloaded.")


def own_source(_work: Path) -> PackageSource:
    """The system's own configured sources."""
    return PackageSource(name="this system's own sources", source_line=None)


def debian_mirror(targets: Sequence[tuple[str, str, str]]) -> str:
    """The full Debian mirror among (site, release, origin) rows.

    Mirrors of security updates alone, backports of other vendors and third-party sources do not carry
    `sid` and are passed over. UnpackError when none is left.
    """
    for site, release, origin in targets:
        path = site.rstrip("/").rsplit("/", 1)[-1]
        foreign = origin not in ("Debian", "")
        if foreign or "security" in path or release.endswith(("-security", "/updates")):
            continue
        if path.startswith("debian") or origin == "Debian":
            return site.rstrip("/")
    raise UnpackError(
        "apt's configuration names no full Debian mirror, only security or foreign sources. Add one to "
        "/etc/apt/sources.list.d. Nothing was downloaded."
    )


def ubuntu_mirror(targets: Sequence[tuple[str, str, str]]) -> str:
    """The full Ubuntu mirror among (site, release, origin) rows; UnpackError when there is none.

    Where the origin is not known yet, a release's updates are the mark: no vendor's or personal archive has them.
    """
    for site, release, origin in targets:
        if origin == "Ubuntu" and not release.endswith("-security"):
            return site.rstrip("/")
        if origin == "" and UBUNTU_UPDATES.fullmatch(release):
            return site.rstrip("/")
    raise UnpackError(
        "apt's configuration names no full Ubuntu mirror, only security or foreign sources. Add one to "
        "/etc/apt/sources.list.d. Nothing was downloaded."
    )


def _index_targets() -> tuple[tuple[str, str, str], ...]:
    listing = _run(
        ["apt-get", "indextargets", "--format", "$(SITE)|$(RELEASE)|$(ORIGIN)"], what="reading apt's sources"
    )
    rows = (line.split("|") for line in listing.splitlines())
    return tuple(dict.fromkeys((row[0], row[1], _known(row[2])) for row in rows if len(row) == 3))


def _planned_downloads(work: Path) -> tuple[tuple[str, str, str], ...]:
    """The same from what `apt-get update` would fetch: a fresh system has sources but no lists, so no targets yet."""
    state = work / "state"
    (state / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (state / "status").write_text("")
    listing = _run(
        ["apt-get", "-q", *_as_arguments({"Dir::State": state, "Dir::State::status": state / "status",
         "Debug::NoLocking": "1"}), "update", "--print-uris"],
        what="reading apt's sources",
    )  # fmt: skip
    found = re.findall(r"^'(\S+)/dists/(\S+)/InRelease'", listing, re.MULTILINE)
    return tuple((site, release, "") for site, release in found)


def _known(value: str) -> str:
    return "" if value.startswith("$(") else value  # apt leaves unknown fields unexpanded


def download_and_unpack(
    source: PackageSource, *, work: Path, root: Path, fits: Callable[[str], bool], log: Log
) -> None:
    """Download PACKAGES with all they need into `work` and unpack them into `root`.

    Both folders are private to the caller. `fits` judges the version offered before anything big is fetched.
    UnpackError when it does not fit or a step fails; the caller removes the folders.
    """
    options = _private_apt(source, work)
    log(f"reading the package lists of {source.name} ...")
    _run(["apt-get", *options, "update"], what=f"reading the package lists of {source.name}")
    _check_offer(options, source, fits)
    log("downloading Asterisk and what it needs (about 110 MB, once) ...")
    _run(
        ["apt-get", *options, "--yes", "--download-only", "install", *PACKAGES],
        what="downloading asterisk and sip-tester",
    )
    archives = sorted((work / "cache" / "archives").glob("*.deb"))
    if not archives:
        raise UnpackError("apt-get downloaded no package although it reported success. Nothing was kept.")
    log(f"unpacking {len(archives)} packages ...")
    root.mkdir(parents=True)
    for archive in archives:
        _run(["dpkg-deb", "--extract", str(archive), str(root)], what=f"unpacking {archive.name}")


def _check_offer(options: Sequence[str], source: PackageSource, fits: Callable[[str], bool]) -> None:
    policy = _run(["apt-cache", *options, "policy", "asterisk"], what="looking for asterisk")
    found = re.search(r"Candidate:\s*(?:\d+:)?(\S+)", policy)
    offered = found.group(1) if found else "(none)"
    if offered == "(none)" or not fits(offered):
        what = "no asterisk" if offered == "(none)" else f"asterisk {offered}"
        raise UnpackError(f"In {source.name} there is {what}; 22.7 or later is needed.")


def _private_apt(source: PackageSource, work: Path) -> list[str]:
    for folder in ("state/lists/partial", "cache/archives/partial", "empty.d", "log"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    (work / "status").write_text("")
    options: dict[str, Path | str] = {
        "Dir::State": work / "state",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "Dir::Log": work / "log",
        "Acquire::Check-Valid-Until": "false",
        "Acquire::Languages": "none",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
        "APT::Update::Error-Mode": "any",
        "Debug::NoLocking": "1",
    }
    if source.source_line is not None:
        listing = work / "sources.list"
        listing.write_text(source.source_line + "\n")
        options |= {
            "Dir::Etc::sourcelist": listing,
            "Dir::Etc::sourceparts": work / "empty.d",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": work / "empty.d",
            "APT::Default-Release": "",
        }
    hooks = [f"{hook}=" for hook in ("APT::Update::Post-Invoke", "DPkg::Post-Invoke")]
    clear = [f"#clear {name.rstrip('=')};" for name in hooks]
    (work / "private.conf").write_text("\n".join((*clear, "#clear APT::Update::Post-Invoke-Success;", "")))
    return ["-q", "-c", str(work / "private.conf"), *_as_arguments(options)]


def _as_arguments(options: dict[str, Path | str]) -> list[str]:
    return [part for name, value in options.items() for part in ("-o", f"{name}={value}")]


def _run(command: Sequence[str], *, what: str) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=DOWNLOAD_LIMIT_S, check=False, env=_plain_environment()
        )
    except FileNotFoundError as missing:
        raise UnpackError(
            f"{what}: the program {command[0]} is not on this system, so Asterisk cannot be unpacked here. "
            "Nothing was kept."
        ) from missing
    except subprocess.TimeoutExpired as late:
        raise UnpackError(f"{what} took more than {DOWNLOAD_LIMIT_S:.0f} s and was given up.") from late
    if done.returncode:
        last = "\n".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-6:])
        raise UnpackError(f"{what} failed, nothing was kept. {command[0]} said:\n{last}")
    return done.stdout


def _plain_environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
