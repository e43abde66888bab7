"""The small call centre as a fixture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dialer.floor import CallCentre
from tests.dialer.office import Office

Furnish = Callable[..., CallCentre]


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Furnish]:
    made: list[CallCentre] = []

    def furnish(**wishes: Any) -> CallCentre:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(CallCentre(folder, **wishes))
        return made[-1]

    yield furnish
    for one in made:
        one.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()
