"""How does a practice agent work? Like a person at the desk: he reads the screen and sends the same commands.

What a person would hear on the line (an answering machine, say) he knows from the practice number table.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from dialer.control_client import ControlClient, ServiceUnavailable
from telephony.practice import PracticeKind, behaviour_of, is_practice_number

LOOK_MS = 250
READ_S = 1.8  # how long one script step is read, at the pace of the demo
MACHINE_AFTER_S = 2.0
OUTCOME_OF_STEP = {"close_yes": "sale", "close_no": "refused", "callback": "callback"}
MACHINES = (PracticeKind.ANSWERING_MACHINE, PracticeKind.VANISHES)

View = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Told:
    """One step through the script, and the answers given at the step that was left."""

    attempt: str
    left: str
    reached: str
    answers: dict[str, str]


@dataclass
class ScriptedAgent:
    """One practice agent; `press` sends a digit from his phone (None: he has no keys), so that both ways are used."""

    name: str
    client: ControlClient
    press: Callable[[str], None] | None
    dice: random.Random
    read_s: float = READ_S
    ways: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each way through the script was taken; shared by the agents of a day, so that a short one shows all."""
    told: list[Told] = field(default_factory=list)
    """The steps that the engine took from this agent."""
    refusals: list[str] = field(default_factory=list)
    _attempt: str = ""
    _acted_at_s: float = 0.0
    _disposed: bool = False
    _by_key: bool = False

    async def work(self) -> None:
        """Log in, take calls until the service goes away or the campaign's agents are logged off."""
        was_in = False
        try:
            await self._do("agent.login", agent=self.name)
            async with aclosing(self.client.subscribe(f"desk:{self.name}", LOOK_MS)) as desk:
                async for snapshot in desk:
                    state = snapshot.data["agent"]["state"]
                    was_in = was_in or state == "READY"
                    if was_in and state == "LOGGED_OUT":
                        return
                    await self._look(snapshot.data)
        except ServiceUnavailable:
            return
        finally:
            await self.client.close()

    async def _look(self, view: View) -> None:
        call = view["call"]
        if call is None or call["state"] == "dialling":
            return
        if call["attempt"] != self._attempt:
            self._attempt, self._acted_at_s = call["attempt"], 0.0
            self._disposed, self._by_key = False, self.dice.random() < 0.4
        if call["state"] == "wrap_up":
            if not self._disposed:
                await self._dispose(view, self._outcome(view))
            return
        if call["seconds"] - self._acted_at_s < self.read_s:
            return
        self._acted_at_s = call["seconds"]
        await self._talk(view)

    async def _talk(self, view: View) -> None:
        call, script = view["call"], view["script"]
        if _kind(call["number"]) in MACHINES and call["seconds"] >= MACHINE_AFTER_S:
            await self._finish(view, "machine")
        elif script is None or script["end"]:
            await self._finish(view, self._outcome(view))
        elif script["may_leave"] and self.dice.random() < 0.08:
            await self._do("desk.leave", agent=self.name, reason="customer in a hurry")
            await self._finish(view, "no_decision")
        else:
            await self._step(call["attempt"], script)

    async def _step(self, attempt: str, script: View) -> None:
        here, answers = script["step"], _answers(script, self.dice)
        ways = [(here, choice["step"]) for choice in script["next"]]
        rarest = min(self.ways[way] for way in ways)
        way = self.dice.choice([way for way in ways if self.ways[way] == rarest])
        self.ways[way] += 1
        if await self._do("desk.step", agent=self.name, step=way[1], answers=answers):
            self.told.append(Told(attempt=attempt, left=here, reached=way[1], answers=answers))

    async def _finish(self, view: View, outcome: str) -> None:
        if not self._disposed:
            await self._dispose(view, outcome)
        await self._do("desk.hang_up", agent=self.name)

    async def _dispose(self, view: View, outcome: str) -> None:
        self._disposed = True
        key = next((d["key"] for d in view["dispositions"] if d["code"] == outcome), "")
        if self.press is not None and self._by_key and key and outcome != "callback":
            self.press(key)
            return
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat() if outcome == "callback" else None
        await self._do("desk.dispose", agent=self.name, disposition=outcome, callback_at=tomorrow, note="")

    def _outcome(self, view: View) -> str:
        if _kind(view["call"]["number"]) in MACHINES:
            return "machine"
        script = view["script"]
        if script is not None and script["step"] in OUTCOME_OF_STEP:
            return OUTCOME_OF_STEP[script["step"]]
        return "no_decision" if script is not None and script["step"] != "greet" else "not_available"

    async def _do(self, name: str, **args: object) -> bool:
        answer = await self.client.request(name, args)
        if answer.status == "done":
            return True
        self.refusals.append(f"{name}: {answer.message}")
        await asyncio.sleep(0)
        return False


def _kind(number: str) -> PracticeKind | None:
    return behaviour_of(number).kind if is_practice_number(number) else None


def _answers(script: View, dice: random.Random) -> dict[str, str]:
    filled = {}
    for asked in script["fields"]:
        filled[asked["name"]] = dice.choice(asked["choices"]) if asked["choices"] else "How much does it cost?"
    return filled
