"""How does a national do-not-call registry come into force, and which lists are in force now?"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from campaigns.importing.report import ImportStatus
from campaigns.model import CampaignState
from campaigns.registry import (
    Accept,
    Generations,
    Kind,
    ListImport,
    ListReport,
    Registries,
    RegistryCode,
    RegistryList,
    RegistryVerdict,
    Source,
    check_list,
    import_list,
    standing,
)
from dialer.lists_asked import EVERY_LEAD, ListNeed, lists_needed
from dialer.refusal import Refused
from dialer.registries import registry_folder, registry_list
from dialer.settings import REGISTRIES, DncSettings, SettingsFault
from dialer.settings_file import load
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler
from dialer.use_cases.context import Kind as Work

NOTHING_STORED = "Nothing was stored."
PAST_SHOWN = 3


def import_(context: Context, args: Args) -> Done:
    """Bring a list into force, all files or none; with `check` only look at it."""
    order = _order(context, args)
    folder = registry_folder(context.home, context.settings)
    if args.flag("check"):
        report = check_list(folder, order, context.now())
    else:
        report = import_list(folder, order, context.now())
    data = {"report": report.as_json()}
    if report.status in (ImportStatus.REJECT, ImportStatus.PARTIAL):
        raise Refused(f"{report.message}{_how_to_accept(order, report)}", data)
    asked = context.store.suppressions.registries_changed(context.now()) if report.generation is not None else 0
    unused = "" if order.registry.id in context.settings.dnc.registries else _not_asked(context, order.registry)
    return Done(message=f"{report.message}{unused}", data={**data, "leads_asked_again": asked})


def status(context: Context, _args: Args) -> Done:
    """Every list that is kept here: what is in force, since when, until when it counts, and what was before.

    `needs`: for each campaign, the lists that its rules ask for, and for how many days more they count.
    """
    kept, now = context.registries, context.now()
    lists = [] if kept is None else [_status(each, kept.in_force, context) for each, _ in kept.in_force.lists]
    locked = [each["list"] for each in lists if each["locks"]]
    words = f"{len(lists)} national registr{'y is' if len(lists) == 1 else 'ies are'} asked before every call."
    if not lists:
        words = (
            f"No national registry is kept here: name some in dialer.toml, [dnc] registries ({', '.join(REGISTRIES)})."
        )
    if locked:
        words = f"{words} Calls that need {', '.join(locked)} are held."
    other, needs = _other_settings(context), _needs(context)
    held = sorted({each["campaign"] for each in needs if each["holds"] and each["where"] == EVERY_LEAD})
    if held:
        words = f"{words} Every lead of {', '.join(held)} without a consent that lifts it waits for a list."
    return Done(
        message=f"{words}{other}",
        data={"lists": lists, "needs": needs, "at": now.isoformat(), "settings_differ": other.strip()},
    )


def _needs(context: Context) -> list[dict[str, Any]]:
    """For each campaign that is not stopped, the lists that its rules ask for and how they stand."""
    kept, now, trunks = context.registries, context.now(), context.store.trunks.all()
    in_force = None if kept is None else kept.in_force
    found = []
    for campaign in context.store.campaigns.all():
        if campaign.state is CampaignState.STOPPED:
            continue
        settings = context.store.campaigns.settings(campaign.id)
        found += [_need_shown(each, now) for each in lists_needed(settings, trunks, in_force, now)]
    return found


def _need_shown(need: ListNeed, now: datetime) -> dict[str, Any]:
    return {
        "campaign": need.campaign,
        "list": need.list_id,
        "where": need.where,
        "max_age_days": need.max_age_days,
        "standing": need.standing,
        "counts_until": need.counts_until.isoformat() if need.counts_until else None,
        "days_left": need.days_left(now),
        "holds": need.holds,
        "reason": need.words,
    }


def verdict_shown(verdict: RegistryVerdict) -> dict[str, Any]:
    """A verdict as plain values."""
    return {
        "answer": verdict.answer.name.lower(),
        "reason": verdict.reason,
        "list": verdict.list_id,
        "generation": verdict.generation,
        "list_date": verdict.list_date.isoformat() if verdict.list_date else None,
    }


def _status(registry: RegistryList, registries: Registries, context: Context) -> dict[str, Any]:
    (opened,) = (opened for each, opened in registries.lists if each.id == registry.id)
    past = _past(Generations(registry_folder(context.home, context.settings), registry.id))
    shown: dict[str, Any] = {
        "list": registry.id,
        "name": registry.name,
        "generation": opened.generation,
        "past": past,
    }
    if opened.manifest is None:
        why = "damaged" if opened.damaged else "missing"
        return shown | {"locks": True, "standing": why, "reason": opened.fault or "", "count": None}
    found = standing(opened.manifest, registry.max_age_days, context.now(), registry.warn_days)
    return shown | {
        "locks": found.freshness.locks,
        "standing": found.freshness.value,
        "reason": found.reason,
        "count": opened.manifest.count,
        "covered": len(opened.manifest.counts),
        "list_date": opened.manifest.list_date.isoformat(),
        "counts_until": found.counts_until.isoformat(),
        "by": opened.manifest.who,
    }


def _past(generations: Generations) -> list[int]:
    """Former generations, the newest first; none when their records cannot be read."""
    try:
        return [each.manifest.generation for each in generations.history() if not each.in_force][:PAST_SHOWN]
    except (OSError, ValueError):
        return []


def _order(context: Context, args: Args) -> ListImport:
    name = args.text("list", longest=40)
    if name not in REGISTRIES:
        raise Refused(f"There is no registry {name!r}; known: {', '.join(REGISTRIES)}. {NOTHING_STORED}")
    registry = registry_list(context.settings, name)
    if args.flag("xml") and name != "us-ftc":
        raise Refused(f"Only us-ftc comes in the FTC's XML form. {NOTHING_STORED}")
    if args.flag("xml"):
        registry = replace(registry, source=Source.FTC_XML)
    listed_at, since = args.instant("list_date"), args.instant("since")
    if listed_at is None:
        raise Refused(f"Say of which day and hour the list is (--list-date). {NOTHING_STORED}")
    files = tuple(Path(path) for path in args.texts("paths"))
    for prefix in args.texts("accept_empty"):
        if not re.fullmatch(r"\+?[1-9][0-9]{0,6}", prefix):
            raise Refused(f"--accept-empty {prefix[:20]!r}: an area such as +1212 is meant. {NOTHING_STORED}")
    accept = Accept(
        faulty_rows=args.integer("accept_rows", 0, least=0, most=1_000_000),
        count=_count(args),
        empty=frozenset(prefix.lstrip("+") for prefix in args.texts("accept_empty")),
    )
    kind = Kind.FULL if since is None else Kind.CHANGES
    try:
        return ListImport(
            registry=registry,
            kind=kind,
            files=files,
            list_date=listed_at,
            since=since,
            who=context.actor or "unknown",
            accept=accept,
        )
    except ValueError as fault:
        raise Refused(f"{fault}. {NOTHING_STORED}") from None


def _count(args: Args) -> int | None:
    if args.values.get("accept_count") is None:
        return None
    return args.integer("accept_count", least=0, most=10**10)


def _how_to_accept(order: ListImport, report: ListReport) -> str:
    if report.status is ImportStatus.PARTIAL and report.faulty_rows != order.accept.faulty_rows:
        return f" To take the list without its faulty rows, say --accept-rows {report.faulty_rows}."
    if any(each.code is RegistryCode.SMALL for each in report.faults):
        if report.faulty_rows != order.accept.faulty_rows:  # the count alone would be refused again for its rows
            return f" To take it as it is, say --accept-rows {report.faulty_rows} --accept-count {report.count}."
        return f" Here that is --accept-count {report.count}."
    if any(each.code is RegistryCode.NO_AREA for each in report.faults):
        return " To accept that, name each such area: --accept-empty +1212."
    return ""


def _other_settings(context: Context) -> str:
    """That dialer.toml was changed since the service read it; empty when what it asks is what is written there."""
    written, asked = _written(context), context.settings.dnc
    if written is None or (written.registries, written.us_area_codes, written.serves, written.folder) == (
        asked.registries,
        asked.us_area_codes,
        asked.serves,
        asked.folder,
    ):
        return ""
    return (
        f" But dialer.toml says otherwise by now (registries: {', '.join(written.registries) or 'none'}; area codes: "
        f"{', '.join(written.us_area_codes) or 'as the list has them'}) than what is asked before calls (registries: "
        f"{', '.join(asked.registries) or 'none'}): start the service anew."
    )


def _written(context: Context) -> DncSettings | None:
    """What dialer.toml and the environment say at this moment; None when they cannot be read."""
    try:
        return load(context.home, os.environ).dnc
    except SettingsFault:
        return None


def _not_asked(context: Context, registry: RegistryList) -> str:
    written = _written(context)
    if written is not None and registry.id in written.registries:
        return " dialer.toml names it, but the service began before that and does not ask it yet: start it anew."
    return f" It is not asked yet: add {registry.id!r} to [dnc] registries in dialer.toml and start the service anew."


HANDLERS: Mapping[str, Handler] = {
    "registry.import": Handler(run=import_, kind=Work.JOB, slow=True),
    "registry.status": Handler(run=status, kind=Work.READ),
}
