"""What has become of each customer's call? Folds the manager's events into states, evidence and events of the port."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from telephony.asterisk.ami import ManagerEvent
from telephony.asterisk.call_state import ImpossibleMove, Seen, State, move
from telephony.causes import LINK_LOST, CallEvidence, judge, unknown_end
from telephony.clock import Clock, Timer
from telephony.port import (
    AgentLost,
    CallAnswered,
    CallEnded,
    CallEvent,
    CallProgress,
    CallRinging,
    CallScreened,
    EndCause,
    Joined,
    JoinFailed,
    KeysSent,
    Network,
    OptOutKey,
    SafeHarbourStarted,
    Verdict,
)
from telephony.stamp import Stamp
from telephony.trunk_watch import TrunkWatch

_LOG = logging.getLogger(__name__)

JOIN_LIMIT_S = 0.9
NO_CHANNEL_GRACE_S = 0.6
"""A refused originate without any channel: so long may the channel's own events be late before it never existed."""
SETTLE_S = 2.0
"""How long the second of hang-up and originate response is awaited after the first."""
VANISHED_GRACE_S = 2.0
RINGING, UP = "5", "6"

Tell = Callable[[CallEvent], None]
OnMove = Callable[[str, str], None]
_JOIN_REFUSED = {"busy": "the agent already has a customer", "empty": "the agent is not on the line"}


@dataclass(eq=False)
class TrackedCall:
    """One customer's call as far as it is known. `evidence` grows until `judge` is asked."""

    id: str
    trunk: str
    opt_out_key: str
    placed_at_s: float
    detect: bool = False
    state: State = State.SENT
    evidence: CallEvidence = field(default_factory=lambda: CallEvidence(channel_existed=False))
    channel: str = ""
    response_seen: bool = False
    verdict: Verdict | None = None
    verdict_words: str = ""
    verdict_late: bool = False
    agent: str = ""
    joining: str = ""
    join_timer: Timer | None = None
    settle_timer: Timer | None = None
    ringing_told: bool = False
    progress_told: bool = False


class CustomerCalls:
    """All customers' calls of this process that are not over.

    `calls` is keyed by the attempt id, which is the channel id too. Events of channels that are not
    in it are somebody else's and ignored.
    """

    def __init__(self, clock: Clock, stamp: Stamp, watch: TrunkWatch, tell: Tell, on_move: OnMove) -> None:
        self._clock = clock
        self._stamp = stamp
        self._watch = watch
        self._tell = tell
        self._on_move = on_move
        self.calls: dict[str, TrackedCall] = {}
        self.on_channel: Callable[[TrackedCall], None] = lambda _call: None

    def add(self, call: TrackedCall) -> None:
        """Track a call from now on."""
        self.calls[call.id] = call

    def customer_of(self, agent: str) -> str:
        """The id of the call that is in, or on its way into, this agent's room; empty when there is none."""
        return next((call.id for call in self.calls.values() if agent in (call.agent, call.joining)), "")

    # --- the manager's events --------------------------------------------------------------------

    def hear(self, event: ManagerEvent) -> None:
        """One event of the manager."""
        handler = self._HANDLERS.get(event.name)
        call = self.calls.get(event.get("DestUniqueid") or event.get("Uniqueid"))
        if handler is not None and call is not None:
            handler(self, call, event)

    def _newchannel(self, call: TrackedCall, event: ManagerEvent) -> None:
        call.channel = event.get("Channel")
        self.see(call, Seen.CHANNEL)
        self.on_channel(call)

    def _newstate(self, call: TrackedCall, event: ManagerEvent) -> None:
        call.channel = event.get("Channel") or call.channel
        if event.get("ChannelState") == RINGING:
            self.see(call, Seen.RINGING)
        elif event.get("ChannelState") == UP:
            self.see_answer(call)

    def _dial_state(self, call: TrackedCall, event: ManagerEvent) -> None:
        if event.get("DialStatus") == "PROGRESS":
            self.see(call, Seen.PROGRESS)
        elif event.get("DialStatus") == "RINGING":
            self.see(call, Seen.RINGING)

    def _hangup_request(self, call: TrackedCall, event: ManagerEvent) -> None:
        del event
        call.evidence = replace(call.evidence, far_end_hung_up=True)

    def _hangup(self, call: TrackedCall, event: ManagerEvent) -> None:
        call.evidence = replace(
            call.evidence,
            channel_existed=True,
            q850=_number(event.get("Cause")) or 0,
            sip_code=_number(event.get("TechCause")),
        )
        self.see(call, Seen.HANGUP)

    def _originate_response(self, call: TrackedCall, event: ManagerEvent) -> None:
        if call.response_seen:
            return  # another session's second use of this id fails under the same id (TELEPHONY section 5, 4)
        call.response_seen = True
        succeeded = event.get("Response") == "Success"
        reason = _number(event.get("Reason")) or 0
        call.evidence = replace(call.evidence, reason=4 if succeeded else reason)
        if succeeded:
            self.see_answer(call)
        else:
            self.see(call, Seen.FAILED)

    def _user_event(self, call: TrackedCall, event: ManagerEvent) -> None:
        stage, agent = event.get("Stage"), event.get("Agent")
        if stage == "Screened":
            self.see_verdict(call, verdict_of(event.get("Verdict")), event.get("Words"))
        elif stage == "Safe":
            self.see(call, Seen.MESSAGE)
        elif stage == "SafeDone" and event.get("Opt") == call.opt_out_key:
            self._tell(self._stamp.call(OptOutKey, call.id))
        elif stage == "AgentLost":
            self.see(call, Seen.AGENT_LOST, agent=agent)
        elif stage == "JoinRefused":
            self.fail_join(call, _JOIN_REFUSED.get(event.get("Reason"), "the exchange refused the join"))

    def keys_sent(self, call_id: str, keys: str) -> None:
        """A helper has sent the customer keys; news of a call that ended meanwhile is none."""
        call = self.calls.get(call_id)
        if call is not None and call.state.answered:
            self._tell(self._stamp.call(KeysSent, call_id, keys=keys))

    def _confbridge_join(self, call: TrackedCall, event: ManagerEvent) -> None:
        self.see(call, Seen.JOINED, agent=event.get("Conference").removeprefix("ag"))

    _HANDLERS = {  # noqa: RUF012 - a constant
        "Newchannel": _newchannel,
        "Newstate": _newstate,
        "DialState": _dial_state,
        "HangupRequest": _hangup_request,
        "Hangup": _hangup,
        "OriginateResponse": _originate_response,
        "UserEvent": _user_event,
        "ConfbridgeJoin": _confbridge_join,
    }

    # --- moves -----------------------------------------------------------------------------------

    def see_answer(self, call: TrackedCall) -> None:
        """The customer picked up: he waits, or is listened to first."""
        self.see(call, Seen.LISTENED_TO if call.detect else Seen.ANSWERED)

    def see_verdict(self, call: TrackedCall, verdict: Verdict, words: str, *, late: bool = False) -> None:
        """Detection has its verdict. `late`: it was found on the channel, not heard when it was given."""
        if not call.state.answered:
            self.see_answer(call)
        if call.state is State.SCREENING:
            call.verdict, call.verdict_words, call.verdict_late = verdict, words, late
            self.see(call, Seen.PERSON if verdict.person else Seen.MACHINE)

    def see(self, call: TrackedCall, seen: Seen, *, agent: str = "") -> None:
        """Move the call by what was seen, tell what is new, and close it when nothing more is awaited."""
        if call.state is State.OVER:
            return
        before = call.state
        try:
            call.state = move(call.id, before, seen)
        except ImpossibleMove as fault:
            _LOG.error("%s; it is ignored", fault)
            return
        if call.state is not before:
            self._on_move(call.id, f"{before} -[{seen}]-> {call.state}")
        self._note(call, seen)
        self._tell_news(call, seen, before, agent)
        self._settle(call)

    def _note(self, call: TrackedCall, seen: Seen) -> None:
        old = call.evidence
        answered = seen in (Seen.ANSWERED, Seen.LISTENED_TO)
        on_line = answered or seen in (Seen.CHANNEL, Seen.PROGRESS, Seen.RINGING)
        call.evidence = replace(
            old,
            channel_existed=old.channel_existed or on_line,
            up_seen=old.up_seen or answered,
            ringing_seen=old.ringing_seen or seen is Seen.RINGING,
            progress_seen=old.progress_seen or seen is Seen.PROGRESS,
        )
        if answered or seen in (Seen.PROGRESS, Seen.RINGING):
            self._watch.sign_of_life(call.trunk)

    def _tell_news(self, call: TrackedCall, seen: Seen, before: State, agent: str) -> None:
        unanswered = not before.answered and before is not State.GONE
        if seen is Seen.RINGING and unanswered and not call.ringing_told:
            call.ringing_told = True
            self._tell(self._stamp.call(CallRinging, call.id))
        elif seen is Seen.PROGRESS and unanswered and not call.progress_told:
            call.progress_told = True
            self._tell(self._stamp.call(CallProgress, call.id))
        elif seen in (Seen.ANSWERED, Seen.LISTENED_TO) and unanswered:
            self._tell(self._stamp.call(CallAnswered, call.id, screening=seen is Seen.LISTENED_TO))
        elif seen in (Seen.PERSON, Seen.MACHINE) and before is State.SCREENING:
            self._tell_verdict(call)
        elif call.state is not before:
            self._tell_stage(call, agent)

    def _tell_verdict(self, call: TrackedCall) -> None:
        if call.verdict is not None:
            words, late = call.verdict_words, call.verdict_late
            self._tell(self._stamp.call(CallScreened, call.id, verdict=call.verdict, words=words, late=late))

    def _tell_stage(self, call: TrackedCall, agent: str) -> None:
        if call.state is State.MESSAGE:
            self._tell(self._stamp.call(SafeHarbourStarted, call.id))
        elif call.state is State.TALKING:
            self._forget_join(call)
            call.agent = agent
            self._tell(self._stamp.call(Joined, call.id, agent=agent))
        elif call.state is State.HOLDING:
            self.fail_join(call, "the customer could not enter the agent's room")
            lost, call.agent = call.agent or agent, ""
            self._tell(self._stamp.call(AgentLost, call.id, agent=lost))

    def _settle(self, call: TrackedCall) -> None:
        """Close a call whose last word is in; set a timer when only half of it is."""
        gone, failed = call.state is State.GONE, call.state is State.FAILED
        if gone and call.response_seen:
            self.finish(call, judge(call.evidence))
        elif (gone or failed) and call.settle_timer is None:
            no_channel = failed and not call.evidence.channel_existed
            wait_s = NO_CHANNEL_GRACE_S if no_channel else SETTLE_S
            call.settle_timer = self._clock.call_later(wait_s, lambda: self._time_out(call))

    def _time_out(self, call: TrackedCall) -> None:
        call.settle_timer = None
        if call.state is State.FAILED and call.evidence.channel_existed and call.evidence.q850 is None:
            # The channel showed itself after the failed response, its hang-up is still to come: or it was lost.
            call.evidence = replace(call.evidence, q850=0)
        if call.state in (State.FAILED, State.GONE):
            self.finish(call, judge(call.evidence))

    # --- joins -----------------------------------------------------------------------------------

    def begin_join(self, call: TrackedCall, agent: str) -> None:
        """A redirect was sent: its answer comes within the limit, one way or the other."""
        call.joining = agent
        call.join_timer = self._clock.call_later(
            JOIN_LIMIT_S, lambda: self.fail_join(call, "the exchange did not confirm the join in time")
        )

    def fail_join(self, call: TrackedCall, reason: str) -> None:
        """Answer the pending join, if there is one, with a failure."""
        agent = call.joining
        if agent:
            self._forget_join(call)
            self._tell(self._stamp.call(JoinFailed, call.id, agent=agent, reason=reason))

    def _forget_join(self, call: TrackedCall) -> None:
        if call.join_timer is not None:
            call.join_timer.cancel()
        call.joining, call.join_timer = "", None

    # --- ends ------------------------------------------------------------------------------------

    def finish(self, call: TrackedCall, cause: EndCause) -> None:
        """Tell the end, once, as the call's last event."""
        if self.calls.pop(call.id, None) is None:
            return
        if call.settle_timer is not None:
            call.settle_timer.cancel()
        self.fail_join(call, "the customer is gone")
        before, call.state = call.state, State.OVER
        self._on_move(call.id, f"{before} -[{Seen.SETTLED}]-> {State.OVER}: {cause.network} {cause.detail}".rstrip())
        if cause.network is Network.NO_PROGRESS:
            self._watch.no_progress(call.trunk, call.placed_at_s)
        elif cause.sip_code is not None:
            self._watch.sign_of_life(call.trunk)
        self._tell(self._stamp.call(CallEnded, call.id, cause=cause))

    def lose(self, call: TrackedCall, *, restarted: bool) -> None:
        """The call was gone when the exchange could be asked again."""
        self.finish(call, unknown_end(exchange_restarted=restarted))

    def vanished(self, call: TrackedCall) -> None:
        """The call is missing on a link that was never lost: an event was, so wait a little and close it."""

        def close() -> None:
            if call.state is State.OVER:
                return
            cause = judge(
                call.evidence if call.evidence.channel_existed else replace(call.evidence, channel_existed=True)
            )
            unknown = cause.network is Network.UNKNOWN
            self.finish(call, replace(cause, detail=LINK_LOST) if unknown else cause)

        self._clock.call_later(VANISHED_GRACE_S, close)


def verdict_of(word: str) -> Verdict:
    """The verdict the dialplan names; a word it does not know is no proof of a machine."""
    return Verdict(word) if word in Verdict.__members__ else Verdict.UNKNOWN


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None
