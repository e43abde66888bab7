"""What can be set for a campaign? About thirty settings with safe defaults; every fault is told at once.

A version of these settings is never edited in place: each attempt names the version in force.
"""

from __future__ import annotations

import difflib
import typing
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any

from campaigns.consent import SALES, ConsentAsked, ConsentNeed
from campaigns.model import STANDARD_DISPOSITIONS, AnsweredBy, ClockFrom, DialMode, Disposition, PreviewThen
from campaigns.number_answers import ReassignedAsked
from campaigns.settings_faults import BUILT_IN_KEY, BUILT_IN_MESSAGE, LONGEST_TEXT, faults_of

STANDARD_SKIP_REASONS = ("wrong time", "known already", "wrong data", "not a fit")


class SettingsFault(ValueError):
    """Settings cannot be used; `faults` names every one of them. Nothing was stored or dialled."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class CampaignSettings:
    """One version of a campaign's settings. Seconds end in _s, milliseconds in _ms; shares are 0..1."""

    name: str
    seller_name: str = ""
    callback_number: str = ""
    caller_id: str = ""
    zone: str = "America/New_York"
    region: str = "US"
    trunk: str = ""
    rule_profile: str = "us-federal"
    script: str = ""
    purpose: str = SALES  # what people are called for; a consent is for one purpose
    consent: ConsentAsked = ConsentAsked.NONE  # what must be on record before a number is called
    consent_max_age_days: int = 0  # 0: a consent does not age
    reassigned: ReassignedAsked = ReassignedAsked.NONE  # ask the Reassigned Numbers Database before a number is called
    reassigned_max_age_days: int = 30  # how old its answer may be

    mode: DialMode = DialMode.PROGRESSIVE
    ratio: float = 1.0
    abandon_cap: float = 0.03
    max_calls: int = 30
    attempts_per_second: float = 5.0
    max_lines_per_agent: float = 5.0  # calls with nobody yet or in talk, for each agent at work; in every mode
    weight: float = 1.0  # its share of the agents and lines that several campaigns want
    connect_within_ms: int = 2000
    clock_from: ClockFrom = ClockFrom.ANSWER  # where that limit begins; greeting: with answering machine detection
    machine_false_positives: float = 0.0  # what share of the calls detection hung up were persons; 0: no estimate
    machine_false_positives_basis: str = ""  # how that was found: what was listened to, when, by whom
    message_starts_ms: int = 1800
    message: str = BUILT_IN_MESSAGE
    opt_out_key: str = BUILT_IN_KEY

    extension_wait_ms: int = 1500  # from the join until a number's extension is keyed: the voice that answers begins
    ring_timeout_s: int = 22
    talk_limit_s: int = 4 * 3600
    wrap_up_limit_s: int = 60
    preview_limit_s: int = 60
    preview_then: PreviewThen = PreviewThen.DIAL
    preview_skip_rest_s: int = 4 * 3600
    preview_skip_reasons: tuple[str, ...] = STANDARD_SKIP_REASONS  # none: the agent writes his own

    max_tries: int = 6
    max_attempts_per_number_per_day: int = 3
    retry_no_answer_s: int = 4 * 3600
    retry_busy_s: int = 900
    retry_machine_s: int = 6 * 3600
    retry_congestion_s: int = 300
    retry_unavailable_s: int = 2 * 3600
    retry_rejected_s: int = 72 * 3600
    retry_abandoned_s: int = 72 * 3600
    retry_spoken_s: int = 24 * 3600

    aht_low_s: int = 20
    aht_high_s: int = 600
    attempts_per_agent_hour: float = 40.0  # forecast: taken until the campaign has its own
    survey: bool = False  # the refusal report shows the AAPOR rates too
    dispositions: tuple[Disposition, ...] = STANDARD_DISPOSITIONS

    def __post_init__(self) -> None:
        faults = tuple(faults_of(self))
        if faults:
            raise SettingsFault(faults)

    @property
    def detects(self) -> bool:
        """Whether calls need answering machine detection: not where an agent dials himself and hears who answers."""
        return self.clock_from.detects and not self.mode.by_hand

    @property
    def consent_need(self) -> ConsentNeed | None:
        """What must be on record of a number before it is called; None when nothing is asked for."""
        if self.consent is ConsentAsked.NONE:
            return None
        max_age = timedelta(days=self.consent_max_age_days) if self.consent_max_age_days else None
        return ConsentNeed(seller=self.seller_name, purpose=self.purpose, kinds=self.consent.kinds, max_age=max_age)

    def disposition(self, code: str) -> Disposition | None:
        """The disposition with this code, or None."""
        return next((d for d in self.dispositions if d.code == code), None)

    def disposition_for_key(self, key: str) -> Disposition | None:
        """The disposition chosen by this key of the agent's phone, or None."""
        return next((d for d in self.dispositions if d.key == key), None)

    def missing_to_abandon(self) -> tuple[str, ...]:
        """What a mode that may abandon still needs: an abandoned call must be able to name seller and number."""
        needed = ("seller_name", "callback_number", "caller_id", "message")
        return tuple(name for name in needed if not getattr(self, name))


def settings_from(values: Mapping[str, object]) -> CampaignSettings:
    """Settings from a TOML table or JSON object. Raises SettingsFault naming every fault at once.

    Unknown keys are answered with the nearest known one; wrong types say what is expected.
    """
    hints = typing.get_type_hints(CampaignSettings)
    faults = [_unknown_key(key, tuple(hints)) for key in values if key not in hints]
    known: dict[str, Any] = {}
    for field in fields(CampaignSettings):
        if field.name not in values:
            if field.default is MISSING:
                faults.append(f"{field.name} is missing")
            continue
        try:
            known[field.name] = _convert(field.name, values[field.name], hints[field.name])
        except ValueError as fault:
            faults.append(str(fault))
    try:
        settings = CampaignSettings(**({"name": "unnamed"} | known))
    except SettingsFault as more:
        raise SettingsFault((*faults, *more.faults)) from None
    if faults:
        raise SettingsFault(tuple(faults))
    return settings


def settings_as_dict(settings: CampaignSettings) -> dict[str, object]:
    """The settings as plain JSON/TOML values; `settings_from` reads them back to an equal value."""
    plain: dict[str, object] = asdict(settings) | {
        "mode": settings.mode.value,
        "clock_from": settings.clock_from.value,
        "preview_then": settings.preview_then.value,
        "consent": settings.consent.value,
        "reassigned": settings.reassigned.value,
        "preview_skip_reasons": list(settings.preview_skip_reasons),
    }
    plain["dispositions"] = [asdict(d) | {"answered_by": d.answered_by.value} for d in settings.dispositions]
    return plain


def _unknown_key(key: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"unknown key {key[:40]!r}" + (f" (did you mean {near[0]}?)" if near else "")


_SHARES = ("abandon_cap", "machine_false_positives")  # may be written in per cent


def _as_float(name: str, value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name} = {_short(value)}: a number that large is none") from None


_EXPECTED = {int: "a whole number", float: "a number", str: "a text in quotes"}


def _convert(name: str, value: object, hint: Any) -> object:
    if name == "dispositions":
        return _dispositions(value)
    if name == "preview_skip_reasons":
        return _texts(name, value)
    if name in _SHARES and isinstance(value, str) and value.strip().endswith("%"):
        value = _percent(name, value)
    if hint in (DialMode, ClockFrom, PreviewThen, ConsentAsked, ReassignedAsked):
        return _word(name, value, hint)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = _as_float(name, value)
    if hint is bool:
        if not isinstance(value, bool):
            raise ValueError(f"{name} = {_short(value)}: expected true or false")
        return value
    expected = {int: int, float: float, str: str}[hint]
    if not isinstance(value, expected) or isinstance(value, bool):
        raise ValueError(f"{name} = {_short(value)}: expected {_EXPECTED[hint]}")
    if name == "abandon_cap" and isinstance(value, float) and value >= 1:
        raise ValueError(f'abandon_cap = {value:g} means {value * 100:g} %; write 0.03 or "3%"')
    return value


def _word(name: str, value: object, kind: type[StrEnum]) -> StrEnum:
    try:
        return kind(str(value))
    except ValueError:
        raise ValueError(f"{name} = {_short(value)}: one of {', '.join(kind)}") from None


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise ValueError(f'{name} = {_short(value)}: expected a list of texts such as ["wrong time", "not a fit"]')
    return tuple(value)


def _percent(name: str, value: str) -> float:
    try:
        return float(value.strip().rstrip("%")) / 100
    except ValueError:
        raise ValueError(f'{name} = {_short(value)}: write 0.03 or "3%"') from None


def _dispositions(value: object) -> tuple[Disposition, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("dispositions: expected a list of tables [[dispositions]]")
    known = {f.name for f in fields(Disposition)}
    made: list[Disposition] = []
    for entry in value:
        if not isinstance(entry, Mapping) or "code" not in entry or "label" not in entry:
            raise ValueError("dispositions: each needs at least code and label")
        unknown = [_unknown_key(str(key), tuple(known)) for key in entry if key not in known]
        if unknown:
            raise ValueError(f"dispositions, {_short(entry['code'])}: {'; '.join(unknown)}")
        made.append(_disposition(entry))
    return tuple(made)


def _disposition(entry: Mapping[str, Any]) -> Disposition:
    plain, place = dict(entry), f"dispositions, {_short(entry['code'])}"
    for key, value in entry.items():
        expected = str if key in ("code", "label", "key", "answered_by") else bool
        if not isinstance(value, expected):
            words = "a text in quotes" if expected is str else "true or false"
            raise ValueError(f"{place}: {key} = {_short(value)}: expected {words}")
        if isinstance(value, str) and not (value.isprintable() and len(value) <= LONGEST_TEXT):
            raise ValueError(f"{place}: {key}: at most {LONGEST_TEXT} plain characters")
    try:
        plain["answered_by"] = AnsweredBy(plain.get("answered_by", AnsweredBy.HUMAN))
    except ValueError:
        words = f"answered_by = {_short(plain['answered_by'])}: one of {', '.join(AnsweredBy)}"
        raise ValueError(f"{place}: {words}") from None
    return Disposition(**plain)


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
