"""Is the dialer's folder private, found where it was said to be, and owned by one process at a time?"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dialer.home import Home, HomeInUse, exclusive, find_home, pid_written, read_secret, running_pid, write_secret
from dialer.refusal import Refused


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(root=tmp_path / "home")
    made.create()
    return made


def test_the_environment_names_the_home() -> None:
    assert find_home({"DIALER_HOME": "/srv/dialer"}).root == Path("/srv/dialer")
    if sys.platform != "darwin":
        assert find_home({"XDG_DATA_HOME": "/data"}).root == Path("/data/campaign-dialer")


def test_the_folders_are_for_their_owner_only(home: Home) -> None:
    for folder in (home.root, home.secrets, home.logs, home.backups):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_before_init_the_refusal_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="dialer init"):
        Home(root=tmp_path / "nothing").require()


def test_a_home_has_one_owner_at_a_time(home: Home) -> None:
    with exclusive(home), pid_written(home), pytest.raises(HomeInUse, match=f"process {os.getpid()}"), exclusive(home):
        pytest.fail("two processes own one home")
    with exclusive(home):
        assert running_pid(home) is None


def test_the_kernel_frees_the_home_of_a_process_that_was_killed(home: Home) -> None:
    code = (
        "import sys, os, signal; from pathlib import Path; from dialer.home import Home, exclusive\n"
        "with exclusive(Home(root=Path(sys.argv[1]))): os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(home.root)], check=False, timeout=20)
    assert done.returncode == -9
    with exclusive(home):
        pass


def test_a_secret_is_kept_in_a_private_file_and_read_back(home: Home) -> None:
    path = write_secret(home, "agent-1001", "s3cret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_secret(path) == "s3cret"
    write_secret(home, "agent-1001", "another")
    assert read_secret(path) == "another"
    assert [entry.name for entry in home.secrets.iterdir()] == ["agent-1001"]


def test_an_unsafe_secret_file_is_refused_with_its_mend(home: Home) -> None:
    path = write_secret(home, "agent-1001", "s3cret")
    path.chmod(0o640)
    with pytest.raises(Refused, match="chmod 600"):
        read_secret(path)
    (home.secrets / "link").symlink_to(path)
    with pytest.raises(Refused, match="cannot be read"):
        read_secret(home.secrets / "link")
