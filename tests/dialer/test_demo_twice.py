"""Does a second demo leave the first one alone, and clean up after one that was killed?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dialer.demo.practice_day import PracticeDay
from dialer.home import Home
from dialer.refusal import Refused
from tests.dialer.running_service import wait_until

KILLED = """
import os, sys
from pathlib import Path
from dialer.demo.practice_day import PracticeDay
day = PracticeDay(Path(sys.argv[1]), agents=1, simulated=True, say=lambda _: None).__enter__()
day.set_up()
day.start_service()
print(day.service_pid, flush=True)
os._exit(9)
"""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DIALER_HOME", "DIALER_ACTOR"):  # a demo sets them; the next test shall not see them
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def day_in(root: Path) -> PracticeDay:
    return PracticeDay(root, agents=1, simulated=True, say=lambda _: None)


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def test_a_second_demo_is_refused_with_the_process_of_the_first_and_touches_nothing(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    with day_in(root):
        (root / "kept").touch()  # before its service runs, too
        with pytest.raises(Refused, match=f"as process {os.getpid()}"), day_in(root):
            pytest.fail("two demos played in one folder")
        assert (root / "kept").exists()
    with day_in(root):
        assert not (root / "kept").exists(), "ended, it makes room for the next"


def test_what_a_killed_demo_left_running_is_ended(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    made = subprocess.run(
        [sys.executable, "-c", KILLED, str(root)], stdout=subprocess.PIPE, text=True, check=False, timeout=60
    )
    left = int(made.stdout.split()[-1])
    try:
        assert alive(left), "the service outlives its demo"
        with day_in(root) as day:
            assert wait_until(lambda: not alive(left))
            assert not Home(root=day.root / "home").exists()
    finally:
        if alive(left):
            os.kill(left, 9)
