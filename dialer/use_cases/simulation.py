"""How is a synthetic day played for somebody who asks from a shell?"""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from campaigns.model import DialMode
from campaigns.settings import SettingsFault
from campaigns.storage.errors import StoreError
from dialer.refusal import Refused
from dialer.simulation import SimulationPlan, simulate


def play(
    *, agents: int, leads: int, hours: float, mode: str, ratio: float, seed: int, folder: Path | None
) -> dict[str, Any]:
    """The day's figures as plain values. Raises Refused for a day that cannot be."""
    try:
        plan = SimulationPlan(agents=agents, leads=leads, hours=hours, mode=DialMode(mode), ratio=ratio, seed=seed)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            return _figures(plan, folder)
        with tempfile.TemporaryDirectory(prefix="simulated-day-") as temporary:
            return _figures(plan, Path(temporary))
    except (SettingsFault, ValueError, StoreError) as fault:
        raise Refused(f"{fault} No call was placed.") from None
    except OSError as fault:
        raise Refused(f"The folder cannot be used: {fault.strerror or fault}. Nothing was simulated.") from None


def _figures(plan: SimulationPlan, folder: Path) -> dict[str, Any]:
    plain = asdict(simulate(plan, folder))
    plain["plan"] = {key: str(value) if key in ("mode", "shares") else value for key, value in plain["plan"].items()}
    return plain
