"""How does an agent come, go, pause and get his phone back? Every move is in the ledger, without a gap."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable

from campaigns.model import AgentState
from dialer.agents import AgentEvent, after, may
from dialer.live import Live, Seat, Stage
from dialer.refusal import Refused
from telephony.port import AgentLeg, AgentLegEnded, AgentLegUp, KeyPressed, LoginRequested, PhoneReachable

logger = logging.getLogger(__name__)

LOGIN_RING_S = 30
RING_BACKS = 6
RING_BACK_EVERY_S = 5.0
REFUSED_AT_ONCE_S = 3.0  # a phone that answers so soon was not rung in vain: it was busy or out of reach
WRONG_PINS_ALLOWED = 5
WRONG_PIN_WINDOW_S = 900.0
# Who was ready before, and is so again after one of these, may have calls under way that were dialled for him.
_COUNTED_ON_STILL = frozenset({AgentState.READY, AgentState.PAUSE, AgentState.SYSTEM})


def pin_hash(pin: str) -> str:
    """A salted scrypt hash of a PIN, fit to be stored."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{_scrypt(pin, salt)}"


def pin_matches(pin: str, stored: str) -> bool:
    """Whether this PIN made the stored hash; an empty or damaged hash matches nothing."""
    salt, _, digest = stored.partition(":")
    try:
        return bool(digest) and hmac.compare_digest(_scrypt(pin, bytes.fromhex(salt)), digest)
    except ValueError:
        return False


def _scrypt(pin: str, salt: bytes) -> str:
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**14, r=8, p=1).hex()


class AgentFlow:
    """Moves agents through their states; never touches a customer's call."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._wrong_pins: dict[str, list[float]] = {}
        self._leaving: set[str] = set()  # legs asked to end whose end was not told yet
        self.on_desk_left: Callable[[Seat], None] = lambda _seat: None  # he left a lead that he was looking at

    def move(self, seat: Seat, event: AgentEvent, *, code: str = "", campaign_id: int | None = None) -> None:
        """One move of the table, logged and written to the ledger. Raises Refused for a move not in it."""
        state = after(seat.state, event, seat.agent.number)
        logger.info("agent %s: %s -[%s]-> %s", seat.agent.number, seat.state, event, state)
        self._enter(seat, state, code, campaign_id)

    def _enter(self, seat: Seat, state: AgentState, code: str, campaign_id: int | None) -> None:
        if campaign_id is not None:
            seat.last_campaign = campaign_id
        elif len(seat.campaigns) == 1:
            seat.last_campaign = next(iter(seat.campaigns))
        seat.just_free = state is AgentState.READY and seat.state not in _COUNTED_ON_STILL
        changed = (state, code) != (seat.state, seat.code)
        seat.state, seat.code = state, code
        if changed:
            seat.since_s = self._live.clock.monotonic()
            agent_id, campaign, at = seat.agent.id, seat.last_campaign, self._live.clock.now()
            self._live.write(lambda: self._live.store.agents.move(agent_id, campaign, state, code, at))
        if seat.preview is not None and state is not AgentState.PREVIEW:
            self.on_desk_left(seat)
        if state is AgentState.READY:
            self._live.serve_soon()
            self._live.wake()

    def resume_without_phone(self, seat: Seat) -> None:
        """After a restart: he was at work, and his time is the system's until his phone is up again."""
        self._enter(seat, AgentState.SYSTEM, "", None)

    # --- commands -----------------------------------------------------------------------------------

    def log_in(self, seat: Seat) -> str:
        """Ring the agent's phone once; he is ready when he picks up. Raises Refused."""
        if not may(seat.state, AgentEvent.LOG_IN):
            raise Refused(f"{seat.agent.name} is logged in already ({seat.state}). His phone was not rung.")
        if not self._live.link_up:
            raise Refused(f"The exchange cannot be reached ({self._live.link_words}). No phone was rung.")
        if not self._live.recovered:
            raise Refused("The exchange is being asked which phones are still on the line. No phone was rung.")
        if not seat.campaigns:
            raise Refused(
                f"{seat.agent.name} is assigned to no campaign. His phone was not rung; "
                f"assign him first: dialer agent assign {seat.agent.number} CAMPAIGN"
            )
        seat.after_call = None
        seat.resume_pause = None
        seat.ring_backs = seat.missed = 0
        seat.message = ""
        self.move(seat, AgentEvent.LOG_IN)
        self._ring(seat)
        return f"Ringing the phone of {seat.agent.name} ({seat.agent.number})."

    def log_out(self, seat: Seat) -> str:
        """Hang up the agent's leg now, or after his call. Raises Refused when he is not logged in."""
        if seat.call_id and seat.state in (AgentState.TALK, AgentState.WRAP_UP, AgentState.READY, AgentState.PREVIEW):
            seat.after_call, seat.after_code = AgentEvent.LOG_OUT, ""
            return f"{seat.agent.name} is logged out when this call is finished."
        self.move(seat, AgentEvent.LOG_OUT)
        self._drop_leg(seat)
        return f"{seat.agent.name} is logged out."

    def pause(self, seat: Seat, code: str) -> str:
        """No customers for now, or after this call. `code` says why (lunch, training ...)."""
        if seat.call_id and seat.state in (AgentState.TALK, AgentState.WRAP_UP, AgentState.READY, AgentState.PREVIEW):
            seat.after_call, seat.after_code = AgentEvent.GO_PAUSE, code
            return f"{seat.agent.name} goes on pause ({code}) when this call is finished."
        self.move(seat, AgentEvent.GO_PAUSE, code=code)
        return f"{seat.agent.name} is on pause: {code}."

    def ready(self, seat: Seat) -> str:
        """Take customers again; also takes back a pause or log-out asked for after the call."""
        if seat.after_call is not None:
            seat.after_call = None
            return f"{seat.agent.name} stays for the next call."
        self.move(seat, AgentEvent.GO_READY)
        return f"{seat.agent.name} is ready."

    # --- after a call -------------------------------------------------------------------------------

    def call_over(self, seat: Seat) -> None:
        """The agent is done with his call: what he asked for meanwhile happens now, else he is ready."""
        if seat.wrap_timer is not None:
            seat.wrap_timer.cancel()
            seat.wrap_timer = None
        seat.call_id = ""
        if seat.state is AgentState.WRAP_UP:
            self.move(seat, AgentEvent.WRAPPED_UP)
        elif seat.state is AgentState.PREVIEW:
            self.move(seat, AgentEvent.PREVIEW_OVER)
        if seat.state is AgentState.READY and not seat.leg_up:
            self.move(seat, AgentEvent.PHONE_LOST)
            self._ring_if_idle(seat)
        wish, seat.after_call = seat.after_call, None
        if wish is AgentEvent.GO_PAUSE and seat.state is AgentState.SYSTEM:
            seat.resume_pause = seat.after_code  # he is on pause when his phone is back
        elif wish is AgentEvent.GO_PAUSE and may(seat.state, wish):
            self.move(seat, wish, code=seat.after_code)
        elif wish is AgentEvent.LOG_OUT and may(seat.state, wish):
            self.log_out(seat)
        self._live.wake()

    def customer_gone(self, seat: Seat) -> None:
        """His customer could not be joined, or lost him: there is nothing to write, and what he asked for happens."""
        seat.call_id = ""
        if seat.state is not AgentState.TALK:  # else the end of his leg is not told yet, and comes next
            self.call_over(seat)

    # --- what the telephone system tells --------------------------------------------------------------

    def on_leg_up(self, event: AgentLegUp) -> None:
        seat = self._live.seats.get(event.agent)
        if seat is None or seat.leg != event.leg.id:
            self._live.telephony.drop_agent(event.leg.id)  # rung by somebody who no longer wants it
            return
        seat.leg_up = True
        seat.ring_again, seat.ring_backs = False, 0
        if may(seat.state, AgentEvent.PHONE_UP):
            self.move(seat, AgentEvent.PHONE_UP)
        if seat.resume_pause is not None and seat.state is AgentState.READY:
            code, seat.resume_pause = seat.resume_pause, None
            self.move(seat, AgentEvent.GO_PAUSE, code=code)
        self._live.wake()

    def on_leg_ended(self, event: AgentLegEnded) -> None:
        """A leg we no longer know was asked to end; ours ended by itself: get it back, or log him out."""
        self._leaving.discard(event.leg.id)
        seat = self._live.seats.get(event.agent)
        if seat is None or seat.leg != event.leg.id:
            return
        was_up, seat.leg_up, seat.leg = seat.leg_up, False, ""
        if seat.state is AgentState.PAUSE:
            seat.resume_pause = seat.code
        if not was_up:
            if not self._rung_later(seat):
                self._phone_failed(seat, event.reason)
            return
        self.move(seat, AgentEvent.PHONE_LOST)
        self._live.alarm(f"The phone of {seat.agent.name} ({seat.agent.number}) left: {event.reason} Ringing it again.")
        if not seat.call_id:
            self.customer_gone(seat)
        self.ring_back(seat)

    def _rung_later(self, seat: Seat) -> bool:
        """Whether a lost phone gets another chance: it may still be busy with the call that died under it."""
        at_once = self._live.clock.monotonic() - seat.rung_s < REFUSED_AT_ONCE_S
        lost = seat.state in (AgentState.SYSTEM, AgentState.WRAP_UP)
        if not (lost and at_once and seat.ring_backs < RING_BACKS):
            return False
        seat.ring_backs += 1
        self._live.clock.call_later(RING_BACK_EVERY_S, lambda: self._ring_if_idle(seat))
        return True

    def _ring_if_idle(self, seat: Seat) -> None:
        if not seat.leg:
            self.ring_back(seat)

    def _phone_failed(self, seat: Seat, reason: str) -> None:
        seat.message = f"Your phone was not answered: {reason}"
        self.move(seat, AgentEvent.PHONE_FAILED)
        if seat.state is AgentState.LOGGED_OUT:
            self._live.alarm(f"{seat.agent.name} ({seat.agent.number}) is logged out: {reason}")

    def ring_back(self, seat: Seat) -> None:
        """Get a lost phone back: ring it now or when the exchange is there again; a busy one some times more."""
        if seat.state not in (AgentState.SYSTEM, AgentState.WRAP_UP):
            return
        if not self._live.link_up:
            seat.ring_again = True
            return
        seat.ring_again = False
        self._ring(seat)

    def on_link_up(self) -> None:
        """Ring whom we could not ring, and hang up what we could not hang up, while the exchange was away."""
        for leg in tuple(self._leaving):
            self._live.telephony.drop_agent(leg)
        for seat in self._live.seats.values():
            if seat.ring_again:
                self.ring_back(seat)

    def on_reachable(self, event: PhoneReachable) -> None:
        seat = self._live.seats.get(event.agent)
        if seat is not None and not event.reachable and seat.state.logged_in:
            self._live.alarm(f"The phone of {seat.agent.name} ({seat.agent.number}) is no longer registered.")

    def on_login_requested(self, event: LoginRequested) -> None:
        """The log-in extension: a right PIN rings the phone, five wrong ones in 15 minutes lock it."""
        seat = self._live.seats.get(event.agent)
        if seat is None:
            self._live.alarm("Somebody dialled the log-in extension from a phone that belongs to no agent.")
            return
        now_s = self._live.clock.monotonic()
        wrong = [s for s in self._wrong_pins.get(event.agent, []) if now_s - s < WRONG_PIN_WINDOW_S]
        if len(wrong) >= WRONG_PINS_ALLOWED:
            self._live.alarm(f"Log-in by phone is locked for {seat.agent.name}: {len(wrong)} wrong PINs in 15 minutes.")
        elif not pin_matches(event.pin, seat.agent.pin_hash):
            wrong.append(now_s)
            self._live.alarm(f"Wrong PIN on the log-in extension for {seat.agent.name} ({seat.agent.number}).")
        else:
            wrong = []
            self._try_log_in(seat)
        self._wrong_pins[event.agent] = wrong

    def _try_log_in(self, seat: Seat) -> None:
        try:
            self.log_in(seat)
        except Refused as refused:
            self._live.alarm(str(refused))

    # --- legs -----------------------------------------------------------------------------------------

    def _ring(self, seat: Seat) -> None:
        seat.leg = self._live.leg_id(seat.agent.number)
        seat.leg_up = False
        seat.rung_s = self._live.clock.monotonic()
        self._live.telephony.ring_agent(
            AgentLeg(id=seat.leg, agent=seat.agent.number, ring_timeout_s=LOGIN_RING_S),
        )

    def _drop_leg(self, seat: Seat) -> None:
        leg, seat.leg, seat.leg_up, seat.ring_again = seat.leg, "", False, False
        if leg:
            self._leaving.add(leg)
            self._live.telephony.drop_agent(leg)


def disposition_key(live: Live, event: KeyPressed) -> tuple[Seat, str] | None:
    """The seat and disposition code a key press means, or None: keys count only in talk or wrap-up."""
    seat = live.seats.get(event.agent)
    call = live.calls.get(seat.call_id) if seat is not None else None
    if seat is None or call is None or call.stage not in (Stage.TALKING, Stage.WRAP_UP):
        return None
    chosen = call.settings.disposition_for_key(event.digit)
    return (seat, chosen.code) if chosen is not None else None
