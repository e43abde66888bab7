"""Which lead does an agent look at before it is dialled? Preview mode: offered, dialled or skipped, taken off the desk.

For an agent who serves several campaigns a customer who waits goes first; dialer/offering.py says when a lead comes to
his desk. His preview campaigns take turns by weight.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from campaigns.foreign_text import inert
from campaigns.model import AgentState, CampaignState, DiallingState, DialMode, PreviewEnd, PreviewThen, Suppression
from campaigns.settings_faults import LONGEST_TEXT
from campaigns.storage.errors import StoreRefused, StoreUnavailable
from campaigns.storage.previews import Offer
from dialer import holds, offering, room
from dialer.agent_flow import AgentFlow
from dialer.agents import AgentEvent
from dialer.call_flow import CallFlow
from dialer.live import WRITE_AGAIN_S, CampaignRun, Live, OnDesk, Seat
from dialer.placing import Placing, verdict_of
from dialer.refusal import Refused
from dialer.turns import Turns

LOOK_AT_MOST = 64  # leads judged for one desk in one transaction
AGAIN_S = 1.0  # when a lead whose time is over finds no line free
AWAY = "away"  # the pause of an agent who let two leads in a row pass
MISSED_AT_MOST = 2
BY_LIMIT = "time limit"
GONE = "the lead lies on no desk any more"


class Previews:
    """Puts leads on desks and takes them off again. A lead on a desk is nobody else's, and never dialled twice."""

    def __init__(self, live: Live, agents: AgentFlow, calls: CallFlow, placing: Placing) -> None:
        self._live = live
        self._agents = agents
        self._calls = calls
        self._placing = placing
        self._turns = Turns()
        self._strays = False  # whether the store may hold a lead on a desk that nobody has
        agents.on_desk_left = self._left
        calls.on_suppressed = self.number_suppressed

    # --- offering -----------------------------------------------------------------------------------

    def look(self) -> None:
        """Take leads off desks where they may not lie any more, then offer the next ones to free agents."""
        for seat in self._live.seats.values():
            why = self._not_any_more(seat)
            if why:
                self._take_off(seat, why)
        runs = self._offering()
        for seat in offering.to_spare(self._live) if runs else ():
            self._offer_to(seat, runs)

    def draw(self) -> None:
        """Before pacing counts on them: leads for agents who have just become free, where it is their turn."""
        runs = self._offering()
        for seat in offering.drawn_for_leads(self._live, runs):
            self._offer_to(seat, runs)

    def _offering(self) -> list[CampaignRun]:
        runs = [run for run in self._live.runs.values() if self._may_offer(run)]
        if runs:
            self._bring_strays_back()
        return runs

    def _bring_strays_back(self) -> None:
        """An offer that failed may have been written all the same: whoever lies on no desk waits as before."""
        if self._strays:
            known = {seat.preview.id for seat in self._live.seats.values() if seat.preview is not None}
            self._live.store.previews.release_all("the database failed", self._live.clock.now(), but=known)
            self._strays = False

    def _may_offer(self, run: CampaignRun) -> bool:
        if run.settings.mode is not DialMode.PREVIEW or run.state is not CampaignState.RUNNING:
            return False
        dry = run.dry_until is not None and self._live.clock.now() < run.dry_until
        return not dry and not holds.blocked(self._live, run)[1]

    def _not_any_more(self, seat: Seat) -> str:
        desk = seat.preview
        if desk is None:
            return ""
        if desk.run.state is not CampaignState.RUNNING:
            return f"the campaign is {desk.run.state}"
        if desk.run.settings.mode is not DialMode.PREVIEW:
            return "the campaign is not in preview mode any more"
        return "" if desk.run.id in seat.campaigns else "you do not serve its campaign any more"

    def _offer_to(self, seat: Seat, runs: list[CampaignRun]) -> None:
        """The next lead of his campaigns, of the one whose turn it is by weight."""
        for run in sorted(runs, key=self._turns.of):
            if run.id not in seat.campaigns or not self._may_offer(run):
                continue
            self._strays = True  # until it is known what became of it
            offer = self._lead_for(seat, run)
            self._strays = False
            if offer.preview is not None:
                self._put_on(seat, run, offer)
                return
            if not offer.left and offer.looked < LOOK_AT_MOST:
                holds.run_dry(self._live, run)

    def _lead_for(self, seat: Seat, run: CampaignRun) -> Offer:
        assert run.rules is not None, "a campaign without rules is on hold"
        now = self._live.clock.now()
        return self._live.store.previews.offer(
            run.id,
            partial(verdict_of, rules=run.rules, now=now),
            now,
            agent_id=seat.agent.id,
            limit=timedelta(seconds=run.settings.preview_limit_s),
            words=f"on the desk of {_name(seat)} since {now:%Y-%m-%d %H:%M} UTC",
            his=partial(self._is_his, seat, run),
            look_at_most=LOOK_AT_MOST,
        )

    def _is_his(self, seat: Seat, run: CampaignRun, state: DiallingState) -> bool:
        """A promised callback is left to the agent who promised it, when he is free for it too."""
        owner = state.owner_agent_id
        if owner is None or owner == seat.agent.id:
            return True
        return not any(s.agent.id == owner and s.free and run.id in s.campaigns for s in self._live.seats.values())

    def _put_on(self, seat: Seat, run: CampaignRun, offer: Offer) -> None:
        assert offer.preview is not None, "only a lead that was found is put on a desk"
        assert offer.state is not None, "a lead that was found has a state"
        self._turns.had(run, self._live.clock.monotonic())
        limit_s = float(run.settings.preview_limit_s)
        desk = OnDesk(
            id=offer.preview.id,
            run=run,
            settings=run.settings,
            number=offer.preview.number,
            contact_point_id=offer.preview.contact_point_id,
            attempts=offer.state.attempts,
            ends_s=self._live.clock.monotonic() + limit_s,
        )
        seat.preview = desk
        person_id = offer.preview.person_id
        self._live.write(lambda: self._read_lead(desk, person_id))
        desk.timer = self._live.clock.call_later(limit_s, lambda: self._time_is_over(seat, desk))
        self._agents.move(seat, AgentEvent.PREVIEW, campaign_id=run.id)

    def _read_lead(self, desk: OnDesk, person_id: int) -> None:
        desk.lead = self._live.store.leads.lead(person_id)

    # --- what the agent does ------------------------------------------------------------------------

    def dial(self, seat: Seat, number: str = "") -> str:
        """Dial the lead on his desk, judged again and written first. Raises Refused.

        With a number, only if that is the lead on his desk: it may have changed since his screen was drawn.
        """
        desk = _on_desk(seat, number)
        why_not = holds.blocked(self._live, desk.run)[1] or room.no_room(self._live, desk.run, seat)
        if why_not:
            raise Refused(f"Nothing was dialled: {why_not}. The lead stays on your desk.")
        try:
            call, why_not = self._placing.claim_previewed(desk.run, desk.id, for_agent=seat.agent.number)
        except StoreRefused:  # its import was undone meanwhile
            call, why_not = None, GONE
        self._clear(seat)
        if call is None:
            self._off(seat, f"Nothing was dialled: {why_not}. The lead has left your desk.")
            raise Refused(seat.message)
        seat.missed, seat.message = 0, ""
        seat.call_id = call.attempt.id
        self._calls.open_desk(call)
        self._placing.place(call)
        return f"Dialling {call.attempt.number}."

    def skip(self, seat: Seat, reason: str, number: str = "") -> str:
        """Leave the lead on his desk for later, with one of the campaign's reasons. Raises Refused."""
        desk = _on_desk(seat, number)
        chosen = _checked_reason(reason, desk.settings.preview_skip_reasons)
        again_at = self._skip(seat, desk, chosen)
        seat.missed, seat.message = 0, ""
        return f"Skipped: {chosen}. He is asked again from {again_at:%Y-%m-%d %H:%M} UTC."

    def _skip(self, seat: Seat, desk: OnDesk, reason: str, *, by_limit: bool = False) -> datetime:
        now = self._live.clock.now()
        again_at = now + timedelta(seconds=desk.settings.preview_skip_rest_s)
        words = f"skipped by {_name(seat)} at {now:%Y-%m-%d %H:%M} UTC: {reason}"
        try:
            self._live.store.previews.skip(desk.id, reason, now, until=again_at, words=words, by_limit=by_limit)
        except StoreRefused:
            self._take_off(seat, GONE)
            raise Refused(f"Nothing was stored: {GONE}.") from None
        self._clear(seat)
        self._off(seat, "")
        return again_at

    # --- what happens without him -------------------------------------------------------------------

    def _time_is_over(self, seat: Seat, desk: OnDesk) -> None:
        if seat.preview is not desk:
            return
        desk.timer = None
        try:
            if desk.settings.preview_then is PreviewThen.SKIP:
                self._let_pass(seat, desk)
            else:
                self.dial(seat)
        except StoreUnavailable as fault:
            self._live.store_failed(fault)
            desk.timer = self._live.clock.call_later(WRITE_AGAIN_S, lambda: self._time_is_over(seat, desk))
        except Refused as refused:
            seat.message = str(refused)
            self._dial_later(seat, desk)

    def _dial_later(self, seat: Seat, desk: OnDesk) -> None:
        """What the time limit could not dial: soon, when only a line is missing; else it goes back to the others."""
        if seat.preview is not desk:
            return
        why = holds.blocked(self._live, desk.run)[1]
        if why:
            self._take_off(seat, why)
        else:
            desk.timer = self._live.clock.call_later(AGAIN_S, lambda: self._time_is_over(seat, desk))

    def _let_pass(self, seat: Seat, desk: OnDesk) -> None:
        """An empty chair would send a lead to rest each minute: after the second in a row he is on pause."""
        self._skip(seat, desk, BY_LIMIT, by_limit=True)
        seat.missed += 1
        if seat.missed < MISSED_AT_MOST:
            seat.message = "The time for your last lead was over: it was skipped."
            return
        seat.missed = 0
        self._agents.pause(seat, AWAY)
        seat.message = f"{MISSED_AT_MOST} leads in a row were skipped by the time limit: you are on pause."

    def number_suppressed(self, entry: Suppression) -> None:
        """A do-not-call entry is in force: the lead leaves the desk at once."""
        for seat in self._live.seats.values():
            desk = seat.preview
            if desk is None or not entry.bars(desk.number):
                continue
            if entry.reaches(seller=desk.run.settings.seller_name, campaign=desk.run.name):  # its names of today
                self._take_off(seat, "its number is on do-not-call now", end=PreviewEnd.HELD)

    def numbers_barred(self, barred: Callable[[str], bool]) -> None:
        """Another national registry is in force: leads whose numbers it does not let pass leave the desks."""
        for seat in self._live.seats.values():
            desk = seat.preview
            fictional = desk is not None and desk.run.rules is not None and desk.run.rules.trunk.practice
            if desk is not None and not fictional and barred(desk.number):
                self._take_off(seat, "its number is barred by a national registry now", end=PreviewEnd.HELD)

    def release_all(self, reason: str) -> None:
        """Take every lead off its desk, as when the service stops; agents stay as they are."""
        for seat in self._live.seats.values():
            if seat.preview is not None:
                self._give_back(self._clear(seat), reason)

    def _left(self, seat: Seat) -> None:
        """He went on pause, logged out, or lost his phone."""
        self._give_back(self._clear(seat), f"the agent is {seat.state}")

    def _take_off(self, seat: Seat, why: str, *, end: PreviewEnd = PreviewEnd.RELEASED) -> None:
        self._give_back(self._clear(seat), why, end=end)
        self._off(seat, f"The lead left your desk: {why}.")

    def _give_back(self, desk: OnDesk, reason: str, *, end: PreviewEnd = PreviewEnd.RELEASED) -> None:
        now = self._live.clock.now()
        self._live.write(lambda: self._live.store.previews.release(desk.id, reason, now, end=end))
        desk.run.dry_until = None
        self._live.wake()

    def _off(self, seat: Seat, message: str) -> None:
        """His desk is empty: he is ready for the next."""
        seat.message = message
        self._agents.move(seat, AgentEvent.PREVIEW_OVER)

    def _clear(self, seat: Seat) -> OnDesk:
        desk = _on_desk(seat)
        if desk.timer is not None:
            desk.timer.cancel()
        seat.preview = None
        return desk


def _on_desk(seat: Seat, number: str = "") -> OnDesk:
    if seat.preview is None:
        idle = "" if seat.state is not AgentState.LOGGED_OUT else " and you are not logged in"
        raise Refused(f"No lead is on your desk now{idle}. Nothing was dialled or stored.")
    if number and number != seat.preview.number:
        raise Refused(f"Another lead is on your desk now: {seat.preview.number}. Nothing was dialled or stored.")
    return seat.preview


def _checked_reason(reason: str, known: tuple[str, ...]) -> str:
    chosen = reason.strip()
    if known and chosen not in known:
        raise Refused(f"Skip with one of these reasons: {', '.join(known)}. The lead stays on your desk.")
    if not chosen or not chosen.isprintable() or len(chosen) > LONGEST_TEXT:
        raise Refused(f"Say why, in 1 to {LONGEST_TEXT} plain characters. The lead stays on your desk.")
    return chosen


def _name(seat: Seat) -> str:
    return f"{inert(seat.agent.name, 40)} ({seat.agent.number})"
