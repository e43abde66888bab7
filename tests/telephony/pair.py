"""A running pair of exchanges with a manager session, for tests of what the configuration really does."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from telephony.asterisk.configuration import Trunk
from telephony.asterisk.laboratory import Laboratory, build_private_exchange, free_loopback_address
from tests.patience import Patience
from tests.telephony.raw_manager import Packet, RawManager
from tests.telephony.tone_phone import TonePhone

CALLER_ID = "<+12025550100>"
CUSTOMER_HERTZ, AGENT_HERTZ, BEEP_HERTZ = 1000, 440, 1400


@dataclass(kw_only=True)
class Pair:
    """The laboratory, a session of each manager user, and the address where a test may put a customer's phone."""

    lab: Laboratory
    manager: RawManager
    watch: RawManager
    tone_host: str
    _ids: Iterator[int] = field(default_factory=count)

    def dial(self, number: str, *variables: str, trunk: str = "practice", ring_s: float = 6.0) -> str:
        """Originate a customer into [cust]; the call id."""
        call = f"call-{next(self._ids)}"
        self.manager.ask(
            "Originate", f"CALL={call}", f"PJSIP_HEADER(add,X-Attempt-Id)={call}", *variables,
            Channel=f"PJSIP/{number}@{trunk}", Context="cust", Exten="s", Priority="1", Async="true",
            ChannelId=call, CallerID=CALLER_ID, Timeout=str(int(ring_s * 1000)),
        )  # fmt: skip
        return call

    def up(self, call: str) -> Packet:
        """The event of its answer."""
        return self.manager.until(lambda event: event.get("Uniqueid") == call and event.get("ChannelStateDesc") == "Up")

    def gone(self, call: str, timeout_s: float = 20.0) -> Packet:
        """The event of its end."""
        return self.manager.until(
            lambda event: event.get("Event") == "Hangup" and event.get("Uniqueid") == call, timeout_s
        )

    def join(self, call: str, agent: str) -> Packet:
        """Redirect an answered customer into an agent's room; the response."""
        channel = self.up(call)["Channel"]
        return self.manager.ask("Redirect", Channel=channel, Context="room", Exten=agent, Priority="1")

    def hang_up(self, call: str) -> None:
        """End a call and wait for it."""
        self.manager.ask("Hangup", Channel=call)
        self.gone(call)

    @contextmanager
    def agent(self, number: str) -> Iterator[TonePhone]:
        """A registered phone of that agent, his leg nailed up; hung up at the end."""
        with self.phone(number) as phone:
            leg = self.ring(number)
            self.in_room(leg)
            yield phone
            if not self.manager.of("Hangup", Uniqueid=leg):
                self.hang_up(leg)

    @contextmanager
    def phone(self, number: str) -> Iterator[TonePhone]:
        """A registered phone of that agent."""
        settings = self.lab.settings
        account = next(agent for agent in self.lab.agents if agent.number == number)
        with TonePhone(free_loopback_address(), 5060, AGENT_HERTZ) as phone:
            phone.register((settings.sip_host, settings.sip_port), number, account.secret)
            yield phone

    def in_room(self, leg: str) -> None:
        """Wait until the leg is in its room: a moment after AgentUp, before which nobody can be joined to it."""
        self.manager.until(lambda event: event.get("Event") == "ConfbridgeJoin" and event.get("Uniqueid") == leg)

    def ring(self, number: str) -> str:
        """Ring an agent's phone for his nailed leg; the leg id."""
        leg = f"leg-{next(self._ids)}"
        self.manager.ask(
            "Originate", f"AG={number}", f"LEG={leg}", Channel=f"PJSIP/{number}", Context="agent", Exten="s",
            Priority="1", Async="true", ChannelId=leg, CallerID=CALLER_ID,
        )  # fmt: skip
        return leg

    @contextmanager
    def customer(self) -> Iterator[TonePhone]:
        """The phone at the end of trunk `tones`."""
        with TonePhone(self.tone_host, 5060, CUSTOMER_HERTZ) as phone:
            yield phone


@contextmanager
def running_pair(folder: Path, *, join_beep: bool = True) -> Iterator[Pair]:
    """Both exchanges, running; short media time-outs so that a lost line shows in seconds."""
    tone_host = free_loopback_address()
    with ExitStack() as stack:
        lab = stack.enter_context(
            build_private_exchange(
                folder, agents=3, join_beep=join_beep, rtp_timeout_s=3, agent_rtp_timeout_s=3,
                extra_trunks=(Trunk(name="tones", host=tone_host, qualify_s=0),),
            )
        )  # fmt: skip
        access = lab.manager
        manager = stack.enter_context(RawManager(access.host, access.port, "dialer", access.dialer_secret))
        watch = stack.enter_context(RawManager(access.host, access.port, "watch", access.watch_secret))
        yield Pair(lab=lab, manager=manager, watch=watch, tone_host=tone_host)


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Wait for a condition; AssertionError when it does not come true in time."""
    patience = Patience(timeout_s)
    while not condition():
        assert not patience.gone, "the condition did not come true in time"
        time.sleep(0.01)
