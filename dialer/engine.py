"""What runs the campaigns? The engine: events in, decisions out, one thread, one clock; everything else is a part.

All methods are called on the clock's thread and return at once. A command that cannot be carried out raises
Refused, saying why; what went wrong on the line is never an exception but an event.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from campaigns.lifecycle import CampaignEvent, LifecycleFault, move
from campaigns.model import CampaignState, Suppression
from campaigns.retry import CANCELLED_FOR_DNC
from campaigns.storage.errors import StoreUnavailable
from campaigns.storage.store import Store
from dialer import tallies
from dialer.agent_flow import AgentFlow, disposition_key
from dialer.call_flow import CallFlow
from dialer.decision_book import DecisionBook
from dialer.decision_log import MinuteOfDecisions
from dialer.desk import Desk
from dialer.holds import NO_DETECTION
from dialer.launching import Launcher
from dialer.learning import Learned
from dialer.lists_asked import needs_of_every_lead
from dialer.live import CampaignRun, Live, Seat, Stage
from dialer.loading import Loading
from dialer.newly_listed import newly_listed
from dialer.placing import Placing
from dialer.previews import Previews
from dialer.recorded import Fingerprint, WhyNotPlayed, no_fingerprint, nothing_recorded
from dialer.recovery import Recovery
from dialer.refusal import Refused
from dialer.registries import KeptRegistries
from dialer.views import View, Views
from telephony.clock import Clock
from telephony.port import (
    AgentLegEnded,
    AgentLegUp,
    CallEvent,
    CallsListed,
    Event,
    KeyPressed,
    LinkDown,
    LinkUp,
    LoginRequested,
    PhoneReachable,
    Telephony,
    TrunkDown,
    TrunkUp,
)

logger = logging.getLogger(__name__)

KEEP_LEARNED_S = 60.0
TRUNK_GREETING_S = 10.0  # after a connect a carrier is first asked whether he is there; that is no alarm


class Engine:
    """Runs every campaign of one store on one telephone system."""

    def __init__(
        self,
        *,
        store: Store,
        telephony: Telephony,
        clock: Clock,
        new_id: Callable[[], str] | None = None,
        why_not_played: WhyNotPlayed = nothing_recorded,
        fingerprint: Fingerprint = no_fingerprint,
        registries: KeptRegistries | None = None,
    ) -> None:
        self._registries = registries
        self._live = Live(store=store, telephony=telephony, clock=clock, new_id=new_id)
        self._loading = Loading(self._live, why_not_played, fingerprint, registries)
        self._agents = AgentFlow(self._live)
        self._calls = CallFlow(self._live, self._agents)
        self._book = DecisionBook(self._live)
        placing = Placing(self._live, self._book)
        self._launcher = Launcher(self._live, self._calls.cancel, placing, self._book)
        self._previews = Previews(self._live, self._agents, self._calls, placing)
        self._desk = Desk(self._live, self._agents, self._calls, placing, self._previews)
        self._recovery = Recovery(self._live, self._agents, self._calls)
        self._views = Views(self._live, self._book)
        self._live.on_wake = self._look
        self._live.on_serve = self._serve
        self._closed = False
        self._kept_s = clock.monotonic()
        self._kept = Learned()
        self._handlers: dict[type[Event], Callable[..., None]] = {
            AgentLegUp: self._agents.on_leg_up,
            AgentLegEnded: self._agents.on_leg_ended,
            LoginRequested: self._agents.on_login_requested,
            PhoneReachable: self._agents.on_reachable,
            KeyPressed: self._on_key,
            TrunkUp: self._on_trunk_up,
            TrunkDown: self._on_trunk_down,
            LinkUp: self._on_link_up,
            LinkDown: self._on_link_down,
            CallsListed: self._recovery.on_listed,
        }

    def start(self) -> None:
        """Load what the store knows and connect; dialling begins when the exchange was asked what runs."""
        self._loading.trunks_and_campaigns()
        self.agents_changed()
        self._live.learned = tallies.load_learned(self._live.store, self._live.clock)
        # A list may have changed, or be asked no more, since the last service: whom one barred is judged again.
        self._live.store.suppressions.registries_changed(self._live.clock.now())
        self._desk.load_undisposed()
        self._recovery.load()
        self._book.start()
        self._live.telephony.start(self.on_event)
        self._live.wake()

    def close(self) -> None:
        """Let go: running calls go on at the exchange and are adopted by the next start."""
        self._closed = True
        self._live.sleep()
        self._previews.release_all("the service stopped")
        self._live.flush()
        self._book.close()
        self._kept_s = float("-inf")
        self._keep_learned()
        self._live.telephony.close()

    @property
    def registries(self) -> KeptRegistries | None:
        """The national do-not-call registries that are asked before every call."""
        return self._registries

    def alarm(self, words: str) -> None:
        """Tell the supervisors what somebody else found out."""
        self._live.alarm(words)

    # --- what happens -----------------------------------------------------------------------------------

    def on_event(self, event: Event) -> None:
        """One event of the telephone system. A fault of ours in it is told and logged, and the next one is handled."""
        if self._closed:
            return
        try:
            if isinstance(event, CallEvent):
                self._calls.handle(event)
            else:
                self._handlers[type(event)](event)
        except Exception:
            logger.exception("fault while handling %r", event)
            self._live.alarm(f"Internal fault while handling {type(event).__name__}; see the log. Calls go on.")

    def _look(self) -> None:
        if self._closed:
            return
        try:
            self._heed_registries()
            self._calls.serve_waiting()
            self._previews.draw()
            self._launcher.look()
            self._previews.look()
            self._finish_stopping()
            self._keep_learned()
        except StoreUnavailable as fault:
            self._live.store_failed(fault)
        except Exception:
            logger.exception("fault while looking at the floor")
            self._live.alarm("Internal fault in the pacing loop; see the log. Nothing was dialled in this look.")
            self._live.wake(1.0)

    def _keep_learned(self) -> None:
        """Once a minute, so that a crash costs pacing no more than that of what it knows."""
        now_s, learned = self._live.clock.monotonic(), self._live.learned
        if now_s - self._kept_s < KEEP_LEARNED_S:
            return
        before = dict(self._kept.campaigns)
        news = tuple(each for each in learned.campaigns if before.get(each[0]) is not each[1])
        tallies.save_learned(Learned(campaigns=news), self._live.store, self._live.clock)
        self._kept_s, self._kept = now_s, learned

    def _serve(self) -> None:
        if self._closed:
            return
        try:
            self._calls.serve_waiting()
        except Exception:
            logger.exception("fault while serving customers who wait")
            self._live.alarm("Internal fault while serving customers who wait; see the log. Calls go on.")

    def _on_key(self, event: KeyPressed) -> None:
        meant = disposition_key(self._live, event)
        if meant is None:
            return
        seat, code = meant
        try:
            self._desk.dispose(seat, code, None, "")
            self._live.telephony.tone(seat.agent.number)
        except Refused as refused:
            seat.message = str(refused)

    def _on_link_up(self, event: LinkUp) -> None:
        self._live.link_up = True
        self._live.link_up_s = self._live.clock.monotonic()
        self._live.link_words = ""
        self._live.exchange_version = event.version
        self._live.detects = event.detects
        self._live.exchange_started_at = event.started_at
        self._recovery.on_link_up(event)
        self._live.wake()

    def _on_link_down(self, event: LinkDown) -> None:
        self._live.link_up = False
        self._live.link_words = event.reason
        self._live.alarm(f"The exchange cannot be reached: {event.reason} Nothing is dialled until it is back.")

    def _on_trunk_up(self, event: TrunkUp) -> None:
        line = self._live.trunks.get(event.trunk)
        if line is not None:
            line.up, line.why_down, line.bucket.tokens = True, "", 0.0
            self._live.wake()

    def _on_trunk_down(self, event: TrunkDown) -> None:
        line = self._live.trunks.get(event.trunk)
        if line is not None:
            line.up, line.why_down = False, event.reason
            if self._live.clock.monotonic() - self._live.link_up_s > TRUNK_GREETING_S:
                self._live.alarm(f"Trunk {event.trunk} is down: {event.reason}. Nothing is dialled on it.")

    # --- campaigns --------------------------------------------------------------------------------------

    def campaign_start(self, name: str, actor: str) -> str:
        """Dial from now on. Raises Refused with everything that is missing."""
        run = self._run(name)
        self._loading.campaign(self._live.store.campaigns.get(run.id))
        missing = self._missing_to_start(self._run(name))
        if missing:
            raise Refused(f"Campaign {name} was not started; nothing is dialled. Missing: {'; '.join(missing)}.")
        self._run(name).fault = ""
        self._loading.lend(run)
        self._move(self._run(name), CampaignEvent.START, actor)
        return f"Campaign {name} is running.{self._lists_missing(self._run(name))}"

    def _lists_missing(self, run: CampaignRun) -> str:
        """That lists which every lead needs are not in force; empty when all are."""
        if run.rules is None:
            return ""
        kept = None if self._registries is None else self._registries.in_force
        now = self._live.clock.now()
        held = [n.list_id for n in needs_of_every_lead(run.settings, run.rules.profile, kept, now) if n.holds]
        words = "is held until such a list is in force, unless a consent lifts it: see 'dialer dnc status'"
        return f" But its rules ask for {', '.join(held)}: every lead {words}." if held else ""

    def campaign_pause(self, name: str, actor: str) -> str:
        """No new attempts; live calls go on."""
        self._move(self._run(name), CampaignEvent.PAUSE, actor)
        return f"Campaign {name} is paused: no new calls; {self._live_count(name)} live calls go on."

    def campaign_stop(self, name: str, actor: str) -> str:
        """No new attempts; agents are logged off when it is quiet."""
        self._move(self._run(name), CampaignEvent.STOP, actor)
        return f"Campaign {name} stops: no new calls; agents are logged off when its live calls have ended."

    def campaign_emergency_stop(self, name: str, actor: str) -> str:
        """No new INVITE from now on; what rings is hung up, conversations are left."""
        run = self._run(name)
        self._move(run, CampaignEvent.EMERGENCY_STOP, actor)
        ringing = [c for c in self._live.calls.values() if c.run is run and c.stage in (Stage.DIALLING, Stage.RINGING)]
        for call in ringing:
            self._calls.cancel(call, "emergency_stop")
        return f"Campaign {name}: emergency stop. {len(ringing)} ringing calls hung up, conversations go on."

    def settings_changed(self, name: str) -> None:
        """A campaign was made or changed in the store; what is live keeps the version it began with."""
        campaign = self._live.store.campaigns.by_name(name)
        if campaign is not None:
            self._loading.campaign(campaign)
            self._loading.lend(self._live.runs[campaign.id])
            self._live.wake()

    def leads_changed(self) -> None:
        """Leads were imported or states changed: look again at once."""
        for run in self._live.runs.values():
            run.dry_until = None
        self._live.wake()

    def trunks_changed(self) -> None:
        """A trunk was added, suspended or mended."""
        self._loading.trunks_and_campaigns()

    def outcome_set(self, campaign_id: int) -> None:
        """A closed attempt was given its outcome in the store: the running figures follow."""
        tallies.load_again(self._live, campaign_id)
        self._desk.forget_settled()

    def number_suppressed(self, suppression: Suppression) -> None:
        """A do-not-call entry was stored: calls that ring to the number are hung up at once, it leaves every desk."""
        self._previews.number_suppressed(suppression)
        for call in tuple(self._live.calls.values()):
            settings = call.settings
            reaches = suppression.reaches(seller=settings.seller_name, campaign=call.run.name)  # renamed meanwhile?
            ringing = call.stage in (Stage.DIALLING, Stage.RINGING)
            if suppression.bars(call.attempt.number) and reaches and ringing:
                self._calls.cancel(call, CANCELLED_FOR_DNC)

    def _heed_registries(self) -> None:
        """When another generation came into force: hang up what rings to its numbers, ask barred leads again."""
        changed = None if self._registries is None else self._registries.changed()
        if self._registries is None or changed is None:
            return
        now = self._live.clock.now()
        for call in tuple(self._live.calls.values()):
            ringing = call.stage in (Stage.DIALLING, Stage.RINGING)
            if ringing and newly_listed(self._live.store, call, changed, now):
                self._calls.cancel(call, CANCELLED_FOR_DNC)
        self._previews.numbers_barred(lambda number: not changed.ask(number, now).passes)
        self._live.store.suppressions.registries_changed(now)
        self._registries.heeded(changed)
        self.leads_changed()

    def _move(self, run: CampaignRun, event: CampaignEvent, actor: str) -> None:
        try:
            state = move(run.state, event)
        except LifecycleFault as fault:
            raise Refused(f"Campaign {run.name}: {fault}") from None
        logger.info("campaign %s: %s -[%s by %s]-> %s", run.name, run.state, event, actor, state)
        self._live.store.campaigns.set_state(run.id, state)
        run.state = state
        run.dry_until = None
        self._book.moved(run, event, actor)
        self._live.wake()

    def _missing_to_start(self, run: CampaignRun) -> list[str]:
        line = self._live.trunks.get(run.settings.trunk)
        caller_id = run.settings.caller_id or (line.trunk.caller_id if line else "")
        agents = [s for s in self._live.seats.values() if run.id in s.campaigns]
        checks = (
            (run.rules is None, run.why_no_rules),
            (bool(run.settings.script) and run.script is None, f"script {run.settings.script!r} is not imported"),
            (run.settings.detects and self._live.detects is False, NO_DETECTION),
            (not caller_id, "a caller ID (of the campaign or its trunk)"),
            (not agents, f"agents (dialer agent assign NUMBER {run.name!r})"),
            (not self._live.store.campaigns.lists(run.id), "a lead list (dialer leads import FILE --campaign NAME)"),
        )
        return [words for missing, words in checks if missing]

    def _finish_stopping(self) -> None:
        for run in self._live.runs.values():
            if run.state is CampaignState.STOPPING and not any(c.run is run for c in self._live.calls.values()):
                self._move(run, CampaignEvent.QUIET, "engine")
                self._log_off_agents_of(run)

    def _log_off_agents_of(self, run: CampaignRun) -> None:
        busy = {r.id for r in self._live.runs.values() if r.state in (CampaignState.RUNNING, CampaignState.PAUSED)}
        for seat in self._live.seats.values():
            if run.id in seat.campaigns and not seat.campaigns & busy and seat.state.logged_in:
                self._agents.log_out(seat)

    def _run(self, name: str) -> CampaignRun:
        run = self._live.run_named(name)
        if run is None:
            raise Refused(f"There is no campaign {name[:64]!r}. Nothing was changed.")
        return run

    def _live_count(self, name: str) -> int:
        return sum(c.run.name == name for c in self._live.calls.values())

    # --- agents -----------------------------------------------------------------------------------------

    def agents_changed(self) -> None:
        """Agents were added or assigned: seats follow; nobody at work loses his seat."""
        self._loading.seats()
        self._live.wake()

    def agent_login(self, agent: str) -> str:
        """Ring the agent's phone once."""
        return self._agents.log_in(self._seat(agent))

    def agent_logout(self, agent: str) -> str:
        return self._agents.log_out(self._seat(agent))

    def agent_pause(self, agent: str, code: str) -> str:
        return self._agents.pause(self._seat(agent), code or "break")

    def agent_ready(self, agent: str) -> str:
        return self._agents.ready(self._seat(agent))

    def desk_step(self, agent: str, step: str, answers: dict[str, str]) -> str:
        return self._desk.step(self._seat(agent), step, answers)

    def desk_leave(self, agent: str, reason: str) -> str:
        return self._desk.leave(self._seat(agent), reason)

    def desk_dispose(self, agent: str, code: str, callback_at: datetime | None = None, note: str = "") -> str:
        return self._desk.dispose(self._seat(agent), code, callback_at, note)

    def desk_note(self, agent: str, text: str) -> str:
        return self._desk.note(self._seat(agent), text)

    def desk_dial(self, agent: str, number: str = "") -> str:
        return self._desk.dial(self._seat(agent), number)

    def desk_skip(self, agent: str, reason: str, number: str = "") -> str:
        return self._desk.skip(self._seat(agent), reason, number)

    def desk_keys(self, agent: str, keys: str) -> str:
        return self._desk.keys(self._seat(agent), keys)

    def desk_hang_up(self, agent: str) -> str:
        return self._desk.hang_up(self._seat(agent))

    def _seat(self, agent: str) -> Seat:
        seat = self._live.seat_of(agent)
        if seat is None:
            raise Refused(f"There is no agent {agent[:64]!r}; add one: dialer agent add NAME --number 1001.")
        return seat

    # --- views ------------------------------------------------------------------------------------------

    def board(self) -> View:
        return self._views.board()

    def campaign_view(self, name: str) -> View:
        return self._views.campaign(name)

    def unwritten_decisions(self, campaign_id: int) -> tuple[MinuteOfDecisions, ...]:
        """The minutes of a campaign's decision log that the store does not hold yet, the one going on last."""
        return self._book.unwritten(campaign_id)

    def desk_view(self, agent: str) -> View:
        return self._views.desk(self._seat(agent))

    @property
    def quiet(self) -> bool:
        """Whether no call is live or in wrap-up."""
        return not self._live.calls
