"""What is going on right now? The engine's working state: campaigns that run, agents' seats, live calls, trunks.

Only the engine's parts change it, all on the clock's thread. Nothing here outlives the process: after a
restart it is made again from the store and from what the exchange says is running.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import uuid4
from zoneinfo import ZoneInfo

from campaigns.dialable import Rules
from campaigns.facts import fold
from campaigns.metrics import AbandonmentCount
from campaigns.model import (
    AgentState,
    Attempt,
    AttemptEvent,
    CampaignState,
    EventKind,
    Facts,
    Lead,
)
from campaigns.script import Script
from campaigns.settings import CampaignSettings
from campaigns.storage.errors import StoreUnavailable
from campaigns.storage.store import Store
from campaigns.storage.values import Agent, Trunk
from dialer.agents import AgentEvent
from dialer.pacing import Learned, Pace, next_look_s
from dialer.prediction.leads import LeadTraits
from dialer.token_bucket import TokenBucket
from telephony.clock import Clock, Timer
from telephony.port import Event, Telephony

logger = logging.getLogger(__name__)

FLUSH_AFTER_S = 0.05
WRITE_AGAIN_S = 1.0
ALARMS_KEPT = 50

Plain = str | int | float | bool | None
Data = dict[str, Plain]


class Stage(StrEnum):
    """How far one customer's call is."""

    DIALLING = "dialling"
    RINGING = "ringing"
    SCREENING = "screening"  # answered, and listened to: a person or a machine?
    WAITING = "waiting"  # answered, no agent yet
    JOINING = "joining"
    TALKING = "talking"
    HOLDING = "holding"  # lost his agent in mid-call, hears the holding message
    MESSAGE = "message"  # hears the safe-harbour message
    WRAP_UP = "wrap_up"  # ended; the agent is still writing

    @property
    def with_nobody(self) -> bool:
        return self in _WITH_NOBODY


_WITH_NOBODY = frozenset({Stage.DIALLING, Stage.RINGING, Stage.SCREENING, Stage.WAITING, Stage.JOINING, Stage.MESSAGE})


@dataclass
class Seat:
    """One agent at work. `leg` is the id of the leg that rings or is up."""

    agent: Agent
    campaigns: frozenset[int]
    since_s: float
    state: AgentState = AgentState.LOGGED_OUT
    code: str = ""
    leg: str = ""
    leg_up: bool = False
    call_id: str = ""  # the call he is being joined to, talks on, or wraps up
    last_campaign: int | None = None
    after_call: AgentEvent | None = None
    after_code: str = ""
    resume_pause: str | None = None
    wrap_timer: Timer | None = None
    wrap_ends_s: float = 0.0
    talked_s: float | None = None  # in wrap-up: how long the call was
    ring_again: bool = False
    ring_backs: int = 0  # how often his lost phone was rung again in a row
    rung_s: float = 0.0
    message: str = ""
    preview: OnDesk | None = None
    line_kept: KeptLine | None = None  # he pressed dial when all lines were in use
    just_free: bool = False  # he has come or is done with a call or a lead, and nobody counts on him yet
    missed: int = 0  # leads in a row that left his desk by the time limit
    undisposed: list[str] = field(default_factory=list)  # his attempts that ended without an outcome, oldest first

    @property
    def free(self) -> bool:
        """Whether a customer may be sent to him now."""
        return self.state is AgentState.READY and self.leg_up and not self.call_id


@dataclass(frozen=True)
class KeptLine:
    """The next line of a campaign is kept for an agent who wants to dial himself; monotonic seconds."""

    campaign_id: int
    asked_s: float
    until_s: float
    limit: str  # what was in use, of HeldBy


@dataclass
class OnDesk:
    """A lead that one agent looks at before he dials or skips it. `id` names it in the store."""

    id: int
    run: CampaignRun
    settings: CampaignSettings
    number: str
    attempts: int  # calls to him so far, for this campaign
    ends_s: float
    contact_point_id: int = 0
    lead: Lead | None = None
    timer: Timer | None = None

    @property
    def extension(self) -> str:
        """Behind that number, when the lead is read and has one."""
        points = self.lead.contact_points if self.lead is not None else ()
        return next((each.extension for each in points if each.id == self.contact_point_id), "")


@dataclass
class TrunkLine:
    """One trunk: what it may carry, and whether it may be used now."""

    trunk: Trunk
    up: bool = True
    why_down: str = ""
    bucket: TokenBucket = field(default_factory=TokenBucket)

    @property
    def unusable(self) -> str:
        """Why nothing may be dialled on it now; empty when it may be used."""
        if self.trunk.suspended_reason:
            return f"trunk {self.trunk.name} is suspended: {self.trunk.suspended_reason}"
        return "" if self.up else f"trunk {self.trunk.name} is down: {self.why_down}"


@dataclass
class CampaignRun:
    """One campaign the engine knows, with the versions in force."""

    id: int
    name: str
    state: CampaignState
    settings: CampaignSettings
    settings_version: int
    disposition_set: int
    window_id: int  # whose abandonment window it shares: its own, or of a clone its origin's
    rules: Rules | None = None
    why_no_rules: str = ""
    script: Script | None = None
    script_version: int | None = None
    bucket: TokenBucket = field(default_factory=TokenBucket)
    started_lately: float = 0.0  # attempts placed, fading
    next_odds: float = 1.0  # the middle odds of the leads called of late
    dry_until: datetime | None = None
    by_date: dict[date, AbandonmentCount] = field(default_factory=dict)
    today: dict[str, int] = field(default_factory=dict)
    today_date: date | None = None
    pace: Pace | None = None
    paced_at: datetime | None = None  # when that was decided, UTC
    fault: str = ""  # a fault of ours held this campaign; a start clears it

    def local_date(self, at: datetime) -> date:
        """The report date of an instant: the day in the campaign's zone."""
        return at.astimezone(ZoneInfo(self.settings.zone)).date()


@dataclass
class LiveCall:
    """One attempt from its intent until it is closed."""

    attempt: Attempt
    run: CampaignRun
    settings: CampaignSettings
    placed_s: float
    stage: Stage = Stage.DIALLING
    since_s: float = 0.0
    ringing_s: float | None = None
    answered_s: float | None = None
    screened_s: float | None = None  # when detection had its verdict
    machine: bool = False  # that was its verdict; the exchange hangs the call up
    agent: str = ""  # number of the agent being joined, talking or wrapping up
    owner_id: int | None = None  # the agent who promised this callback
    traits: LeadTraits | None = None  # what is known of the lead that tells his odds to be reached
    odds: float = 1.0  # those odds, as learned when he was called
    for_agent: str = ""  # dialled by hand: the only agent this call may go to
    tried: set[str] = field(default_factory=set)
    events: list[AttemptEvent] = field(default_factory=list)
    lead: Lead | None = None
    script: Script | None = None  # the version in force when it was made, whatever is imported meanwhile
    shown: Event | None = None  # when the first step came onto the agent's desk
    counted: Facts | None = None  # what the running figures hold of it
    step: str = ""
    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    disposition: str = ""
    cancel_reason: str = ""
    extension_keyed: bool = False  # asked for, once; who loses his agent meanwhile is not sent it again
    taught: bool = False  # pacing has learned from its answer or its end
    finishing: bool = False  # over; only the store may still keep it from being closed
    hold_timer: Timer | None = None

    @property
    def waits_since_s(self) -> float:
        """From when a person waits: the verdict, or the answer when nobody listened to it."""
        return self.screened_s if self.screened_s is not None else self.answered_s or 0.0

    def facts(self) -> Facts:
        return fold(self.events, self.settings)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    at: datetime
    words: str


class Live:
    """The working state and the few things every part needs: store, telephony, clock, the event log."""

    def __init__(self, *, store: Store, telephony: Telephony, clock: Clock, new_id: Callable[[], str] | None = None):
        self.store = store
        self.telephony = telephony
        self.clock = clock
        self.prefix = store.prefix
        self._new_id = new_id or (lambda: uuid4().hex)
        self.run_id = self._new_id()[:12]  # monotonic seconds of different runs are never compared
        self.runs: dict[int, CampaignRun] = {}
        self.seats: dict[str, Seat] = {}
        self.calls: dict[str, LiveCall] = {}
        self.trunks: dict[str, TrunkLine] = {}
        self.learned = Learned()
        self.tells_leads_apart = True  # their odds to be reached; else all are alike
        self.link_up = False
        self.link_up_s = 0.0
        self.recovered = False  # no call is placed before the exchange was asked what runs
        self.link_words = "not connected yet"
        self.detects: bool | None = None  # answering machine detection; None: the exchange was not reached yet
        self.exchange_version = ""
        self.exchange_started_at: datetime | None = None
        self.alarms: deque[Alarm] = deque(maxlen=ALARMS_KEPT)
        self.store_fault = ""  # why nothing can be written now; nothing is dialled then
        self._unwritten: list[AttemptEvent] = []
        self._backlog: deque[Callable[[], None]] = deque()
        self._flush_timer: Timer | None = None
        self._wake_timer: Timer | None = None
        self._wake_at_s = 0.0
        self._looked_s = float("-inf")
        self.on_wake: Callable[[], None] = lambda: None
        self._serve_timer: Timer | None = None
        self.on_serve: Callable[[], None] = lambda: None

    def attempt_id(self) -> str:
        """A new id for an attempt, its channel and its variable: this installation's prefix and a random part."""
        return f"{self.prefix}-c-{self._new_id()}"

    def leg_id(self, agent: str) -> str:
        return f"{self.prefix}-a-{agent}-{self._new_id()[:12]}"

    def record(
        self, call: LiveCall, kind: EventKind, data: Mapping[str, Plain] | None = None, *, seen: Event | None = None
    ) -> None:
        """Append one event to the attempt's log; written together with its neighbours within FLUSH_AFTER_S.

        `seen` is the telephone system's event it stands for: its instant and monotonic second are kept.
        """
        mono_s = self.clock.monotonic() if seen is None else seen.mono_s
        kept: Data = dict(data or {}) | {"mono_s": mono_s, "run": self.run_id}
        event = AttemptEvent(
            attempt_id=call.attempt.id,
            kind=kind,
            at=self.clock.now() if seen is None else seen.at,
            data=tuple(sorted(kept.items())),
        )
        call.events.append(event)
        self._unwritten.append(event)
        if self._flush_timer is None:
            self._flush_timer = self.clock.call_later(FLUSH_AFTER_S, self.flush)

    def flush(self) -> None:
        """Write every event not yet written, in one durable commit."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        try:
            if self._unwritten:
                self.store.attempts.append(self._unwritten)
                self._unwritten = []
            while self._backlog:
                self._backlog[0]()
                self._backlog.popleft()
        except StoreUnavailable as fault:
            self.store_failed(fault)
            return
        self.store_fault = ""

    def write_with_log(self, what: Callable[[], None]) -> None:
        """Write `what` and every event not yet written in one durable commit. Raises StoreUnavailable: then neither."""
        if self._backlog:
            self.flush()  # what waits comes first
            if self.store_fault:
                raise StoreUnavailable(self.store_fault)
        with self.store.transaction():
            self.store.attempts.append(self._unwritten)
            what()
        self._unwritten = []
        self.flush()  # nothing is left: this stops the timer and lifts a hold

    def write(self, what: Callable[[], None]) -> None:
        """Write now, or, while the database fails, later and in this order: live calls never wait for it."""
        if self._backlog:
            self._backlog.append(what)
            return
        try:
            what()
        except StoreUnavailable as fault:
            self._backlog.append(what)
            self.store_failed(fault)

    def store_failed(self, fault: StoreUnavailable) -> None:
        """Hold all dialling until the database can be written again, and try soon."""
        self.store_fault = str(fault)
        self.alarm(f"The database cannot be written: {fault} Nothing is dialled until it can.")
        if self._flush_timer is None:
            self._flush_timer = self.clock.call_later(WRITE_AGAIN_S, self._write_again)

    def _write_again(self) -> None:
        self._flush_timer = None
        self.flush()
        if not self.store_fault:
            self.wake()

    def alarm(self, words: str) -> None:
        """Tell the supervisors; the same words in a row are told once."""
        logger.warning("%s", words)
        if not self.alarms or self.alarms[-1].words != words:
            self.alarms.append(Alarm(at=self.clock.now(), words=words))

    def wake(self, delay_s: float = 0.0) -> None:
        """Ask for a look at the floor soon; several wishes make one look, the earliest wins."""
        now_s = self.clock.monotonic()
        due_s = next_look_s(now_s + delay_s, self._looked_s, sum(s.state.logged_in for s in self.seats.values()))
        if self._wake_timer is not None:
            if due_s >= self._wake_at_s:
                return
            self._wake_timer.cancel()
        self._wake_at_s = due_s
        self._wake_timer = self.clock.call_later(due_s - now_s, self._woken)

    def serve_soon(self) -> None:
        """An agent became free: who waits meets him now, and not at the next look at the floor."""
        if self._serve_timer is None:
            self._serve_timer = self.clock.call_later(0.0, self._serve)

    def _serve(self) -> None:
        self._serve_timer = None
        self.on_serve()

    def sleep(self) -> None:
        """Look no more (the engine closes)."""
        if self._wake_timer is not None:
            self._wake_timer.cancel()
            self._wake_timer = None
        if self._serve_timer is not None:
            self._serve_timer.cancel()
            self._serve_timer = None

    def _woken(self) -> None:
        self._wake_timer = None
        self._looked_s = self.clock.monotonic()
        self.on_wake()

    def run_named(self, name: str) -> CampaignRun | None:
        return next((r for r in self.runs.values() if r.name == name), None)

    def seat_of(self, agent: str) -> Seat | None:
        """The seat by four-digit number or by name."""
        return self.seats.get(agent) or next((s for s in self.seats.values() if s.agent.name == agent), None)
