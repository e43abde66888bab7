"""A real Asterisk, a practice exchange and one softphone as the bench of the contract."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from telephony.asterisk.adapter import AsteriskTelephony
from telephony.asterisk.adapter_link import connecting
from telephony.asterisk.laboratory import Laboratory, build_private_exchange
from telephony.call_log import CallLog
from telephony.clock import SystemClock
from telephony.port import OriginateRefused
from telephony.practice_plan import PracticePace
from telephony.softphone.calls import PhoneAccount
from telephony.softphone.phone import Softphone
from tests.contract.bench import PREFIX, TALK_PACE, Bench
from tests.faultproxy import FaultProxy
from tests.patience import Patience

POLL_S = 0.005


@dataclass(frozen=True, kw_only=True)
class Access:
    """The manager as it is reached through the proxy."""

    host: str
    port: int
    dialer_secret: str
    watch_secret: str


class AsteriskSite:
    """What the tests of one module share: the pair of exchanges, the way to the manager, the agent's phone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.laboratory: Laboratory = build_private_exchange(folder, agents=2, pace=PracticePace(talk=TALK_PACE))
        manager = self.laboratory.manager
        self.proxy = FaultProxy((manager.host, manager.port))
        self.access = Access(
            host="127.0.0.1",
            port=self.proxy.port,
            dialer_secret=manager.dialer_secret,
            watch_secret=manager.watch_secret,
        )
        self.phone = self._phone()
        self.loop = asyncio.new_event_loop()

    def _phone(self) -> Softphone:
        settings, agent = self.laboratory.settings, self.laboratory.agents[0]
        account = PhoneAccount(
            user=agent.number, secret=agent.secret, server_host=settings.sip_host, server_port=settings.sip_port
        )
        phone = Softphone(account)
        phone.register()
        return phone

    def hang_up_everything(self) -> None:
        self.laboratory.asterisk.command("channel request hangup all")

    def channels(self) -> int:
        text = self.laboratory.asterisk.command("core show channels count")
        return int(text.split(maxsplit=1)[0])

    def close(self) -> None:
        self.phone.close()
        self.proxy.stop()
        self.laboratory.close()
        self.loop.close()


class AsteriskBench(Bench):
    """One test's adapter on the shared site."""

    def __init__(self, site: AsteriskSite) -> None:
        super().__init__()
        self.site = site
        self.trunk = site.laboratory.trunk
        self.agent, self.absent_agent = (agent.number for agent in site.laboratory.agents)
        clock = SystemClock(site.loop)
        self.telephony = AsteriskTelephony(
            clock,
            exchange="lab",
            access=site.access,
            connect=connecting(site.loop.call_soon_threadsafe),
            trunks=(self.trunk,),
            prefix=PREFIX,
            log=CallLog(site.folder / "calls.jsonl", clock),
        )
        self.telephony.start(self.hear)
        self.until(self.trunk_is_up, 20, "the trunk is up")

    def wait(self, reached: Callable[[], object], limit_s: float) -> bool:
        loop = self.site.loop
        patience = Patience(limit_s)
        while not reached():
            if patience.gone:
                return False
            loop.call_later(POLL_S, loop.stop)
            loop.run_forever()
        return True

    def press(self, digit: str) -> None:
        self.site.phone.send_digits(digit)

    def hang_up_phone(self) -> None:
        self.site.phone.hang_up()

    def cut_link(self) -> None:
        self.site.proxy.black_hole()
        self.site.proxy.reset_all()

    def restore_link(self) -> None:
        self.site.proxy.black_hole(False)

    def fail_trunk(self) -> None:
        self.site.laboratory.practice.stop()

    def restore_trunk(self) -> None:
        self.site.laboratory.practice.start()

    def times_placed(self, call_id: str) -> int:
        self.wait(lambda: self._placed(call_id), 1)  # the far end writes its line when the call is over
        return self._placed(call_id)

    def keys_heard(self, call_id: str) -> str:
        self.wait(lambda: self._placed(call_id), 2)
        (noted,) = (call for call in self.site.laboratory.practice_log() if call.attempt_id == call_id)
        return noted.keys

    def telephony_refuses(self, call_id: str) -> bool:
        """Whether a second use of this id is refused."""
        before = len(self.told(OriginateRefused, call_id))
        self.call("busy", call_id=call_id)
        return self.wait(lambda: len(self.told(OriginateRefused, call_id)) > before, 1)

    def _placed(self, call_id: str) -> int:
        return [call.attempt_id for call in self.site.laboratory.practice_log()].count(call_id)

    def close(self) -> None:
        self.site.proxy.black_hole(False)
        self.telephony.close()
        self.site.hang_up_everything()
        assert self.wait(lambda: self.site.channels() == 0, 5), "channels are left"
