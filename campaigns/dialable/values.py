"""What is asked of a lead before he is called, and what is answered: values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from campaigns.consent import Consent
from campaigns.dialable.caller_id import ShownNumber
from campaigns.emergency import Emergency
from campaigns.hours import RuleProfile
from campaigns.model import CampaignState, ContactPoint, DiallingState, Suppression
from campaigns.number_answers import NumberAnswer
from campaigns.override import Override
from campaigns.place import NO_ADDRESS, Address, Whereabouts, whereabouts
from campaigns.rules import LONGEST_REST, LONGEST_WINDOW, ListsAsked, PastCall
from campaigns.settings import CampaignSettings

if TYPE_CHECKING:
    from campaigns.registry import RegistryVerdict

ATTEMPT_WINDOW = timedelta(hours=24)
PAST_WINDOW = LONGEST_WINDOW  # no profile's rolling window is longer
OUTCOME_WINDOW = LONGEST_REST + timedelta(days=2)  # no rest is longer, counted from the end of a call


class GateCode(StrEnum):
    """The gates in the order in which they are asked."""

    CAMPAIGN_STATE = "CAMPAIGN_STATE"
    PRACTICE = "PRACTICE"
    NUMBER = "NUMBER"
    LEAD_STATE = "LEAD_STATE"
    DO_NOT_CALL = "DO_NOT_CALL"
    REGISTRY = "REGISTRY"
    REGISTRY_KNOWN = "REGISTRY_KNOWN"
    CONSENT = "CONSENT"
    REASSIGNED = "REASSIGNED"
    CALLER_ID = "CALLER_ID"
    ATTEMPTS = "ATTEMPTS"
    PREVIEW = "PREVIEW"
    RETRY_TIME = "RETRY_TIME"
    CALLING_HOURS = "CALLING_HOURS"
    LIVE_CALL = "LIVE_CALL"

    @property
    def words(self) -> str:
        """What it means that this gate is shut: what `dialer why` says of one lead, without times, for many."""
        return _SHUT[self]


_SHUT = {
    GateCode.CAMPAIGN_STATE: "the campaign is not running",
    GateCode.PRACTICE: "practice and real numbers are kept apart",
    GateCode.NUMBER: "numbers of this kind or region are not dialled",
    GateCode.LEAD_STATE: "the lead is closed",
    GateCode.DO_NOT_CALL: "on do-not-call",
    GateCode.REGISTRY: "a national registry lists it",
    GateCode.REGISTRY_KNOWN: "no registry that may be relied on knows it",
    GateCode.CONSENT: "consent is missing, too old or revoked",
    GateCode.REASSIGNED: "the number may be somebody else's by now",
    GateCode.CALLER_ID: "the caller ID may not be shown there",
    GateCode.ATTEMPTS: "called as often as is allowed, or left alone after an earlier call",
    GateCode.PREVIEW: "on an agent's desk, or skipped there",
    GateCode.RETRY_TIME: "waits for its next try or the callback asked for",
    GateCode.CALLING_HOURS: "outside calling hours, in an emergency, or place unclear",
    GateCode.LIVE_CALL: "a call on this number is running",
}


@dataclass(frozen=True, kw_only=True)
class Trunk:
    """What the rules must know of a trunk. `loopback`: its address is in 127.0.0.0/8 or ::1."""

    name: str
    practice: bool
    loopback: bool


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A version of a rule profile that a person has read and confirmed: who, as what, and on which day."""

    profile: str
    version: int
    by: str
    on: date


class RegistryLists(Protocol):
    """The national registries that are kept here."""

    def ask(self, number: str, now: datetime, asked: ListsAsked) -> RegistryVerdict:
        """What the generations in force at this moment say of a number in E.164, and whether all that is asked for
        can be known."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a candidate is judged by: one version of the settings, the trunk and the rule profile in force.

    The profiles of the places where a candidate may be are added to it for him. `registries` are asked anew for
    every candidate; None when this installation keeps none. `overrides` are the campaign's, in force or not.
    `caller_id` is what calls show; None leaves its gate out of account (whoever dials always says it: `dialer.rules`).
    `emergencies`: all that were ever declared. `verified`: who confirmed which profiles.
    """

    settings: CampaignSettings
    trunk: Trunk
    profile: RuleProfile
    registries: RegistryLists | None = None
    overrides: tuple[Override, ...] = ()
    caller_id: ShownNumber | None = None
    emergencies: tuple[Emergency, ...] = ()
    verified: tuple[Verified, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A lead and one number of his, with all that the gates ask, as values.

    `suppressions`: every do-not-call entry for the number. `attempted_at`: when the number was called in the
    last 24 h by anybody, attempts that count for legal limits. `live_call`: a call on the number runs now. `consents`:
    every consent on record for the number; `answers`: every answer about it alone. None in one of these five means
    that it could not be looked up: the gate is shut.
    `past_calls`: the calls to the number, by anybody, and to the same person by other numbers, in the last 31 days,
    those of the last 24 h among them or not, and those of the last year whose outcome somebody may have to rest after.
    `same_person`: ids of other leads who are the same person. `live_elsewhere`: a call to him by another number runs.
    `suppressions_elsewhere`: do-not-call entries for other numbers of the same person; None as above.
    `debt`: the reference of what he owes, as the list has it, or empty.
    `campaign_state` None leaves the campaign's gate out (the dialer asks running campaigns only).
    `lead_zone` is the zone written on the list, or empty; `address` where he lives, as the list has it.
    """

    contact_point: ContactPoint
    state: DiallingState
    suppressions: tuple[Suppression, ...] | None
    attempted_at: tuple[datetime, ...] | None
    live_call: bool | None
    lead_zone: str = ""
    address: Address = NO_ADDRESS
    campaign_state: CampaignState | None = None
    past_calls: tuple[PastCall, ...] = ()
    consents: tuple[Consent, ...] | None = ()
    answers: tuple[NumberAnswer, ...] | None = ()
    same_person: frozenset[int] = frozenset()
    live_elsewhere: bool = False
    suppressions_elsewhere: tuple[Suppression, ...] | None = ()
    debt: str = ""

    @property
    def whereabouts(self) -> Whereabouts:
        """Every place where he may be, and from what each was concluded."""
        point = self.contact_point
        return whereabouts(
            number=point.number,
            kind=point.kind,
            region=point.region,
            zones=point.zones,
            listed_zone=self.lead_zone,
            address=self.address,
        )

    @property
    def zones(self) -> tuple[str, ...]:
        """Every zone in which it must be legal: all the number may be in, the lead's own, and his address's."""
        return self.whereabouts.zones

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region whose rules must allow it, as `campaigns.rules.rules_of_places` takes them; never empty."""
        return self.whereabouts.regions


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One question and its answer. `passes_at`: when a shut gate may open by itself; None: never by itself.

    `consents` and `answers`: those on whose word it is open; `overrides`: those without which it would be shut.
    """

    code: GateCode
    passed: bool
    reason: str
    passes_at: datetime | None = None
    consents: tuple[Consent, ...] = ()
    overrides: tuple[Override, ...] = ()
    answers: tuple[NumberAnswer, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Basis:
    """By what a candidate was judged, for its receipt. `registry` is what all lists said; None: none was asked.

    `hours`: the profile whose windows were asked; another one than `profile` where an override opened them.
    `verified`: who confirmed the profiles that `profile` is made of, as far as anybody did.
    """

    profile: RuleProfile
    hours: RuleProfile
    trunk: str
    caller_id: str
    registry: RegistryVerdict | None
    verified: tuple[Verified, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """All gates, asked in order. `hold` is the first that is shut.

    `ask_again_at` is the first instant at which all shut gates may be open and calling is legal; None when
    dialable now, or when a shut gate never opens by itself. `basis` is None only where nothing was judged.
    """

    dialable: bool
    gates: tuple[Gate, ...]
    hold: Gate | None
    ask_again_at: datetime | None
    basis: Basis | None = None

    @property
    def reason(self) -> str:
        """One sentence for screens and the log of holds."""
        return "dialable now" if self.hold is None else f"{self.hold.code}: {self.hold.reason}"
