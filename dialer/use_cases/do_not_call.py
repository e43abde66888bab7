"""How are numbers listed as do-not-call, looked up, and taken off again?"""

from __future__ import annotations

from campaigns.model import Scope, Suppression
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.dnc_words import (
    NOTHING_STORED,
    hang_up_ringing,
    no_such_seller,
    reach_words,
    reason_of,
    scope_of,
    shown,
)
from dialer.use_cases.numbers import number_or_pattern
from dialer.use_cases.registries import verdict_shown
from dialer.use_cases.removals import removal_shown
from dialer.use_cases.shown import counted


def add(context: Context, args: Args) -> Done:
    """List one number; calls that ring to it are hung up as soon as the entry is durable."""
    number = number_or_pattern(
        args.text("number", longest=100),
        args.optional_text("region", "US"),
        NOTHING_STORED,
        wide=args.flag("accept_wide"),
    )
    scope, value = scope_of(context, args)
    entry = Suppression(
        number=number,
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
    told = f"{number} {words} as do-not-call for {reach_words(stored)}.{no_such_seller(context, scope, value)}"
    return Done(message=told, data={"entry": shown(stored)})


def check(context: Context, args: Args) -> Done:
    """Tell whether a number is listed, and every entry it ever had."""
    region = args.optional_text("region", "US")
    number = number_or_pattern(args.text("number", longest=100), region, "Nothing was looked up.", wide=True)
    entries = context.store.suppressions.matching(number, removed=True)
    in_force = [entry for entry in entries if entry.removed_at is None]
    own = any(entry.number == number or not entry.number.endswith("*") for entry in in_force)
    pattern = f" by the pattern {in_force[0].number}" if in_force and not own else ""
    words = f"is listed as do-not-call{pattern}" if in_force else "is not on our own do-not-call list"
    pending = context.store.removals.pending(context.now(), number=number)
    kept = context.registries
    verdict = None if kept is None or number.endswith("*") else kept.ask(number, context.now())
    for_everybody = any(entry.scope is Scope.EVERYTHING for entry in in_force)
    barred = for_everybody or (verdict is not None and not verdict.passes)
    barred_for = [] if barred else sorted({reach_words(entry) for entry in in_force})
    data = {
        "number": number,
        "listed": bool(in_force),
        "barred": barred,
        "barred_for": barred_for,
        "entries": [shown(entry) for entry in entries],
        "registry": None if verdict is None else verdict_shown(verdict),
        "removals": [removal_shown(context, each) for each in pending],
    }
    registered = "" if verdict is None else f" {verdict.reason}"
    held = " It is not called." if barred else f" It is not called for {', '.join(barred_for)}." if barred_for else ""
    asked = f" Removal {pending[0].id} waits for another person than {pending[0].asked_by}." if pending else ""
    return Done(message=f"{number} {words}.{registered}{held}{asked}", data=data)


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
