"""Who hears what when the adapter joins a customer and an agent? Two softphones with different tones know."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from telephony.asterisk.adapter import AsteriskTelephony
from telephony.asterisk.adapter_link import connecting
from telephony.asterisk.configuration import Trunk
from telephony.asterisk.laboratory import Laboratory, build_private_exchange, free_loopback_address
from telephony.clock import SystemClock
from telephony.port import AgentLeg, AgentLegUp, CallAnswered, CustomerCall, Event, Joined, KeyPressed, TrunkUp
from telephony.softphone.calls import PhoneAccount, PhoneError
from telephony.softphone.phone import Softphone
from tests.patience import Patience

AGENT_HZ, CUSTOMER_HZ = 500, 900
DIRECT = "direct"
"""A trunk whose far end is a softphone, since what a customer hears must be read from his own ear."""

pytestmark = pytest.mark.asterisk


def free_port(host: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class Room:
    """One agent and one customer, each a softphone, and the adapter between them."""

    def __init__(self, folder: Path) -> None:
        host = free_loopback_address()
        port = free_port(host)
        trunk = Trunk(name=DIRECT, host=host, port=port, practice=True, qualify_s=2)
        self.laboratory: Laboratory = build_private_exchange(folder, agents=1, extra_trunks=(trunk,))
        self.customer = self._customer(host, port)
        self.agent = self._agent()
        self.loop = asyncio.new_event_loop()
        self.told: list[Event] = []
        self.port = AsteriskTelephony(
            SystemClock(self.loop),
            exchange="lab",
            access=self.laboratory.manager,
            connect=connecting(self.loop.call_soon_threadsafe),
            trunks=(DIRECT,),
        )
        self.port.start(self.told.append)

    def _customer(self, host: str, port: int) -> Softphone:
        server = self.laboratory.settings.sip_host
        phone = Softphone(
            PhoneAccount(user="customer", secret="none", server_host=server, own_host=host, own_port=port)
        )
        with contextlib.suppress(PhoneError):
            phone.register()  # nobody knows him, but from now on his phone listens
        phone.play(CUSTOMER_HZ)
        return phone

    def _agent(self) -> Softphone:
        account = self.laboratory.agents[0]
        server = self.laboratory.settings.sip_host
        phone = Softphone(PhoneAccount(user=account.number, secret=account.secret, server_host=server))
        phone.register()
        phone.play(AGENT_HZ)
        return phone

    def until(self, reached: Callable[[], object], limit_s: float) -> None:
        patience = Patience(limit_s)
        while not reached():
            assert not patience.gone, f"not within {limit_s} s: {self.told}"
            self.loop.call_later(0.005, self.loop.stop)
            self.loop.run_forever()

    def hears(self, kind: type[Event]) -> bool:
        return any(isinstance(event, kind) for event in self.told)

    def joined(self) -> None:
        number = self.laboratory.agents[0].number
        self.until(lambda: self.hears(TrunkUp), 15)
        self.port.ring_agent(AgentLeg(id="leg-1", agent=number))
        self.until(lambda: self.hears(AgentLegUp), 5)
        call = CustomerCall(id="a-1", number="+12025550143", trunk=DIRECT, caller_id="+12025550100", ring_timeout_s=15)
        self.port.originate(call)
        self.until(lambda: self.hears(CallAnswered), 5)
        self.port.join("a-1", number)
        self.until(lambda: self.hears(Joined), 1)

    def close(self) -> None:
        self.port.close()
        self.agent.close()
        self.customer.close()
        self.laboratory.close()
        self.loop.close()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    yield room
    room.close()


def test_joined_means_that_both_hear_each_other_and_keys_are_for_the_dialer_alone(room: Room) -> None:
    room.joined()
    room.until(lambda: CUSTOMER_HZ in room.agent.heard((AGENT_HZ, CUSTOMER_HZ)), 2)
    room.until(lambda: AGENT_HZ in room.customer.heard((AGENT_HZ, CUSTOMER_HZ)), 2)
    for count, digit in enumerate("159", start=1):
        room.agent.send_digits(digit)
        room.until(lambda n=count: sum(isinstance(e, KeyPressed) for e in room.told) == n, 3)  # type: ignore[misc]
    room.until(lambda: AGENT_HZ in room.customer.heard((AGENT_HZ, CUSTOMER_HZ)), 2)
    assert [event.digit for event in room.told if isinstance(event, KeyPressed)] == ["1", "5", "9"]
    (call,) = room.customer.calls
    assert call.keys == "", "the customer heard the agent's keys"
