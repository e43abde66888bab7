"""Who dials where agents dial themselves? In preview mode each reads his lead first; in manual mode he asks for one."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import partial

from campaigns.model import DialMode
from campaigns.settings import CampaignSettings
from dialer.engine import Engine
from dialer.refusal import Refused
from telephony.clock import ManualClock

LOOK_S = 1.0  # within this time an agent sees that a lead has come, or that he is free
AGAIN_S = 10.0  # then he tries again what was refused: no line was free, or no lead
SKIPPED = 0.05  # of the leads that are looked at in preview mode
READS_S = 20.0  # how long an agent looks at a lead, if nobody says how long
LONGEST_S = 3600
TIMES_USUAL = 3  # agents' limits are so many times their mean: hardly anybody is cut short


def checked_reads_s(reads_s: float) -> float:
    """The mean that was asked for. Raises ValueError for one that cannot be."""
    if not 0 < reads_s <= LONGEST_S:
        raise ValueError(f"--preview {reads_s:g}: above 0, at most {LONGEST_S} seconds. Nothing was simulated.")
    return reads_s


def preview_limit_s(reads_s: float) -> int:
    """The campaign's limit for who looks at a lead so long on average: it only grows."""
    return max(CampaignSettings.preview_limit_s, math.ceil(TIMES_USUAL * reads_s))


class HandDiallers:
    """Agents with a free desk, in preview and in manual mode. `reads_s`: until one has decided, on average."""

    def __init__(
        self,
        engine: Engine,
        clock: ManualClock,
        agents: Sequence[str],
        *,
        mode: DialMode,
        reads_s: float,
        seed: int,
    ) -> None:
        self.skipped = 0
        self._engine = engine
        self._clock = clock
        self._agents = agents
        self._mode = mode
        self._reads_s = reads_s
        self._dice = random.Random(f"by hand/{seed}")
        self._deciding: set[str] = set()

    def look(self) -> None:
        """Now and from now on: whoever has something to decide begins to read. Nobody tells him, so he looks."""
        for agent in self._agents:
            lead = self._before(agent)
            if lead is not None and agent not in self._deciding:
                self._deciding.add(agent)
                read_s = self._dice.gammavariate(4.0, self._reads_s / 4.0)
                self._clock.call_later(read_s, partial(self._decides, agent, lead))
        self._clock.call_later(LOOK_S, self.look)

    def _before(self, agent: str) -> str | None:
        """The number on his desk; empty when he may ask for one; none when there is nothing to decide."""
        seat = self._engine._live.seats[agent]  # a whole view of his desk each second would take the day's time
        if self._mode is DialMode.MANUAL:
            return "" if seat.free else None
        return None if seat.preview is None else seat.preview.number

    def _decides(self, agent: str, lead: str) -> None:
        if self._before(agent) != lead:  # the limit dialled it before him, or the day is over
            self._deciding.discard(agent)
            return
        try:
            self._skip_or_dial(agent, lead)
        except Refused:
            self._clock.call_later(AGAIN_S, partial(self._decides, agent, lead))
            return
        self._deciding.discard(agent)

    def _skip_or_dial(self, agent: str, lead: str) -> None:
        if lead and self._dice.random() < SKIPPED:
            reasons = self._engine.desk_view(agent)["preview"]["reasons"]
            self._engine.desk_skip(agent, self._dice.choice(reasons), lead)
            self.skipped += 1
        else:
            self._engine.desk_dial(agent, lead)
