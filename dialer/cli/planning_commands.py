"""Which commands are there to plan ahead: a list's funnel and forecast, and the agents a volume of calls needs?"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example
from dialer.cli.options import FormatOption, JsonOption, OptionalCampaign
from dialer.cli.output import Format, finish, table
from dialer.cli.report_commands import instant

OPENINGS_SHOWN = 6
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h)?")
_LEVEL = re.compile(r"(\d+(?:\.\d+)?)\s*%?\s*/\s*(\d+(?:\.\d+)?)\s*s?")
_SECONDS = {None: 1, "s": 1, "m": 60, "min": 60, "h": 3600}


def add_to(app: typer.Typer) -> None:
    """Put these commands into the whole."""
    app.command("forecast", epilog=example("dialer forecast Autumn", "dialer forecast Autumn --agents 12 --json"))(
        forecast
    )
    app.command(
        "funnel",
        epilog=example(
            "dialer funnel Autumn", "dialer funnel Autumn --list spring --at 2026-11-23T09:00:00-05:00 --json"
        ),
    )(funnel)
    app.command(
        "staffing",
        epilog=example(
            "dialer staffing --calls 100 --per 30m --aht 180 --service-level 80/20", "dialer staffing --campaign Autumn"
        ),
    )(staffing)


def forecast(
    campaign: Annotated[str, typer.Argument(help="The campaign's name.")],
    agents: Annotated[
        int | None, typer.Option("--agents", help="How many agents dial; those logged in if left out.")
    ] = None,
    at: Annotated[str, typer.Option("--at", help="An instant with its zone, ISO 8601; now when left out.")] = "",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Tell for 24 hours how many leads may be called, who will answer, and when the list runs dry."""
    answer = carry_out("forecast", {"campaign": campaign, "agents": agents, "at": instant(at)})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=_hours)


def funnel(
    campaign: Annotated[str, typer.Argument(help="The campaign's name.")],
    list_name: Annotated[str, typer.Option("--list", help="Only leads that came to it by this list.")] = "",
    at: Annotated[
        list[str] | None,
        typer.Option("--at", help="An instant with its zone, ISO 8601; may be repeated. Else now and 09:00 tomorrow."),
    ] = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Tell of all leads how many may be called now, tomorrow at 09:00, later or never, and what holds the rest."""
    args = {"campaign": campaign, "list": list_name, "at": [instant(each) for each in at or []]}
    finish(carry_out("funnel", args), as_json=as_json or fmt is Format.JSON, lines=_funnel)


def staffing(
    calls: Annotated[float | None, typer.Option("--calls", help="How many calls come in that time.")] = None,
    per: Annotated[str, typer.Option("--per", help="The time they come in: 30m, 1h, 900s.")] = "30m",
    aht: Annotated[str, typer.Option("--aht", help="Average handling time, in seconds or as 3m.")] = "",
    level: Annotated[str, typer.Option("--service-level", help="Percent within seconds.")] = "80/20",
    max_occupancy: Annotated[str, typer.Option("--max-occupancy", help="The busiest an agent may be.")] = "0.85",
    shrinkage: Annotated[str, typer.Option("--shrinkage", help="Share of paid time off the line.")] = "0.3",
    campaign: OptionalCampaign = "",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Tell how many agents a volume of calls needs, by Erlang C; of a campaign, for the calls it has promised."""
    percent, within_s = _level(level)
    terms = {
        "service_level": percent,
        "within_s": within_s,
        "max_occupancy": _share("--max-occupancy", max_occupancy),
        "shrinkage": _share("--shrinkage", shrinkage),
    }
    json = as_json or fmt is Format.JSON
    if campaign:
        if calls is not None:
            raise typer.BadParameter("--calls and --campaign exclude each other: a campaign brings its own volume")
        args = {"campaign": campaign, "aht_s": _seconds("--aht", aht) if aht else None, **terms}
        finish(carry_out("staffing", args), as_json=json, lines=_halves)
    if calls is None or not aht:
        raise typer.BadParameter("give --calls and --aht, or a --campaign that brings its own")
    from dialer.control import Answer, AnswerStatus
    from dialer.use_cases.staffing import plan

    done = plan(calls=calls, per_s=_seconds("--per", per), aht_s=_seconds("--aht", aht), **terms)
    answer = Answer(id="", status=AnswerStatus.DONE, message=done.message, data=done.data)
    finish(answer, as_json=json, lines=_load)


def _seconds(option: str, text: str) -> float:
    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(f"{option} {text[:20]!r}: a length such as 180, 30m or 1h is expected")
    return _finite(option, text, float(found[1]) * _SECONDS[found[2]])


def _level(text: str) -> tuple[float, float]:
    found = _LEVEL.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(f"--service-level {text[:20]!r}: percent and seconds such as 80/20 are expected")
    return _finite("--service-level", text, float(found[1])) / 100, _finite("--service-level", text, float(found[2]))


def _share(option: str, text: str) -> float:
    """`0.85` or `85%`."""
    plain = text.strip()
    try:
        share = float(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1)
    except ValueError:
        raise typer.BadParameter(f"{option} {text[:20]!r}: a share such as 0.3 or 30% is expected") from None
    return _finite(option, text, share)


def _finite(option: str, text: str, value: float) -> float:
    """Refused here, where the option's own name is known. Hundreds of digits are beyond every number, too."""
    if math.isfinite(value):
        return value
    shown = repr(text) if len(text) <= 20 else f"{text[:20]!r}... of {len(text)} characters"
    raise typer.BadParameter(f"{option} {shown}: a finite number is expected")


def _hours(data: Mapping[str, Any]) -> Iterable[str]:
    columns = {
        "hour": "hour",
        "dialable_untouched": "dialable",
        "dialable": "when dialling",
        "attempts": "attempts",
        "share": "hit rate",
        "people": "people",
        "used_up": "used up",
        "left": "left",
    }
    yield from table([_shown(hour) for hour in data.get("hours", [])], columns)
    for spell in data.get("dry_spells", []):
        until = f" until {_at(spell['ends_at'])}" if spell["ends_at"] else " to the end of the forecast"
        next_ = f"; the next lead {_at(spell['next_at'])}" if spell["next_at"] else ""
        yield f"Dry from {_at(spell['begins_at'])}{until}: {spell['reason']}{next_}."
    for bar in data.get("barred", []):
        yield f"Held for good by {bar['code']}: {bar['leads']}."
    yield from data.get("notes", [])


def _funnel(data: Mapping[str, Any]) -> Iterable[str]:
    columns = {key: key for key in ("at", "callable", "later", "in_a_call", "never")}
    columns |= {"in_a_call": "in a call", "next_at": "next at"}
    told = data.get("instants", [])
    yield from table([{**each, "at": _at(each["at"]), "next_at": _at(each["next_at"] or "")} for each in told], columns)
    for each in told:
        yield ""
        yield f"{_at(each['at'])}: what holds the others (the first shut gate; alone: no other gate is shut)"
        headings = {"standing": "standing", "words": "held because", "leads": "leads", "alone": "alone"}
        rows = [{**held, "standing": columns.get(held["standing"], held["standing"])} for held in each["held"]]
        yield from table(rows, headings)
        for hour in each["opens"][:OPENINGS_SHOWN]:
            yield f"From the hour of {_at(hour['hour'])} on: {hour['leads']} more."
    yield ""
    yield from data.get("notes", [])


def _shown(hour: Mapping[str, Any]) -> dict[str, Any]:
    people = hour["humans"]
    between = "-" if people is None else f"{people:.0f} ({hour['humans_low']:.0f}-{hour['humans_high']:.0f})"
    share = "none" if hour["hit_rate"] is None else f"{hour['hit_rate']:.1%}"
    whole = {key: _whole(hour[key]) for key in ("dialable", "attempts", "used_up", "left")}
    shown = {"hour": f"{hour['date']} {hour['time']} {hour['utc_offset']}", "people": between, "share": share}
    return {**hour, **whole, **shown}


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _at(text: str) -> str:
    return text[:16].replace("T", " ")


def _load(data: Mapping[str, Any]) -> Iterable[str]:
    waiting = data["probability_of_waiting"]
    if waiting is not None:
        yield f"{data['erlangs']:g} erlangs; {waiting:.1%} have to wait; decided by the {data['decided_by']}."
    yield data["assumption"]


def _halves(data: Mapping[str, Any]) -> Iterable[str]:
    columns = {
        "half": "from",
        "callbacks": "callbacks",
        "agents": "agents",
        "scheduled": "to schedule",
        "level": "in time",
        "average_speed_of_answer_s": "answered after s",
    }
    rows = [
        {
            **half,
            "half": f"{half['date']} {half['time']} {half['utc_offset']}",
            "level": f"{half['service_level']:.1%}",
        }
        for half in data.get("half_hours", [])
        if half["callbacks"]
    ]
    yield from table(rows, columns)
    yield from data.get("notes", [])
