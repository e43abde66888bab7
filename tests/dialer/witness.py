"""Did the engine keep its promises? A witness outside of it: he hears every INVITE and join, and reads the raw rows.

The invariants I1 to I15 are those of the reliability document; each check names the one it holds.
"""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from campaigns.facts import fold
from campaigns.metrics import AbandonmentCount, total
from campaigns.model import AgentState, AnsweredBy, Attempt, AttemptEvent, EventKind, Facts, LeadState, Network
from dialer.live import Stage
from telephony.port import CustomerCall
from telephony.simulator import SimulatedTelephony
from telephony.simulator.exchange import Stage as LineStage
from tests.dialer.floor import CAMPAIGN, NOON, CallCentre

SETTLED_S = 2.0  # a difference between engine and exchange may last as long as one join


class Witness:
    """Watches one call centre from the exchange's side and from a database connection of his own."""

    def __init__(self, office: CallCentre, *, lines: int, per_second: float) -> None:
        self.office = office
        self.may_dial = False  # what the manager asked for last
        self.suppressed: set[str] = set()  # numbers whose entry was acknowledged
        self._lines = lines
        self._per_second = per_second
        self._rows = sqlite3.connect(office.url.removeprefix("sqlite:///"), isolation_level=None)
        self.broken: list[str] = []
        self._placed_s: list[float] = []
        self._place = office.world.place
        office.world.place = self._placing  # type: ignore[method-assign]
        self.watch_joins(office.telephony)

    def close(self) -> None:
        self._rows.close()

    # --- at the instant it happens -------------------------------------------------------------------

    def _placing(self, call: CustomerCall) -> None:
        world = self.office.world
        written = self._rows.execute("SELECT number, closed_at FROM attempt WHERE id = ?", (call.id,)).fetchall()
        barred = self._rows.execute("SELECT 1 FROM suppression WHERE number = ? AND removed_at IS NULL", (call.number,))
        self._must(written == [(call.number, None)], f"I4: INVITE {call.id} without one open row written before it")
        proven = self._rows.execute("SELECT count(*) FROM receipt WHERE attempt_id = ?", (call.id,)).fetchone()
        self._must(proven == (1,), f"I4: INVITE {call.id} without exactly one receipt written before it")
        self._must(call.id not in {c.id for c in world.placed}, f"I3: {call.id} was placed twice")
        on_line = {x.call.number for x in world.lines.values()}
        self._must(call.number not in on_line, f"I2: {call.number} is in a call")
        self._must(barred.fetchone() is None, f"I1: {call.number} is on the do-not-call list")
        self._must(call.number not in self.suppressed, f"I1: {call.number} was suppressed")
        self._must(self.may_dial, "I12: an INVITE although the campaign is not running")
        self._must(len(world.lines) < self._lines, f"I13: more than {self._lines} calls at once")
        now_s = self.office.clock.monotonic()
        self._placed_s = [s for s in self._placed_s if now_s - s < 1.0 - 1e-9] + [now_s]
        most = math.ceil(self._per_second)
        self._must(len(self._placed_s) <= most, f"I13: {len(self._placed_s)} INVITEs within a second")
        self._place(call)

    def _must(self, holds: bool, words: str) -> None:
        """The engine would take an exception for a fault of its own: it is kept for the next check."""
        if not holds:
            self.broken.append(words)

    def watch_joins(self, telephony: SimulatedTelephony) -> None:
        """Hear the joins that this door is asked for; a restarted engine has a new one."""
        ask = telephony.join

        def asked(call_id: str, agent: str) -> None:
            seat = self.office.engine._live.seats[agent]
            taken = [i for i, c in telephony._calls.items() if agent in (c.agent, c.joining) and i != call_id]
            line = self.office.world.lines.get(call_id)
            listening = line is not None and line.stage is LineStage.SCREENING
            self._must(not listening, f"a customer for agent {agent} who is still listened to")
            self._must(not taken, f"I11: agent {agent} has {taken} already")
            ready = seat.state in (AgentState.READY, AgentState.PREVIEW)
            self._must(ready, f"I11: a customer for agent {agent} who is {seat.state}")
            ask(call_id, agent)

        telephony.join = asked  # type: ignore[method-assign]

    # --- after every step ------------------------------------------------------------------------------

    def check(self) -> None:
        """What must be true whenever the engine is at rest."""
        assert not self.broken, self.broken
        self._no_fault_of_ours()
        self._leads_add_up()
        self._desks_are_kept()
        self._ledger_has_no_gap()
        self._both_sides_agree()
        self._board_is_a_recount()

    def _desks_are_kept(self) -> None:
        """A lead lies on one desk, in the engine and in the store alike, and nobody calls him meanwhile."""
        live = self.office.engine._live
        if not live.recovered or live.store_fault:
            return
        desks = sorted((s.preview.id, s.preview.number) for s in live.seats.values() if s.preview is not None)
        kept = sorted(self._rows.execute("SELECT id, number FROM preview WHERE ended_at IS NULL"))
        assert desks == kept, f"on desks {desks}, in the store {kept}"
        called = {c.attempt.number for c in live.calls.values()}
        assert not called & {number for _, number in desks}, f"{desks} while calls to {called} are live"
        looking = {s.agent.number for s in live.seats.values() if s.preview is not None}
        in_preview = {s.agent.number for s in live.seats.values() if s.state is AgentState.PREVIEW and not s.call_id}
        assert looking == in_preview, f"{looking} have a lead, {in_preview} look at one"

    def _no_fault_of_ours(self) -> None:
        told = [a.words for a in self.office.engine._live.alarms]
        assert not [w for w in told if "nternal fault" in w or "fault of the dialer" in w], told

    def _leads_add_up(self) -> None:
        states = Counter(dict(self._rows.execute("SELECT state, count(*) FROM dialling_state GROUP BY state")))
        assert states.total() == len(self.office.numbers), f"I15: {states}"
        (still_open,) = self._rows.execute("SELECT count(*) FROM attempt WHERE closed_at IS NULL").fetchone()
        assert states[LeadState.IN_PROGRESS.value] == still_open, f"I15: {states}, {still_open} attempts open"
        live = self.office.engine._live
        if live.recovered and not live.store_fault:
            assert still_open == len(live.calls), "I5: an open attempt that nobody works on"

    def _ledger_has_no_gap(self) -> None:
        live = self.office.engine._live
        running = {s.agent_id: s.state for s in self.office.store.agents.running()}
        for seat in live.seats.values():
            if live.recovered and not live.store_fault:
                told = running.get(seat.agent.id, AgentState.LOGGED_OUT)
                assert told is seat.state, f"ledger: {seat.agent.number} is {seat.state}, written {told}"
            spans = self.office.store.agents.spans(seat.agent.id, NOON, self.office.clock.now())
            for earlier, later in pairwise(spans):
                assert earlier.ended_at is not None, "ledger: two running spans"
                gap = earlier.ended_at != later.began_at
                assert not gap or (earlier.ended_at < later.began_at and later.state is AgentState.RINGING), "gap"

    def _both_sides_agree(self) -> None:
        apart = self._apart()
        if apart:
            self.office.clock.advance(SETTLED_S)
            apart &= self._apart()
        assert not apart, f"engine and exchange differ: {sorted(apart)}"

    def _apart(self) -> set[str]:
        live, world = self.office.engine._live, self.office.world
        if not live.link_up or not live.recovered or live.store_fault:
            return set()
        known = {i for i, c in live.calls.items() if c.stage is not Stage.WRAP_UP}
        apart = {f"I10: only one side knows {i}" for i in known ^ world.lines.keys()}
        talks = {(x.agent, i) for i, x in world.lines.items() if x.stage is LineStage.JOINED}
        seats = {(s.agent.number, s.call_id) for s in live.seats.values() if s.state is AgentState.TALK}
        apart |= {f"I11: talk of {pair}" for pair in talks ^ seats}
        legs = {(x.leg.agent, i) for i, x in world.legs.items()}
        apart |= {f"leg {pair}" for pair in legs ^ {(s.agent.number, s.leg) for s in live.seats.values() if s.leg}}
        apart |= {f"wish of {s.agent.number}" for s in live.seats.values() if s.free and s.after_call is not None}
        apart |= {f"call of {s.agent.number}" for s in live.seats.values() if s.call_id and s.call_id not in live.calls}
        return apart | self._left_waiting()

    def _left_waiting(self) -> set[str]:
        live = self.office.engine._live
        free = {s.agent.number for s in live.seats.values() if s.free}
        waiting = [c for c in live.calls.values() if c.stage in (Stage.WAITING, Stage.HOLDING)]
        ours = [c for c in waiting if not c.cancel_reason and not c.for_agent]
        return {f"{c.attempt.id} waits while {n} is free" for c in ours for n in free - c.tried}

    def _board_is_a_recount(self) -> None:
        live = self.office.engine._live
        if live.store_fault:
            return
        row = self.office.engine.board()["campaigns"][0]
        run = live.run_named(CAMPAIGN)
        assert run is not None
        today, all_ = run.local_date(self.office.clock.now()), self.office.attempts()
        mine = [self._facts(a) for a in all_ if a.report_date == today]
        recount = {
            "attempts": sum(f.network is not Network.NOT_ATTEMPTED for f in mine),
            "answered": sum(f.network is Network.ANSWERED or f.answered_at is not None for f in mine),
            "humans": sum(f.answered_by is AnsweredBy.HUMAN for f in mine),
            "sales": sum(f.disposition == "sale" for f in mine),
            "refusals": sum(f.disposition in ("refused", "do_not_call") for f in mine),
        }
        exact = ("attempts", "answered") if live.calls else tuple(recount)
        board = row["today"]
        assert all(board[n] == recount[n] for n in exact), f"I8: the board says {board}, a recount {recount}"
        days = _abandonment(self._facts(a) for a in all_ if (today - a.report_date).days < 30)
        shown = (row["abandon_30d"]["numerator"], row["abandon_30d"]["denominator"])
        assert live.calls or shown == (days.abandoned, days.base), f"I8: the board says {shown}, a recount {days}"

    def _facts(self, attempt: Attempt) -> Facts:
        call = self.office.engine._live.calls.get(attempt.id)
        return attempt.facts if call is None else call.facts()

    # --- when all is quiet --------------------------------------------------------------------------------

    def check_end(self) -> None:
        """Nothing is live any more: every attempt is closed once, and says what its log says."""
        self.check()
        assert not self.office.engine._live.calls, "I5: calls that never end"
        assert not self.office.world.lines, "I10: channels that nobody hangs up"
        attempts = self.office.attempts()
        assert Counter(c.id for c in self.office.world.placed) <= Counter(a.id for a in attempts), "I6"
        for attempt in attempts:
            self._closed_once(attempt)
        counted = sum(
            (day.abandonment for day in self.office.store.attempts.counters(self.office.campaign.id, NOON.date())),
            AbandonmentCount(),
        )
        assert counted == _abandonment(a.facts for a in attempts), "I7: the day's counters differ from the attempts"
        (run,) = self.office.engine._live.runs.values()
        assert total(run.by_date.values()) == counted, "I7: the engine's running count differs from the attempts"
        self._asked_for_no_more_calls(attempts)

    def _closed_once(self, attempt: Attempt) -> None:
        log = self.office.store.attempts.events(attempt.id)
        settings = self.office.store.campaigns.settings(attempt.campaign_id, attempt.settings_version)
        assert attempt.closed, f"I5: {attempt.id} is open"
        assert fold(log, settings) == attempt.facts, f"I8: {attempt.id} says something else than its log"
        kinds = Counter(e.kind for e in log)
        assert kinds[EventKind.WRAPPED_UP] <= 1, f"I5: {attempt.id} was closed twice"
        assert _ends(log) == 1, f"I5: {attempt.id} ended {_ends(log)} times: {[e.kind for e in log]}"

    def _asked_for_no_more_calls(self, attempts: tuple[Attempt, ...]) -> None:
        asked = {a.number for a in attempts if a.facts.opted_out or a.facts.disposition == "do_not_call"}
        for number in asked:
            assert self.office.store.suppressions.matching(number), f"I1: {number} asked not to be called"
            state = self.office.lead_state(number)
            assert state.state is LeadState.CLOSED, f"I1: {number} is {state.state}"


def _ends(log: tuple[AttemptEvent, ...]) -> int:
    lost = [e for e in log if e.kind is EventKind.RECOVERED and dict(e.data)["outcome"] != "adopted"]
    return len(lost) + sum(e.kind in (EventKind.ENDED, EventKind.REFUSED) for e in log)


def _abandonment(all_facts: Iterable[Facts]) -> AbandonmentCount:
    return total(AbandonmentCount().moved(None, facts) for facts in all_facts)
