"""What do the benches on a real Asterisk have in common? The product's own engine, store and adapter, furnished."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from campaigns.importing import LeadRow
from campaigns.phone import PhoneNumber, parse
from campaigns.settings import CampaignSettings
from campaigns.storage.store import Store
from dialer.engine import Engine
from telephony.asterisk.adapter import AsteriskTelephony
from telephony.asterisk.adapter_link import connecting
from telephony.asterisk.configuration import AgentPhone, ExchangeSettings, Folders, ManagerSecrets, new_secret, render
from telephony.asterisk.configuration import Trunk as SipTrunk
from telephony.asterisk.laboratory import ManagerAccess, free_loopback_address
from telephony.asterisk.process import ManagedAsterisk
from telephony.asterisk.provisioning import AsteriskInstall
from telephony.call_log import CallLog
from telephony.clock import SystemClock
from telephony.port import Event, Listener, TrunkUp

OWN_NUMBER = "+12025550100"
TRUNK = "practice"
HELD_AREA = "+1808"  # the practice profile keeps these closed on purpose

Hear = Callable[[Event], None]


class Overheard(AsteriskTelephony):
    """The adapter, with the bench listening after the engine."""

    hear: Hear = staticmethod(lambda _event: None)

    def start(self, listener: Listener) -> None:
        def both(event: Event) -> None:
            listener(event)
            self.hear(event)

        super().start(both)


class Exchange:
    """The dialer's Asterisk with one trunk to `far_end`; `close` ends it."""

    def __init__(
        self,
        install: AsteriskInstall,
        folder: Path,
        far_end: SipTrunk,
        *,
        agents: int,
        max_calls: int = 500,
        more: Callable[[dict[str, str]], None] = lambda _files: None,
    ) -> None:
        host = free_loopback_address()
        self.settings = ExchangeSettings(
            folders=Folders.under(folder, install.modules_dir),
            manager_secrets=ManagerSecrets.new(),
            sip_host=host,
            manager_host=host,
            rtp_first=10000,
            rtp_last=19999,
            trunks=(replace(far_end, name=TRUNK),),
            agents=tuple(AgentPhone(number=str(1001 + n), secret=new_secret()) for n in range(agents)),
            max_calls=max_calls,
        )
        files = dict(render(self.settings))
        more(files)
        self.asterisk = ManagedAsterisk(install, self.settings.folders, files)
        self.asterisk.start()

    @property
    def manager(self) -> ManagerAccess:
        secrets = self.settings.manager_secrets
        return ManagerAccess(
            host=self.settings.manager_host,
            port=self.settings.manager_port,
            dialer_secret=secrets.dialer,
            watch_secret=secrets.watch,
        )

    def close(self) -> None:
        self.asterisk.stop()


class Centre:
    """Store (durable, on disk), engine and adapter on one asyncio loop. `more_agents` have no phone."""

    def __init__(self, folder: Path, exchange: Exchange, far_end: SipTrunk, hear: Hear, more_agents: int = 0) -> None:
        self.loop = asyncio.new_event_loop()
        clock = SystemClock(self.loop)
        self.store = Store.create(f"sqlite:///{folder / 'bench.sqlite3'}", now=datetime.now(UTC))
        self.store.trunks.add(
            name=TRUNK,
            exchange="bench",
            host=far_end.host,
            port=far_end.port,
            caller_id=OWN_NUMBER,
            practice=True,
            rule_profile="practice",
            max_calls=2000,
            attempts_per_second=100.0,
        )
        numbers = [a.number for a in exchange.settings.agents] + [str(2001 + n) for n in range(more_agents)]
        self.agents = [self.store.agents.add(number=n, name=f"Agent {n}", now=datetime.now(UTC)) for n in numbers]
        self.trunk_up = False
        self._hear = hear
        self.telephony = Overheard(
            clock,
            exchange="bench",
            access=exchange.manager,
            connect=connecting(self.loop.call_soon_threadsafe),
            trunks=(TRUNK,),
            prefix=self.store.prefix,
            log=CallLog(folder / "calls.jsonl", clock),
        )
        self.telephony.hear = self._heard
        self.engine = Engine(store=self.store, telephony=self.telephony, clock=clock)

    def _heard(self, event: Event) -> None:
        if isinstance(event, TrunkUp):
            self.trunk_up = True
        self._hear(event)

    def campaign(self, name: str, numbers: Sequence[str], **settings: Any) -> int:
        """A campaign over these numbers that every agent serves; its id."""
        now = datetime.now(UTC)
        values = CampaignSettings(
            name=name,
            seller_name="Bench Seller",
            callback_number=OWN_NUMBER,
            caller_id=OWN_NUMBER,
            trunk=TRUNK,
            rule_profile="practice",
            **settings,
        )
        campaign = self.store.campaigns.create(values, "bench", now)
        made = self.store.leads.import_batch(name, _rows(numbers), f"{name}.csv", f"sha-{name}", "bench", now)
        self.store.campaigns.attach_list(campaign.id, made.list_id, "bench", now)
        for agent in self.agents:
            self.store.campaigns.attach_agent(campaign.id, agent.id, "bench", now)
        return campaign.id

    def until(self, reached: Callable[[], bool], limit_s: float, what: str) -> None:
        """Let the loop run until it is so. Raises TimeoutError when it never is."""

        async def wait() -> None:
            end_s = self.loop.time() + limit_s
            while not reached():
                if self.loop.time() >= end_s:
                    raise TimeoutError(f"not within {limit_s:g} s: {what}")
                await asyncio.sleep(0.01)

        self.loop.run_until_complete(wait())

    def close(self) -> None:
        self.engine.close()
        with contextlib.suppress(RuntimeError):
            self.loop.close()
        self.store.close()


def _rows(numbers: Sequence[str]) -> Iterator[LeadRow]:
    for line, number in enumerate(numbers, start=2):
        parsed = parse(number)
        assert isinstance(parsed, PhoneNumber), number
        yield LeadRow(line=line, contact_points=(parsed,), first_name="Lead", last_name=str(line))


def machine() -> str:
    """How busy the machine is, to be printed beside every figure."""
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores, load {load}"


def share(values: Sequence[float], part: float) -> float:
    """The value below which this part of all lies, by nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def spread(values: Sequence[float], unit: str = "ms") -> str:
    """Median, p95, p99 and the worst in one line."""
    if not values:
        return "nothing was measured"
    parts = (("median", 0.5), ("p95", 0.95), ("p99", 0.99))
    words = [f"{name} {share(values, part):6.1f}" for name, part in parts]
    return f"{', '.join(words)}, max {max(values):6.1f} {unit} ({len(values)})"
