"""Where is a customer's call, and where does each thing seen take it? One table, no I/O.

Asterisk's events come in no fixed order (TELEPHONY section 5): an answer may be told by the channel or by the
originate's response first, a hang-up before or after that response. So nearly every state takes what may still
arrive late, and a call is over only when it is *settled*: channel and response both in, or a timer ran out.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    SENT = "sent"
    DIALLING = "dialling"
    PROGRESSING = "progressing"
    RINGING = "ringing"
    SCREENING = "screening"
    DISMISSED = "dismissed"
    WAITING = "waiting"
    MESSAGE = "message"
    TALKING = "talking"
    HOLDING = "holding"
    FAILED = "failed"
    GONE = "gone"
    OVER = "over"

    @property
    def answered(self) -> bool:
        """Whether the customer is on the line."""
        return self in _ANSWERED


_ANSWERED = frozenset({State.SCREENING, State.DISMISSED, State.WAITING, State.MESSAGE, State.TALKING, State.HOLDING})


class Seen(StrEnum):
    """What can be learned of a call. FAILED is the originate's response; SETTLED: nothing more is awaited.

    LISTENED_TO is ANSWERED of a call that asked for answering machine detection; PERSON and MACHINE are its verdict.
    """

    CHANNEL = "channel"
    PROGRESS = "progress"
    RINGING = "ringing"
    ANSWERED = "answered"
    LISTENED_TO = "answered, listened to"
    PERSON = "person"
    MACHINE = "machine"
    MESSAGE = "message"
    JOINED = "joined"
    AGENT_LOST = "agent lost"
    FAILED = "failed"
    HANGUP = "hangup"
    SETTLED = "settled"


class ImpossibleMove(Exception):
    """A state was told something that cannot happen in it; names state, event and call."""


def _row(**moves: State) -> dict[Seen, State]:
    return {Seen[name]: state for name, state in moves.items()}


def _late(state: State, *seen: Seen) -> dict[Seen, State]:
    return dict.fromkeys(seen, state)


_EARLY = (Seen.CHANNEL, Seen.PROGRESS, Seen.RINGING)
_ANSWER = {Seen.ANSWERED: State.WAITING, Seen.LISTENED_TO: State.SCREENING}
_LINE = (*_EARLY, *_ANSWER, Seen.PERSON)

MOVES: dict[State, dict[Seen, State]] = {
    State.SENT: {
        **_ANSWER,
        **_row(
            CHANNEL=State.DIALLING,
            PROGRESS=State.PROGRESSING,
            RINGING=State.RINGING,
            FAILED=State.FAILED,
            HANGUP=State.GONE,
            SETTLED=State.OVER,
        ),
    },
    State.DIALLING: {
        **_ANSWER,
        **_row(
            CHANNEL=State.DIALLING,
            PROGRESS=State.PROGRESSING,
            RINGING=State.RINGING,
            FAILED=State.FAILED,
            HANGUP=State.GONE,
            SETTLED=State.OVER,
        ),
    },
    State.PROGRESSING: {
        **_ANSWER,
        **_late(State.PROGRESSING, Seen.CHANNEL, Seen.PROGRESS),
        **_row(RINGING=State.RINGING, FAILED=State.FAILED, HANGUP=State.GONE, SETTLED=State.OVER),
    },
    State.RINGING: {
        **_ANSWER,
        **_late(State.RINGING, *_EARLY),
        **_row(FAILED=State.FAILED, HANGUP=State.GONE, SETTLED=State.OVER),
    },
    State.SCREENING: {
        **_late(State.SCREENING, *_EARLY, *_ANSWER, Seen.FAILED),
        **_row(
            PERSON=State.WAITING,
            MACHINE=State.DISMISSED,
            MESSAGE=State.MESSAGE,  # the verdict was lost on the way, here and in the next two
            JOINED=State.TALKING,
            AGENT_LOST=State.HOLDING,
            HANGUP=State.GONE,
            SETTLED=State.OVER,
        ),
    },
    State.DISMISSED: {
        **_late(State.DISMISSED, *_EARLY, *_ANSWER, Seen.FAILED, Seen.MACHINE),
        **_row(HANGUP=State.GONE, SETTLED=State.OVER),
    },
    State.WAITING: {
        **_late(State.WAITING, *_LINE, Seen.FAILED),
        **_row(
            MESSAGE=State.MESSAGE,
            JOINED=State.TALKING,
            AGENT_LOST=State.HOLDING,
            HANGUP=State.GONE,
            SETTLED=State.OVER,
        ),
    },
    State.MESSAGE: {
        **_late(State.MESSAGE, *_LINE, Seen.FAILED, Seen.MESSAGE),
        **_row(JOINED=State.TALKING, AGENT_LOST=State.HOLDING, HANGUP=State.GONE, SETTLED=State.OVER),
    },
    State.TALKING: {
        **_late(State.TALKING, *_LINE, Seen.FAILED, Seen.JOINED),
        **_row(AGENT_LOST=State.HOLDING, HANGUP=State.GONE, SETTLED=State.OVER),
    },
    State.HOLDING: {
        **_late(State.HOLDING, *_LINE, Seen.FAILED, Seen.AGENT_LOST),
        # The dialplan must not play the message to somebody already served; should it do so, it is told.
        **_row(JOINED=State.TALKING, MESSAGE=State.MESSAGE, HANGUP=State.GONE, SETTLED=State.OVER),
    },
    State.FAILED: {
        **_late(State.FAILED, *_EARLY, Seen.FAILED),
        **_ANSWER,
        **_row(HANGUP=State.GONE, SETTLED=State.OVER),
    },
    State.GONE: {
        **_late(State.GONE, *(seen for seen in Seen if seen is not Seen.SETTLED)),
        **_row(SETTLED=State.OVER),
    },
    State.OVER: {},
}


def move(call_id: str, state: State, seen: Seen) -> State:
    """The next state. Raises ImpossibleMove, naming all three, for what the table does not know."""
    try:
        return MOVES[state][seen]
    except KeyError:
        raise ImpossibleMove(f"call {call_id} is {state} and was told '{seen}', which cannot follow") from None
