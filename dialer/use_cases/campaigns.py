"""How are campaigns made, set, shown, and told to start or stop?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from campaigns.model import LeadState
from campaigns.settings import CampaignSettings, settings_as_dict, settings_from
from campaigns.storage.values import Campaign
from dialer.abandon_window import stored_budget
from dialer.refusal import Refused
from dialer.rules import rules_for
from dialer.use_cases.arguments import Args
from dialer.use_cases.campaign_names import require_dialling_goes_on, require_known, still_needed
from dialer.use_cases.campaign_text import as_toml
from dialer.use_cases.checklist import checklist, undeclared
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted, when
from dialer.views import budget_shown, figure

SKIPS_SHOWN = timedelta(days=30)


def create(context: Context, args: Args) -> Done:
    """A campaign in DRAFT with these settings as its first version, and the lists it is to call."""
    settings = settings_from(args.table("settings"))
    require_known(context, settings, ("rule_profile",))
    made = context.store.campaigns.create(settings, context.actor, context.now())
    leads = sum(_attach(context, made, name) for name in args.texts("lists"))
    _tell_engine(context, made.name)
    hints = still_needed(context, settings)
    message = (
        f"Campaign {made.name} was made with {counted(leads, 'lead')}; nothing is dialled before it is started.{hints}"
    )
    return Done(message=message, data={"name": made.name, "state": made.state.value, "leads": leads})


def set_(context: Context, args: Args) -> Done:
    """A new version of the settings; live calls keep theirs."""
    campaign = context.campaign(args.text("name"))
    changes = args.table("changes")
    if not changes:
        raise Refused("Say what to change, such as ratio=1.5. Nothing was changed.")
    former = context.store.campaigns.settings(campaign.id)
    settings = settings_from(settings_as_dict(former) | changes)
    if settings.name != campaign.name:
        raise Refused("A campaign gets another name by 'dialer campaign rename'. Nothing was changed.")
    require_known(context, settings, changes)
    require_dialling_goes_on(context, campaign, former, settings)
    version = context.store.campaigns.save_settings(campaign.id, settings, context.actor, context.now())
    _tell_engine(context, campaign.name)
    if version == campaign.settings_version:
        return Done(message=f"Campaign {campaign.name} was set so already.", data={"version": version})
    changed = ", ".join(f"{key} = {_value(settings, key)}" for key in changes)
    return Done(message=f"Campaign {campaign.name}, version {version}: {changed}.", data={"version": version})


def attach_list(context: Context, args: Args) -> Done:
    """Let the campaign call a list."""
    campaign, name = context.campaign(args.text("name")), args.text("list", longest=64)
    leads = _attach(context, campaign, name)
    if context.engine is not None:
        context.later(context.engine.leads_changed)
    return Done(
        message=f"Campaign {campaign.name} calls list {name}: {counted(leads, 'new lead')}.", data={"leads": leads}
    )


def export(context: Context, args: Args) -> Done:
    """The settings as TOML, which `campaign create` reads back."""
    campaign = context.campaign(args.text("name"))
    toml = as_toml(context.store.campaigns.settings(campaign.id))
    return Done(message=f"Settings of campaign {campaign.name}, version {campaign.settings_version}.",
                data={"name": campaign.name, "version": campaign.settings_version, "toml": toml})  # fmt: skip


def show(context: Context, args: Args) -> Done:
    """State, leads and settings; while the service runs also what the board shows."""
    campaign = context.campaign(args.text("name"))
    settings = context.store.campaigns.settings(campaign.id)
    data = _row(context, campaign, settings) | {
        "settings_version": campaign.settings_version,
        "agents": [agent.name for agent in context.store.campaigns.agents(campaign.id)],
        "created_at": when(campaign.created_at),
        "created_by": campaign.created_by,
        "settings": settings_as_dict(settings),
        "versions": [
            {"version": each.version, "saved_by": each.actor, "saved_at": when(each.saved_at)}
            for each in context.store.campaigns.settings_history(campaign.id)
        ],
    }
    data["skips"] = _skips(context, campaign)
    if context.engine is not None:
        row = context.engine.campaign_view(campaign.name)["row"]
        keys = ("pace", "paced_at", "calls", "today", "hit_rate", "abandon_today", "abandon_30d", "budget")
        data |= {key: row[key] for key in keys}
    else:
        data |= _abandonment(context, campaign, settings)
    return Done(message=f"Campaign {campaign.name} is {campaign.state}.", data=data)


def _skips(context: Context, campaign: Campaign) -> list[dict[str, Any]]:
    """How often each reason was given for skipping a lead in preview mode, within 30 days."""
    found = context.store.previews.skips(campaign.id, context.now() - SKIPS_SHOWN)
    return [{"reason": reason, "leads": times} for reason, times in found]


def _abandonment(context: Context, campaign: Campaign, settings: CampaignSettings) -> dict[str, Any]:
    """The budget as stored, while no service runs; calls it did not close are of unknown fate until one does."""
    budget = stored_budget(context.store, campaign, settings, context.now())
    sharing = [each.name for each in context.store.campaigns.sharing_window(campaign.id) if each.id != campaign.id]
    return {
        "abandon_today": figure(budget.today.abandoned, budget.today.base),
        "abandon_30d": figure(budget.thirty_days.abandoned, budget.thirty_days.base),
        "budget": budget_shown(budget, sharing),
    }


def list_(context: Context, _args: Args) -> Done:
    """All campaigns."""
    campaigns = context.store.campaigns.all()
    rows = [_row(context, each, context.store.campaigns.settings(each.id)) for each in campaigns]
    return Done(message=f"{counted(len(rows), 'campaign')}.", data={"campaigns": rows})


def start(context: Context, args: Args) -> Done:
    campaign = context.campaign(args.text("name"))
    started = context.require_engine().campaign_start(campaign.name, context.actor)
    settings = context.store.campaigns.settings(campaign.id)
    rules, _ = rules_for(settings, context.store.trunks.all(), lambda _message: "")
    rows = [] if rules is None or rules.trunk.practice else checklist(context, settings, rules.profile)
    return Done(message=" ".join(filter(None, (started, undeclared(rows)))), data={"checklist": rows})


def pause(context: Context, args: Args) -> Done:
    name = context.campaign(args.text("name")).name
    return Done(message=context.require_engine().campaign_pause(name, context.actor))


def stop(context: Context, args: Args) -> Done:
    name = context.campaign(args.text("name")).name
    return Done(message=context.require_engine().campaign_stop(name, context.actor))


def emergency_stop(context: Context, args: Args) -> Done:
    """No store look-up before it: nothing may stand between the wish and the stop."""
    return Done(message=context.require_engine().campaign_emergency_stop(args.text("name"), context.actor))


def _attach(context: Context, campaign: Campaign, name: str) -> int:
    found = context.store.leads.list_by_name(name)
    if found is None:
        raise Refused(f"There is no list {name[:64]!r}: import one with 'dialer leads import'. Nothing was stored.")
    return context.store.campaigns.attach_list(campaign.id, found.id, context.actor, context.now())


def _tell_engine(context: Context, name: str) -> None:
    engine = context.engine
    if engine is not None:
        context.later(lambda: engine.settings_changed(name))


def _value(settings: CampaignSettings, key: str) -> object:
    value = settings_as_dict(settings)[key]
    return counted(len(value), "entry", "entries") if isinstance(value, list) else value


def _row(context: Context, campaign: Campaign, settings: CampaignSettings) -> dict[str, Any]:
    leads = {state.value: 0 for state in LeadState}
    for count in context.store.queue.counts(campaign.id):
        leads[count.state.value] += count.leads
    return {
        "name": campaign.name,
        "state": campaign.state.value,
        "mode": settings.mode.value,
        "ratio": settings.ratio,
        "trunk": settings.trunk,
        "lists": [each.name for each in context.store.campaigns.lists(campaign.id)],
        "leads": {"total": sum(leads.values()), **leads},
    }


HANDLERS = {
    "campaign.create": Handler(run=create, kind=Kind.WRITE),
    "campaign.set": Handler(run=set_, kind=Kind.WRITE),
    "campaign.attach_list": Handler(run=attach_list, kind=Kind.WRITE),
    "campaign.export": Handler(run=export, kind=Kind.READ),
    "campaign.show": Handler(run=show, kind=Kind.READ),
    "campaign.list": Handler(run=list_, kind=Kind.READ),
    "campaign.start": Handler(run=start, kind=Kind.ENGINE),
    "campaign.pause": Handler(run=pause, kind=Kind.ENGINE),
    "campaign.stop": Handler(run=stop, kind=Kind.ENGINE),
    "campaign.emergency_stop": Handler(run=emergency_stop, kind=Kind.ENGINE),
}
