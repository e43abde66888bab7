"""What can be set for a campaign? About thirty settings with safe defaults; every fault is told at once.

A version of these settings is never edited in place: each attempt names the version in force.
"""

from __future__ import annotations

import difflib
import re
import typing
import zoneinfo
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any

from campaigns.consent import SALES, ConsentAsked, ConsentNeed
from campaigns.model import STANDARD_DISPOSITIONS, AnsweredBy, ClockFrom, DialMode, Disposition, PreviewThen
from campaigns.number_answers import ReassignedAsked
from campaigns.phone import known_region

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
LONGEST_TEXT = 200
LARGEST_NUMBER = 31_536_000  # a year of seconds; nothing set here is larger
BUILT_IN_MESSAGE = "safe-harbour"  # names no seller: for practice; it says "press nine"
BUILT_IN_KEY = "9"
_DIGIT = re.compile(r"[0-9]")
_RECORDING = re.compile(r"[a-z0-9-]{0,64}")
_PURPOSE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")


STANDARD_SKIP_REASONS = ("wrong time", "known already", "wrong data", "not a fit")
MOST_SKIP_REASONS, LONGEST_REASON = 20, 60
A_REASON = f"up to {MOST_SKIP_REASONS} different texts of 1 to {LONGEST_REASON} plain characters; none for free text"
A_NAME = "use 1 to 64 letters, digits, spaces, . _ or -, a letter or digit first"
_AT_LEAST_ONE = (
    *("max_calls", "max_tries", "max_attempts_per_number_per_day"),
    *("wrap_up_limit_s", "talk_limit_s", "preview_limit_s"),
)


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
    message_starts_ms: int = 1800
    message: str = BUILT_IN_MESSAGE
    opt_out_key: str = BUILT_IN_KEY

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
        faults = tuple(_faults_of(self))
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


def _faults_of(s: CampaignSettings) -> list[str]:
    faults: list[str] = []

    def check(good: bool, words: str) -> None:
        if not good:
            faults.append(words)

    for field in (f.name for f in fields(s) if isinstance(getattr(s, f.name), str) and f.name != "name"):
        value = getattr(s, field)
        check(value.isprintable(), f"{field} = {value[:40]!r}: holds a line break or a control character")
        check(len(value) <= LONGEST_TEXT, f"{field}: {len(value)} characters, the limit is {LONGEST_TEXT}")
    for field in (f.name for f in fields(s) if isinstance(getattr(s, f.name), int)):
        value = getattr(s, field)
        check(value <= LARGEST_NUMBER, f"{field} = {str(value)[:20]}: at most {LARGEST_NUMBER}")
    check(bool(_NAME.fullmatch(s.name)), f"name = {s.name[:40]!r}: {A_NAME}")
    for field in ("caller_id", "callback_number"):
        value = getattr(s, field)
        check(not value or bool(_E164.fullmatch(value)), f"{field} = {value[:20]!r}: write it as +<country><number>")
    check(
        s.zone in zoneinfo.available_timezones(), f"zone = {s.zone[:40]!r}: unknown; use a name like America/New_York"
    )
    check(known_region(s.region) == s.region, f"region = {s.region[:20]!r}: a country by two letters, like US or GB")
    check(not s.script or bool(_NAME.fullmatch(s.script)), f"script = {s.script[:40]!r}: {A_NAME}")
    check(1.0 <= s.ratio <= 5.0, f"ratio = {s.ratio}: must be between 1.0 and 5.0 calls per ready agent")
    check(
        0 < s.abandon_cap <= 0.03,
        f"abandon_cap = {s.abandon_cap}: a share above 0 and at most 0.03 (that is 3 %); write 0.03 or stricter",
    )
    check(
        15 <= s.ring_timeout_s <= 120, f"ring_timeout_s = {s.ring_timeout_s}: at least 15 s (16 CFR 310.4), at most 120"
    )
    check(0 < s.connect_within_ms <= 2000, f"connect_within_ms = {s.connect_within_ms}: 1 to 2000")
    check(
        0 <= s.message_starts_ms < s.connect_within_ms,
        f"message_starts_ms = {s.message_starts_ms}: must be below connect_within_ms ({s.connect_within_ms})",
    )
    check(bool(_DIGIT.fullmatch(s.opt_out_key)), f"opt_out_key = {s.opt_out_key[:5]!r}: one digit, 0 to 9")
    if _DIGIT.fullmatch(s.opt_out_key) and s.message in ("", BUILT_IN_MESSAGE):
        words = f"opt_out_key = {s.opt_out_key!r}: message {BUILT_IN_MESSAGE} says 9; record one of another name"
        check(s.opt_out_key == BUILT_IN_KEY, words)
    check(bool(_RECORDING.fullmatch(s.message)), f"message = {s.message[:40]!r}: a recording's name of a-z, 0-9 and -")
    for field in _AT_LEAST_ONE:
        check(getattr(s, field) >= 1, f"{field} = {getattr(s, field)}: must be at least 1")
    for field in (f.name for f in fields(s) if f.name.startswith("retry_")):
        check(getattr(s, field) >= 60, f"{field} = {getattr(s, field)}: at least 60 s between two calls to a person")
    check(0 < s.attempts_per_second <= 100, f"attempts_per_second = {s.attempts_per_second}: above 0, at most 100")
    check(
        1.0 <= s.max_lines_per_agent <= 10.0,
        f"max_lines_per_agent = {s.max_lines_per_agent}: must be between 1.0 and 10.0 calls per agent at work",
    )
    check(bool(_PURPOSE.fullmatch(s.purpose)), f"purpose = {s.purpose[:40]!r}: one word of a-z, 0-9, - and _")
    check(
        s.consent is ConsentAsked.NONE or bool(s.seller_name.strip()),
        f"consent = '{s.consent}' needs seller_name: a consent is given to somebody",
    )
    check(
        0 <= s.consent_max_age_days <= 36_500,
        f"consent_max_age_days = {s.consent_max_age_days}: 0 (it does not age) to 36500",
    )
    check(
        s.reassigned is ReassignedAsked.NONE or bool(s.seller_name.strip()),
        f"reassigned = '{s.reassigned}' needs seller_name: it is asked since when a consent to somebody was given",
    )
    check(
        1 <= s.reassigned_max_age_days <= 365,
        f"reassigned_max_age_days = {s.reassigned_max_age_days}: 1 to 365 days",
    )
    check(0.1 <= s.weight <= 10.0, f"weight = {s.weight}: must be between 0.1 and 10.0; others have 1.0 unless told")
    check(s.preview_skip_rest_s >= 60, f"preview_skip_rest_s = {s.preview_skip_rest_s}: at least 60 s")
    check(_are_reasons(s.preview_skip_reasons), f"preview_skip_reasons: {A_REASON}")
    check(0 <= s.aht_low_s < s.aht_high_s, "aht_low_s must be below aht_high_s")
    words = f"attempts_per_agent_hour = {s.attempts_per_agent_hour}: above 0, at most 3600"
    check(0 < s.attempts_per_agent_hour <= 3600, words)
    if s.mode.may_abandon and s.missing_to_abandon():
        missing = ", ".join(s.missing_to_abandon())
        check(False, f"mode = '{s.mode}' needs {missing}: an abandoned call must name the seller and a number")
    codes = [d.code for d in s.dispositions]
    keys = [d.key for d in s.dispositions if d.key]
    check(len(set(codes)) == len(codes), "dispositions: two share a code")
    check(len(set(keys)) == len(keys), "dispositions: two share a phone key")
    check(bool(codes), "dispositions: at least one is needed, else no call can be finished")
    return faults


def _are_reasons(reasons: tuple[str, ...]) -> bool:
    good = all(r.strip() and r.isprintable() and len(r) <= LONGEST_REASON for r in reasons)
    return good and len(set(reasons)) == len(reasons) <= MOST_SKIP_REASONS


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


_EXPECTED = {int: "a whole number", float: "a number", str: "a text in quotes"}


def _convert(name: str, value: object, hint: Any) -> object:
    if name == "dispositions":
        return _dispositions(value)
    if name == "preview_skip_reasons":
        return _texts(name, value)
    if name == "abandon_cap" and isinstance(value, str) and value.strip().endswith("%"):
        value = _percent(name, value)
    if hint in (DialMode, ClockFrom, PreviewThen, ConsentAsked, ReassignedAsked):
        return _word(name, value, hint)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
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
