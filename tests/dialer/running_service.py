"""A `dialer serve` as a process of its own, on the simulated exchange, for tests that kill, stop and restart it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dialer.control import Answer
from dialer.control_client import ask, running
from dialer.home import Home

LIMIT_S = 20.0


def wait_until(reached: Callable[[], bool], limit_s: float = LIMIT_S) -> bool:
    """Whether it was reached within the limit; looks often, so that it costs no more than it must."""
    deadline = time.monotonic() + limit_s
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class RunningService:
    """Starts at once and waits until it listens; `end` makes sure that nothing is left."""

    def __init__(self, home: Home, *, more: Mapping[str, str] | None = None, wait: bool = True) -> None:
        self.home = home
        self.socket = home.below("control.sock")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "PYTHONPATH": str(Path.cwd()),
            "DIALER_HOME": str(home.root),
            "DIALER_EXCHANGE_KIND": "simulated",
            **(more or {}),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dialer.cli", "serve"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if wait:
            assert wait_until(lambda: running(self.socket) or self.process.poll() is not None)
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()

    def ask(self, name: str, args: Mapping[str, Any] | None = None, *, id_: str = "") -> Answer:
        return ask(self.socket, name, args, actor="anna", command_id=id_)

    def do(self, name: str, args: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        answer = self.ask(name, args)
        assert answer.done, answer.message
        return answer.data

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self, limit_s: float = LIMIT_S) -> int:
        """Its exit code. Raises TimeoutExpired when it does not end."""
        return self.process.wait(limit_s)

    def end(self) -> tuple[str, str]:
        """What it wrote; by force when it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        return self.process.communicate(timeout=LIMIT_S)
