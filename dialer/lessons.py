"""What does pacing learn from what has just happened? Calls and seats in, lessons folded into what is known.

Calls dialled by hand teach nothing: their agent waits for them, so they tell neither of pace nor of waiting.
"""

from __future__ import annotations

from campaigns.model import AgentState
from dialer.learning import (
    CallLost,
    CallMissed,
    CallOffered,
    CallRang,
    Lesson,
    TalkEnded,
    WrapUpEnded,
    observe,
)
from dialer.live import Live, LiveCall, Seat
from telephony.port import Network


def rang(live: Live, call: LiveCall) -> None:
    """The far end told that it rings."""
    if call.ringing_s is not None:
        _learn(live, call, CallRang(campaign_id=call.run.id, lag_s=call.ringing_s - call.placed_s))


def needs_agent(live: Live, call: LiveCall) -> None:
    """Answered, and nobody listens to it any more: an agent should be there now."""
    if call.taught or call.answered_s is None:
        return
    call.taught = True
    heard_s = None if call.screened_s is None else call.screened_s - call.answered_s
    offered = CallOffered(
        campaign_id=call.run.id,
        placed_s=call.placed_s,
        at_s=live.clock.monotonic(),
        ring_s=_ring_s(call, call.answered_s) or 0.0,
        heard_s=heard_s,
        cap=call.settings.abandon_cap,
        odds=call.odds,
        traits=call.traits,
    )
    _learn(live, call, offered)


def missed(live: Live, call: LiveCall, network: Network | None = None) -> None:
    """Ended without needing an agent. What was never sent, or lost from sight, teaches nothing."""
    if call.taught or network in (Network.NOT_ATTEMPTED, Network.UNKNOWN):
        return
    call.taught = True
    now_s = live.clock.monotonic()
    ring_s = None if call.ringing_s is None else _ring_s(call, now_s if call.answered_s is None else call.answered_s)
    if call.answered_s is not None and ring_s is None:
        ring_s = call.answered_s - call.placed_s
    heard_s = call.screened_s - call.answered_s if call.machine and call.screened_s and call.answered_s else None
    lesson = CallMissed(
        campaign_id=call.run.id,
        placed_s=call.placed_s,
        at_s=now_s,
        ring_s=ring_s,
        machine=call.machine,
        heard_s=heard_s,
        cancelled=bool(call.cancel_reason) or network is Network.CANCELLED,
        odds=call.odds,
        traits=call.traits,
    )
    _learn(live, call, lesson)


def lost(live: Live, call: LiveCall) -> None:
    """A person met nobody in time."""
    _learn(live, call, CallLost(campaign_id=call.run.id))


def talked(live: Live, call: LiveCall, seat: Seat) -> None:
    """His talk is over, his wrap-up begins."""
    seat.talked_s = live.clock.monotonic() - seat.since_s
    _learn(live, call, TalkEnded(campaign_id=call.run.id, talk_s=seat.talked_s))


def wrapped_up(live: Live, call: LiveCall, seat: Seat) -> None:
    """His wrap-up is over."""
    if seat.state is AgentState.WRAP_UP and seat.talked_s is not None:
        wrap_s = live.clock.monotonic() - seat.since_s
        _learn(live, call, WrapUpEnded(campaign_id=call.run.id, wrap_s=wrap_s, talked_s=seat.talked_s))
    seat.talked_s = None


def _ring_s(call: LiveCall, until_s: float) -> float:
    return until_s - (call.placed_s if call.ringing_s is None else call.ringing_s)


def _learn(live: Live, call: LiveCall, lesson: Lesson) -> None:
    if not call.for_agent:
        live.learned = observe(live.learned, lesson)
