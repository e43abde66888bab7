"""How would a recorded day have gone under other settings, and how far is that to be trusted?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from campaigns.model import DialMode
from campaigns.settings import CampaignSettings, SettingsFault, settings_from
from dialer.refusal import Refused
from dialer.rehearsal.figures import DayFigures
from dialer.rehearsal.recorded_day import RecordedDay, Terms, day_from
from dialer.rehearsal.replay import replay
from dialer.use_cases.replay import NOTHING_DONE

MODES = tuple(mode for mode in DialMode if not mode.by_hand)  # in the others agents dial themselves
LEAST_SEEDS, MOST_SEEDS = 2, 50
SHARES = {
    "talk_share": "talk share",
    "occupancy": "occupancy",
    "abandonment": "abandonment",
    "worst_half_hour": "worst half hour",
}
NUMBERS = {
    "calls_per_agent_hour": "calls per agent hour",
    "attempts": "attempts",
    "joined": "joined to an agent",
    "lost": "abandoned calls",
}


@dataclass(frozen=True, kw_only=True)
class Wished:
    """The settings to try; what is None stays as it was. `cap` is `2%` or `0.02`."""

    mode: str | None = None
    ratio: float | None = None
    cap: str | None = None
    max_lines: float | None = None


def play(recorded: Mapping[str, Any], wished: Wished, seeds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """What `replay.day` read, played as it was and as wished; `tell` hears how far it is. Raises Refused."""
    if not LEAST_SEEDS <= seeds <= MOST_SEEDS:
        raise Refused(f"--seeds {seeds}: {LEAST_SEEDS} to {MOST_SEEDS}; one seed alone has no interval. {NOTHING_DONE}")
    day = day_from(recorded["day"])
    terms = wished_terms(day.terms, wished)
    control: list[DayFigures] = []
    tried: list[DayFigures] = []
    for seed in range(1, seeds + 1):
        control.append(replay(day, day.terms, seed))
        tried.append(control[-1] if terms == day.terms else replay(day, terms, seed))
        tell(f"{seed} of {seeds} days replayed")
    figures = {name: _figure(name, day.figures, control, tried) for name in (*SHARES, *NUMBERS)}
    shown = {name: recorded[name] for name in ("campaign", "date", "zone", "from", "to")}
    return shown | {
        "settings": {"as_it_was": _said(day.terms), "replayed": _said(terms)},
        "changed": terms != day.terms,
        "seeds": seeds,
        "interval": f"lowest to highest of {seeds} seeds",
        "figures": figures,
        "not_known": list(_not_known(day, figures, seeds)),
    }


def wished_terms(own: Terms, wished: Wished) -> Terms:
    """The day's own settings with what is wished. Raises Refused for what no campaign may be set to."""
    mode = own.mode if wished.mode is None else _mode(wished.mode)
    if wished.ratio is not None and mode is not DialMode.POWER:
        raise Refused(f"--ratio counts in power mode, and this is {mode}: add --mode power. {NOTHING_DONE}")
    given = {"ratio": wished.ratio, "abandon_cap": _cap(wished.cap), "max_lines_per_agent": wished.max_lines}
    checked = _checked({name: value for name, value in given.items() if value is not None})
    return replace(
        own,
        mode=mode,
        ratio=own.ratio if wished.ratio is None else checked.ratio,
        cap=own.cap if wished.cap is None else checked.abandon_cap,
        lines_per_agent=own.lines_per_agent if wished.max_lines is None else checked.max_lines_per_agent,
    )


def _mode(word: str) -> DialMode:
    try:
        mode = DialMode(word)
    except ValueError:
        mode = None
    if mode not in MODES:
        raise Refused(f"Mode {word[:40]!r}: one of {', '.join(MODES)}. {NOTHING_DONE}")
    return mode


def _cap(text: str | None) -> str | float | None:
    if text is None or text.strip().endswith("%"):
        return text
    try:
        return float(text)
    except ValueError:
        raise Refused(f"--cap {text[:20]!r}: a share such as 2% or 0.02. {NOTHING_DONE}") from None


def _checked(values: Mapping[str, object]) -> CampaignSettings:
    try:
        return settings_from({"name": "replay"} | dict(values))
    except SettingsFault as fault:
        raise Refused(f"{'; '.join(fault.faults)}. {NOTHING_DONE}") from None


# --- figures ---------------------------------------------------------------------------------------------


def _figure(
    name: str, recorded: DayFigures, control: Sequence[DayFigures], tried: Sequence[DayFigures]
) -> dict[str, Any]:
    """Recorded, replayed as it was, the replay's own error, as wished, and the change seed by seed."""
    was, own, new = (getattr(recorded, name), _values(name, control), _values(name, tried))
    pairs = zip(own, new, strict=True)
    as_it_was = _range(own)
    error = None if was is None or as_it_was is None else as_it_was["mean"] - was
    return {
        "recorded": was,
        "as_it_was": as_it_was,
        "error": error,
        "replayed": _range(new),
        "change": _range([b - a if a is not None and b is not None else None for a, b in pairs]),
    }


def _values(name: str, days: Sequence[DayFigures]) -> list[float | None]:
    return [getattr(day, name) for day in days]


def _range(values: Sequence[float | None]) -> dict[str, float] | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return {"mean": math.fsum(known) / len(known), "low": min(known), "high": max(known)}


def _said(terms: Terms) -> dict[str, Any]:
    return asdict(terms) | {"mode": str(terms.mode)}


# --- what a replay cannot know ---------------------------------------------------------------------------


def _not_known(day: RecordedDay, figures: Mapping[str, Any], seeds: int) -> Iterator[str]:
    yield from _how_good(figures, seeds)
    yield (
        "A replay cannot know whether other people would have answered at other times: each of its calls meets one "
        "that was recorded within a quarter of an hour of it, or further away where there were few."
    )
    yield (
        "List order, retry rules and leads running out are not replayed: more calls than were made are taken to meet "
        "the same kind of people."
    )
    yield "Agents come, pause, talk and write as they did; what another pace makes of them is not known."
    yield (
        "Pacing begins the day with nothing learned; what it knew that morning is not on record. "
        "The trunk's limits are those of now."
    )
    yield from _of_this_day(day)


def _how_good(figures: Mapping[str, Any], seeds: int) -> Iterator[str]:
    outside = [SHARES[name] for name in ("talk_share", "abandonment") if _misses(figures[name])]
    if outside:
        yield (
            f"Replayed as it was, the day does not come out as recorded in {' and '.join(outside)}: a change smaller "
            "than the replay's error says nothing."
        )
    within = 100 * (seeds - 1) / (seeds + 1)
    yield f"Intervals are lowest to highest of {seeds} seeds: about {within:.0f} % of days drawn alike are in them."


def _misses(figure: Mapping[str, Any]) -> bool:
    own, was = figure["as_it_was"], figure["recorded"]
    return own is not None and was is not None and not own["low"] <= was <= own["high"]


def _of_this_day(day: RecordedDay) -> Iterator[str]:
    if day.left_out:
        yield f"Left out: {day.left_out} calls that were never sent, lost from sight, or are not over."
    if day.versions > 1:
        yield f"The settings were changed during the day ({day.versions} versions); as it was: those of most calls."
    if day.still:
        minutes = sum(last - first for first, last in day.still) / 60
        yield f"For {minutes:.0f} minutes nothing was dialled although an agent was ready; nor is it in the replay."
