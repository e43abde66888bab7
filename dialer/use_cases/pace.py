"""Why did we dial as we did at 10:40? The decision log of a campaign, by minute, in words and figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.storage.values import Campaign, SettingsVersion
from dialer.decision_log import MINUTE, MinuteOfDecisions, Said, Standing, Telling
from dialer.decision_row import minute_of
from dialer.decision_words import (
    Stretch,
    between,
    clock,
    day_and_time,
    figures_in_words,
    in_words,
    local,
    stretch_shown,
    what_it_means,
)
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.day_times import begin_of, instants

LATELY = 10 * MINUTE  # what is told when nobody names a time
IN_DETAIL = 10 * MINUTE  # up to here every kept sentence is told
BY_MINUTE = timedelta(hours=2)  # up to here there is a row for each minute, beyond for each half hour
HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The stretch of time that was asked for; `end` is not in it and is never later than now."""

    begin: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def one_minute(self) -> bool:
        return self.end - self.begin <= MINUTE

    def words(self) -> str:
        return f"{self.begin.astimezone(self.zone):%Y-%m-%d} {time_words(self.begin, self.end, self.zone)}"


def time_words(begin: datetime, end: datetime, zone: ZoneInfo) -> str:
    """`10:40-10:41`; `10:40-10:41 so far` while that minute is going on: nothing but the present ends within one."""
    whole = _floor(end)
    return between(begin, end, zone) if whole == end else f"{between(begin, whole + MINUTE, zone)} so far"


def _shown(stretch: Stretch, zone: ZoneInfo) -> dict[str, Any]:
    return stretch_shown(stretch, zone) | {"time": time_words(stretch.begin, stretch.end, zone)}


def _sentence_of(stretch: Stretch, zone: ZoneInfo) -> str:
    """What happened, behind the time: `in_words` would call the minute going on `10:40-10:40`."""
    told = in_words(stretch, zone).removeprefix(between(stretch.begin, stretch.end, zone))
    return f"{time_words(stretch.begin, stretch.end, zone)}{told}"


def explain(context: Context, args: Args) -> Done:
    """What pacing did in a minute or a stretch of one day, by what it was held, and what was said then.

    `at`, or `from` and `to`, as times of day in the campaign's zone on `date` (today when left out); the last ten
    minutes when no time is named. Raises Refused when nothing was decided then, saying why.
    """
    campaign = context.campaign(args.text("campaign", longest=64))
    asked = _asked(context, campaign, args)
    minutes = _minutes(context, campaign, asked)
    if not minutes:
        raise Refused(_nothing(context, campaign, asked))
    whole = Stretch(begin=asked.begin, end=asked.end, minutes=minutes)
    before = _before(context, campaign, asked) if asked.one_minute else ""
    settings = _settings_words(context, campaign, asked)
    data = {
        "campaign": campaign.name,
        "zone": asked.zone.key,
        **_shown(whole, asked.zone),
        "meaning": what_it_means(whole),
        "figures_said": figures_in_words(whole),
        "before": before,
        "settings_said": settings,
        "state": _state(minutes[-1].standing, asked.zone),
        "rows": [] if asked.one_minute else _rows(context, campaign, asked, minutes),
        "said": _said(minutes, asked),
        "left_out": sum(each.left_out for each in minutes) if asked.end - asked.begin <= IN_DETAIL else 0,
    }
    return Done(message=_sentence_of(whole, asked.zone), data=data)


def forget_old(context: Context) -> int:
    """Delete what is older than `decisions.keep_days`, a day's worth at a time: how many minutes went."""
    end = context.now() - timedelta(days=context.settings.decisions.keep_days)
    gone = 0
    for campaign in context.store.campaigns.all():
        oldest = context.store.decisions.first_from(campaign.id, datetime.min.replace(tzinfo=UTC))
        if oldest is not None and oldest.minute < end - timedelta(days=1):
            gone += context.store.decisions.forget(campaign.id, end)
    return gone


# --- which time is meant ---------------------------------------------------------------------------------


def _asked(context: Context, campaign: Campaign, args: Args) -> Asked:
    zone = ZoneInfo(context.store.campaigns.settings(campaign.id).zone)
    now = context.now()
    named = {name: args.optional_text(name, longest=40) for name in ("at", "from", "to")}
    day = args.optional_day("date")
    if named["at"] and (named["from"] or named["to"]):
        raise Refused("Give --at for a minute, or --from and --to for a stretch, not both. Nothing was looked up.")
    if day is None and not any(named.values()):
        return Asked(begin=_floor(now) - LATELY + MINUTE, end=now, zone=zone)
    begin, end = _named(named, day or now.astimezone(zone).date(), zone)
    if begin >= now:
        raise Refused(
            f"{day_and_time(begin, zone)} has not come yet in {zone.key}; --date names another day. "
            "Nothing was looked up."
        )
    if end <= begin:
        raise Refused(f"--to {named['to']} is not after --from {named['from']}. Nothing was looked up.")
    return Asked(begin=begin, end=min(end, now), zone=zone)


def _named(named: dict[str, str], day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A minute that clocks going back show twice is the stretch from its first to the end of its second."""
    if named["at"]:
        meant = instants(named["at"], day, zone, "--at")
        return meant[0], meant[-1] + MINUTE
    begin = instants(named["from"], day, zone, "--from")[0] if named["from"] else begin_of(day, zone)
    end = instants(named["to"], day, zone, "--to")[-1] if named["to"] else begin_of(day + timedelta(days=1), zone)
    return begin, end


def _floor(at: datetime) -> datetime:
    return at - timedelta(seconds=at.second, microseconds=at.microsecond)


# --- what is there ---------------------------------------------------------------------------------------


def _minutes(context: Context, campaign: Campaign, asked: Asked) -> tuple[MinuteOfDecisions, ...]:
    """From the store, and from the engine what it does not hold yet; in order."""
    rows = context.store.decisions.between(campaign.id, asked.begin, asked.end)
    found = {row.minute: minute_of(row) for row in rows}
    for minute in context.engine.unwritten_decisions(campaign.id) if context.engine is not None else ():
        if asked.begin <= minute.minute < asked.end and not minute.empty:
            found[minute.minute] = minute
    return tuple(found[minute] for minute in sorted(found))


def _before(context: Context, campaign: Campaign, asked: Asked) -> str:
    """How fast it went in the hour before, to compare with."""
    hour = Asked(begin=asked.begin - HOUR, end=asked.begin, zone=asked.zone)
    minutes = _minutes(context, campaign, hour)
    if not minutes:
        return ""
    stretch = Stretch(begin=hour.begin, end=hour.end, minutes=minutes)
    cause, share = stretch.held_most
    held = f", held most by {cause} ({100 * share:.0f} %)" if cause else ""
    return f"In the hour before: {stretch.launched / len(minutes):.1f} calls launched a minute{held}."


def _settings_words(context: Context, campaign: Campaign, asked: Asked) -> list[str]:
    """Settings that were saved in the stretch or the hour before it."""
    versions = context.store.campaigns.settings_history(campaign.id)
    recent = [each for each in versions if asked.begin - HOUR <= each.saved_at < asked.end]
    return [_version(each, asked.zone) for each in recent]


def _version(each: SettingsVersion, zone: ZoneInfo) -> str:
    return f"{clock(each.saved_at, zone)}: version {each.version} of the settings was saved by {each.actor}."


def _said(minutes: Iterable[MinuteOfDecisions], asked: Asked) -> list[dict[str, Any]]:
    """The kept sentences with their instants; of a long stretch only who started or stopped it."""
    everything = asked.end - asked.begin <= IN_DETAIL
    return [
        _sentence(minute, said, asked.zone)
        for minute in minutes
        for said in sorted(minute.said, key=lambda each: each.second)
        if everything or said.telling is Telling.MOVE
    ]


def _sentence(minute: MinuteOfDecisions, said: Said, zone: ZoneInfo) -> dict[str, Any]:
    at = minute.minute + timedelta(seconds=said.second)
    return {"at": local(at, zone), "why": said.telling.value, "words": said.words}


def _rows(
    context: Context, campaign: Campaign, asked: Asked, minutes: tuple[MinuteOfDecisions, ...]
) -> list[dict[str, Any]]:
    """One row per minute or half hour; stretches in which nothing was decided are one row that says why."""
    step = MINUTE if asked.end - asked.begin <= BY_MINUTE else HALF_HOUR
    slots: dict[datetime, list[MinuteOfDecisions]] = {}
    for minute in minutes:
        slots.setdefault(asked.begin + ((minute.minute - asked.begin) // step) * step, []).append(minute)
    rows, at, standing = [], asked.begin, _standing_before(context, campaign, asked.begin)
    for begin, found in slots.items():
        if begin > at:
            rows.append(_gap(at, begin, standing, asked.zone))
        at = min(begin + step, asked.end)
        rows.append(_shown(Stretch(begin=begin, end=at, minutes=tuple(found)), asked.zone) | {"gap": ""})
        standing = found[-1].standing
    return [*rows, _gap(at, asked.end, standing, asked.zone)] if at < asked.end else rows


def _gap(begin: datetime, end: datetime, standing: Standing | None, zone: ZoneInfo) -> dict[str, Any]:
    empty = _shown(Stretch(begin=begin, end=end, minutes=()), zone)
    return empty | {"gap": _standing_words(standing, zone) or "nothing was decided"}


def _standing_before(context: Context, campaign: Campaign, instant: datetime) -> Standing | None:
    row = context.store.decisions.last_before(campaign.id, instant)
    return None if row is None else minute_of(row).standing


# --- why there is nothing --------------------------------------------------------------------------------


def _nothing(context: Context, campaign: Campaign, asked: Asked) -> str:
    """Why nothing was decided then, as far as anybody knows."""
    head = f"Nothing was decided for {campaign.name} at {asked.words()}"
    zone = asked.zone
    if asked.end <= campaign.created_at:
        return f"{head}: it was made at {day_and_time(campaign.created_at, zone)} by {campaign.created_by}."
    days = context.settings.decisions.keep_days
    if asked.end < context.now() - timedelta(days=days):
        return f"{head}, or it is forgotten: decisions are kept for {days} days."
    standing = _standing_before(context, campaign, asked.begin)
    if standing is not None and standing.state != "RUNNING":
        return f"{head}: {_standing_words(standing, zone)}{_until(context, campaign, asked)}."
    if standing is None:
        return f"{head}: no decision is recorded before; the campaign is {campaign.state} now."
    last = context.store.decisions.last_before(campaign.id, asked.begin)
    assert last is not None
    seen = f"{day_and_time(last.minute, zone)}"
    return f"{head}: the dialer was not running. Its last decision was at {seen}{_until(context, campaign, asked)}."


def _until(context: Context, campaign: Campaign, asked: Asked) -> str:
    later = context.store.decisions.first_from(campaign.id, asked.end)
    return "" if later is None else f"; decisions go on at {day_and_time(later.minute, asked.zone)}"


def _standing_words(standing: Standing | None, zone: ZoneInfo) -> str:
    if standing is None:
        return ""
    if standing.state == "RUNNING":
        return "the dialer was not running"
    since = f"{day_and_time(standing.since, zone)}"
    return f"the campaign was {standing.state.lower()} from {since} by {standing.actor}"


def _state(standing: Standing | None, zone: ZoneInfo) -> dict[str, str] | None:
    if standing is None:
        return None
    return {"state": standing.state, "since": local(standing.since, zone), "by": standing.actor}


HANDLERS = {"pace.explain": Handler(run=explain, kind=Kind.READ)}
