"""What happened to a call? The five facts of an attempt, folded from its append-only log.

The log is the truth and is never edited; facts can be thrown away and folded again at any time.
Plain data keys that each kind of event may carry (all optional unless marked *):

    every kind     mono_s (the clock's monotonic second), run (the engine's run, when mono_s is given)
    ENDED          network*, detail, sip_code, q850, ended_by (FAR_END, US, NETWORK, UNKNOWN), detector
    ANSWERED       screening (bool: it is listened to by answering machine detection), detector (as SCREENED)
    SCREENED       detector* (HUMAN, MACHINE, FAX, UNKNOWN: what the detector said), words (its own reason),
                   late (bool: the verdict was given some unknown time before)
    JOINED         agent_id*          JOIN_FAILED, AGENT_LOST   agent_id, reason
    CANCEL_ASKED   reason*            REFUSED                   reason*
    STEP           step*, end (bool: this step is an end), answer.<field>
    LEFT_SCRIPT    step*, reason*     DISPOSED                  disposition*, callback_at (ISO 8601)
    NOTE           text*              RECOVERED                 outcome* (adopted, gone, hung_up,
                                                                exchange_restarted, never_placed)

A step shown twice in a row is one visit: the later event adds its answers to the earlier one.
Lengths are taken from mono_s where both ends carry it in the same run, else from the instants, and are
never negative. Where the clock starts at the greeting's end (settings.clock_from), waits are counted from the
verdict of a person; without one in time to be counted from, from the answer: rather too long than too short. The
first ENDED (or recovery without adoption) is final; a later disposition corrects an
earlier one, but never takes back an opt-out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.model import (
    AnsweredBy,
    AnsweredBySource,
    AttemptEvent,
    EventKind,
    Facts,
    Network,
    Routing,
    ScriptOutcome,
    ScriptVisit,
)
from campaigns.settings import CampaignSettings

FAR_END = "FAR_END"
ADOPTED = "adopted"
LONGEST_SCREENING_MS = 6000  # the detector gives up after 5 s; who hung up later was not just being listened to
_LOST_DETAIL = {"exchange_restarted": "EXCHANGE_RESTARTED"}


def fold(events: Iterable[AttemptEvent], settings: CampaignSettings) -> Facts:
    """The facts of one attempt. `settings` is the version in force when it was made.

    Events with a `seq` are taken in that order, those without after them in the order given; a repeated
    event (same seq, or equal in everything) counts once. So the same log always gives the same facts.
    """
    log = _in_order(events)
    line = _Line.of(log, settings)
    script = _script_of(log)
    verdict = _answered_by(log, settings, answered=line.answered)
    return Facts(
        network=line.network,
        network_detail=_text(line.end, "detail") if line.end else "",
        sip_code=_whole(line.end, "sip_code") if line.end else None,
        q850=_whole(line.end, "q850") if line.end else None,
        ended_by=_text(line.end, "ended_by") if line.end else "",
        ringing_at=_at(line.ringing),
        answered_at=_at(line.answer),
        joined_at=_at(line.join),
        ended_at=_at(line.end),
        ring_ms=_between_ms(line.ringing, line.answer or line.end),
        connect_delay_ms=_between_ms(line.clock_start, line.join),
        talk_ms=_added_up(log, EventKind.JOINED, EventKind.AGENT_LOST),
        hold_ms=_added_up(log, EventKind.AGENT_LOST, EventKind.JOINED),
        wrap_up_ms=(_between_ms(line.end, _last(log, EventKind.WRAPPED_UP)) or 0) if line.join else 0,
        answered_by=verdict[0],
        answered_by_source=verdict[1],
        detector_said=_detector(log),
        routing=_routing(line, settings),
        agent_id=_whole(_last(_until_end(log), EventKind.JOINED), "agent_id"),
        script=script[0],
        script_steps=script[1],
        script_end_step=script[2],
        leave_reason=_text(_last(log, EventKind.LEFT_SCRIPT), "reason"),
        disposition=_text(_last(log, EventKind.DISPOSED), "disposition"),
        note="\n".join(_text(e, "text") for e in log if e.kind is EventKind.NOTE),
        cancel_reason=_text(_first(log, EventKind.CANCEL_ASKED), "reason"),
        opted_out=_first(log, EventKind.OPT_OUT) is not None,
    )


def callback_time(events: Iterable[AttemptEvent]) -> datetime | None:
    """The instant the customer asked to be called back, if the disposition in force names one."""
    text = _text(_last(_in_order(events), EventKind.DISPOSED), "callback_at")
    if not text:
        return None
    asked = datetime.fromisoformat(text)
    if asked.tzinfo is None:
        raise ValueError(f"callback_at = {text[:40]!r} has no zone; write it as 2026-11-21T15:00:00+00:00.")
    return asked


def _in_order(events: Iterable[AttemptEvent]) -> list[AttemptEvent]:
    numbered: dict[int, AttemptEvent] = {}
    pending: dict[AttemptEvent, None] = {}
    for event in events:
        if event.seq is None:
            pending.setdefault(event)
        else:
            numbered.setdefault(event.seq, event)
    return [*(numbered[seq] for seq in sorted(numbered)), *pending]


@dataclass(frozen=True, kw_only=True)
class _Line:
    """The milestones of the call itself. `join` is the first one before the end."""

    ringing: AttemptEvent | None
    answer: AttemptEvent | None
    verdict: AttemptEvent | None
    clock_start: AttemptEvent | None  # from when the person waits
    join: AttemptEvent | None
    message: AttemptEvent | None
    cancelled: bool  # we asked to hang it up, before its end
    end: AttemptEvent | None
    network: Network | None
    answered: bool

    @classmethod
    def of(cls, log: Sequence[AttemptEvent], settings: CampaignSettings) -> _Line:
        living = _until_end(log)
        end = living[-1] if living and _is_end(living[-1]) else None
        answer = _first(log, EventKind.ANSWERED)
        verdict = _first(living, EventKind.SCREENED)
        join = _first(living, EventKind.JOINED)
        message = _first(log, EventKind.SAFE_HARBOUR)
        said = _network_at(end)
        answered = said is Network.ANSWERED or any(e is not None for e in (answer, join, message))
        return cls(
            ringing=_first(log, EventKind.RINGING),
            answer=answer,
            verdict=verdict,
            clock_start=verdict if settings.clock_from.detects and _can_be_counted_from(verdict) else answer,
            join=join,
            message=message,
            cancelled=_first(living, EventKind.CANCEL_ASKED) is not None,
            end=end,
            # Once answered it stays answered: what happened to the link later is told by the detail.
            network=Network.ANSWERED if end and answered else said,
            answered=answered,
        )

    @property
    def machine(self) -> bool:
        """Whether the detector took it for a machine, so that the exchange hung it up."""
        return _text(self.verdict, "detector") in (AnsweredBy.MACHINE, AnsweredBy.FAX)

    @property
    def screened_to_the_end(self) -> bool:
        """Whether it was still listened to when it ended."""
        asked = self.answer is not None and dict(self.answer.data).get("screening") is True
        return asked and self.verdict is None


def _can_be_counted_from(verdict: AttemptEvent | None) -> bool:
    return verdict is not None and dict(verdict.data).get("late") is not True


def _is_end(event: AttemptEvent) -> bool:
    if event.kind is EventKind.RECOVERED:
        return _text(event, "outcome") != ADOPTED
    return event.kind in (EventKind.ENDED, EventKind.REFUSED)


def _until_end(log: Sequence[AttemptEvent]) -> Sequence[AttemptEvent]:
    """The log up to and with the first end; all of it while the call is live."""
    for index, event in enumerate(log):
        if _is_end(event):
            return log[: index + 1]
    return log


def _network_at(end: AttemptEvent | None) -> Network | None:
    if end is None:
        return None
    if end.kind is EventKind.REFUSED:
        return Network.NOT_ATTEMPTED
    if end.kind is EventKind.RECOVERED:
        return Network.UNKNOWN
    try:
        return Network(_text(end, "network"))
    except ValueError:
        return Network.UNKNOWN  # a word we do not know counts, rather than being lost


def _routing(line: _Line, settings: CampaignSettings) -> Routing:
    """Where an answered call went. When in doubt it is abandoned: the count may be too high, never too low."""
    if not line.answered:
        return Routing.NOT_ROUTED
    if line.join is not None:
        return _routing_of_joined(line, line.join, settings)
    if line.message is not None:
        return Routing.ABANDONED_NO_AGENT
    if line.end is None or line.machine:
        return Routing.NOT_ROUTED  # still waiting, or nobody to be routed
    if line.cancelled:
        return Routing.ABANDONED_SYSTEM  # the answer crossed our hang-up: he met nobody, whoever hung up first
    waited_ms = _between_ms(line.clock_start, line.end)
    if _text(line.end, "ended_by") != FAR_END or waited_ms is None:
        return Routing.ABANDONED_SYSTEM
    limit_ms = LONGEST_SCREENING_MS if line.screened_to_the_end else settings.connect_within_ms
    early = waited_ms <= limit_ms
    return Routing.HUNG_UP_EARLY if early else Routing.ABANDONED_NO_AGENT


def _routing_of_joined(line: _Line, join: AttemptEvent, settings: CampaignSettings) -> Routing:
    delay_ms = _between_ms(line.clock_start, join)
    if line.message is not None and _signed_ms(line.message, join) >= 0:
        return Routing.ABANDONED_NO_AGENT
    if delay_ms is None:
        return Routing.ABANDONED_SYSTEM  # joined, but nobody can show that it was in time
    return Routing.AGENT if delay_ms <= settings.connect_within_ms else Routing.ABANDONED_NO_AGENT


def _added_up(log: Sequence[AttemptEvent], begins: EventKind, stops: EventKind) -> int:
    """All stretches from an event to the other kind or the end. The last part of a live call is in none.

    Talk is from each join to the agent's loss, hold from the loss to the next join.
    """
    total, since = 0, None
    for event in _until_end(log):
        if event.kind is begins and since is None:
            since = event
        elif since is not None and (event.kind is stops or _is_end(event)):
            total += _between_ms(since, event) or 0
            since = None
    return total


def _answered_by(
    log: Sequence[AttemptEvent], settings: CampaignSettings, *, answered: bool
) -> tuple[AnsweredBy | None, AnsweredBySource | None]:
    """Who picked up: the agent's word wins, the detector's comes next, and without either it is UNKNOWN."""
    disposition = settings.disposition(_text(_last(log, EventKind.DISPOSED), "disposition"))
    if not answered:
        return None, None
    if disposition is not None:
        return disposition.answered_by, AnsweredBySource.AGENT
    detected = _detector(log)
    if detected is not None:
        return detected, AnsweredBySource.DETECTOR
    return AnsweredBy.UNKNOWN, None


def _detector(log: Sequence[AttemptEvent]) -> AnsweredBy | None:
    said = next((word for e in log if (word := _text(e, "detector"))), "")
    return AnsweredBy(said) if said in AnsweredBy.__members__ else None


def _script_of(log: Sequence[AttemptEvent]) -> tuple[ScriptOutcome, tuple[ScriptVisit, ...], str]:
    """Outcome, visits and the step it ended at. An end once reached stays reached."""
    visits: list[ScriptVisit] = []
    ends: list[str] = []
    left = ""
    for event in log:
        step = _text(event, "step")
        if event.kind is EventKind.LEFT_SCRIPT:
            left = step
        elif event.kind is EventKind.STEP:
            left = ""
            _visit(visits, event, step)
            if dict(event.data).get("end") is True:
                ends.append(step)
    if ends:
        return ScriptOutcome.COMPLETED, tuple(visits), ends[-1]
    if left:
        return ScriptOutcome.LEFT, tuple(visits), left
    if visits:
        return ScriptOutcome.STARTED, tuple(visits), visits[-1].step
    return ScriptOutcome.NOT_STARTED, (), ""


def _visit(visits: list[ScriptVisit], event: AttemptEvent, step: str) -> None:
    answers = {key.removeprefix("answer."): str(value) for key, value in event.data if key.startswith("answer.")}
    if visits and visits[-1].step == step:
        answers = dict(visits[-1].answers) | answers
        visits[-1] = ScriptVisit(step=step, at=visits[-1].at, answers=tuple(answers.items()))
    else:
        visits.append(ScriptVisit(step=step, at=event.at, answers=tuple(answers.items())))


def _first(log: Sequence[AttemptEvent], kind: EventKind) -> AttemptEvent | None:
    return next((e for e in log if e.kind is kind), None)


def _last(log: Sequence[AttemptEvent], kind: EventKind) -> AttemptEvent | None:
    return next((e for e in reversed(log) if e.kind is kind), None)


def _at(event: AttemptEvent | None) -> datetime | None:
    return event.at if event is not None else None


def _text(event: AttemptEvent | None, key: str) -> str:
    if event is None:
        return ""
    if key == "detail" and event.kind is EventKind.RECOVERED:
        return _LOST_DETAIL.get(_text(event, "outcome"), "LINK_LOST")
    value = dict(event.data).get(key)
    return value if isinstance(value, str) else ""


def _whole(event: AttemptEvent | None, key: str) -> int | None:
    value = dict(event.data).get(key) if event is not None else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _between_ms(start: AttemptEvent | None, end: AttemptEvent | None) -> int | None:
    return None if start is None or end is None else max(0, _signed_ms(start, end))


def _signed_ms(start: AttemptEvent, end: AttemptEvent) -> int:
    first, last = dict(start.data), dict(end.data)
    begun, done = first.get("mono_s"), last.get("mono_s")
    if isinstance(begun, int | float) and isinstance(done, int | float) and first.get("run") == last.get("run"):
        return round((done - begun) * 1000)
    return round((end.at - start.at).total_seconds() * 1000)
