"""How is a number taken off our own do-not-call list: asked for by one person, confirmed by another?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from campaigns.account import signed
from campaigns.model import Suppression
from campaigns.removal import Removal
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.dnc_words import reason_of, shown
from dialer.use_cases.numbers import number_or_pattern
from dialer.use_cases.shown import counted, when


def ask(context: Context, args: Args) -> Done:
    """Ask for the removal; the number stays barred. Where no second person is needed it is removed at once."""
    number = _number(args)
    reason = reason_of(context, args)
    if not context.settings.dnc.second_person:
        removal, entries = context.store.removals.alone(
            number, context.actor, reason, context.now(), account=context.account
        )
        return _removed(context, removal, entries)
    removal = context.store.removals.ask(number, context.actor, reason, context.now(), account=context.account)
    message = (
        f"{number} stays barred: removal {removal.id} is asked for and waits for another person than "
        f"{signed(context.actor, context.account)}, with an account of the operating system of his own, "
        f"until {removal.expires_at:%Y-%m-%d}: 'dialer dnc confirm-removal {removal.id}'."
    )
    return Done(message=message, data={"removal": removal_shown(context, removal), "entries": []})


def confirm(context: Context, args: Args) -> Done:
    """Confirm what another person asked for, by its id or by its number."""
    removal_id = _meant(context, args)
    removal, entries = context.store.removals.confirm(removal_id, context.actor, context.now(), account=context.account)
    return _removed(context, removal, entries)


def removals(context: Context, args: Args) -> Done:
    """Requests that wait for a second person; with `all`, settled ones too."""
    everything = args.flag("all")
    store = context.store.removals
    found = (
        store.latest(args.integer("limit", 200, least=1, most=10_000)) if everything else store.pending(context.now())
    )
    words = "request" if everything else "request that waits for a second person"
    more = "requests" if everything else "requests that wait for a second person"
    data = {"removals": [removal_shown(context, each) for each in found]}
    return Done(message=f"{counted(len(found), words, more)} to take a number off the list.", data=data)


def removal_shown(context: Context, removal: Removal) -> dict[str, Any]:
    """A request as plain values."""
    end = removal.end_by(context.now())
    return {
        "id": removal.id,
        "number": removal.number,
        "reason": removal.reason,
        "asked_by": removal.asked_by,
        "asked_account": removal.asked_account,
        "asked_at": removal.asked_at.isoformat(),
        "expires_at": removal.expires_at.isoformat(),
        "standing": "pending" if end is None else end.value,
        "settled_by": removal.settled_by,
        "settled_account": removal.settled_account,
        "settled_at": when(removal.settled_at),
        "entries": list(removal.entries),
    }


def _meant(context: Context, args: Args) -> int:
    if args.values.get("removal") is not None:
        return args.integer("removal", least=1)
    number = _number(args)
    found = context.store.removals.pending(context.now(), number=number)
    if not found:
        raise Refused(f"Nobody has asked to take {number} off the list. Nothing was changed.")
    return found[0].id


def _still_barred(context: Context, number: str) -> str:
    """By what a number is barred that just left our own list; empty when by nothing."""
    left = context.store.suppressions.matching(number)
    if left:
        return f"is still not called: the pattern {left[0].number} bars it."
    kept = context.registries
    verdict = None if kept is None or number.endswith("*") else kept.ask(number, context.now())
    return "" if verdict is None or verdict.passes else f"is still not called: {verdict.reason}"


def _number(args: Args) -> str:
    region = args.optional_text("region", "US")
    return number_or_pattern(args.text("number", longest=100), region, "Nothing was changed.", wide=True)


def _removed(context: Context, removal: Removal, entries: Sequence[Suppression]) -> Done:
    if context.engine is not None:
        context.later(context.engine.leads_changed)
    may = f"{removal.number} {_still_barred(context, removal.number) or 'may be called again.'}"
    count = "Its entry was" if len(entries) == 1 else f"{len(entries)} entries were"
    data = {"removal": removal_shown(context, removal), "entries": [shown(entry) for entry in entries]}
    return Done(message=f"{may} {count} taken out of force and kept on record.", data=data)


HANDLERS = {
    "dnc.remove": Handler(run=ask, kind=Kind.WRITE),
    "dnc.confirm_removal": Handler(run=confirm, kind=Kind.WRITE),
    "dnc.removals": Handler(run=removals, kind=Kind.READ),
}
