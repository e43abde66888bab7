"""How does a campaign get another name, or a clone? Neither is a way out of its abandonment limit."""

from __future__ import annotations

from campaigns.settings import settings_as_dict, settings_from
from campaigns.storage.values import Campaign
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.campaign_names import still_needed
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted

NO_LEADS = "no leads; give it some with 'dialer leads import' or 'dialer campaign attach-list'"


def rename(context: Context, args: Args) -> Done:
    """Another name for the same campaign: calls, figures, abandonment window, leads, agents and do-not-call go on."""
    campaign, new_name = context.campaign(args.text("name")), args.text("new_name", longest=64)
    if new_name == campaign.name:
        return Done(message=f"Campaign {new_name} is called so already. Nothing was changed.", data={"name": new_name})
    settings = settings_from(settings_as_dict(context.store.campaigns.settings(campaign.id)) | {"name": new_name})
    version = context.store.campaigns.save_settings(campaign.id, settings, context.actor, context.now())
    _tell_engine(context, new_name)
    words = "Its calls, figures, abandonment, leads, agents and do-not-call entries go on under it."
    data = {"name": new_name, "former_name": campaign.name, "version": version}
    return Done(message=f"Campaign {campaign.name} is called {new_name} now. {words}", data=data)


def clone(context: Context, args: Args) -> Done:
    """A new campaign like another: settings, script, agents, do-not-call and abandonment window; leads when asked."""
    origin, new_name = context.campaign(args.text("name")), args.text("new_name", longest=64)
    if new_name == origin.name:
        raise Refused(f"A clone of {origin.name} needs a name of its own. Nothing was made.")
    made = context.store.campaigns.clone(origin.id, new_name, context.actor, context.now(), lists=args.flag("leads"))
    _tell_engine(context, new_name)
    agents = [agent.name for agent in context.store.campaigns.agents(made.id)]
    leads = sum(count.leads for count in context.store.queue.counts(made.id))
    shared = [each.name for each in context.store.campaigns.sharing_window(made.id) if each.id != made.id]
    message = (
        f"Campaign {new_name} was made like {origin.name}: its settings, {counted(len(agents), 'agent')}, "
        f"{_leads(context, made, leads)}. Abandoned calls are counted together with {', '.join(shared)}. Nothing is "
        f"dialled before it is started.{still_needed(context, context.store.campaigns.settings(made.id))}"
    )
    data = {"name": new_name, "state": made.state.value, "agents": agents, "leads": leads, "shared_with": shared}
    return Done(message=message, data=data)


def _leads(context: Context, made: Campaign, leads: int) -> str:
    lists = context.store.campaigns.lists(made.id)
    if not lists:
        return NO_LEADS
    return f"{counted(leads, 'lead')} of {counted(len(lists), 'list')}, all begun anew, those called before too"


def _tell_engine(context: Context, name: str) -> None:
    engine = context.engine
    if engine is not None:
        context.later(lambda: engine.settings_changed(name))
        context.later(engine.agents_changed)


HANDLERS = {
    "campaign.rename": Handler(run=rename, kind=Kind.WRITE),
    "campaign.clone": Handler(run=clone, kind=Kind.WRITE),
}
