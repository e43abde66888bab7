"""Where Asterisk comes from: the mirror the system already uses, a private folder, one run at a time."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from telephony.asterisk import provisioning, unpacking
from telephony.asterisk.provisioning import (
    AsteriskInstall,
    ProvisioningError,
    default_cache,
    find_on_path,
    find_or_unpack,
    find_unpacked,
    inspect_sysroot,
    recent_enough,
    version_tuple,
)
from telephony.asterisk.unpacking import PackageSource, UnpackError, debian_mirror, download_and_unpack, ubuntu_mirror

SECURITY = ("http://mirror.example/debian-security", "trixie-security", "Debian")
UPDATES = ("http://mirror.example/debian", "trixie-updates", "Debian")
UBUNTU_SECURITY = ("http://mirror.example/ubuntu-security", "noble-security", "Ubuntu")
UBUNTU = ("http://mirror.example/ubuntu/", "noble-updates", "Ubuntu")
VENDOR = ("https://packages.example/apt", "tools", "Example Vendor")


@pytest.mark.parametrize(
    ("targets", "mirror"),
    [
        ((SECURITY, VENDOR, UPDATES), "http://mirror.example/debian"),
        ((("http://mirror.example/debian/", "trixie", ""),), "http://mirror.example/debian"),
        ((("http://mirror.example/pub/linux", "bookworm", "Debian"),), "http://mirror.example/pub/linux"),
        ((("http://mirror.example/debian-security", "stable", "Debian"), UPDATES), "http://mirror.example/debian"),
        ((("mirror+file:/etc/apt/mirrors/debian-security.list", "trixie", ""),
          ("mirror+file:/etc/apt/mirrors/debian.list", "trixie", "")), "mirror+file:/etc/apt/mirrors/debian.list"),
        ((("http://vendor.example/debian", "tools", "Example Vendor"), UPDATES), "http://mirror.example/debian"),
    ],
)  # fmt: skip
def test_the_mirror_is_a_full_one_that_the_system_already_uses(
    targets: tuple[tuple[str, str, str], ...], mirror: str
) -> None:
    assert debian_mirror(targets) == mirror


@pytest.mark.parametrize("targets", [(), (SECURITY,), (VENDOR,), (SECURITY, VENDOR)])
def test_without_a_full_mirror_it_says_so(targets: tuple[tuple[str, str, str], ...]) -> None:
    with pytest.raises(UnpackError, match="Nothing was downloaded"):
        debian_mirror(targets)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("22.10.1~dfsg", (22, 10, 1)), ("Asterisk 20.6", (20, 6)), ("22", (22,)), ("none", ())],
)
def test_versions_are_compared_as_numbers(text: str, parts: tuple[int, ...]) -> None:
    assert version_tuple(text) == parts


def test_22_9_is_older_than_22_10() -> None:
    assert version_tuple("22.9.0") < version_tuple("22.10.1")


@pytest.mark.parametrize(
    ("version", "enough"),
    [("20.17.0", False), ("22.5.2", False), ("22.6.1", False), ("22.7.0", True), ("22.10.1~dfsg", True),
     ("23.0.0", False), ("23.1.0", True), ("24.0.0", True)],
)  # fmt: skip
def test_an_asterisk_is_recent_enough_when_it_tells_the_sip_status_on_hang_up(version: str, enough: bool) -> None:
    assert recent_enough(version) == enough


def test_the_cache_is_the_users_and_outside_the_work_tree(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "campaign-dialer" / "asterisk"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache().is_relative_to(Path.home())


def test_a_system_whose_packages_cannot_be_unpacked_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(provisioning, "_os_release", lambda: ("fedora",))
    monkeypatch.setattr(provisioning, "find_on_path", lambda _log: None)
    with pytest.raises(ProvisioningError, match=r"fedora.*dialer demo --simulated"):
        find_or_unpack(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_debian_uses_its_unstable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(provisioning, "_os_release", lambda: ("debian",))
    monkeypatch.setattr(unpacking, "_index_targets", lambda: (UPDATES,))
    monkeypatch.setattr(unpacking, "DEBIAN_KEYRINGS", (Path("/etc/os-release"),))
    monkeypatch.setattr(unpacking, "_planned_downloads", lambda _work: ())
    [find_source] = provisioning._package_sources()
    line = find_source(tmp_path).source_line
    assert line == "deb [signed-by=/etc/os-release] http://mirror.example/debian sid main"


def test_ubuntu_uses_its_own_sources_and_then_its_newest_release(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(provisioning, "_os_release", lambda: ("ubuntu", "debian"))
    monkeypatch.setattr(unpacking, "_index_targets", lambda: (UBUNTU,))
    monkeypatch.setattr(unpacking, "UBUNTU_KEYRINGS", (Path("/etc/os-release"),))
    monkeypatch.setattr(unpacking, "_planned_downloads", lambda _work: ())
    lines = [find_source(tmp_path).source_line for find_source in provisioning._package_sources()]
    assert lines == [None, "deb [signed-by=/etc/os-release] http://mirror.example/ubuntu devel main universe"]


PPA = ("https://personal.example/someone/thing/ubuntu", "noble", "LP-PPA-someone-thing")
PRO = ("https://pro.example/apps/ubuntu", "noble-apps-updates", "UbuntuESMApps")


@pytest.mark.parametrize(
    ("targets", "mirror"),
    [
        ((PPA, PRO, UBUNTU_SECURITY, UBUNTU), "http://mirror.example/ubuntu"),
        ((("http://mirror.example/pub/linux/", "noble", "Ubuntu"),), "http://mirror.example/pub/linux"),
        (tuple((site, release, "") for site, release, _origin in (PPA, PRO, UBUNTU_SECURITY, UBUNTU)),
         "http://mirror.example/ubuntu"),
    ],
)  # fmt: skip
def test_ubuntus_mirror_is_a_full_one_that_the_system_already_uses(
    targets: tuple[tuple[str, str, str], ...], mirror: str
) -> None:
    assert ubuntu_mirror(targets) == mirror


@pytest.mark.parametrize("targets", [(), (PPA,), (PRO, UBUNTU_SECURITY), (UPDATES,)])
def test_without_a_full_ubuntu_mirror_it_says_so(targets: tuple[tuple[str, str, str], ...]) -> None:
    with pytest.raises(UnpackError, match="Nothing was downloaded"):
        ubuntu_mirror(targets)


NOBLE_THEN_DEVEL = """case "$*" in
*sources.list*) echo "  Candidate: 1:22.10.0+dfsg-1ubuntu3" ;;
*) echo "  Candidate: 1:22.5.2~dfsg-1" ;;
esac"""


def ubuntu_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, offers: str) -> None:
    """Played package tools of an Ubuntu: they tell these offers, and an install downloads nothing."""
    script(tmp_path / "bin" / "apt-get", f'case "$*" in *" install "*) echo "$@" >> {tmp_path}/installs;; esac')
    script(tmp_path / "bin" / "apt-cache", offers)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(unpacking, "_index_targets", lambda: (UBUNTU,))
    monkeypatch.setattr(unpacking, "UBUNTU_KEYRINGS", (Path("/etc/os-release"),))
    monkeypatch.setattr(provisioning, "_os_release", lambda: ("ubuntu",))
    monkeypatch.setattr(provisioning, "find_on_path", lambda _log: None)


def test_an_ubuntu_whose_own_asterisk_is_too_old_gets_that_of_its_newest_release(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ubuntu_with(monkeypatch, tmp_path, NOBLE_THEN_DEVEL)
    said: list[str] = []
    with pytest.raises(ProvisioningError, match="downloaded no package"):
        find_or_unpack(tmp_path / "cache", log=said.append)
    assert any("In this system's own sources there is asterisk 22.5.2~dfsg-1" in line for line in said)
    [install] = (tmp_path / "installs").read_text().splitlines()
    assert "sources.list" in install


def test_an_ubuntu_without_any_fitting_asterisk_is_told_so_and_offered_the_simulator(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ubuntu_with(monkeypatch, tmp_path, 'echo "  Candidate: 1:22.5.2~dfsg-1"')
    both = r"own sources there is asterisk 22\.5(?s:.)*development release there is asterisk 22\.5(?s:.)*--simulated"
    with pytest.raises(ProvisioningError, match=both):
        find_or_unpack(tmp_path / "cache")
    assert not (tmp_path / "installs").exists()


def test_make_test_says_in_words_that_there_is_no_asterisk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ubuntu_with(monkeypatch, tmp_path, 'echo "  Candidate: (none)"')
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert provisioning.main() == 2
    shown = capsys.readouterr()
    assert "No Asterisk for the tests: In this system's own sources there is no asterisk" in shown.err


PLANNED = """
'http://mirror.example/debian-security/dists/trixie-security/InRelease' x_InRelease 0
'http://mirror.example/debian/dists/trixie/InRelease' y_InRelease 0
'http://mirror.example/debian/dists/trixie/main/binary-amd64/Packages.xz' z_Packages 0
"""


def test_a_fresh_system_without_any_package_list_still_has_a_mirror(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "planned").write_text(PLANNED)
    script(tmp_path / "bin" / "apt-get", f'case "$*" in *print-uris*) cat {tmp_path}/planned;; esac')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(unpacking, "DEBIAN_KEYRINGS", (Path("/etc/os-release"),))
    line = unpacking.debian_source(tmp_path / "work").source_line
    assert line == "deb [signed-by=/etc/os-release] http://mirror.example/debian sid main"


@pytest.mark.parametrize(
    ("offered", "refused"),
    [("1:20.6.0~dfsg-1", True), ("1:22.5.2~dfsg-1", True), ("(none)", True), ("1:22.10.1-1", False)],
)
def test_too_old_a_version_is_refused_before_the_big_download(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, offered: str, refused: bool
) -> None:
    script(tmp_path / "bin" / "apt-get", f'case "$*" in *install*) touch {tmp_path}/downloaded; exit 1;; esac')
    script(tmp_path / "bin" / "apt-cache", f'echo "  Candidate: {offered}"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    source = PackageSource(name="test", source_line=None)
    with pytest.raises(UnpackError, match=r"22\.7 or later is needed" if refused else "downloading"):
        unpack(source, tmp_path)
    assert (tmp_path / "downloaded").exists() == (not refused)


def unpack(source: PackageSource, folder: Path) -> None:
    download_and_unpack(source, work=folder / "work", root=folder / "root", fits=recent_enough, log=lambda _line: None)


def test_a_missing_keyring_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(unpacking, "DEBIAN_KEYRINGS", (Path("/nowhere/keyring.gpg"),))
    with pytest.raises(UnpackError, match="debian-archive-keyring"):
        unpacking.debian_source(tmp_path)


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_download_that_breaks_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script(tmp_path / "bin" / "apt-get", "echo 'E: the mirror is away' >&2; exit 100")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(provisioning, "find_on_path", lambda _log: None)
    monkeypatch.setattr(provisioning, "_os_release", lambda: ("ubuntu",))
    cache = tmp_path / "cache"
    with pytest.raises(ProvisioningError, match="the mirror is away"):
        find_or_unpack(cache)
    assert [path.name for path in cache.iterdir()] == ["lock"]


def test_a_system_without_apt_is_told_which_program_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    source = PackageSource(name="test", source_line=None)
    with pytest.raises(UnpackError, match="apt-get is not on this system"):
        unpack(source, tmp_path)


def test_apt_is_called_with_private_folders_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script(tmp_path / "bin" / "apt-get", f'echo "$@" >> {tmp_path}/calls; exit 1')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    source = PackageSource(name="test", source_line="deb http://mirror.example/debian sid main")
    work = tmp_path / "work"
    with pytest.raises(UnpackError):
        unpack(source, tmp_path)
    called = (tmp_path / "calls").read_text()
    for option in ("Dir::State", "Dir::State::status", "Dir::Cache", "Dir::Log", "Dir::Etc::sourcelist",
                   "Dir::Etc::sourceparts"):  # fmt: skip
        assert f"-o {option}={work}" in called, option


def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> Path:
    """An Asterisk that says it is of that version, with every module needed; its data folder."""
    script(tmp_path / "asterisk", f"echo Asterisk {version}~dfsg")
    for name in provisioning.NEEDED_MODULES:
        script(tmp_path / "modules" / name, "")
    sounds = tmp_path / "data" / "sounds" / "en"
    sounds.mkdir(parents=True)
    (sounds / "beep.gsm").touch()
    monkeypatch.setattr(provisioning, "_search_path", lambda: str(tmp_path))
    monkeypatch.setattr(provisioning, "MODULE_FOLDERS", (str(tmp_path / "modules"),))
    monkeypatch.setattr(provisioning, "DATA_FOLDERS", (str(tmp_path / "data"),))
    return tmp_path / "data"


def test_an_installed_asterisk_that_is_too_old_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed(tmp_path, monkeypatch, "20.6.0")
    said: list[str] = []
    assert find_on_path(said.append) is None
    assert "20.6.0" in said[0]


def test_an_installed_asterisk_without_a_needed_module_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed(tmp_path, monkeypatch, "22.7.0")
    (tmp_path / "modules" / "app_confbridge.so").unlink()
    assert find_on_path() is None


def test_an_installed_asterisk_with_its_modules_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = installed(tmp_path, monkeypatch, "22.7.0")
    found = find_on_path()
    assert found is not None
    assert (found.version, found.source, found.sounds_dir) == ("22.7.0", "path", data / "sounds" / "en")


def test_a_folder_whose_unpacking_was_cut_short_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr(provisioning, "inspect_sysroot", lambda root: looked_at.append(root.name))
    for name in ("asterisk-22.9.0-x86_64", "asterisk-22.10.1-x86_64", "asterisk-23.0.0-x86_64"):
        (tmp_path / name / "usr").mkdir(parents=True)
    (tmp_path / "asterisk-22.5.2-x86_64").mkdir()  # whole, but too old
    for name in ("asterisk-22.9.0-x86_64", "asterisk-22.10.1-x86_64", "asterisk-22.5.2-x86_64"):
        (tmp_path / name / provisioning.COMPLETE).touch()
    assert find_unpacked(tmp_path) is None
    assert looked_at == ["asterisk-22.10.1-x86_64", "asterisk-22.9.0-x86_64"]


def test_two_runs_at_once_unpack_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    unpacked: list[AsteriskInstall] = []
    install = AsteriskInstall(
        program=("x",), modules_dir=tmp_path, data_dir=tmp_path, sounds_dir=None, version="22.10.1", source="sysroot"
    )

    def unpack(_cache: Path, _log: object) -> AsteriskInstall:
        threading.Event().wait(0.2)  # long enough for the other to arrive
        unpacked.append(install)
        return install

    monkeypatch.setattr(provisioning, "find_on_path", lambda _log: None)
    monkeypatch.setattr(provisioning, "find_unpacked", lambda _cache: unpacked[0] if unpacked else None)
    monkeypatch.setattr(provisioning, "_unpack", unpack)
    runs = [threading.Thread(target=find_or_unpack, args=(tmp_path,)) for _run in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(unpacked) == 1


@pytest.mark.asterisk
def test_what_is_found_here_runs_and_brings_sipp() -> None:
    install = find_or_unpack()
    assert version_tuple(install.version) >= (22, 7)
    assert install.sounds_dir is not None
    assert install.sipp is not None
    said = subprocess.run([*install.sipp, "-v"], capture_output=True, text=True, check=False).stdout
    assert "SIPp" in said


@pytest.mark.asterisk
def test_the_second_call_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    first = find_or_unpack()
    monkeypatch.setattr(provisioning, "_package_sources", lambda: pytest.fail("it asked for packages again"))
    assert find_or_unpack() == first


AS_ORDINARY_USER = """
import os, sys
from pathlib import Path
from telephony.asterisk.laboratory import build_private_exchange
from telephony.asterisk.provisioning import find_or_unpack
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
install = find_or_unpack(Path(sys.argv[1]))
with build_private_exchange(Path(sys.argv[1]) / "lab", install=install) as lab:
    print(lab.asterisk.command("core show version"))
"""


@pytest.fixture
def ordinary_cache() -> Iterator[Path]:
    """An empty cache of an ordinary user: of whoever runs the tests, of nobody when that is root."""
    with tempfile.TemporaryDirectory(prefix="ordinary-") as folder:
        if os.geteuid() == 0:
            os.chown(folder, 65534, 65534)
        yield Path(folder)


@pytest.mark.asterisk
@pytest.mark.slow
def test_an_ordinary_user_unpacks_and_runs_it_and_apts_own_state_is_untouched(ordinary_cache: Path) -> None:
    before = _listing("/var/lib/apt/lists"), _listing("/var/cache/apt")
    done = subprocess.run(
        [sys.executable, "-c", AS_ORDINARY_USER, str(ordinary_cache)], capture_output=True, text=True, check=False,
        env={**os.environ, "HOME": str(ordinary_cache)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert version_tuple(done.stdout) >= (22, 7)
    [root] = ordinary_cache.glob("asterisk-*")
    assert root.stat().st_uid == (os.geteuid() or 65534)
    assert inspect_sysroot(root) is not None
    assert (_listing("/var/lib/apt/lists"), _listing("/var/cache/apt")) == before


def _listing(folder: str) -> list[tuple[str, float]]:
    return sorted((path.name, path.stat().st_mtime) for path in Path(folder).iterdir())
