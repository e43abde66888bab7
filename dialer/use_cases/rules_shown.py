"""How is a profile told: each limit, the profiles it comes from, and whether it is enforced or recorded only?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from campaigns.rules import RuleProfile, shipped_file
from campaigns.rules.duties import ATTEMPTS, Duties
from campaigns.rules.enforced import recorded_only
from campaigns.rules.reading import KINDS
from campaigns.rules.resting import length_words, rest_words
from campaigns.rules.windows import ALL_DAY, Windows

RECORDED, PARTLY, DECLARED = "recorded only", "in part", "declared"
DECLARED_KEYS = ("opening",)  # no software can check them: a person says that they are kept
PARTLY_KEYS = ("abandonment", "caller_id", "records")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def limits_of(whole: RuleProfile, today: date) -> list[dict[str, Any]]:
    """Every limit of a combined profile, as rows. `from` names the files that set it."""
    parts = [shipped_file(name).own for name in whole.made_of]
    return [
        *_hours(whole, parts),
        *_holidays(whole, parts, today),
        *_numbers(whole, parts),
        *_duties(whole.duties, parts),
        *_dates(whole, parts),
    ]


def sources_of(whole: RuleProfile) -> list[dict[str, Any]]:
    """Where the values of each file stand, and how sure they are."""
    files = [shipped_file(name) for name in whole.made_of]
    return [
        {
            "profile": file.name,
            "version": file.own.version,
            "sources": list(file.sources),
            "verified_on": file.own.verified_on.isoformat(),
            "verified_by": file.verified_by or None,
            "doubts": list(file.doubts),
        }
        for file in files
    ]


def _row(key: str, limit: str, value: object, names: list[str]) -> dict[str, Any]:
    how = RECORDED if recorded_only(key) else PARTLY if key in PARTLY_KEYS else "enforced"
    how = DECLARED if key in DECLARED_KEYS else how
    return {"limit": limit, "value": str(value), "from": names, "enforced": how}


def _hours(whole: RuleProfile, parts: list[RuleProfile]) -> Iterator[dict[str, Any]]:
    for number, day in enumerate(DAYS):
        windows = whole.week[number]
        closed = [part.name for part in parts if not part.week[number]]
        named = closed or [part.name for part in parts if _binds(part.week[number], windows)]
        yield _row("hours", day, ", ".join(map(str, windows)) or "closed", named)


def _binds(own: Windows, whole: Windows) -> bool:
    """Whether one of its edges is one of the whole's; when nothing is left together, whether it closes any hour."""
    if not whole:
        return own != ALL_DAY
    edges = {edge for window in whole for edge in (("opens", window.opens_min), ("closes", window.closes_min))}
    mine = {edge for window in own for edge in (("opens", window.opens_min), ("closes", window.closes_min))}
    return own != ALL_DAY and bool(edges & mine)


def _holidays(whole: RuleProfile, parts: list[RuleProfile], today: date) -> Iterator[dict[str, Any]]:
    coming = [day for day in whole.closed_dates if day >= today]
    if coming:
        named = [part.name for part in parts if part.closed_dates]
        yield _row("hours", "holidays closed", f"{len(coming)} known, the next {coming[0]}", named)
    other = [(day, windows) for day, windows in whole.other_days if day >= today and day not in whole.closed_dates]
    if other:
        day, windows = other[0]
        named = [part.name for part in parts if part.other_days]
        told = f"{len(other)} known, the next {day}: {', '.join(map(str, windows)) or 'closed'}"
        yield _row("hours", "days with other hours", told, named)


def _numbers(whole: RuleProfile, parts: list[RuleProfile]) -> Iterator[dict[str, Any]]:
    def named(limits: Callable[[RuleProfile], object]) -> list[str]:
        return [part.name for part in parts if limits(part)]

    yield _row("numbers", "regions of numbers", ", ".join(whole.regions) or "any", named(lambda part: part.regions))
    yield _row("numbers", "kinds of numbers", ", ".join(whole.kinds), named(lambda part: part.kinds != KINDS))
    yield _row("numbers", "never dialled", ", ".join(whole.denied_numbers), named(lambda part: part.denied_numbers))
    if whole.held_zones:
        yield _row("numbers", "held zones", ", ".join(whole.held_zones), named(lambda part: part.held_zones))


def _duties(whole: Duties, parts: list[RuleProfile]) -> Iterator[dict[str, Any]]:
    def each(key: str, name: str, limit: str, told: Callable[[Any], str]) -> Iterator[dict[str, Any]]:
        for value in getattr(whole, name):
            named = [part.name for part in parts if value in getattr(part.duties, name)]
            yield _row(key, limit, told(value), named)

    def one(key: str, name: str, limit: str, told: Callable[[Any], str]) -> Iterator[dict[str, Any]]:
        value = getattr(whole, name)
        if value:
            yield _row(key, limit, told(value), [p.name for p in parts if getattr(p.duties, name) == value])

    seconds: Callable[[Any], str] = "{} s".format
    yield from each("attempts", "attempts", "attempts", _limit)
    yield from each("cooldowns", "cooldowns", "rest", _rest)
    yield from each("abandonment", "abandonment", "abandoned", _abandoned)
    yield from one("ring", "ring_at_least_s", "ring at least", seconds)
    yield from each("message_on_abandon", "messages", "message", lambda m: f"{m.within_ms} ms: {', '.join(m.says)}")
    yield from each("consent", "consents", "consent", _consent)
    yield from each("caller_id", "caller_ids", "caller ID", _caller_id)
    yield from one("opening", "identify_within_s", "identify within", seconds)
    yield from one("opening", "hang_up_within_s", "hang up when asked", seconds)
    yield from each("do_not_call", "do_not_call", "do-not-call", _list_asked)
    yield from one("records", "keep_records", "keep records", length_words)
    for row in one("records", "keep_recordings", "keep recordings", length_words):
        yield row | {"enforced": RECORDED}


def _dates(whole: RuleProfile, parts: list[RuleProfile]) -> Iterator[dict[str, Any]]:
    for limit, name, key in (
        ("in force from", "in_force_from", "effective_from"),
        ("in force to", "in_force_to", "effective_to"),
        ("verification ends", "good_until", "good_until"),
    ):
        day = getattr(whole, name)
        if day is not None:
            yield _row(key, limit, day.isoformat(), [part.name for part in parts if getattr(part, name) == day])


def _list_asked(source: Any) -> str:
    told = f"{source.list_id}, {source.max_age_days} days old"
    told += f", for {' and '.join(source.purposes)}" if source.purposes else ""
    return told + (f", unless {source.consent_lifts} consent" if source.consent_lifts else "")


def _limit(limit: Any) -> str:
    counts = "" if limit.counts == ATTEMPTS else f", only {limit.counts.replace('_', ' ')}"
    return f"{limit.most} in {length_words(limit.window)}, {limit.scope}{counts}"


def _rest(rest: Any) -> str:
    lifted = f", unless {rest.unless}" if rest.unless else ""
    return f"{rest_words(rest)} after {rest.after}, {rest.scope}{lifted}"


def _abandoned(found: Any) -> str:
    joined = f", joined within {found.connect_within_ms} ms" if found.connect_within_ms else ""
    return f"at most {found.cap:.1%} in {found.window}{joined}"


def _consent(consent: Any) -> str:
    return f"{consent.needed}, at most {length_words(consent.max_age)} old" if consent.max_age else str(consent.needed)


def _caller_id(rule: Any) -> str:
    said = [
        "shown" if rule.shown else "",
        "answered when called back" if rule.called_back else "",
        "right to use it kept" if rule.right_to_use else "",
        f"never {', '.join(rule.not_kinds)}" if rule.not_kinds else "",
        f"begins with {', '.join(rule.prefixes)}" if rule.prefixes else "",
    ]
    return "; ".join(filter(None, said))
