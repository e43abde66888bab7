"""What do agents of the plain day do with a call? They read the script, find machines out, write, and dispose."""

from __future__ import annotations

import random
from collections.abc import Callable

from dialer.engine import Engine
from dialer.refusal import Refused
from dialer.rehearsal.engine_day import Overheard
from telephony.clock import ManualClock
from telephony.port import CallEnded, Event, Joined

READING_S = (15.0, 90.0)  # how long people listen to a step; many hang up before its end
MACHINE_S = 6.0  # until the agent has found a machine out


class OfficeAgents:
    """All people at their desks, from the join of a call to its outcome. `wrap_up_s`: what they write, on average."""

    def __init__(
        self, engine: Engine, telephony: Overheard, clock: ManualClock, *, wrap_up_s: float, seed: int
    ) -> None:
        self._engine = engine
        self._telephony = telephony
        self._clock = clock
        self._wrap_up_s = wrap_up_s
        self._dice = random.Random(f"agents/{seed}")
        self._reading = random.Random(f"reading/{seed}")
        self._on_call: dict[str, tuple[str, str]] = {}  # call id -> agent, who answered

    def hear(self, event: Event) -> None:
        """Take a customer; write when he is gone."""
        if isinstance(event, Joined):
            line = self._telephony.world.lines.get(event.call.id)
            kind = line.callee.kind if line is not None else "human"
            self._on_call[event.call.id] = (event.agent, kind)
            if kind == "human":
                self._read_on(event.call.id, event.agent, ("offer", "done"))
            else:
                self._clock.call_later(MACHINE_S, lambda: self._try(self._engine.desk_hang_up, event.agent))
        elif isinstance(event, CallEnded) and event.call.id in self._on_call:
            agent, kind = self._on_call.pop(event.call.id)
            wrap_s = self._dice.gammavariate(4.0, self._wrap_up_s / 4.0)
            outcome = self._outcome() if kind == "human" else "machine"
            self._clock.call_later(wrap_s, lambda: self._try(self._engine.desk_dispose, agent, outcome))

    def _read_on(self, call_id: str, agent: str, steps: tuple[str, ...]) -> None:
        """One step after another, as long as the customer stays on the line; now and then he is let go early."""

        def turn() -> None:
            if call_id not in self._on_call:
                return
            if len(steps) == 2 and self._reading.random() < 0.05:
                self._try(self._engine.desk_leave, agent, "in a hurry")
                return
            self._try(self._engine.desk_step, agent, steps[0], {})
            self._read_on(call_id, agent, steps[1:])

        if steps:
            self._clock.call_later(self._reading.uniform(*READING_S), turn)

    def _outcome(self) -> str:
        outcomes = ("sale", "refused", "no_decision", "not_available", "callback", "wrong_number", "do_not_call")
        return self._dice.choices(outcomes, weights=(12, 38, 22, 10, 8, 5, 5))[0]

    def _try(self, command: Callable[..., str], *args: object) -> None:
        try:
            command(*args)
        except Refused:
            return  # the wrap-up limit was faster, or the customer hung up first
