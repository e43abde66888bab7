"""Which instant does a person mean by `tomorrow 15:00`, `mon 9am`, `+2h` or an ISO time? Pure rules.

Times without an offset are the lead's local time. A time that does not exist (clocks go forward) is
refused; one that exists twice (clocks go back) is the first of the two, and the caller shows it back.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

FARTHEST = timedelta(days=366)
EXAMPLES = "tomorrow 15:00, mon 9:30, +2h, 2026-11-24 15:00"

_AFTER = re.compile(r"(?:\+|in )\s*(\d{1,4})\s*(m|min|minutes?|h|hours?|d|days?)")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_PARTS = {"noon": time(12), "midday": time(12)}


class NotATime(ValueError):
    """The words name no instant one could call at; the message says what to write instead."""


def parse_when(words: str, *, now: datetime, zone: tzinfo) -> datetime:
    """The aware UTC instant meant, later than `now`. Raises NotATime in plain words."""
    text = " ".join(words.lower().replace(",", " ").split())
    if not text:
        raise NotATime(f"Write a time: {EXAMPLES}.")
    after = _AFTER.fullmatch(text)
    try:
        when = (now + _length(after) if after else _named(text, now.astimezone(zone), zone)).astimezone(UTC)
    except OverflowError:
        raise NotATime(f"This is outside the calendar. Write for example: {EXAMPLES}.") from None
    if when <= now:
        raise NotATime(f"{when.astimezone(zone):%a %d %b %Y %H:%M} is in the past. Give a later time.")
    if when - now > FARTHEST:
        raise NotATime(f"{when.astimezone(zone):%a %d %b %Y} is more than a year away.")
    return when


def _length(after: re.Match[str]) -> timedelta:
    amount, unit = int(after[1]), after[2][0]
    return {"m": timedelta(minutes=amount), "h": timedelta(hours=amount), "d": timedelta(days=amount)}[unit]


def _named(text: str, here: datetime, zone: tzinfo) -> datetime:
    iso = _iso(text)
    if iso is not None:
        return iso if iso.tzinfo is not None else _existing(iso.date(), iso.time(), zone)
    day_words, _, clock_words = text.rpartition(" ")
    if clock_words in ("am", "pm"):  # 3 pm
        day_words, _, hour = day_words.rpartition(" ")
        clock_words = hour + clock_words
    at = _clock(clock_words)
    if at is None:
        if _day(text, here.date()) is not None:
            raise NotATime(f"{text} at what time? For example: {text} 15:00.")
        raise NotATime(f"This is not understood. Write for example: {EXAMPLES}.")
    day_words = day_words.removesuffix(" at").strip()
    if not day_words:
        return _next_time(here, at, zone)
    day = _day(day_words, here.date())
    if day is None:
        raise NotATime(f"The day is not understood. Write for example: {EXAMPLES}.")
    if day == here.date() and day_words in _WEEKDAY_NAMES and _existing(day, at, zone) <= here:
        day += timedelta(days=7)
    return _existing(day, at, zone)


def _iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}[t ]\d", text):
        return None
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def _clock(text: str) -> time | None:
    if text in _DAY_PARTS:
        return _DAY_PARTS[text]
    found = _CLOCK.fullmatch(text)
    if found is None or (found[2] is None and found[3] is None):
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _day(text: str, today: date) -> date | None:
    plain = {"today": today, "tomorrow": today + timedelta(days=1)}.get(text)
    if plain is not None:
        return plain
    if text in _WEEKDAY_NAMES:
        return today + timedelta(days=(_WEEKDAY_NAMES[text] - today.weekday()) % 7)
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _next_time(here: datetime, at: time, zone: tzinfo) -> datetime:
    today = _existing(here.date(), at, zone)
    return today if today > here else _existing(here.date() + timedelta(days=1), at, zone)


def _existing(day: date, at: time, zone: tzinfo) -> datetime:
    local = datetime.combine(day, at, tzinfo=zone)
    back = local.astimezone(UTC).astimezone(zone)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NotATime(f"{local:%H:%M} does not exist there on {local:%d %b}: the clocks go forward. Take another.")
    return local


_WEEKDAY_NAMES = {name: place for place, day in enumerate(_WEEKDAYS) for name in (day, day[:3])}
