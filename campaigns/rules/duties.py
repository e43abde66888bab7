"""What does a profile demand beside hours and numbers: attempts, rests, abandonment, consent, records?

Plain frozen values. Which of them the dialer enforces today, and which are recorded only, is told by
`campaigns.rules.enforced`; nothing here is in force merely because it is written down.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

ABANDONED, REFUSAL, CONVERSATION, MACHINE = "abandoned", "refusal", "conversation", "machine"
ATTEMPTS, RINGING_OR_CONNECTED, CONNECTED, CONVERSATIONS = COUNTS = (
    *("attempts", "ringing_or_connected"),
    *("connected", "conversations"),
)
GUARANTEED_AGENT = "guaranteed_agent"
NUMBER, PERSON = "number", "person"
INTERNAL = "internal"  # the house's own list, which a gate of its own asks before every call
HOURS, CALENDAR_DAYS = "hours", "calendar_days"
PURPOSES = ("sales", "debts", "research", "charity", "information")
SALES = PURPOSES[0]
LONGEST_WINDOW = timedelta(days=31)  # calls before that are not looked up
LONGEST_REST = timedelta(days=366)  # nor outcomes before that


def taken_for_sales(purpose: str) -> bool:
    """Whether calls of this purpose sell, as far as anybody can tell: a word that is none of ours may mean it."""
    return purpose == SALES or purpose not in PURPOSES


@dataclass(frozen=True, kw_only=True)
class AttemptLimit:
    """At most `most` calls in any `window` (rolling). `scope`: whose calls add up; `counts`: which of them.

    Attempts: all that were sent. Ringing or connected: without those that plainly never reached the number dialled,
    such as a busy line (12 CFR 1006.14(b)(3)(iii) and its comment). Connected: those that were answered, by a machine
    too. Conversations: those in which an agent and the person spoke.
    """

    most: int
    window: timedelta
    scope: str
    counts: str = ATTEMPTS


@dataclass(frozen=True, kw_only=True)
class Cooldown:
    """No call for `rest` after such an outcome. `scope`: to whom; `unless`: what lifts it, or empty.

    `counted` in hours: exact lengths of time from the call's end. In calendar days: the local day of the call is the
    first, and calls are legal again when the last is over in every zone in which the person may be.
    """

    after: str
    rest: timedelta
    scope: str
    unless: str = ""
    counted: str = HOURS


@dataclass(frozen=True, kw_only=True)
class Abandonment:
    """At most the share `cap` (0..1) of calls answered by a person may be abandoned in each `window`.

    A call is abandoned when nobody is joined within `connect_within_ms` (0: the law names no limit).
    """

    cap: float
    window: str
    connect_within_ms: int = 0


@dataclass(frozen=True, kw_only=True)
class Consent:
    """The consent that must be there and provable before a call, and how old it may be; None: no limit."""

    needed: str
    max_age: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class CallerIdRule:
    """What the number shown must be. `prefixes`: it begins with one of these national prefixes, if any are named."""

    shown: bool = True
    called_back: bool = False
    right_to_use: bool = False
    not_kinds: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AbandonMessage:
    """The message an abandoned call must play, how soon (ms), and what it must say."""

    within_ms: int
    says: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DoNotCallSource:
    """A list that must be asked, in a version of at most this age; 0: always the present one.

    `purposes`: for which calls, empty for any. `consent_lifts`: the consent on record with which it need not be asked,
    empty for none. `covers`: of the house's own list, whether an entry bars the number alone or all of the person.
    """

    list_id: str
    max_age_days: int
    purposes: tuple[str, ...] = ()
    consent_lifts: str = ""
    covers: str = NUMBER


@dataclass(frozen=True, kw_only=True)
class Duties:
    """All of them. Several profiles together: every limit of each holds, the longest ring and keeping."""

    attempts: tuple[AttemptLimit, ...] = ()
    cooldowns: tuple[Cooldown, ...] = ()
    abandonment: tuple[Abandonment, ...] = ()
    consents: tuple[Consent, ...] = ()
    caller_ids: tuple[CallerIdRule, ...] = ()
    messages: tuple[AbandonMessage, ...] = ()
    do_not_call: tuple[DoNotCallSource, ...] = ()
    ring_at_least_s: int = 0
    identify_within_s: int = 0  # 0: no limit; the smaller limit is the stricter one
    hang_up_within_s: int = 0
    keep_records: timedelta = timedelta(0)
    keep_recordings: timedelta = timedelta(0)

    @property
    def abandon_cap(self) -> float | None:
        """The smallest cap, or None when no profile names one."""
        return min((each.cap for each in self.abandonment), default=None)

    @property
    def whole_person_barred(self) -> bool:
        """Whether who asked by one number not to be called is not called by any other of his either."""
        return any(each.list_id == INTERNAL and each.covers == PERSON for each in self.do_not_call)

    @property
    def connect_within_ms(self) -> int | None:
        """The shortest limit for joining an agent, or None when no profile names one."""
        return min((each.connect_within_ms for each in self.abandonment if each.connect_within_ms), default=None)


_LIMITS = ("identify_within_s", "hang_up_within_s")


def both_duties(one: Duties, other: Duties) -> Duties:
    """What both demand, as one; the order of the two changes nothing."""
    merged = {field.name: _merged(field.name, one, other) for field in fields(Duties)}
    return Duties(**merged)  # type: ignore[arg-type]


def _merged(name: str, one: Duties, other: Duties) -> object:
    mine, yours = getattr(one, name), getattr(other, name)
    if isinstance(mine, tuple):
        return tuple(sorted({*mine, *yours}, key=repr))
    if name in _LIMITS:
        return min(filter(None, (mine, yours)), default=0)
    return max(mine, yours)
