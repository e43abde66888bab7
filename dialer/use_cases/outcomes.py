"""Which calls ended without an outcome, and how does the supervisor give them one?"""

from __future__ import annotations

from typing import Any

from dialer.desk import check_callback_time
from dialer.late_outcome import set_late
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted, lead_name

SHOWN = 500


def list_(context: Context, args: Args) -> Done:
    """Calls in which an agent spoke and set no outcome, the oldest first; their leads rest for a day."""
    campaign = context.campaign(args.text("campaign", longest=64))
    open_ = context.store.attempts.without_disposition(campaign.id)
    agents = {agent.id: agent.name for agent in context.store.agents.all()}
    rows: list[dict[str, Any]] = [
        {
            "attempt": attempt.id,
            "at": attempt.created_at.isoformat(),
            "number": attempt.number,
            "lead": lead_name(context.store.leads.lead(attempt.person_id)),
            "agent": agents.get(attempt.facts.agent_id or 0),
            "talk_s": round(attempt.facts.talk_ms / 1000, 1),
        }
        for attempt in open_[:SHOWN]
    ]
    words = (
        f"{counted(len(open_), 'call')} of {campaign.name} ended without an outcome."
        if open_
        else "Every call has its outcome."
    )
    return Done(message=words, data={"calls": rows, "total": len(open_)})


def set_(context: Context, args: Args) -> Done:
    """Give one of them its outcome: its lead moves by it, unless he was called again meanwhile."""
    attempt = context.store.attempts.get(args.text("attempt", longest=64))
    if attempt is None:
        raise Refused("There is no such call; 'dialer outcome list' names those that wait. Nothing was stored.")
    code, now = args.text("disposition", longest=64), context.now()
    callback_at = args.instant("callback_at")
    check_callback_time(callback_at, now)
    moved = set_late(context.store, attempt, code, callback_at, actor=context.actor, now=now)
    engine = context.engine
    if engine is not None:
        context.later(lambda: engine.outcome_set(attempt.campaign_id))
        context.later(engine.leads_changed)
    words = "" if moved else " Its lead was called again meanwhile and does not move."
    return Done(message=f"The call to {attempt.number} has the outcome {code}.{words}", data={"lead_moved": moved})


HANDLERS = {
    "outcomes.list": Handler(run=list_, kind=Kind.READ),
    "outcomes.set": Handler(run=set_, kind=Kind.WRITE),
}
