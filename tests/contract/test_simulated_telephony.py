"""Does the simulator keep the port's promises? On a clock that tests own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from telephony.clock import ManualClock
from telephony.simulator import Phone, PracticeCallees, SimulatedTelephony
from tests.contract.bench import TALK_PACE, Bench
from tests.contract.telephony_contract import TelephonyContract


class SimulatedBench(Bench):
    trunk = "carrier"
    agent = "1001"
    absent_agent = "1099"

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(datetime(2026, 3, 2, 15, 0, tzinfo=UTC))
        self.telephony: SimulatedTelephony = SimulatedTelephony(
            self.clock,
            callees=PracticeCallees(talk=TALK_PACE),
            trunks=(self.trunk,),
            phones={self.agent: Phone(), self.absent_agent: Phone(reachable=False)},
        )
        self.telephony.start(self.hear)
        self.clock.advance(0)

    def wait(self, reached: Callable[[], object], limit_s: float) -> bool:
        return self.clock.run_until(lambda: bool(reached()), limit_s)

    def press(self, digit: str) -> None:
        self.telephony.world.press(self.agent, digit)

    def hang_up_phone(self) -> None:
        self.telephony.world.hang_up_phone(self.agent)

    def cut_link(self) -> None:
        self.telephony.cut_link()

    def restore_link(self) -> None:
        self.telephony.restore_link()

    def fail_trunk(self) -> None:
        self.telephony.fail_trunk(self.trunk)

    def restore_trunk(self) -> None:
        self.telephony.restore_trunk(self.trunk)

    def times_placed(self, call_id: str) -> int:
        return [call.id for call in self.telephony.world.placed].count(call_id)

    def keys_heard(self, call_id: str) -> str:
        return self.telephony.world.keys_heard.get(call_id, "")


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = SimulatedBench()
    yield bench
    bench.telephony.close()


class TestSimulatedTelephony(TelephonyContract):
    """Every promise, on the simulator."""
