"""How are numbers listed as do-not-call, looked up, and taken off again?"""

from __future__ import annotations

from campaigns.model import Suppression
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.dnc_words import NOTHING_STORED, hang_up_ringing, reach_words, reason_of, scope_of, shown
from dialer.use_cases.numbers import meant
from dialer.use_cases.registries import verdict_shown
from dialer.use_cases.removals import removal_shown
from dialer.use_cases.shown import counted


def add(context: Context, args: Args) -> Done:
    """List one number; calls that ring to it are hung up as soon as the entry is durable."""
    number = meant(args.text("number", longest=100), args.optional_text("region", "US"), NOTHING_STORED)
    scope, value = scope_of(context, args)
    entry = Suppression(
        number=number.e164,
        scope=scope,
        value=value,
        reason=reason_of(context, args),
        source="manager",
        actor=context.actor,
        added_at=context.now(),
    )
    stored = context.store.suppressions.add(entry)
    hang_up_ringing(context, stored)
    new = stored.added_at == entry.added_at and stored.actor == entry.actor
    words = "is listed now" if new else f"was listed already, since {stored.added_at:%Y-%m-%d} by {stored.actor}"
    return Done(
        message=f"{number.e164} {words} as do-not-call for {reach_words(stored)}.", data={"entry": shown(stored)}
    )


def check(context: Context, args: Args) -> Done:
    """Tell whether a number is listed, and every entry it ever had."""
    number = meant(args.text("number", longest=100), args.optional_text("region", "US"), "Nothing was looked up.")
    entries = context.store.suppressions.matching(number.e164, removed=True)
    in_force = [entry for entry in entries if entry.removed_at is None]
    words = "is listed as do-not-call" if in_force else "is not on our own do-not-call list"
    pending = context.store.removals.pending(context.now(), number=number.e164)
    kept = context.registries
    verdict = None if kept is None else kept.ask(number.e164, context.now())
    data = {
        "number": number.e164,
        "listed": bool(in_force),
        "barred": bool(in_force) or (verdict is not None and not verdict.passes),
        "entries": [shown(entry) for entry in entries],
        "registry": None if verdict is None else verdict_shown(verdict),
        "removals": [removal_shown(context, each) for each in pending],
    }
    registered = "" if verdict is None else f" {verdict.reason}"
    held = " It is not called." if data["barred"] else ""
    asked = f" Removal {pending[0].id} waits for another person than {pending[0].asked_by}." if pending else ""
    return Done(message=f"{number.e164} {words}.{registered}{held}{asked}", data=data)


def list_(context: Context, args: Args) -> Done:
    """The newest entries in force."""
    entries = context.store.suppressions.latest(args.integer("limit", 200, least=1, most=10_000))
    total = context.store.suppressions.count()
    shown_entries = [shown(entry) for entry in entries]
    return Done(
        message=f"{counted(total, 'do-not-call number')} in force.", data={"total": total, "entries": shown_entries}
    )


HANDLERS = {
    "dnc.add": Handler(run=add, kind=Kind.WRITE),
    "dnc.check": Handler(run=check, kind=Kind.READ),
    "dnc.list": Handler(run=list_, kind=Kind.READ),
}
