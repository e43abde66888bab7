"""Imports one list again and again until it is killed, each time in a process of its own.

Run: python -m tests.campaigns.registry.endless_imports ROOT ODD EVEN [in-place]. Odd generations hold the numbers of
the file ODD, even ones those of EVEN. `go` starts imports and answers with the process to kill; `torn N` lets the
system kill it in the very write that makes a file longer than N bytes; `gone` answers when it is dead, with the
signal. `in-place` spoils the swap: the new data are written over those in force first. What is written is not waited
for: that matters to a power cut only.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

from campaigns.registry import Generations, import_list
from campaigns.registry.generations import NewGeneration
from campaigns.registry.manifest import Manifest
from campaigns.registry.nanp_bits import FILE
from tests.campaigns.registry.registry_builders import NOW, order

PIECE = 4096
_swap = NewGeneration.put_in_force


def over_the_data_in_force(self: NewGeneration, manifest: Manifest) -> None:
    """The sabotage: a swap that writes over what everybody reads, and only then is done as it should be."""
    former = self._generations.path(self.number - 1) / FILE
    if former.exists():
        data = (self._building / FILE).read_bytes()
        with former.open("r+b", buffering=0) as file:
            for start in range(0, len(data), PIECE):
                file.write(data[start : start + PIECE])
    _swap(self, manifest)


def import_for_ever(root: Path, odd: Path, even: Path) -> None:
    while True:
        pointer = Generations(root, "us-ftc").pointer()
        number = (pointer.generation if pointer else 0) + 1
        report = import_list(root, order(odd if number % 2 else even), NOW)
        assert report.generation == number, report.message


def begun(root: Path, odd: Path, even: Path, longest: int | None) -> int:
    child = os.fork()
    if child:
        return child
    if longest is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        import_for_ever(root, odd, even)
    finally:
        os._exit(1)


def main() -> None:
    root, odd, even, *spoilt = (Path(each) for each in sys.argv[1:])
    if spoilt:
        NewGeneration.put_in_force = over_the_data_in_force  # type: ignore[method-assign]
    os.fsync = lambda fd: None  # noqa: ARG005 - the name is part of what it replaces
    child = 0
    for line in sys.stdin:
        word, _, longest = line.strip().partition(" ")
        if word == "gone":
            told = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        else:
            told = child = begun(root, odd, even, int(longest) if longest else None)
        sys.stdout.write(f"{told}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
