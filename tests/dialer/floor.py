"""A whole small call centre for tests: real store, real engine, simulated exchange, a clock moved by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from campaigns.importing import LeadRow
from campaigns.model import Attempt, DiallingState, LeadState
from campaigns.phone import PhoneNumber, parse
from campaigns.settings import CampaignSettings, settings_as_dict, settings_from
from campaigns.storage.store import Store
from campaigns.storage.values import Campaign
from dialer.agent_flow import pin_hash
from dialer.engine import Engine
from dialer.registries import KeptRegistries
from telephony.callee import Callee
from telephony.clock import Clock, ManualClock, Timer
from telephony.simulator import Phone, SimulatedTelephony
from telephony.simulator.exchange import SimulatedExchange

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
CAMPAIGN = "spring"
TRUNK = "practice"
OWN_NUMBER = "+12025550100"

TALKS = Callee(ring_after_s=0.5, answer_after_s=3.0, talk_s=30.0, patience_s=60.0)
RINGS_ON = Callee(ring_after_s=0.5)
BUSY = Callee(refuse_after_s=0.5, refuse_code=486)

PIN = pin_hash("4711")

SCRIPT = """
name = "offer"

[[steps]]
key = "greet"
text = "Hello {first_name}"
choices = [{ key = "1", label = "Go on", next = "offer" }]

[[steps]]
key = "offer"
text = "An offer."
may_leave = true
fields = [{ name = "want", label = "Wants", kind = "text" }]
choices = [{ key = "1", label = "Yes", next = "done" }]

[[steps]]
key = "done"
text = "Good bye."
end = true
"""


class ProcessClock(Clock):
    """The clock as one process sees it: once that is dead, none of its timers runs."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.dead = False

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        return self._clock.call_later(delay_s, lambda: None if self.dead else callback())


class CallCentre:
    """`callees` maps numbers to far ends; everyone else `otherwise`. Agents are 1001, 1002 ..."""

    def __init__(
        self,
        folder: Path,
        *,
        leads: int = 5,
        agents: int = 1,
        callees: Mapping[str, Callee] | None = None,
        otherwise: Callee = TALKS,
        phones: Mapping[str, Phone] | None = None,
        trunk: Mapping[str, Any] | None = None,
        durable: bool = True,
        detects: bool = True,
        registries: KeptRegistries | None = None,
        **settings: object,
    ) -> None:
        self.clock = ManualClock(NOON)
        self._durable = durable
        self._detects = detects
        self._registries = registries
        self.store = Store.create(f"sqlite:///{folder / 'centre.sqlite3'}", now=NOON, durable=durable)
        self.url = f"sqlite:///{folder / 'centre.sqlite3'}"
        self.numbers = tuple(f"+1212555{100 + n:04}" for n in range(leads))
        self.agents = tuple(str(1001 + n) for n in range(agents))
        self.callees = dict(callees or {})
        self.otherwise = otherwise
        self._ids = itertools.count(1)
        self.why_not_played = ""  # every message is recorded
        self.fingerprint: str | None = None  # and nobody hears it
        self.world = SimulatedExchange(
            self.clock,
            callees=lambda number: self.callees.get(number, self.otherwise),
            name="sim",
            trunks=(TRUNK,),
            phones={number: Phone() for number in self.agents} | dict(phones or {}),
        )
        self._furnish(dict(trunk or {}), settings)
        self.telephony, self.engine = self.start_engine()

    def _furnish(self, trunk: dict[str, Any], settings: dict[str, object]) -> None:
        now = self.clock.now()
        plain: dict[str, Any] = {
            "name": TRUNK,
            "exchange": "sim",
            "host": "127.0.0.1",
            "port": 5060,
            "caller_id": OWN_NUMBER,
            "practice": True,
            "rule_profile": "practice",
            "max_calls": 50,
            "attempts_per_second": 20.0,
        }
        self.store.trunks.add(**(plain | trunk))
        self.store.caller_ids.add(OWN_NUMBER, "LOA of 2026-01-01", "test", now)
        self.store.scripts.save_version("offer", SCRIPT, "test", now)
        self.campaign = self.store.campaigns.create(self.settings(**settings), "test", now)
        self.import_numbers(*self.numbers)
        for number in self.agents:
            agent = self.store.agents.add(number=number, name=f"Agent {number}", pin_hash=PIN, now=now)
            self.store.campaigns.attach_agent(self.campaign.id, agent.id, "test", now)

    @staticmethod
    def settings(**changes: object) -> CampaignSettings:
        plain = CampaignSettings(
            name=CAMPAIGN,
            seller_name="Seller",
            callback_number="+12025550101",
            caller_id=OWN_NUMBER,
            trunk=TRUNK,
            rule_profile="practice",
            script="offer",
        )
        return settings_from(settings_as_dict(plain) | changes)

    def import_numbers(self, *numbers: str, campaign: Campaign | None = None, list_: str = "list") -> None:
        """Leads for the campaign, or for another one."""
        now = self.clock.now()
        rows = [lead_row(line, number) for line, number in enumerate(numbers, start=2)]
        made = self.store.leads.import_batch(list_, rows, "test.csv", f"sha-{numbers}", "test", now)
        self.store.campaigns.attach_list((campaign or self.campaign).id, made.list_id, "test", now)

    def import_person(self, *numbers: str) -> None:
        """One lead with all these numbers."""
        row = lead_row(2, numbers[0])._replace(contact_points=tuple(_parsed(number) for number in numbers))
        now = self.clock.now()
        made = self.store.leads.import_batch("list", [row], "test.csv", f"sha-{numbers}", "test", now)
        self.store.campaigns.attach_list(self.campaign.id, made.list_id, "test", now)

    def start_engine(self) -> tuple[SimulatedTelephony, Engine]:
        self._process = ProcessClock(self.clock)
        telephony = SimulatedTelephony(self._process, world=self.world, detects=self._detects)
        engine = Engine(
            store=self.store,
            telephony=telephony,
            clock=self._process,
            new_id=lambda: f"{next(self._ids):012d}",
            why_not_played=lambda _name: self.why_not_played,
            fingerprint=lambda _name: self.fingerprint,
            registries=self._registries,
        )
        self.telephony, self.engine = telephony, engine  # who watches the start must not see the one before it
        engine.start()
        self.clock.advance(0.5)
        return telephony, engine

    def kill_engine(self) -> None:
        """The process is gone: nothing is flushed, nothing is told; the exchange goes on."""
        self.world.tell = lambda _event: None
        self._process.dead = True
        self.telephony.close()
        self.store.close()
        self.store = Store.open(self.url, durable=self._durable)

    def restart(self) -> None:
        """Start the dialer again over the same store and exchange."""
        self.telephony, self.engine = self.start_engine()

    def open_agents(self) -> None:
        """Log everybody in."""
        for number in self.agents:
            self.engine.agent_login(number)
        self.clock.advance(2.0)

    def open(self) -> None:
        """Log everybody in and start the campaign."""
        self.open_agents()
        self.engine.campaign_start(CAMPAIGN, "test")

    def until(self, reached: Callable[[], bool], limit_s: float = 120.0) -> None:
        """Let time pass until it is so; fails when it never is."""
        assert self.clock.run_until(reached, limit_s), f"not reached within {limit_s} s"

    def state_of(self, agent: str = "1001") -> str:
        return str(self.engine.desk_view(agent)["agent"]["state"])

    def talking(self, agent: str = "1001") -> bool:
        return self.state_of(agent) == "TALK"

    def attempts(self) -> tuple[Attempt, ...]:
        self.engine._live.flush()
        return tuple(self.store.attempts.attempts(self.campaign.id, date(2026, 1, 1), date(2026, 12, 31)))

    def attempt(self, number: str | None = None) -> Attempt:
        found = [a for a in self.attempts() if number in (None, a.number)]
        assert len(found) == 1, f"{len(found)} attempts, one expected"
        return found[0]

    def lead_state(self, number: str) -> DiallingState:
        person = next(f.lead.person_id for f in self.store.leads.find(number))
        state = self.store.queue.state(self.campaign.id, person)
        assert state is not None
        return state

    def lead_states(self) -> dict[LeadState, int]:
        counts = dict.fromkeys(LeadState, 0)
        for entry in self.store.queue.counts(self.campaign.id):
            counts[entry.state] += entry.leads
        return {state: n for state, n in counts.items() if n}

    def placed(self, number: str | None = None) -> int:
        """How often the exchange really sent an INVITE (to this number)."""
        return sum(number in (None, call.number) for call in self.world.placed)

    def close(self) -> None:
        self.engine.close()
        self.store.close()


def _parsed(number: str) -> PhoneNumber:
    parsed = parse(number)
    assert isinstance(parsed, PhoneNumber)
    return parsed


def lead_row(line: int, number: str) -> LeadRow:
    return LeadRow(line=line, contact_points=(_parsed(number),), first_name="Ada", last_name=f"Number {line}")


def changed(callee: Callee, **changes: Any) -> Callee:
    return replace(callee, **changes)
