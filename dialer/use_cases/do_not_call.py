"""How are numbers listed as do-not-call, looked up, and taken off again?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from campaigns.importing import CheckReport, ImportRefused, ImportStatus, read_dnc
from campaigns.model import Scope, Suppression
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.leads import columns_of
from dialer.use_cases.numbers import meant
from dialer.use_cases.registries import verdict_shown
from dialer.use_cases.shown import counted, report_shown

NOTHING_STORED = "Nothing was stored."


def add(context: Context, args: Args) -> Done:
    """List one number; calls that ring to it are hung up as soon as the entry is durable."""
    number = meant(args.text("number", longest=100), args.optional_text("region", "US"), NOTHING_STORED)
    scope, value = _scope(context, args)
    entry = Suppression(
        number=number.e164,
        scope=scope,
        value=value,
        reason=_reason(context, args),
        source="manager",
        actor=context.actor,
        added_at=context.now(),
    )
    stored = context.store.suppressions.add(entry)
    _hang_up_ringing(context, stored)
    new = stored.added_at == entry.added_at and stored.actor == entry.actor
    words = "is listed now" if new else f"was listed already, since {stored.added_at:%Y-%m-%d} by {stored.actor}"
    return Done(message=f"{number.e164} {words} as do-not-call for {_reach(stored)}.", data={"entry": shown(stored)})


def remove(context: Context, args: Args) -> Done:
    """Take every entry of a number out of force; the rows stay with who, when and why."""
    number = meant(args.text("number", longest=100), args.optional_text("region", "US"), "Nothing was changed.")
    reason = _reason(context, args)
    entries = context.store.suppressions.matching(number.e164)
    if not entries:
        raise Refused(f"{number.e164} is not listed as do-not-call. Nothing was changed.")
    removed = []
    for entry in entries:
        assert entry.id is not None
        found = context.store.suppressions.remove(entry.id, context.actor, reason, context.now(), number=number.e164)
        removed.append(found)
    if context.engine is not None:
        context.later(context.engine.leads_changed)
    count = f"{len(removed)} entries were" if len(removed) > 1 else "Its entry was"
    kept = context.registries
    verdict = None if kept is None else kept.ask(number.e164, context.now())
    barred = verdict is not None and not verdict.passes
    may = f"{number.e164} is still not called: {verdict.reason}" if verdict and barred else ""
    message = f"{may or f'{number.e164} may be called again.'} {count} taken out of force and kept on record."
    return Done(message=message, data={"entries": [shown(entry) for entry in removed]})


def check(context: Context, args: Args) -> Done:
    """Tell whether a number is listed, and every entry it ever had."""
    number = meant(args.text("number", longest=100), args.optional_text("region", "US"), "Nothing was looked up.")
    entries = context.store.suppressions.matching(number.e164, removed=True)
    in_force = [entry for entry in entries if entry.removed_at is None]
    words = "is listed as do-not-call" if in_force else "is not on our own do-not-call list"
    kept = context.registries
    verdict = None if kept is None else kept.ask(number.e164, context.now())
    data = {
        "number": number.e164,
        "listed": bool(in_force),
        "barred": bool(in_force) or (verdict is not None and not verdict.passes),
        "entries": [shown(entry) for entry in entries],
        "registry": None if verdict is None else verdict_shown(verdict),
    }
    registered = "" if verdict is None else f" {verdict.reason}"
    held = " It is not called." if data["barred"] else ""
    return Done(message=f"{number.e164} {words}.{registered}{held}", data=data)


def list_(context: Context, args: Args) -> Done:
    """The newest entries in force."""
    entries = context.store.suppressions.latest(args.integer("limit", 200, least=1, most=10_000))
    total = context.store.suppressions.count()
    shown_entries = [shown(entry) for entry in entries]
    return Done(
        message=f"{counted(total, 'do-not-call number')} in force.", data={"total": total, "entries": shown_entries}
    )


def read(args: Args) -> tuple[CheckReport, tuple[str, ...]]:
    """The numbers of a file and what is wrong with it; needs no store."""
    reading = read_dnc(
        args.path("path"),
        region=args.optional_text("region", "US"),
        encoding=args.optional_text("encoding") or None,
        mapping=columns_of(args),
    )
    try:
        numbers = [row.number.e164 for row in reading]
    except ImportRefused as refusal:
        return reading.refused(refusal), ()
    return reading.report(numbers), tuple(numbers)


def import_(context: Context, args: Args) -> Done:
    """List all numbers of a file or none; a file with a faulty row needs `accept_faults`."""
    report, numbers = args.prepared
    data = {"report": report_shown(report)}
    if report.status is ImportStatus.REJECT:
        raise Refused(report.message, data)
    if report.status is ImportStatus.PARTIAL and not args.flag("accept_faults"):
        raise Refused(f"{report.message} To take its good rows as they are, say --accept-faults.", data)
    scope, value = _scope(context, args)
    entry = partial(
        Suppression,
        scope=scope,
        value=value,
        reason=_reason(context, args),
        source=Path(args.text("path")).name[:200],
        actor=context.actor,
        added_at=context.now(),
    )
    entries = tuple(entry(number=number) for number in numbers)
    added, known = context.store.suppressions.add_many(entries)
    for each in entries:
        _hang_up_ringing(context, each)
    message = (
        f"{counted(added, 'number is', 'numbers are')} listed now as do-not-call for {_reach(entries[0])}, "
        f"{counted(known, 'was', 'were')} listed already."
    )
    return Done(message=message, data={**data, "added": added, "known": known})


def shown(entry: Suppression) -> dict[str, Any]:
    """An entry as plain values."""
    return {
        "id": entry.id,
        "number": entry.number,
        "scope": entry.scope.value,
        "value": entry.value,
        "reason": entry.reason,
        "source": entry.source,
        "actor": entry.actor,
        "added_at": entry.added_at.isoformat(),
        "removed_at": entry.removed_at.isoformat() if entry.removed_at else None,
        "removed_by": entry.removed_by,
        "removed_reason": entry.removed_reason,
    }


def _hang_up_ringing(context: Context, entry: Suppression) -> None:
    if context.engine is not None:
        context.later(partial(context.engine.number_suppressed, entry))


def _scope(context: Context, args: Args) -> tuple[Scope, str]:
    text, value = args.optional_text("scope", "everything"), args.optional_text("value", longest=200).strip()
    try:
        scope = Scope(text)
    except ValueError:
        raise Refused(f"Scope {text[:40]!r}: one of {', '.join(Scope)}. {NOTHING_STORED}") from None
    if scope is Scope.EVERYTHING and value:
        raise Refused(f"Scope everything takes no value; meant seller or campaign? {NOTHING_STORED}")
    if scope is not Scope.EVERYTHING and not value:
        raise Refused(f"Scope {scope} needs --value: the {scope}'s name. {NOTHING_STORED}")
    if scope is Scope.CAMPAIGN:
        context.campaign(value)
    return scope, value


def _reason(context: Context, args: Args) -> str:
    reason = (args.optional_text("reason", longest=1000) or context.reason).strip()
    if not reason:
        raise Refused("Say why (--reason); it is kept for ever. Nothing was changed.")
    return reason


def _reach(entry: Suppression) -> str:
    return "everything" if entry.scope is Scope.EVERYTHING else f"{entry.scope} {entry.value}"


HANDLERS = {
    "dnc.add": Handler(run=add, kind=Kind.WRITE),
    "dnc.remove": Handler(run=remove, kind=Kind.WRITE),
    "dnc.check": Handler(run=check, kind=Kind.READ),
    "dnc.list": Handler(run=list_, kind=Kind.READ),
    "dnc.import": Handler(run=import_, kind=Kind.WRITE, prepare=read),
}
