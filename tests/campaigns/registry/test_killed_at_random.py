"""Killed at any moment, in the middle of a write too: does every reader have the old generation or the new one, whole?

`test_killed_imports.py` kills at each line of our own code; here the process is killed from outside, while others read.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from campaigns.registry import Answer, OpenList, open_list
from tests.campaigns.registry.registry_builders import written

ROOT = Path(__file__).parents[3]
KILLS = 50
TORN = (0, 1, 40, 4095, 4096, 4097, 100_000, 1_000_001, 1_999_999)  # bytes of a file of two million; 0: the lock
LINES = range(2_000_000, 10_000_000, 250_000)
NUMBERS = [1_000_000_0000 + area * 1_000_0000 + line for area in (202, 212) for line in LINES]
ODD, EVEN = NUMBERS[::2], NUMBERS[1::2]


@dataclass
class Reader:
    """Asks about every number, always in the generation in force; `wrong` is whatever no whole generation says."""

    opened: OpenList
    wrong: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def look(self) -> None:
        self.opened = self.opened.refreshed()
        self.judge(self.opened)

    def judge(self, opened: OpenList) -> None:
        if opened.generation is None:
            self.wrong.append(opened.fault or "nothing")
            return
        self.seen.add(opened.generation)
        listed = set(ODD if opened.generation % 2 else EVEN)
        expected = [Answer.LISTED if number in listed else Answer.CLEAR for number in NUMBERS]
        if opened.ask_many(np.array(NUMBERS, np.int64)).tolist() != expected:
            self.wrong.append(f"generation {opened.generation} is a mixture")


@contextmanager
def imports(folder: Path, *spoilt: str) -> Iterator[Callable[[str], int]]:
    """Starts endless imports below `folder`, and tells of them; see endless_imports.py."""
    files = [written(folder, rows(numbers), name) for numbers, name in ((ODD, "odd.txt"), (EVEN, "even.txt"))]
    module = "tests.campaigns.registry.endless_imports"
    command = [sys.executable, "-m", module, *map(str, (folder / "kept", *files)), *spoilt]
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=alone, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as starter:

        def tell(word: str) -> int:
            assert starter.stdin is not None
            assert starter.stdout is not None
            starter.stdin.write(f"{word}\n")
            starter.stdin.flush()
            return int(starter.stdout.readline())

        yield tell
        assert starter.stdin is not None
        starter.stdin.close()


def rows(numbers: list[int]) -> str:
    return "".join(f"{str(number)[1:4]},{str(number)[4:]}\n" for number in numbers)


def first_ones(tell: Callable[[str], int], folder: Path) -> float:
    """Lets two generations come into force; how long an import takes here and now, in seconds."""
    child, began = tell("go"), time.monotonic()
    while (open_list(folder, "us-ftc").generation or 0) < 3:
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    assert tell("gone") == -signal.SIGKILL
    return (time.monotonic() - began) / 3


def killed(folder: Path, kills: int, seed: int, *spoilt: str) -> Reader:
    """A reader who read on while imports were killed, and looked afresh at what each left behind."""
    dice = random.Random(seed)
    with imports(folder, *spoilt) as tell:
        takes = first_ones(tell, folder / "kept")
        reader = Reader(open_list(folder / "kept", "us-ftc"))
        for _ in range(kills):
            child, until = tell("go"), time.monotonic() + dice.uniform(0, 8 * takes)  # the first import is slower
            while time.monotonic() < until:
                reader.look()
            os.kill(child, signal.SIGKILL)
            assert tell("gone") == -signal.SIGKILL
            reader.look()
            reader.judge(open_list(folder / "kept", "us-ftc").verified())
    return reader


@pytest.mark.slow
def test_killed_at_fifty_random_moments_every_reader_has_one_whole_generation(tmp_path: Path) -> None:
    reader = killed(tmp_path, KILLS, seed=20261122)
    assert reader.wrong == []
    assert len(reader.seen) > 10, "generations came into force between the kills"


def test_a_swap_that_writes_over_the_data_in_force_is_found_by_the_same_readers(tmp_path: Path) -> None:
    reader = killed(tmp_path, 10, 1, "in-place")
    assert reader.wrong


def test_killed_in_the_middle_of_a_write_the_former_generation_answers_and_the_next_import_goes_on(
    tmp_path: Path,
) -> None:
    with imports(tmp_path) as tell:
        first_ones(tell, tmp_path / "kept")
        before = open_list(tmp_path / "kept", "us-ftc").generation
        reader = Reader(open_list(tmp_path / "kept", "us-ftc"))
        for size in TORN:
            tell(f"torn {size}")
            assert tell("gone") == -signal.SIGXFSZ
            reader.look()
            reader.judge(open_list(tmp_path / "kept", "us-ftc").verified())
        assert (reader.wrong, reader.seen) == ([], {before})
        first_ones(tell, tmp_path / "kept")
        after = open_list(tmp_path / "kept", "us-ftc")
        reader.judge(after.verified())
    assert reader.wrong == []
    assert after.generation is not None
    assert after.generation >= 3
