"""Two hundred practice calls through the adapter: does every recorded outcome equal what the far end saw?"""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from telephony.asterisk.adapter import AsteriskTelephony
from telephony.asterisk.adapter_link import connecting
from telephony.asterisk.laboratory import Laboratory, build_private_exchange
from telephony.clock import SystemClock
from telephony.port import (
    AgentLeg,
    AgentLegUp,
    AgentLost,
    CallAnswered,
    CallEnded,
    CustomerCall,
    Event,
    Joined,
    JoinFailed,
    Network,
    TrunkUp,
)
from telephony.practice import PracticeKind, numbers
from telephony.practice_compare import RecordedCall, compare
from telephony.softphone.calls import PhoneAccount
from telephony.softphone.phone import Softphone
from tests.patience import Patience

CALLS, AT_LEAST_EACH, AT_ONCE, AGENTS = 200, 8, 40, 5
RING_TIMEOUT_S = 9


class Day:
    """Places every call, joins whoever answers with a free agent, and keeps what it was told."""

    def __init__(self, laboratory: Laboratory, plan: list[str]) -> None:
        self.loop = asyncio.new_event_loop()
        self.laboratory = laboratory
        self.waiting = [(f"day-{n}", number) for n, number in enumerate(plan, start=1)]
        self.numbers = dict(self.waiting)
        self.ends: dict[str, list[CallEnded]] = {}
        self.joined: list[Joined] = []
        self.failed: list[JoinFailed | AgentLost] = []
        self.free: list[str] = []
        self.with_agent: dict[str, str] = {}
        self.trunk_up = False
        self.port = AsteriskTelephony(
            SystemClock(self.loop),
            exchange="lab",
            access=laboratory.manager,
            connect=connecting(self.loop.call_soon_threadsafe),
            trunks=(laboratory.trunk,),
            prefix="day-",
        )

    def hear(self, event: Event) -> None:
        if isinstance(event, TrunkUp):
            self.trunk_up = True
        elif isinstance(event, AgentLegUp):
            self.free.append(event.agent)
        elif isinstance(event, CallAnswered) and self.free:
            agent = self.free.pop(0)
            self.with_agent[event.call.id] = agent
            self.port.join(event.call.id, agent)
        elif isinstance(event, Joined):
            self.joined.append(event)
        elif isinstance(event, JoinFailed | AgentLost):
            self.failed.append(event)
        elif isinstance(event, CallEnded):
            self.ends.setdefault(event.call.id, []).append(event)
            agent = self.with_agent.pop(event.call.id, "")
            if agent:
                self.free.append(agent)
            self.place_more()

    def place_more(self) -> None:
        while self.waiting and len(self.numbers) - len(self.waiting) - len(self.ends) < AT_ONCE:
            call_id, number = self.waiting.pop(0)
            self.port.originate(
                CustomerCall(
                    id=call_id,
                    number=number,
                    trunk=self.laboratory.trunk,
                    caller_id="+12025550100",
                    ring_timeout_s=RING_TIMEOUT_S,
                )
            )

    async def until(self, reached: object, limit_s: float) -> None:
        assert callable(reached)
        patience = Patience(limit_s)
        while not reached():
            assert not patience.gone, f"not within {limit_s} s: {len(self.ends)} of {len(self.numbers)} ended"
            await asyncio.sleep(0.01)

    async def run(self) -> None:
        self.port.start(self.hear)
        await self.until(lambda: self.trunk_up, 20)
        for n in range(AGENTS):
            self.port.ring_agent(AgentLeg(id=f"day-leg-{n}", agent=str(1001 + n)))
        await self.until(lambda: len(self.free) == AGENTS, 10)
        self.place_more()
        await self.until(lambda: len(self.ends) == len(self.numbers), 150)
        self.port.close()


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    with build_private_exchange(tmp_path_factory.mktemp("day"), agents=AGENTS, rtp_timeout_s=5) as laboratory:
        yield laboratory


@pytest.fixture
def phones(laboratory: Laboratory) -> Iterator[list[Softphone]]:
    settings = laboratory.settings
    phones = []
    for agent in laboratory.agents:
        account = PhoneAccount(
            user=agent.number, secret=agent.secret, server_host=settings.sip_host, server_port=settings.sip_port
        )
        phones.append(Softphone(account))
        phones[-1].register()
        phones[-1].play(400)
    yield phones
    for phone in phones:
        phone.close()


def a_mixed_plan(seed: str) -> list[str]:
    supply = {kind: numbers(kind) for kind in PracticeKind}
    plan = [next(supply[kind]) for kind in PracticeKind for _ in range(AT_LEAST_EACH)]
    dice = random.Random(seed)
    plan += [next(supply[dice.choice(list(PracticeKind))]) for _ in range(CALLS - len(plan))]
    dice.shuffle(plan)
    return plan


@pytest.mark.asterisk
@pytest.mark.slow
@pytest.mark.usefixtures("phones")
def test_every_outcome_equals_the_far_ends_own_log(laboratory: Laboratory, tmp_path: Path) -> None:
    seed = secrets.token_hex(4)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails
    day = Day(laboratory, a_mixed_plan(seed))
    try:
        day.loop.run_until_complete(day.run())
    finally:
        day.loop.close()
    recorded = [
        RecordedCall(
            id=call_id,
            number=day.numbers[call_id],
            network=ends[0].cause.network,
            detail=ends[0].cause.detail,
        )
        for call_id, ends in day.ends.items()
    ]
    counts = Counter((call.network, call.detail) for call in recorded)
    print(counts)  # noqa: T201
    assert {len(ends) for ends in day.ends.values()} == {1}
    wait_for_log(laboratory, CALLS)
    differences = compare(recorded, laboratory.practice_log())
    assert differences == (), "\n".join(map(str, differences))
    assert len(day.joined) >= 10
    assert channels_of_customers(laboratory) == 0
    swapped = swap_two_rows(recorded)
    assert len(compare(swapped, laboratory.practice_log())) == 2


def wait_for_log(laboratory: Laboratory, rows: int) -> None:
    """The far end writes its last lines a moment after the calls have ended."""
    for _ in range(200):
        if len(laboratory.practice_log()) >= rows:
            return
        asyncio.run(asyncio.sleep(0.02))


def channels_of_customers(laboratory: Laboratory) -> int:
    return laboratory.asterisk.command("core show channels concise").count(f"PJSIP/{laboratory.trunk}-")


def swap_two_rows(recorded: list[RecordedCall]) -> list[RecordedCall]:
    busy = next(call for call in recorded if call.network is Network.BUSY)
    rejected = next(call for call in recorded if call.network is Network.REJECTED)
    return [
        *(call for call in recorded if call not in (busy, rejected)),
        RecordedCall(id=busy.id, number=busy.number, network=rejected.network),
        RecordedCall(id=rejected.id, number=rejected.number, network=busy.network),
    ]


def test_the_plan_has_enough_of_every_kind() -> None:
    plan = a_mixed_plan("x")
    assert len(plan) == len(set(plan)) == CALLS
    for kind in PracticeKind:
        of_kind = set(itertools.islice(numbers(kind), CALLS))
        assert len(of_kind & set(plan)) >= AT_LEAST_EACH
