"""What do all commands about our own do-not-call list share: its scopes, reasons and how an entry is shown?"""

from __future__ import annotations

from functools import partial
from typing import Any

from campaigns.model import Scope, Suppression, same_seller
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context

NOTHING_STORED = "Nothing was stored."


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


def hang_up_ringing(context: Context, entry: Suppression) -> None:
    """End calls that ring to the number once the entry is durable."""
    if context.engine is not None:
        context.later(partial(context.engine.number_suppressed, entry))


def scope_of(context: Context, args: Args) -> tuple[Scope, str]:
    """Whom an entry bars, as `scope` and `value` say. Raises Refused, also for a campaign that is not there."""
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


def no_such_seller(context: Context, scope: Scope, value: str) -> str:
    """A word of warning when no campaign calls for the seller of an entry: until one does, it bars nobody."""
    campaigns = context.store.campaigns
    sellers = sorted({campaigns.settings(each.id).seller_name for each in campaigns.all()} - {""})
    if scope is not Scope.SELLER or not sellers or any(same_seller(value, each) for each in sellers):
        return ""
    return f" But no campaign has this seller, so it bars nobody yet; there are: {', '.join(sellers[:10])}."


def reason_of(context: Context, args: Args) -> str:
    """Why, as the command says. Raises Refused without a reason."""
    reason = (args.optional_text("reason", longest=1000) or context.reason).strip()
    if not reason:
        raise Refused("Say why (--reason); it is kept for ever. Nothing was changed.")
    return reason


def reach_words(entry: Suppression) -> str:
    """Whom an entry bars, for people."""
    return "everything" if entry.scope is Scope.EVERYTHING else f"{entry.scope} {entry.value}"
