"""When an import is killed, does the old or the new generation answer, whole, whatever the moment?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from campaigns.registry import Generations, open_list
from tests.campaigns.registry.registry_builders import A, B, C, changes, imported, with_list, written

ROOT = Path(__file__).parents[3]
OLD, NEW = ["LISTED", "CLEAR", "LISTED"], ["CLEAR", "LISTED", "LISTED"]
EVERY = 5  # so many moments apart; whatever takes longer than that is met


@contextmanager
def the_killed(source: Path) -> Iterator[Callable[[Path, int], str]]:
    """Kills an import at a moment; the process that starts them is started once."""
    command = [sys.executable, "-m", "tests.campaigns.registry.killed_import", str(source)]
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=alone, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as starter:

        def kill_at(root: Path, moment: int) -> str:
            assert starter.stdin is not None
            assert starter.stdout is not None
            starter.stdin.write(f"{root} {moment}\n")
            starter.stdin.flush()
            return starter.stdout.readline().strip()

        yield kill_at
        assert starter.stdin is not None
        starter.stdin.close()


def answers(root: Path) -> list[str]:
    opened = open_list(root, "us-ftc").verified()
    assert opened.fault is None
    return [opened.ask(number).name for number in (A, B, C)]


@pytest.mark.slow
def test_whatever_the_moment_one_whole_generation_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    before = with_list(tmp_path, A, C)
    source = written(tmp_path, "202,5550101,D\n202,5550102,A\n")
    seen: list[str] = []
    with the_killed(source) as kill_at:
        for moment in range(1, moments_of(kill_at, before, tmp_path) + 1, EVERY):
            root = tmp_path / f"killed-{moment}"
            shutil.copytree(before, root)
            assert kill_at(root, moment) == "killed"
            found = answers(root)
            assert found in (OLD, NEW), moment
            seen.append("new" if found == NEW else "old")
            if len(seen) % EVERY == 0:
                assert_that_the_next_import_cleans_up(root, source, found)
            shutil.rmtree(root)
    swap = seen.index("new")
    assert seen == ["old"] * swap + ["new"] * (len(seen) - swap), "the swap is one moment"
    assert swap > 50
    assert len(seen) - swap > 5


def moments_of(kill_at: Callable[[Path, int], str], before: Path, folder: Path) -> int:
    """How many moments an import has that nobody kills."""
    root = folder / "whole"
    shutil.copytree(before, root)
    word, _, count = kill_at(root, 0).partition(" ")
    assert (word, answers(root)) == ("ended", NEW)
    return int(count)


def assert_that_the_next_import_cleans_up(root: Path, source: Path, found: list[str]) -> None:
    imported(root, changes(source))
    assert answers(root) == NEW
    generation = 2 if found == OLD else 3
    history = Generations(root, "us-ftc").history()
    assert [past.manifest.generation for past in history] == list(range(generation, 0, -1))
    names = {path.name for path in (root / "us-ftc").iterdir()}
    assert names == {".lock", "current", "history", *(f"{number:07d}" for number in range(1, generation + 1))}
