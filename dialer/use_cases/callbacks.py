"""Which calls were promised to people, and which of them are overdue?"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from campaigns.storage.values import Callback
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted, lead_name

SHOWN = 1000


def list_(context: Context, args: Args) -> Done:
    """Promised calls by time, so that the missed ones come first."""
    name = args.optional_text("campaign", longest=64)
    campaign_id = context.campaign(name).id if name else None
    pending = context.store.callbacks.pending(campaign_id)
    rows = [_row(context, each) for each in pending[:SHOWN]]
    missed = sum(row["missed"] for row in rows)
    words = (
        f"{counted(len(pending), 'call is', 'calls are')} promised, {missed} of them overdue."
        if pending
        else "No call is promised."
    )
    return Done(message=words, data={"callbacks": rows, "total": len(pending), "missed": missed})


def _row(context: Context, callback: Callback) -> dict[str, Any]:
    lead = context.store.leads.lead(callback.person_id)
    campaign = context.store.campaigns.get(callback.campaign_id)
    zone = ZoneInfo(context.store.campaigns.settings(campaign.id).zone)
    owner = callback.owner_agent_id
    return {
        "id": callback.id,
        "at": callback.at.isoformat(),
        "local": callback.at.astimezone(zone).isoformat(),
        "campaign": campaign.name,
        "lead": lead_name(lead),
        "number": lead.contact_points[0].number if lead.contact_points else "",
        "agent": context.store.agents.get(owner).name if owner is not None else None,
        "missed": callback.at < context.now(),
        "note": callback.note,
        "made_by": callback.made_by,
    }


HANDLERS = {"callbacks.list": Handler(run=list_, kind=Kind.READ)}
