"""What cannot be right in a campaign's settings? Every fault at once, one sentence each.

Each function below answers for one part of the settings with pairs: whether it is good, and the words if it is not.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

from campaigns.consent import ConsentAsked
from campaigns.number_answers import ReassignedAsked
from campaigns.phone import known_region

if TYPE_CHECKING:
    from campaigns.settings import CampaignSettings

LONGEST_TEXT = 200
LARGEST_NUMBER = 31_536_000  # a year of seconds; nothing set here is larger
LONGEST_EXTENSION_WAIT_MS = 20_000
BUILT_IN_MESSAGE = "safe-harbour"  # names no seller: for practice; it says "press nine"
BUILT_IN_KEY = "9"
MOST_SKIP_REASONS, LONGEST_REASON = 20, 60
A_REASON = f"up to {MOST_SKIP_REASONS} different texts of 1 to {LONGEST_REASON} plain characters; none for free text"
A_NAME = "use 1 to 64 letters, digits, spaces, . _ or -, a letter or digit first"
_AT_LEAST_ONE = (
    *("max_calls", "max_tries", "max_attempts_per_number_per_day"),
    *("wrap_up_limit_s", "talk_limit_s", "preview_limit_s"),
)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DIGIT = re.compile(r"[0-9]")
_RECORDING = re.compile(r"[a-z0-9-]{0,64}")
_PURPOSE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")

Checks = Iterator[tuple[bool, str]]


def faults_of(s: CampaignSettings) -> list[str]:
    """The words for everything that is not good, in the order in which the settings are listed."""
    return [words for part in _PARTS for good, words in part(s) if not good]


def _sizes(s: CampaignSettings) -> Checks:
    for field in (f.name for f in fields(s) if isinstance(getattr(s, f.name), str) and f.name != "name"):
        value = getattr(s, field)
        yield value.isprintable(), f"{field} = {value[:40]!r}: holds a line break or a control character"
        yield len(value) <= LONGEST_TEXT, f"{field}: {len(value)} characters, the limit is {LONGEST_TEXT}"
    for field in (f.name for f in fields(s) if isinstance(getattr(s, f.name), int)):
        value = getattr(s, field)
        yield value <= LARGEST_NUMBER, f"{field} = {str(value)[:20]}: at most {LARGEST_NUMBER}"


def _who_and_where(s: CampaignSettings) -> Checks:
    yield bool(_NAME.fullmatch(s.name)), f"name = {s.name[:40]!r}: {A_NAME}"
    for field in ("caller_id", "callback_number"):
        value = getattr(s, field)
        yield not value or bool(_E164.fullmatch(value)), f"{field} = {value[:20]!r}: write it as +<country><number>"
    known = s.zone in zoneinfo.available_timezones()
    yield known, f"zone = {s.zone[:40]!r}: unknown; use a name like America/New_York"
    yield known_region(s.region) == s.region, f"region = {s.region[:20]!r}: a country by two letters, like US or GB"
    yield not s.script or bool(_NAME.fullmatch(s.script)), f"script = {s.script[:40]!r}: {A_NAME}"


def _calls(s: CampaignSettings) -> Checks:
    yield 1.0 <= s.ratio <= 5.0, f"ratio = {s.ratio}: must be between 1.0 and 5.0 calls per ready agent"
    words = f"abandon_cap = {s.abandon_cap}: a share above 0 and at most 0.03 (that is 3 %); write 0.03 or stricter"
    yield 0 < s.abandon_cap <= 0.03, words
    words = f"ring_timeout_s = {s.ring_timeout_s}: at least 15 s (16 CFR 310.4), at most 120"
    yield 15 <= s.ring_timeout_s <= 120, words
    words = f"extension_wait_ms = {s.extension_wait_ms}: 0 to {LONGEST_EXTENSION_WAIT_MS} ms"
    yield 0 <= s.extension_wait_ms <= LONGEST_EXTENSION_WAIT_MS, words
    yield 0 < s.connect_within_ms <= 2000, f"connect_within_ms = {s.connect_within_ms}: 1 to 2000"
    words = f"machine_false_positives = {s.machine_false_positives}: a share from 0 to 1; write 0.02 or 2%"
    yield 0 <= s.machine_false_positives <= 1, words
    words = "machine_false_positives needs machine_false_positives_basis: an estimate without its reason proves nothing"
    yield not s.machine_false_positives or bool(s.machine_false_positives_basis.strip()), words
    limit = f"must be below connect_within_ms ({s.connect_within_ms})"
    yield 0 <= s.message_starts_ms < s.connect_within_ms, f"message_starts_ms = {s.message_starts_ms}: {limit}"


def _message(s: CampaignSettings) -> Checks:
    a_digit = bool(_DIGIT.fullmatch(s.opt_out_key))
    yield a_digit, f"opt_out_key = {s.opt_out_key[:5]!r}: one digit, 0 to 9"
    if a_digit and s.message in ("", BUILT_IN_MESSAGE):
        words = f"opt_out_key = {s.opt_out_key!r}: message {BUILT_IN_MESSAGE} says 9; record one of another name"
        yield s.opt_out_key == BUILT_IN_KEY, words
    yield bool(_RECORDING.fullmatch(s.message)), f"message = {s.message[:40]!r}: a recording's name of a-z, 0-9 and -"


def _limits(s: CampaignSettings) -> Checks:
    for field in _AT_LEAST_ONE:
        yield getattr(s, field) >= 1, f"{field} = {getattr(s, field)}: must be at least 1"
    for field in (f.name for f in fields(s) if f.name.startswith("retry_")):
        yield getattr(s, field) >= 60, f"{field} = {getattr(s, field)}: at least 60 s between two calls to a person"
    yield 0 < s.attempts_per_second <= 100, f"attempts_per_second = {s.attempts_per_second}: above 0, at most 100"
    words = f"max_lines_per_agent = {s.max_lines_per_agent}: must be between 1.0 and 10.0 calls per agent at work"
    yield 1.0 <= s.max_lines_per_agent <= 10.0, words


def _consents(s: CampaignSettings) -> Checks:
    yield bool(_PURPOSE.fullmatch(s.purpose)), f"purpose = {s.purpose[:40]!r}: one word of a-z, 0-9, - and _"
    named = bool(s.seller_name.strip())
    words = f"consent = '{s.consent}' needs seller_name: a consent is given to somebody"
    yield s.consent is ConsentAsked.NONE or named, words
    words = f"consent_max_age_days = {s.consent_max_age_days}: 0 (it does not age) to 36500"
    yield 0 <= s.consent_max_age_days <= 36_500, words
    words = f"reassigned = '{s.reassigned}' needs seller_name: it is asked since when a consent to somebody was given"
    yield s.reassigned is ReassignedAsked.NONE or named, words
    words = f"reassigned_max_age_days = {s.reassigned_max_age_days}: 1 to 365 days"
    yield 1 <= s.reassigned_max_age_days <= 365, words


def _agents(s: CampaignSettings) -> Checks:
    yield 0.1 <= s.weight <= 10.0, f"weight = {s.weight}: must be between 0.1 and 10.0; others have 1.0 unless told"
    yield s.preview_skip_rest_s >= 60, f"preview_skip_rest_s = {s.preview_skip_rest_s}: at least 60 s"
    yield _are_reasons(s.preview_skip_reasons), f"preview_skip_reasons: {A_REASON}"
    yield 0 <= s.aht_low_s < s.aht_high_s, "aht_low_s must be below aht_high_s"
    words = f"attempts_per_agent_hour = {s.attempts_per_agent_hour}: above 0, at most 3600"
    yield 0 < s.attempts_per_agent_hour <= 3600, words


def _mode(s: CampaignSettings) -> Checks:
    missing = ", ".join(s.missing_to_abandon()) if s.mode.may_abandon else ""
    yield not missing, f"mode = '{s.mode}' needs {missing}: an abandoned call must name the seller and a number"


def _dispositions(s: CampaignSettings) -> Checks:
    codes = [d.code for d in s.dispositions]
    keys = [d.key for d in s.dispositions if d.key]
    yield len(set(codes)) == len(codes), "dispositions: two share a code"
    yield len(set(keys)) == len(keys), "dispositions: two share a phone key"
    yield bool(codes), "dispositions: at least one is needed, else no call can be finished"


_PARTS = (_sizes, _who_and_where, _calls, _message, _limits, _consents, _agents, _mode, _dispositions)


def _are_reasons(reasons: tuple[str, ...]) -> bool:
    good = all(r.strip() and r.isprintable() and len(r) <= LONGEST_REASON for r in reasons)
    return good and len(set(reasons)) == len(reasons) <= MOST_SKIP_REASONS
