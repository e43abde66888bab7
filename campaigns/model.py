"""What are the words of a campaign? Enums that carry their meaning, and the frozen values made of them.

Five facts are kept per attempt (network, answered by, routing, script, disposition) and one dialling
state per campaign and person; nothing else is ever called a status.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Network(StrEnum):
    """First fact: what the network did."""

    ANSWERED = "ANSWERED"
    BUSY = "BUSY"
    NO_ANSWER = "NO_ANSWER"
    NO_PROGRESS = "NO_PROGRESS"
    CONGESTION = "CONGESTION"
    INVALID_NUMBER = "INVALID_NUMBER"
    REJECTED = "REJECTED"
    UNAVAILABLE = "UNAVAILABLE"
    CANCELLED = "CANCELLED"
    TECHNICAL = "TECHNICAL"
    NOT_ATTEMPTED = "NOT_ATTEMPTED"
    UNKNOWN = "UNKNOWN"

    @property
    def counts_for_limits(self) -> bool:
        """Whether the attempt counts for legal limits: all but NOT_ATTEMPTED; when in doubt it counts."""
        return self is not Network.NOT_ATTEMPTED

    @property
    def uses_up_a_retry(self) -> bool:
        """Whether the lead has one try less: not when the fault was ours or the network's."""
        return self not in (Network.TECHNICAL, Network.CONGESTION, Network.NO_PROGRESS, Network.NOT_ATTEMPTED)


class AnsweredBy(StrEnum):
    """Second fact: who or what picked up."""

    HUMAN = "HUMAN"
    MACHINE = "MACHINE"
    FAX = "FAX"
    UNKNOWN = "UNKNOWN"


class AnsweredBySource(StrEnum):
    """Who said so; the agent's word wins and the detector's is kept beside it."""

    DETECTOR = "DETECTOR"
    AGENT = "AGENT"


class Routing(StrEnum):
    """Third fact: where an answered call went."""

    AGENT = "AGENT"
    ABANDONED_NO_AGENT = "ABANDONED_NO_AGENT"
    ABANDONED_SYSTEM = "ABANDONED_SYSTEM"
    HUNG_UP_EARLY = "HUNG_UP_EARLY"
    MESSAGE = "MESSAGE"
    NOT_ROUTED = "NOT_ROUTED"

    @property
    def abandoned(self) -> bool:
        return self in (Routing.ABANDONED_NO_AGENT, Routing.ABANDONED_SYSTEM)


class ScriptOutcome(StrEnum):
    """Fourth fact: how far the script went."""

    NOT_STARTED = "NOT_STARTED"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    LEFT = "LEFT"  # with permission, at a step that allows it, with a reason


@dataclass(frozen=True, kw_only=True)
class Disposition:
    """Fifth fact: the agent's word, with the flags every figure is made of.

    Consistent by construction (ValueError otherwise): a sale is final, a contact and with a human;
    do_not_call is final; a refusal is a contact; a callback is not final.
    """

    code: str
    label: str
    key: str = ""
    final: bool = False
    contact: bool = False
    right_party: bool = False
    sale: bool = False
    refusal: bool = False
    callback: bool = False
    do_not_call: bool = False
    wrong_number: bool = False
    answered_by: AnsweredBy = AnsweredBy.HUMAN

    def __post_init__(self) -> None:
        human = self.answered_by is AnsweredBy.HUMAN
        faults = [
            words
            for broken, words in (
                (self.sale and not (self.final and self.contact and human), "a sale must be final, contact and human"),
                (self.do_not_call and not self.final, "do_not_call must be final"),
                (self.refusal and not self.contact, "a refusal must be a contact"),
                (self.callback and self.final, "a callback cannot be final"),
                (self.sale and self.refusal, "a sale cannot be a refusal"),
                (self.key != "" and (len(self.key) != 1 or self.key not in "0123456789*#"), "key must be one of 0-9*#"),
            )
            if broken
        ]
        if faults:
            raise ValueError(f"Disposition {self.code!r}: {'; '.join(faults)}.")


STANDARD_DISPOSITIONS: tuple[Disposition, ...] = (
    Disposition(code="sale", label="Sale", key="1", final=True, contact=True, right_party=True, sale=True),
    Disposition(code="refused", label="Refused", key="2", final=True, contact=True, right_party=True, refusal=True),
    Disposition(code="callback", label="Callback", key="3", contact=True, right_party=True, callback=True),
    Disposition(code="wrong_number", label="Wrong number", key="4", final=True, wrong_number=True),
    Disposition(
        code="do_not_call",
        label="Do not call",
        key="5",
        final=True,
        contact=True,
        right_party=True,
        refusal=True,
        do_not_call=True,
    ),
    Disposition(code="not_available", label="Person not available", key="6", contact=False),
    Disposition(code="machine", label="Answering machine", key="7", answered_by=AnsweredBy.MACHINE),
    Disposition(code="no_decision", label="Spoke, no decision", key="8", contact=True, right_party=True),
)


class LeadState(StrEnum):
    """The dialling state of one person in one campaign."""

    NEW = "NEW"
    IN_PROGRESS = "IN_PROGRESS"
    RETRY = "RETRY"
    CALLBACK = "CALLBACK"
    CLOSED = "CLOSED"


class CloseReason(StrEnum):
    """Why a lead is closed. Only the first four count as *closed by calling*."""

    SALE = "sale"
    REFUSED = "refused"
    BAD_NUMBER = "bad_number"
    EXHAUSTED = "exhausted"
    SUPPRESSED = "suppressed"
    INELIGIBLE = "ineligible"

    @property
    def closed_by_calling(self) -> bool:
        return self not in (CloseReason.SUPPRESSED, CloseReason.INELIGIBLE)


class CampaignState(StrEnum):
    """What a campaign does now; see campaigns.lifecycle for the moves."""

    DRAFT = "DRAFT"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"


class AgentState(StrEnum):
    """What an agent does now; the ledger has no gaps between them."""

    LOGGED_OUT = "LOGGED_OUT"
    RINGING = "RINGING"  # his phone rings for log-in
    READY = "READY"
    TALK = "TALK"
    HOLD = "HOLD"
    WRAP_UP = "WRAP_UP"
    PREVIEW = "PREVIEW"
    PAUSE = "PAUSE"
    SYSTEM = "SYSTEM"  # logged in, but the system cannot serve him: phone or exchange lost

    @property
    def logged_in(self) -> bool:
        return self is not AgentState.LOGGED_OUT


class DialMode(StrEnum):
    """How a campaign's calls are started. `DialMode("ratio")`, the former name of POWER, is read as POWER."""

    MANUAL = "manual"  # an agent asks for the next lead and it is dialled
    PREVIEW = "preview"  # a lead comes to a ready agent by itself; he sees it first, then dials or skips it
    PROGRESSIVE = "progressive"  # one call for each ready agent
    POWER = "power"  # a fixed ratio of calls for each ready agent
    PREDICTIVE = "predictive"  # as many calls as the target abandonment allows

    @classmethod
    def _missing_(cls, value: object) -> DialMode | None:
        return cls.POWER if value == "ratio" else None

    @property
    def by_hand(self) -> bool:
        """Whether every call is an agent's own and waits for him: nobody can be abandoned for want of an agent."""
        return self in (DialMode.MANUAL, DialMode.PREVIEW)

    @property
    def may_abandon(self) -> bool:
        """Whether there may be more calls than agents, so that a customer may meet nobody."""
        return self in (DialMode.POWER, DialMode.PREDICTIVE)


class PreviewThen(StrEnum):
    """What happens to a lead on an agent's desk when the time for looking at it is over."""

    DIAL = "dial"
    SKIP = "skip"


class ClockFrom(StrEnum):
    """Where the connect limit begins: at the customer's answer, or when detection has heard his greeting."""

    ANSWER = "answer"
    GREETING = "greeting"

    @property
    def detects(self) -> bool:
        """Whether answering machine detection is on."""
        return self is ClockFrom.GREETING


class Scope(StrEnum):
    """How far a do-not-call entry reaches."""

    EVERYTHING = "everything"
    SELLER = "seller"
    CAMPAIGN = "campaign"


def same_seller(one: str, other: str) -> bool:
    """Whether a do-not-call entry for one is for the other: capitals and blanks make no other seller of him."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """A do-not-call entry: in force from the commit on, never overwritten by a disposition.

    `number`: E.164, or the beginning of such numbers with a star (`+4930*`): then it bars all that begin so.
    `value` is the seller's or the campaign's name for those scopes, else empty. Instants are aware UTC.
    """

    number: str
    scope: Scope = Scope.EVERYTHING
    value: str = ""
    reason: str
    source: str  # desk, keypad, manager, file name, ...
    actor: str
    added_at: datetime
    attempt_id: str | None = None
    removed_at: datetime | None = None
    removed_by: str = ""
    removed_reason: str = ""
    id: int | None = None

    def bars(self, number: str) -> bool:
        """Whether this E.164 number is its number, or one of its pattern."""
        return number == self.number or (self.number.endswith("*") and number.startswith(self.number[:-1]))

    def reaches(self, *, seller: str, campaign: str) -> bool:
        """Whether it forbids a call for this seller and campaign."""
        if self.removed_at is not None:
            return False
        if self.scope is Scope.SELLER:
            return same_seller(self.value, seller)
        if self.scope is Scope.CAMPAIGN:
            return self.value == campaign
        return True


@dataclass(frozen=True, kw_only=True)
class ContactPoint:
    """One number of a person: E.164, kind as libphonenumber names it, every zone it may be in."""

    id: int
    number: str
    kind: str
    region: str
    zones: tuple[str, ...]
    practice: bool
    extension: str = ""

    @property
    def shown(self) -> str:
        """The number as people write it, with its extension when it has one: `+12125550123 ext. 45`."""
        return f"{self.number} ext. {self.extension}" if self.extension else self.number


@dataclass(frozen=True, kw_only=True)
class Lead:
    """A person on a list, as the agent's lead card shows him. `custom` keeps the file's other columns in order.

    `person_key`: leads with the same one are the same person. `debt`: the reference of what he owes, as written.
    """

    person_id: int
    first_name: str = ""
    last_name: str = ""
    display_name: str = ""
    external_id: str = ""
    timezone: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    email: str = ""
    language: str = ""
    note: str = ""
    person_key: str = ""
    debt: str = ""
    custom: tuple[tuple[str, str], ...] = ()
    contact_points: tuple[ContactPoint, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DiallingState:
    """Where one person stands in one campaign. `ask_again_at` is when the index shows him again."""

    campaign_id: int
    person_id: int
    list_id: int
    state: LeadState
    close_reason: CloseReason | None = None
    ask_again_at: datetime | None = None
    owner_agent_id: int | None = None
    contact_point_id: int | None = None  # the next one to be called
    tries: int = 0  # attempts that used up a retry
    attempts: int = 0  # every attempt sent to a trunk
    hold_code: str = ""
    hold_reason: str = ""


class PreviewEnd(StrEnum):
    """What became of a lead on an agent's desk."""

    DIALLED = "dialled"
    SKIPPED = "skipped"
    RELEASED = "released"  # the agent left it, or the campaign stopped: the lead waits as before
    HELD = "held"  # it may not be dialled any more


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One lead on one agent's desk: offered when, and what became of it. Nobody else is offered it meanwhile.

    `was_due_at` is when the lead fell due; he waits from then again if he is released. `end` none: it lies there now.
    """

    id: int
    campaign_id: int
    person_id: int
    contact_point_id: int
    number: str
    agent_id: int
    offered_at: datetime
    was_due_at: datetime
    ended_at: datetime | None = None
    end: PreviewEnd | None = None
    by_limit: bool = False  # the time was over, nobody pressed a key
    reason: str = ""
    attempt_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ScriptVisit:
    """One step of a script shown to an agent, with the answers captured there."""

    step: str
    at: datetime
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The five facts of one attempt with their times, folded from its events. Instants aware UTC, lengths in ms."""

    network: Network | None = None  # none while it is live
    network_detail: str = ""
    sip_code: int | None = None
    q850: int | None = None
    ended_by: str = ""
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    ring_ms: int | None = None
    connect_delay_ms: int | None = None
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    answered_by: AnsweredBy | None = None
    answered_by_source: AnsweredBySource | None = None
    detector_said: AnsweredBy | None = None
    routing: Routing = Routing.NOT_ROUTED
    agent_id: int | None = None
    script: ScriptOutcome = ScriptOutcome.NOT_STARTED
    script_steps: tuple[ScriptVisit, ...] = ()
    script_end_step: str = ""
    leave_reason: str = ""
    disposition: str = ""  # code in the attempt's disposition set; empty: none yet
    note: str = ""
    cancel_reason: str = ""  # why we cancelled: dnc, emergency_stop, ...
    opted_out: bool = False  # pressed the opt-out key


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One call sent, or about to be sent, to a trunk. `id` matches [a-z0-9-]{1,64} and is its channel id.

    `extension`: digits sent as tones once an agent is on the call; empty when the number rings the person himself.
    """

    id: str
    campaign_id: int
    person_id: int
    contact_point_id: int
    list_id: int
    number: str
    trunk: str
    settings_version: int
    script_version: int | None
    disposition_set: int
    created_at: datetime  # the intent's commit, before dialling
    report_date: date  # in the campaign's zone
    first_attempt: bool  # the person's first in this campaign
    extension: str = ""
    facts: Facts = Facts()
    closed: bool = False  # facts are complete and the lead has moved on


class EventKind(StrEnum):
    """What may stand in an attempt's append-only log; the facts are a fold of it."""

    INTENT = "intent"
    PLACED = "placed"
    PROGRESS = "progress"
    RINGING = "ringing"
    ANSWERED = "answered"
    SCREENED = "screened"
    JOIN_ASKED = "join_asked"
    JOINED = "joined"
    KEYS_SENT = "keys_sent"
    JOIN_FAILED = "join_failed"
    AGENT_LOST = "agent_lost"
    SAFE_HARBOUR = "safe_harbour"
    OPT_OUT = "opt_out"
    CANCEL_ASKED = "cancel_asked"
    ENDED = "ended"
    STEP = "step"
    LEFT_SCRIPT = "left_script"
    DISPOSED = "disposed"
    NOTE = "note"
    WRAPPED_UP = "wrapped_up"
    REFUSED = "refused"
    RECOVERED = "recovered"


@dataclass(frozen=True, kw_only=True)
class AttemptEvent:
    """One line of an attempt's log. `data` holds plain JSON values."""

    attempt_id: str
    kind: EventKind
    at: datetime
    data: tuple[tuple[str, str | int | float | bool | None], ...] = ()
    seq: int | None = None  # given by the store, rising within the attempt
