"""What does every test of the screens stand on? A fake service on a real socket, and a fixed local zone."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import _wait

from tests.tui import scenes
from tests.tui.fake_dialer import FakeDialer


def pytest_configure(config: pytest.Config) -> None:
    """Pictures that differ are reported beside pytest's own cache, not in the folder one works in."""
    if config.getoption("snapshot_report", None) == "snapshot_report.html":
        config.option.snapshot_report = str(config.rootpath / ".pytest_cache" / "snapshot_report.html")


@pytest.fixture(autouse=True)
def _local_time_is_utc() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.fixture(autouse=True)
def _textual_looks_for_idleness_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each key the pilot waits until the process is idle; looking every 4 ms saves most of the suite's time."""
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 0.004)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 0.0004)


@pytest.fixture
def fake() -> Iterator[FakeDialer]:
    """A service with a plausible moment in it. Its folder has a short name: a socket's address is short."""
    folder = Path(tempfile.mkdtemp(prefix="tui"))
    with FakeDialer(folder / "control.sock") as service:
        scenes.fill(service)
        yield service
    shutil.rmtree(folder)
