"""Days that were played already: a table that takes hours may be stopped and gone on with.

A day is only taken from the file when it was played by the very same sources, so a change of the pacer or of the world
plays all of them again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dialer.rehearsal.figures import DayFigures

ROOT = Path(__file__).resolve().parents[1]


def sources() -> str:
    """A digest of every module of the project that this process has loaded."""
    files = {Path(found) for module in list(sys.modules.values()) if (found := getattr(module, "__file__", None))}
    ours = sorted(path for path in files if path.is_relative_to(ROOT) and "site-packages" not in path.parts)
    digest = hashlib.sha256()
    for path in ours:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


class Kept:
    """A file of days, one line of JSON each. A line cut short by a stop, and one of other sources, is not read."""

    def __init__(self, path: Path, code: str) -> None:
        self._path = path
        self._code = code

    def days(self) -> Iterator[tuple[dict[str, Any], DayFigures, float]]:
        """Each day's job, its figures, and the seconds of CPU it took."""
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        for line in lines:
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if found["code"] == self._code:
                yield found["job"], DayFigures(**found["figures"]), found["cpu_s"]

    def add(self, job: dict[str, Any], figures: DayFigures, cpu_s: float) -> None:
        """Written at once, so that a stop loses only the days being played."""
        day = {"code": self._code, "job": job, "figures": asdict(figures), "cpu_s": round(cpu_s, 1)}
        with self._path.open("a") as file:
            file.write(json.dumps(day) + "\n")
