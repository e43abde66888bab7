"""How is a synthetic day played for somebody who asks from a shell, and how are its figures shown?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from campaigns.model import DialMode
from campaigns.settings import SettingsFault
from campaigns.storage.errors import StoreError
from dialer.refusal import Refused
from dialer.rehearsal.by_hand import READS_S
from dialer.rehearsal.dry_list import DryList
from dialer.rehearsal.engine_day import MOST_SPREAD, REST_S, EngineDay
from dialer.rehearsal.engine_day import settings_of as settings_of_world
from dialer.rehearsal.figures import DayFigures
from dialer.rehearsal.made_up import OFFICE, Described, world_of
from dialer.simulation import SimulationPlan, rehearse, settings_of, simulate
from telephony.simulator import Shares

DAY_S = 86_400
REST_OF_UNLIKE_S = 3600  # leads that differ are known by being called again, and nobody is called each minute
RATIO = 1.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A synthetic day as it is asked for in a shell. What is None is as the world has it; lengths are in seconds.

    `lead_spread` and `rest_s`: see EngineDay; pacing tells leads apart when they differ, as it does on a real day.
    """

    world: str = OFFICE
    agents: int = 20
    hours: float = 8.0
    seed: int = 1
    mode: str = DialMode.PROGRESSIVE
    ratio: float | None = None
    leads: int | None = None
    answer_rate: str | None = None
    machine: float | None = None
    ring_s: float | None = None
    talk_s: float | None = None
    wrap_up_s: float | None = None
    preview_s: float | None = None
    lead_spread: float | None = None
    rest_s: float | None = None


def play(asked: Asked, folder: Path | None) -> dict[str, Any]:
    """The day's figures as plain values. Raises Refused for a day that cannot be, saying what may be asked for."""
    try:
        mode = _mode(asked)
        _no_option_in_vain(asked, mode)
        day = _possible(_office(asked, mode) if asked.world == OFFICE else _made_up(asked, mode))
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            return _played(day, folder)
        with tempfile.TemporaryDirectory(prefix="simulated-day-") as temporary:
            return _played(day, Path(temporary))
    except SettingsFault as fault:
        raise Refused(f"{'; '.join(fault.faults)}. Nothing was simulated. No call was placed.") from None
    except (ValueError, StoreError) as fault:
        raise Refused(f"{fault} No call was placed.") from None
    except OSError as fault:
        raise Refused(f"The folder cannot be used: {fault.strerror or fault}. Nothing was simulated.") from None


def _possible(day: SimulationPlan | EngineDay) -> SimulationPlan | EngineDay:
    """The day as it is. Raises SettingsFault, before anything is stored, if no campaign may be set to it."""
    if isinstance(day, EngineDay):
        settings_of_world(day)
    else:
        settings_of(day)
    return day


def _office(asked: Asked, mode: DialMode) -> SimulationPlan:
    """The plain day with scripts and callbacks, whose people are made up number by number."""
    if asked.lead_spread is not None or asked.rest_s is not None:
        raise Refused("--lead-spread and --rest need a world, such as --world a. Nothing was simulated.")
    usual, shares = SimulationPlan(), Shares()
    answer, machine = _plain_rate(asked), shares.machine if asked.machine is None else asked.machine
    if not (0 <= answer <= 1 and 0 <= machine <= 1 and answer + machine <= MOST_ANSWERED):
        words = f"--answer {answer:g} and --machine {machine:g}: shares from 0 to 1, together at most {MOST_ANSWERED:g}"
        raise Refused(f"{words}; the others are busy, bad numbers or do not answer. Nothing was simulated.")
    return SimulationPlan(
        agents=asked.agents,
        leads=asked.leads,
        hours=asked.hours,
        seed=asked.seed,
        mode=mode,
        ratio=RATIO if asked.ratio is None else asked.ratio,
        ring_s=usual.ring_s if asked.ring_s is None else asked.ring_s,
        talk_s=usual.talk_s if asked.talk_s is None else asked.talk_s,
        wrap_up_s=usual.wrap_up_s if asked.wrap_up_s is None else asked.wrap_up_s,
        preview_s=usual.preview_s if asked.preview_s is None else asked.preview_s,
        shares=replace(shares, human=answer, machine=machine),
    )


def _plain_rate(asked: Asked) -> float:
    if asked.answer_rate is None:
        return Shares().human
    try:
        return float(asked.answer_rate)
    except ValueError:
        words = f"--answer-rate {asked.answer_rate[:60]!r}: a course of the day needs a world, such as --world a"
        raise Refused(f"{words}. Nothing was simulated.") from None


def _made_up(asked: Asked, mode: DialMode) -> EngineDay:
    described = Described(
        world=asked.world,
        agents=asked.agents,
        hours=asked.hours,
        seed=asked.seed,
        answer_rate=asked.answer_rate,
        machine=asked.machine,
        ring_s=asked.ring_s,
        talk_s=asked.talk_s,
        wrap_up_s=asked.wrap_up_s,
    )
    spread = 0.0 if asked.lead_spread is None else asked.lead_spread
    if not 0 <= spread <= MOST_SPREAD:
        words = f"--lead-spread {spread:g}: 0 to {MOST_SPREAD:g}, the standard deviation of the logarithm"
        raise Refused(f"{words} of leads' odds to answer. Nothing was simulated.")
    usual_s = REST_S if not spread else REST_OF_UNLIKE_S
    return EngineDay(
        world=world_of(described),
        mode=mode,
        ratio=RATIO if asked.ratio is None else asked.ratio,
        leads=asked.leads,
        lead_spread=spread,
        tells_apart=spread > 0,
        rest_s=_whole_seconds(usual_s if asked.rest_s is None else asked.rest_s),
        preview_s=READS_S if asked.preview_s is None else asked.preview_s,
    )


def _whole_seconds(rest_s: float) -> int:
    if not REST_S <= rest_s <= DAY_S:
        words = f"--rest {rest_s:g}: {REST_S} to {DAY_S} seconds between two calls to one lead"
        raise Refused(f"{words}. Nothing was simulated.")
    return round(rest_s)


def _mode(asked: Asked) -> DialMode:
    try:
        return DialMode(asked.mode)
    except ValueError:
        raise Refused(f"--mode {asked.mode[:40]!r}: one of {', '.join(DialMode)}. Nothing was simulated.") from None


def _no_option_in_vain(asked: Asked, mode: DialMode) -> None:
    if asked.ratio is not None and mode is not DialMode.POWER:
        words = f"--ratio counts in power mode, and this is {mode}: leave it out, or add --mode power"
        raise Refused(f"{words}. Nothing was simulated.")
    if asked.preview_s is not None and not mode.by_hand:
        words = f"--preview counts in preview and manual mode, and this is {mode}: leave it out, or add --mode preview"
        raise Refused(f"{words}. Nothing was simulated.")


def lines(day: Mapping[str, Any]) -> Iterator[str]:
    """The figures as a report shows them: every share with what it is made of."""
    for label, shown in _rows(day):
        yield f"{label:<22}  {shown}"


def _rows(day: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    plan = day["plan"]
    if plan.get("lead_spread") or plan.get("rest_s", REST_S) != REST_S:
        yield "leads", f"{plan['leads']}, differing by {plan['lead_spread']:g}, called again after {plan['rest_s']} s"
    if day["list_dry_at"] is not None:
        at, dry_for = day["list_dry_at"][11:16], f"{day['list_dry_s'] / 60:.0f} min in all"
        yield "list ran dry", f"at {at}, for {dry_for}: agents were free, no lead could be dialled; give more leads"
    if plan["mode"] == DialMode.PREVIEW:
        yield "skipped by agents", str(day["skipped"])
    yield "attempts", str(day["attempts"])
    if "answered" in day:
        yield "answered", str(day["answered"])
        yield "hit rate", _share(day["hit_rate"], f"{day['humans']}/{day['sent']}")
    yield "joined to an agent", str(day["joined"])
    yield "cancelled", str(day["cancelled"])
    yield "abandonment", _share(day["abandonment"], f"{day['abandoned']}/{day['answered_by_person']}")
    yield "worst half hour", _share(day["worst_half_hour"], "of any 30 minutes with 20 people and more")
    if "first_hour_abandoned" in day:
        lost, met = day["first_hour_abandoned"], day["first_hour_answered_by_person"]
        yield "first hour", _share(lost / met if met else None, f"{lost}/{met}")
    yield "talk share", _share(day["talk_share"], f"{_hours(day['talk_s'])}/{_hours(day['at_work_s'])} h")
    busy_s = day["busy_s"]
    yield "occupancy", _share(day["occupancy"], f"{_hours(busy_s)}/{_hours(busy_s + day['ready_s'])} h")
    yield "wait per call", _number(day["wait_per_call_s"], "s")
    yield "calls per agent hour", _number(day["calls_per_agent_hour"], "")
    if "sales" in day:
        yield "sales", str(day["sales"])


def _share(value: float | None, made_of: str) -> str:
    return f"none ({made_of})" if value is None else f"{value * 100:.1f} % ({made_of})"


def _number(value: float | None, unit: str) -> str:
    return "none" if value is None else f"{value:.1f} {unit}".rstrip()


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f}"


def _played(day: SimulationPlan | EngineDay, folder: Path) -> dict[str, Any]:
    if isinstance(day, EngineDay):
        return _figures_of_world(day, *rehearse(day, folder))
    plain = asdict(simulate(day, folder))
    plain["plan"] |= {"mode": str(day.mode), "world": OFFICE, "leads": day.leads_in_list}
    return plain


def _figures_of_world(day: EngineDay, figures: DayFigures, dry: DryList, took_s: float) -> dict[str, Any]:
    """The same names as those of the plain day."""
    world = day.world
    plan = {"world": world.name, "agents": world.agents, "hours": world.hours, "seed": world.seed}
    return {
        "plan": plan
        | {"mode": str(day.mode), "ratio": day.ratio, "leads": day.leads_in_list, "lines": world.lines}
        | {"lead_spread": day.lead_spread, "rest_s": day.rest_s, "preview_s": day.preview_s},
        "attempts": figures.attempts,
        "joined": figures.joined,
        "cancelled": figures.cancelled,
        "skipped": figures.skipped,
        "abandoned": figures.lost,
        "answered_by_person": figures.met,
        "abandonment": figures.abandonment,
        "worst_half_hour": figures.worst_half_hour,
        "first_hour_abandoned": figures.first_hour_lost,
        "first_hour_answered_by_person": figures.first_hour_met,
        "talk_s": figures.talk_s,
        "at_work_s": figures.at_work_s,
        "talk_share": figures.talk_share,
        "busy_s": figures.talk_s + figures.wrap_up_s,
        "ready_s": figures.ready_s,
        "occupancy": figures.occupancy,
        "wait_per_call_s": figures.wait_per_call_s,
        "calls_per_agent_hour": figures.calls_per_agent_hour,
        "list_dry_at": dry.since,
        "list_dry_s": dry.seconds,
        "took_s": took_s,
    }


_USUAL = Shares()
_OTHERS = (_USUAL.busy, _USUAL.invalid, _USUAL.rejected, _USUAL.unavailable, _USUAL.congestion)
MOST_ANSWERED = round(1 - sum(_OTHERS), 6)
