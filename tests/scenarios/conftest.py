"""A practice day for each module of scenarios; nothing of it is left running, and no settings leak out of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.scenarios.practice_floor")

from tests.scenarios.practice_floor import PracticeFloor  # noqa: E402


@contextmanager
def environment_kept() -> Iterator[None]:
    """The practice day tells its home by the environment; afterwards that is as it was."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def opened(folder: Path, kind: type[PracticeFloor] = PracticeFloor, **wishes: Any) -> Iterator[PracticeFloor]:
    """A floor with its service running and its phones plugged in."""
    with environment_kept(), kind(folder / "day", **wishes) as floor:
        floor.open()
        yield floor


@dataclass(frozen=True, kw_only=True)
class SimulatedDemo:
    """`dialer demo --simulated --headless` at work, with a cache folder of its own."""

    process: subprocess.Popen[str]
    cache: Path


def demo(cache: Path) -> subprocess.Popen[str]:
    """Start one in a cache folder of its own, and without what the environment says of the dialer."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DIALER_")}
    return subprocess.Popen(
        [sys.executable, "-c", "from dialer.cli import main; main()", "demo", "--simulated", "--headless"],
        env=environ | {"XDG_CACHE_HOME": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="session")
def simulated_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedDemo]:
    """It takes more than a minute of waiting, so it is started early and runs beside a test that only waits."""
    cache = tmp_path_factory.mktemp("cache")
    with demo(cache) as process:
        yield SimulatedDemo(process=process, cache=cache)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)  # as Ctrl-C: it ends its own children
