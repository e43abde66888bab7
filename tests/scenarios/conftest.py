"""A practice day for each module of scenarios; nothing of it is left running, and no settings leak out of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
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
