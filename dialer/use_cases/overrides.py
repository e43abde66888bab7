"""How is a rule made looser by role and reason: asked for by a compliance officer, confirmed by another person?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.account import account_name, same_name
from campaigns.override import LONGEST, Override, OverrideStanding
from campaigns.rules import ProfileFault, parts_with_rules, rules_of_places
from campaigns.rules.loosening import changes, loosening_of
from campaigns.storage.values import Campaign
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.numbers import meant
from dialer.use_cases.shown import counted, when
from dialer.use_cases.why import rules_of

NOTHING = "Nothing was stored."
_MINUTE = timedelta(minutes=1)
NEVER = (
    "It never reaches numbers that are not dialled at all, do-not-call, registries, consent, erased persons or the "
    "abandonment cap."
)


def add(context: Context, args: Args) -> Done:
    """Ask for a looser rule for a campaign, or for one number in it; nothing is looser until another confirms."""
    _must_be_officer(context)
    campaign = context.campaign(args.text("campaign", longest=64))
    settings = context.store.campaigns.settings(campaign.id)
    number = args.optional_text("number", longest=100)
    reason = (args.optional_text("reason", longest=1000) or context.reason).strip()
    if not reason:
        raise Refused(f"Say why (--reason); it is kept for ever and shown in evidence. {NOTHING}")
    named = meant(number, args.optional_text("region", "US"), NOTHING).e164 if number.strip() else ""
    key, value = args.text("key", longest=60), args.text("value", longest=200)
    _must_loosen(context, campaign, named, key, value)
    asked = context.store.overrides.ask(
        Override(
            campaign_id=campaign.id,
            number=named,
            key=key,
            value=value,
            reason=reason,
            asked_by=context.actor,
            asked_account=context.account,
            asked_at=context.now(),
            until=_end_of(context, args.day("until"), ZoneInfo(settings.zone)),
        )
    )
    whom = asked.number or "numbers whose owners' consent is on record"
    words = f"Override {asked.id} of {campaign.name} is asked for {whom} and loosens nothing yet: another person than"
    confirm = f"{context.actor} confirms it, by an account of the operating system of his own, with "
    confirm += f"'dialer rules override confirm {asked.id}'."
    return Done(message=f"{words} {confirm} {NEVER}", data={"override": override_shown(context, asked)})


def confirm(context: Context, args: Args) -> Done:
    """Put in force what another person asked for."""
    number = args.integer("override", least=1)
    found = context.store.overrides.confirm(number, context.actor, context.now(), account=context.account)
    name = _changed(context, found)
    until = f"{found.until:%Y-%m-%d %H:%M} UTC"
    words = f"Override {found.id} of {name} is in force until {until}; each call that relies on it says so."
    return Done(message=words, data={"override": override_shown(context, found)})


def revoke(context: Context, args: Args) -> Done:
    """End it now; anybody may, for the rules are only stricter then."""
    reason = (args.optional_text("reason", longest=1000) or context.reason).strip()
    number, now = args.integer("override", least=1), context.now()
    found = context.store.overrides.revoke(number, context.actor, reason, now, account=context.account)
    words = f"Override {found.id} of {_changed(context, found)} ended; its record stays."
    return Done(message=words, data={"override": override_shown(context, found)})


def list_(context: Context, args: Args) -> Done:
    """Those that are in force or wait for a second person; with `all`, every one there ever was."""
    name, everything = args.optional_text("campaign", longest=64), args.flag("all")
    store = context.store.overrides
    found = store.of_campaign(context.campaign(name).id) if name else store.all()
    shown = [override_shown(context, each) for each in found]
    open_ = (OverrideStanding.PENDING.value, OverrideStanding.IN_FORCE.value)
    shown = [each for each in shown if everything or each["standing"] in open_]
    return Done(message=f"{counted(len(shown), 'override')} of rules.", data={"overrides": shown})


def override_shown(context: Context, override: Override) -> dict[str, Any]:
    """An override as plain values."""
    standing = override.standing(context.now())
    usable = standing is not OverrideStanding.IN_FORCE or override.holds(context.now())
    return {
        "id": override.id,
        "campaign": context.store.campaigns.get(override.campaign_id).name,
        "number": override.number,
        "key": override.key,
        "value": override.value,
        "reason": override.reason,
        "standing": standing.value if usable else "unreadable: not in force",
        "asked_by": override.asked_by,
        "asked_account": override.asked_account,
        "asked_at": when(override.asked_at),
        "confirmed_by": override.confirmed_by,
        "confirmed_account": override.confirmed_account,
        "confirmed_at": when(override.confirmed_at),
        "until": when(override.until),
        "revoked_by": override.revoked_by,
        "revoked_account": override.revoked_account,
        "revoked_at": when(override.revoked_at),
        "revoked_reason": override.revoked_reason,
    }


def _must_be_officer(context: Context) -> None:
    officers = context.settings.compliance.officers
    if not officers and context.engine is not None:
        raise Refused(
            "No compliance officer is named here: name accounts as officers under [compliance] in dialer.toml, or ask "
            f"at the console while no service runs. {NOTHING}"
        )
    account = account_name(context.account)  # a name that was given proves nothing
    if officers and not any(same_name(account, name) for name in officers):
        who = account or f"{context.actor}, whose account of the operating system is not known,"
        raise Refused(f"{who} is no compliance officer here ([compliance] in dialer.toml). {NOTHING}")


def _must_loosen(context: Context, campaign: Campaign, number: str, key: str, value: str) -> None:
    """Raises Refused for one by which nothing becomes legal: under the rules of where the lead with this number may be,
    or, where it is for many, under those of the campaign and of every place with rules of its own."""
    rules, _ = rules_of(context, campaign)
    try:
        loosening = loosening_of(key, value)
    except ValueError:
        return  # the store says what is wrong with it
    if rules is None:
        return  # nothing is dialled by rules that are missing
    regions = _regions_of(context, campaign, number)
    places = [regions] if regions else [(), *((part,) for part in parts_with_rules(rules.profile))]
    try:
        by_place = {rules_of_places(rules.profile, place) for place in places}
    except ProfileFault:
        return
    if not any(changes(each, loosening) for each in by_place):
        for_whom = f"for {number} " if regions else ""
        words = f"{key} = {value} loosens nothing {for_whom}under {rules.profile.name}"
        raise Refused(f"{words}: that is allowed already, or there is no such rule to loosen. {NOTHING}")


def _regions_of(context: Context, campaign: Campaign, number: str) -> tuple[str, ...]:
    """Where the campaign's lead with this number may be; nothing when there is none, or no number."""
    for person_id in context.store.leads.persons_with_number(number) if number else ():
        for candidate in context.store.queue.candidates_of(campaign.id, person_id, context.now()):
            if candidate.contact_point.number == number:
                return candidate.regions
    return ()


def _end_of(context: Context, day: date, zone: ZoneInfo) -> datetime:
    """The first minute after that local day. Found by walking: a local time is never turned into UTC."""
    if day > (context.now() + LONGEST).astimezone(zone).date():
        raise Refused(f"--until {day}: it ends {LONGEST.days} days from now at the latest. {NOTHING}")
    if day < context.now().astimezone(zone).date():
        raise Refused(f"--until {day} is past. {NOTHING}")
    moment = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)  # nowhere in the world the day after
    while moment.astimezone(zone).date() <= day:
        moment += _MINUTE
    return moment


def _changed(context: Context, override: Override) -> str:
    """Make the engine dial by it once it is durable; the campaign's name."""
    campaign = context.store.campaigns.get(override.campaign_id)
    engine = context.engine
    if engine is not None:
        context.later(lambda: engine.settings_changed(campaign.name))
    return campaign.name


HANDLERS = {
    "rules.override.add": Handler(run=add, kind=Kind.WRITE),
    "rules.override.confirm": Handler(run=confirm, kind=Kind.WRITE),
    "rules.override.revoke": Handler(run=revoke, kind=Kind.WRITE),
    "rules.override.list": Handler(run=list_, kind=Kind.READ),
}
