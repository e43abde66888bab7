"""Imports a list and kills itself at a given moment, again and again, each time in a process of its own.

Run: python -m tests.campaigns.registry.killed_import CHANGES. Reads lines `root moment` and answers each with
`killed`, or with `ended N` when the import ended after N moments. A moment is a line about to be run, of the registry's
code or of the library's that works on files. What is written is not waited for: that matters to a power cut only.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from campaigns.registry import import_list
from tests.campaigns.registry.registry_builders import NOW, US, changes

WORKS_ON_FILES = re.compile(r"(campaigns/registry/(generations|sealed_files|bringing_in|gathering)|pathlib|shutil)")
Trace = Callable[[FrameType, str, Any], Any]


def killing_at(moment: int, moments: list[int]) -> Trace:
    """A trace that counts the lines of the registry's code and kills at one of them."""

    def trace(frame: FrameType, event: str, _: object) -> Trace | None:
        if not WORKS_ON_FILES.search(frame.f_code.co_filename):
            return None
        if event == "line":
            moments[0] += 1
            if moments[0] == moment:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def import_and_die(root: Path, source: Path, moment: int) -> int:
    """How many moments the import had; it does not return when `moment` is one of them."""
    moments = [0]
    sys.settrace(killing_at(moment, moments))
    report = import_list(root, changes(source, registry=US), NOW)
    sys.settrace(None)
    assert report.generation == 2, report.message
    return moments[0]


def in_a_process_of_its_own(root: Path, source: Path, moment: int) -> str:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, b"%d" % import_and_die(root, source, moment))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return "killed"
    return f"ended {int(told)}"


def main() -> None:
    source = Path(sys.argv[1])
    os.fsync = lambda fd: None  # noqa: ARG005 - the name is part of what it replaces
    for line in sys.stdin:
        root, moment = line.rstrip("\n").rsplit(" ", 1)
        sys.stdout.write(in_a_process_of_its_own(Path(root), source, int(moment)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
