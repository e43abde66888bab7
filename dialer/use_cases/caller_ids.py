"""Which numbers may our calls show, and what proves it: recorded, listed, ended?"""

from __future__ import annotations

import re
from typing import Any

from campaigns.storage.caller_ids import CallerIdRight
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted, when

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def add(context: Context, args: Args) -> Done:
    """Record what proves the right to show a number; campaigns that show it may dial at once."""
    number = _number(args)
    found = context.store.caller_ids.add(number, args.text("right_to_use", longest=500), context.actor, context.now())
    _tell(context)
    return Done(message=f"{number} may be shown: {found.right_to_use}", data={"caller_id": _shown(found)})


def end(context: Context, args: Args) -> Done:
    """The number may be shown no more where a rule asks for the right to use it."""
    number, reason = _number(args), args.optional_text("reason", longest=1000) or context.reason
    context.store.caller_ids.end(number, context.actor, reason, context.now())
    _tell(context)
    return Done(message=f"The right to use {number} ended; what was recorded stays.")


def list_(context: Context, args: Args) -> Done:
    """Those in force; with `all`, ended ones too."""
    everything = args.flag("all")
    found = [each for each in context.store.caller_ids.all() if everything or each.ended_at is None]
    return Done(
        message=f"{counted(len(found), 'caller ID')} with a right to use on record.",
        data={"caller_ids": [_shown(each) for each in found]},
    )


def _number(args: Args) -> str:
    number = args.text("number", longest=20)
    if not _E164.fullmatch(number):
        raise Refused(f"caller ID {number[:20]!r}: write it as +<country><number>. Nothing was stored.")
    return number


def _tell(context: Context) -> None:
    if context.engine is not None:
        context.later(context.engine.trunks_changed)


def _shown(right: CallerIdRight) -> dict[str, Any]:
    return {
        "number": right.number,
        "right_to_use": right.right_to_use,
        "recorded_by": right.recorded_by,
        "recorded_at": when(right.recorded_at),
        "ended_by": right.ended_by,
        "ended_at": when(right.ended_at),
        "ended_reason": right.ended_reason,
    }


HANDLERS = {
    "caller_id.add": Handler(run=add, kind=Kind.WRITE),
    "caller_id.end": Handler(run=end, kind=Kind.WRITE),
    "caller_id.list": Handler(run=list_, kind=Kind.READ),
}
