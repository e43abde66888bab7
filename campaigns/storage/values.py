"""What does the store hand out beside the words of campaigns.model? Frozen values, one per stored thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from campaigns.metrics.abandonment import AbandonmentCount
from campaigns.model import AgentState, Attempt, CampaignState, CloseReason, Lead, LeadState


class CallbackStatus(StrEnum):
    """Where a promised call stands. A missed one stays PENDING until somebody settles it."""

    PENDING = "pending"
    KEPT = "kept"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """What an import stored. `batch_id` is none when the same file was on the list already: nothing was added."""

    batch_id: int | None
    list_id: int
    added: int
    repeated: int
    same_file_as: int | None = None


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What became of do-not-call entries. `known`: listed already. `voided`: requests to take one off that ended."""

    added: int
    known: int
    voided: int


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One imported file."""

    id: int
    list_id: int
    source: str
    sha256: str
    actor: str
    imported_at: datetime
    added: int
    repeated: int
    undone_at: datetime | None
    undone_by: str


@dataclass(frozen=True, kw_only=True)
class LeadList:
    """A named list of persons."""

    id: int
    name: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True, kw_only=True)
class ListSummary:
    """A list in figures. `suppressed` are persons none of whose numbers may be called by anybody."""

    list: LeadList
    leads: int
    numbers: int
    suppressed: int
    campaigns: tuple[int, ...]
    batches: tuple[Batch, ...]


@dataclass(frozen=True, kw_only=True)
class FoundLead:
    """A lead that a search found, with the lists he stands on."""

    lead: Lead
    lists: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A campaign as it stands. The numbers name the versions in force.

    `window_id`: the campaign whose abandonment window it shares, which for all but clones is itself. It never changes.
    """

    id: int
    name: str
    state: CampaignState
    settings_version: int
    disposition_set: int
    created_at: datetime
    created_by: str
    window_id: int


@dataclass(frozen=True, kw_only=True)
class SettingsVersion:
    """Who saved which version of a campaign's settings, and under which name the campaign ran then."""

    campaign_id: int
    version: int
    name: str
    disposition_set: int
    actor: str
    saved_at: datetime


@dataclass(frozen=True, kw_only=True)
class StateCount:
    """How many leads of a campaign stand in one state."""

    state: LeadState
    close_reason: CloseReason | None
    list_id: int
    leads: int


@dataclass(frozen=True, kw_only=True)
class HeldLead:
    """A lead that was judged and not dialled, with the reason and when he is asked again."""

    person_id: int
    number: str
    state: LeadState
    hold_code: str
    hold_reason: str
    ask_again_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Held:
    """A candidate that the claim looked at and did not take."""

    person_id: int
    number: str
    code: str
    reason: str
    ask_again_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class LeadHistory:
    """What the claim of a lead knew of him: this campaign's calls to him so far, and the number now called."""

    attempts: int
    answered_before: bool  # an agent spoke with him
    kind: str  # as libphonenumber names it
    zone: str  # the first one he may be in; empty when none is known


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """What a claim has durably written: attempts to be dialled now, and who was held and why.

    `owners` and `histories` belong to `intents`, one for one; an owner is the agent who promised that callback.
    """

    intents: tuple[Attempt, ...] = ()
    owners: tuple[int | None, ...] = ()
    histories: tuple[LeadHistory, ...] = ()
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DayCounters:
    """Figures of one campaign and report date, as numerators and denominators of campaigns.metrics."""

    campaign_id: int
    report_date: date
    attempts: int
    answered: int
    human: int
    abandoned: int
    joined_human: int
    joined_unknown: int
    hung_up_early: int
    unknown: int
    heard_machine: int

    @property
    def abandonment(self) -> AbandonmentCount:
        """Its part of the abandonment figure and budget."""
        return AbandonmentCount(
            abandoned=self.abandoned,
            joined_human=self.joined_human,
            joined_unknown=self.joined_unknown,
            hung_up_early=self.hung_up_early,
            unknown=self.unknown,
            heard_machine=self.heard_machine,
        )


@dataclass(frozen=True, kw_only=True)
class Agent:
    """An agent. `number` has four digits; the secret is kept elsewhere and only named here."""

    id: int
    number: str
    name: str
    sip_secret_ref: str
    pin_hash: str
    active: bool
    created_at: datetime

    def __repr__(self) -> str:
        return f"Agent(id={self.id}, number={self.number!r}, name={self.name!r})"


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of an agent's time in one state; `ended_at` is none for the running one."""

    id: int
    agent_id: int
    campaign_id: int | None
    state: AgentState
    pause_code: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Trunk:
    """A way out to the telephone network. A practice trunk leads to a loopback address and nowhere else."""

    id: int
    name: str
    exchange: str
    host: str
    port: int
    caller_id: str
    practice: bool
    rule_profile: str
    max_calls: int
    attempts_per_second: float
    suspended_reason: str = ""
    suspended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Callback:
    """A call promised to a person for an instant, by whom, and what became of it."""

    id: int
    campaign_id: int
    person_id: int
    at: datetime
    owner_agent_id: int | None
    note: str
    status: CallbackStatus
    attempt_id: str | None
    kept_by_attempt_id: str | None
    made_at: datetime
    made_by: str
    settled_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class StoredScript:
    """One version of a script with its text as it was imported."""

    name: str
    version: int
    body: str
    sha256: str
    actor: str
    saved_at: datetime


@dataclass(frozen=True, kw_only=True)
class ExportRun:
    """One nightly export that was made."""

    campaign_id: int
    kind: str
    report_date: date
    path: str
    sha256: str
    rows: int
    made_at: datetime
    late: bool


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command somebody gave, and what it was answered. `account`: the operating system's, as was known."""

    id: str
    name: str
    actor: str
    reason: str
    at: datetime
    answer: object
    account: str = ""


@dataclass(frozen=True, kw_only=True)
class DecisionMinute:
    """What pacing decided for one campaign in one minute (aware UTC), as plain JSON that the dialer reads."""

    campaign_id: int
    minute: datetime
    body: object
