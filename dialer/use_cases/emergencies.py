"""How is a state of emergency declared, listed and ended? While one holds, nobody there is called to sell."""

from __future__ import annotations

from typing import Any

from campaigns.emergency import Emergency
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.rules import must_be_a_place
from dialer.use_cases.shown import counted, when


def add(context: Context, args: Args) -> Done:
    """Close every sales campaign for people who may be in a region, for some days."""
    region = must_be_a_place(args.text("region", longest=10))
    found = context.store.emergencies.declare(
        Emergency(
            region=region,
            first=args.day("from"),
            last=args.day("to"),
            reason=(args.optional_text("reason", longest=500) or context.reason).strip(),
            declared_by=context.actor,
            declared_at=context.now(),
        )
    )
    _tell(context)
    words = f"From {found.first} to {found.last} nobody who may be in {region} is called for sales."
    words += " Calls that ring now go on."
    if found.over_at <= context.now():
        words = (
            f"The emergency in {region} from {found.first} to {found.last} is on record. It is over: it holds nobody."
        )
    return Done(message=words, data={"emergency": _shown(found)})


def end(context: Context, args: Args) -> Done:
    """It is over before its last day."""
    reason = args.optional_text("reason", longest=500) or context.reason
    found = context.store.emergencies.end(args.integer("emergency", least=1), context.actor, reason, context.now())
    _tell(context)
    return Done(
        message=f"The emergency in {found.region} is over; its record stays.", data={"emergency": _shown(found)}
    )


def list_(context: Context, args: Args) -> Done:
    """Those that may still hold somewhere; with `all`, past ones too."""
    everything, now = args.flag("all"), context.now()
    found = [
        each for each in context.store.emergencies.all() if everything or (each.ended_at is None and each.over_at > now)
    ]
    message = f"{counted(len(found), 'state', 'states')} of emergency."
    return Done(message=message, data={"emergencies": [_shown(each) for each in found]})


def _tell(context: Context) -> None:
    if context.engine is not None:
        context.later(context.engine.trunks_changed)  # reads the rules of every campaign anew


def _shown(emergency: Emergency) -> dict[str, Any]:
    return {
        "id": emergency.id,
        "region": emergency.region,
        "from": emergency.first.isoformat(),
        "to": emergency.last.isoformat(),
        "reason": emergency.reason,
        "declared_by": emergency.declared_by,
        "declared_at": when(emergency.declared_at),
        "ended_by": emergency.ended_by,
        "ended_at": when(emergency.ended_at),
        "ended_reason": emergency.ended_reason,
    }


HANDLERS = {
    "rules.emergency.add": Handler(run=add, kind=Kind.WRITE),
    "rules.emergency.end": Handler(run=end, kind=Kind.WRITE),
    "rules.emergency.list": Handler(run=list_, kind=Kind.READ),
}
