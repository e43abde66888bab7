"""The managed Asterisk: ready when it says so, gone when we are, back when it died, adopted when it lived on."""

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from telephony.asterisk.configuration import AgentPhone, ExchangeSettings, Folders, ManagerSecrets, render
from telephony.asterisk.laboratory import free_loopback_address
from telephony.asterisk.process import AsteriskError, ManagedAsterisk, Watchdog, end_left_running, left_running
from telephony.asterisk.provisioning import AsteriskInstall, find_or_unpack
from tests.telephony.pair import until
from tests.telephony.tone_phone import TonePhone

pytestmark = pytest.mark.asterisk

SECRET = "a-secret-for-tests"

CHILD = """
import sys, time
from pathlib import Path
from tests.telephony.test_process import managed
asterisk = managed(Path(sys.argv[1]), die_with_parent=sys.argv[2] == "dies")
asterisk.start()
print(asterisk.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def install() -> AsteriskInstall:
    return find_or_unpack()


@pytest.fixture(autouse=True)
def _no_orphan(tmp_path: Path) -> Iterator[None]:
    yield
    end_left_running(tmp_path)


def settings_for(folder: Path, *agents: str) -> ExchangeSettings:
    host = free_loopback_address()
    return ExchangeSettings(
        folders=Folders.under(folder, find_or_unpack().modules_dir),
        manager_secrets=ManagerSecrets.new(),
        sip_host=host,
        manager_host=host,
        agents=tuple(AgentPhone(number=number, secret=SECRET) for number in agents),
    )


def managed(folder: Path, *, die_with_parent: bool = True, supervise: bool = True) -> ManagedAsterisk:
    settings = settings_for(folder)
    return ManagedAsterisk(
        find_or_unpack(), settings.folders, render(settings), die_with_parent=die_with_parent, supervise=supervise
    )


@pytest.fixture
def asterisk(tmp_path: Path) -> Iterator[ManagedAsterisk]:
    running = managed(tmp_path / "exchange")
    running.start()
    yield running
    running.stop()


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_it_is_ready_when_start_returns_and_gone_when_stop_does(tmp_path: Path) -> None:
    asterisk = managed(tmp_path)
    asterisk.start()
    pid = asterisk.pid
    assert pid is not None
    assert "System uptime" in asterisk.command("core show uptime")
    asterisk.stop()
    assert gone(pid)
    assert not asterisk.running
    asterisk.stop()


def test_its_folder_and_secrets_are_for_this_user_only(asterisk: ManagedAsterisk) -> None:
    root = asterisk.folders.root
    assert root.stat().st_mode & 0o777 == 0o700
    modes = {path.stat().st_mode & 0o777 for path in asterisk.folders.etc.iterdir()}
    assert modes == {0o600}


def test_it_may_open_as_many_files_as_the_system_allows(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    try:
        with managed(tmp_path) as asterisk:
            assert psutil.Process(asterisk.pid).rlimit(psutil.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_broken_configuration_is_an_error_that_quotes_what_asterisk_said(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    files = {**render(settings), "modules.conf": "[modules]\nautoload = no\nrequire = there_is_no_such_module.so\n"}
    asterisk = ManagedAsterisk(find_or_unpack(), settings.folders, files)
    with pytest.raises(AsteriskError, match="there_is_no_such_module"):
        asterisk.start()
    assert not asterisk.running


def test_it_is_started_again_when_it_dies_and_the_death_is_told_once(tmp_path: Path) -> None:
    died, told = threading.Event(), []
    settings = settings_for(tmp_path)

    def on_died(reason: str) -> None:
        told.append(reason)
        died.set()

    with ManagedAsterisk(find_or_unpack(), settings.folders, render(settings), on_died=on_died) as asterisk:
        first = asterisk.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert died.wait(5)
        until(lambda: asterisk.pid not in (None, first) and asterisk.starts == 2)
        until(lambda: _answers(asterisk))
        assert len(told) == 1
        assert str(first) in told[0]


def _answers(asterisk: ManagedAsterisk) -> bool:
    try:
        return "System uptime" in asterisk.command("core show uptime")
    except AsteriskError:
        return False


def test_without_supervision_it_stays_dead(tmp_path: Path) -> None:
    asterisk = managed(tmp_path, supervise=False)
    asterisk.start()
    assert asterisk.pid is not None
    os.kill(asterisk.pid, signal.SIGKILL)
    until(lambda: not any(thread.name == "asterisk-monitor" for thread in threading.enumerate()))
    assert asterisk.starts == 1
    assert not asterisk.running
    asterisk.stop()


def test_stopping_right_after_its_death_leaves_nothing_running(tmp_path: Path) -> None:
    asterisk = managed(tmp_path)
    asterisk.start()
    first = asterisk.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: asterisk.pid != first)
    asterisk.stop()
    assert not _children_in(asterisk.folders.root)


def _children_in(root: Path) -> list[psutil.Process]:
    main_file = str(root / "etc" / "asterisk.conf")
    return [process for process in psutil.process_iter(["cmdline"]) if main_file in (process.info["cmdline"] or [])]


def _start_child(folder: Path, mode: str) -> tuple[subprocess.Popen[str], int]:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), mode], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert child.stdout is not None
    return child, int(child.stdout.readline())


def _kill(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.wait()
    assert child.stdout is not None
    child.stdout.close()


def test_it_dies_with_a_dialer_that_was_killed(tmp_path: Path) -> None:
    child, pid = _start_child(tmp_path, "dies")
    assert not gone(pid)
    _kill(child)
    until(lambda: gone(pid), 5)


def test_it_outlives_a_killed_dialer_when_told_to_and_the_next_one_adopts_it(tmp_path: Path) -> None:
    child, pid = _start_child(tmp_path, "lives")
    _kill(child)
    assert not gone(pid)
    heir = managed(tmp_path, die_with_parent=False)
    assert heir.start_or_adopt() is True
    assert heir.pid == pid
    assert "System uptime" in heir.command("core show uptime")
    heir.stop()
    assert gone(pid)


def test_one_that_was_left_running_can_be_ended_before_its_folder_goes(tmp_path: Path) -> None:
    child, pid = _start_child(tmp_path, "lives")
    _kill(child)
    assert left_running(tmp_path) == pid
    assert end_left_running(tmp_path) is True
    assert gone(pid)
    assert end_left_running(tmp_path) is False


def test_starting_beside_one_that_lives_on_is_refused(tmp_path: Path) -> None:
    child, pid = _start_child(tmp_path, "lives")
    _kill(child)
    heir = managed(tmp_path, die_with_parent=False)
    with pytest.raises(AsteriskError, match=f"runs already as process {pid}"):
        heir.start()
    assert not gone(pid)
    assert heir.start_or_adopt()
    heir.stop()


def test_a_process_that_got_the_old_number_by_chance_is_not_adopted(tmp_path: Path) -> None:
    tmp_path.joinpath("process.json").write_text(f'{{"pid": {os.getpid()}, "started": "1"}}')
    asterisk = managed(tmp_path)
    assert asterisk.start_or_adopt() is False
    assert asterisk.pid != os.getpid()
    asterisk.stop()


def test_an_adopted_one_is_started_again_when_it_dies(tmp_path: Path) -> None:
    child, pid = _start_child(tmp_path, "lives")
    _kill(child)
    heir = managed(tmp_path, die_with_parent=False)
    heir.start_or_adopt()
    os.kill(pid, signal.SIGKILL)
    until(lambda: heir.pid not in (None, pid) and _answers(heir))
    heir.stop()


def test_a_new_agent_can_register_without_a_restart(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, "1001")
    with ManagedAsterisk(find_or_unpack(), settings.folders, render(settings)) as asterisk:
        pid = asterisk.pid
        more = (*settings.agents, AgentPhone(number="1002", secret=SECRET))
        server = (settings.sip_host, settings.sip_port)
        changed = ExchangeSettings(
            folders=settings.folders, manager_secrets=settings.manager_secrets, sip_host=settings.sip_host,
            manager_host=settings.manager_host, agents=more,
        )  # fmt: skip
        asterisk.reconfigure(render(changed))
        with TonePhone(free_loopback_address(), 5060, 440) as phone:
            until(lambda: _registers(phone, server, "1002"))
        assert asterisk.pid == pid


def _registers(phone: TonePhone, server: tuple[str, int], user: str) -> bool:
    try:
        phone.register(server, user, SECRET)
    except (TimeoutError, KeyError):
        return False
    return True


def test_a_folder_with_a_very_long_name_works_too(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    with managed(deep) as asterisk:
        assert asterisk.running
        elsewhere = asterisk.folders.run
    assert not elsewhere.is_relative_to(deep)
    assert not elsewhere.exists()


def test_the_watchdog_lets_go_of_a_group_it_no_longer_watches() -> None:
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    Watchdog(child.pid).end()
    assert child.poll() is None
    child.kill()
    child.wait()
