"""How is a synthetic day played for somebody who asks from a shell, and how are its figures shown?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from campaigns.model import DialMode
from campaigns.settings import SettingsFault
from campaigns.storage.errors import StoreError
from dialer.refusal import Refused
from dialer.simulation import SimulationPlan, simulate
from telephony.simulator import Shares

MODES = tuple(mode for mode in DialMode if not mode.by_hand)  # in the others agents dial themselves


def play(*, mode: str, answer: float, machine: float, folder: Path | None, **sizes: Any) -> dict[str, Any]:
    """The day's figures as plain values; `sizes` as SimulationPlan names them. Raises Refused for a day that cannot be.

    `answer` and `machine` are the shares of calls that a human or an answering machine takes.
    """
    chosen = _mode(mode)
    if not (0 <= answer <= 1 and 0 <= machine <= 1 and answer + machine <= MOST_ANSWERED):
        words = f"--answer {answer:g} and --machine {machine:g}: shares from 0 to 1, together at most {MOST_ANSWERED:g}"
        raise Refused(f"{words}; the others are busy, bad numbers or do not answer. Nothing was simulated.")
    try:
        shares = Shares(human=answer, machine=machine)
        plan = SimulationPlan(mode=chosen, shares=shares, **sizes)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            return _figures(plan, folder)
        with tempfile.TemporaryDirectory(prefix="simulated-day-") as temporary:
            return _figures(plan, Path(temporary))
    except (SettingsFault, ValueError, StoreError) as fault:
        raise Refused(f"{fault} No call was placed.") from None
    except OSError as fault:
        raise Refused(f"The folder cannot be used: {fault.strerror or fault}. Nothing was simulated.") from None


def _mode(word: str) -> DialMode:
    try:
        mode = DialMode(word)
    except ValueError:
        mode = None
    if mode not in MODES:
        raise Refused(f"Mode {word[:40]!r}: one of {', '.join(MODES)}. Nothing was simulated.")
    return mode


def lines(day: Mapping[str, Any]) -> Iterator[str]:
    """The figures as a report shows them: every share with what it is made of."""
    for label, shown in _rows(day):
        yield f"{label:<22}  {shown}"


def _rows(day: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "attempts", str(day["attempts"])
    yield "answered", str(day["answered"])
    yield "hit rate", _share(day["hit_rate"], f"{day['humans']}/{day['sent']}")
    yield "joined to an agent", str(day["joined"])
    yield "abandonment", _share(day["abandonment"], f"{day['abandoned']}/{day['answered_by_person']}")
    yield "worst half hour", _share(day["worst_half_hour"], "of those with 20 people and more")
    yield "talk share", _share(day["talk_share"], f"{_hours(day['talk_s'])}/{_hours(day['at_work_s'])} h")
    busy_s = day["busy_s"]
    yield "occupancy", _share(day["occupancy"], f"{_hours(busy_s)}/{_hours(busy_s + day['ready_s'])} h")
    yield "wait per call", _number(day["wait_per_call_s"], "s")
    yield "calls per agent hour", _number(day["calls_per_agent_hour"], "")
    yield "sales", str(day["sales"])


def _share(value: float | None, made_of: str) -> str:
    return f"none ({made_of})" if value is None else f"{value * 100:.1f} % ({made_of})"


def _number(value: float | None, unit: str) -> str:
    return "none" if value is None else f"{value:.1f} {unit}".rstrip()


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f}"


def _figures(plan: SimulationPlan, folder: Path) -> dict[str, Any]:
    plain = asdict(simulate(plan, folder))
    plain["plan"] = {key: str(value) if key in ("mode", "shares") else value for key, value in plain["plan"].items()}
    return plain


_USUAL = Shares()
_OTHERS = (_USUAL.busy, _USUAL.invalid, _USUAL.rejected, _USUAL.unavailable, _USUAL.congestion)
MOST_ANSWERED = round(1 - sum(_OTHERS), 6)
