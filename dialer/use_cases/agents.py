"""How are agents made, assigned, and told to log in, pause and log out?"""

from __future__ import annotations

import re
import secrets
from functools import partial
from pathlib import Path
from typing import Any

from campaigns.model import AgentState
from dialer.agent_flow import pin_hash
from dialer.home import read_secret, write_secret
from dialer.refusal import Refused
from dialer.settings import ExchangeKind
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted
from dialer.views import PAUSE_CODES

_NUMBER = re.compile(r"[0-9]{4}")
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,64}")
_SECRET = re.compile(r"[A-Za-z0-9_.-]{8,128}")
_PIN = re.compile(r"[0-9]{4,8}")


def add(context: Context, args: Args) -> Done:
    """An agent; the phone's password is kept in a file of its own, never in the database."""
    name, number = args.text("name", longest=64).strip(), args.text("number", longest=10)
    if not _NAME.fullmatch(name) or _NUMBER.fullmatch(name):
        raise Refused("An agent's name is 1 to 64 plain characters and no four digits. Nothing was stored.")
    secret, pin = _secret(args), _pin(args)
    reference = f"agent-{number}"
    agent = context.store.agents.add(
        name, number, context.now(), sip_secret_ref=reference, pin_hash=pin_hash(pin) if pin else ""
    )
    path = write_secret(context.home, reference, secret)
    _tell_engine(context)
    if context.exchange is not None:
        context.later(context.exchange.phones_or_trunks_changed)
    message = f"Agent {name} was made; the phone's account is {number}, its password is in {path}."
    if context.settings.exchange.kind is ExchangeKind.OWN:
        message += " Give your Asterisk an endpoint with this account."
    return Done(message=message, data={"name": agent.name, "number": agent.number, "secret_file": str(path)})


def list_(context: Context, _args: Args) -> Done:
    """All agents with what they serve, and, while the service runs, what they do."""
    names = {campaign.id: campaign.name for campaign in context.store.campaigns.all()}
    rows = []
    for agent in context.store.agents.all():
        serves = [names[c] for c in context.store.campaigns.of_agent(agent.id) if c in names]
        row: dict[str, Any] = {"name": agent.name, "number": agent.number, "campaigns": serves, "active": agent.active}
        rows.append(row | _doing(context, agent.number))
    return Done(message=f"{counted(len(rows), 'agent')}.", data={"agents": rows})


def assign(context: Context, args: Args) -> Done:
    """The agent serves exactly these campaigns from now on; with `add` these beside those he serves already."""
    agent = context.agent(args.text("agent", longest=64))
    former = [context.store.campaigns.get(id_) for id_ in context.store.campaigns.of_agent(agent.id)]
    named = [context.campaign(name) for name in args.texts("campaigns")]
    if args.flag("add") and not named:
        raise Refused("Say which campaigns to add. Nothing was changed.")
    campaigns = {each.id: each.name for each in ([*former, *named] if args.flag("add") else named)}
    context.store.campaigns.set_agent_campaigns(agent.id, list(campaigns), context.actor, context.now())
    _tell_engine(context)
    names = list(campaigns.values())
    removed = [campaign.name for campaign in former if campaign.id not in campaigns]
    serves = ", ".join(names) or "no campaign; no calls come"
    taken = f" No more: {', '.join(removed)}." if removed else ""
    message = f"{agent.name} serves {serves} from now on.{taken}"
    return Done(message=message, data={"agent": agent.name, "campaigns": names, "removed": removed})


def login(context: Context, args: Args) -> Done:
    return Done(message=context.require_engine().agent_login(_number(context, args)))


def ready(context: Context, args: Args) -> Done:
    return Done(message=context.require_engine().agent_ready(_number(context, args)))


def pause(context: Context, args: Args) -> Done:
    code = args.optional_text("code", "break", longest=40)
    if code not in PAUSE_CODES:
        raise Refused(f"Pause code {code!r}: one of {', '.join(PAUSE_CODES)}. Nothing was changed.")
    return Done(message=context.require_engine().agent_pause(_number(context, args), code))


def logout(context: Context, args: Args) -> Done:
    return Done(message=context.require_engine().agent_logout(_number(context, args)))


def _number(context: Context, args: Args) -> str:
    return context.agent(args.text("agent", longest=64)).number


def _doing(context: Context, number: str) -> dict[str, Any]:
    if context.engine is None:
        return {"state": AgentState.LOGGED_OUT.value, "code": "", "seconds": None}
    seat = context.engine.desk_view(number)["agent"]
    return {"state": seat["state"], "code": seat["code"], "seconds": seat["seconds"]}


def _tell_engine(context: Context) -> None:
    if context.engine is not None:
        context.later(partial(context.engine.agents_changed))


def _secret(args: Args) -> str:
    """The phone's password: from a private file, over the private socket, or made here."""
    file = args.optional_text("secret_file", longest=4096)
    given = read_secret(Path(file)) if file else args.optional_text("secret", longest=200)
    if given and not _SECRET.fullmatch(given):
        raise Refused("A phone's password is 8 to 128 letters, digits, _ . or -. Nothing was stored.")
    return given or secrets.token_hex(16)


def _pin(args: Args) -> str:
    file = args.optional_text("pin_file", longest=4096)
    pin = read_secret(Path(file)) if file else args.optional_text("pin", longest=20)
    if pin and not _PIN.fullmatch(pin):
        raise Refused("A PIN has 4 to 8 digits. Nothing was stored.")
    return pin


HANDLERS = {
    "agent.add": Handler(run=add, kind=Kind.WRITE),
    "agent.list": Handler(run=list_, kind=Kind.READ),
    "agent.assign": Handler(run=assign, kind=Kind.WRITE),
    "agent.login": Handler(run=login, kind=Kind.ENGINE),
    "agent.ready": Handler(run=ready, kind=Kind.ENGINE),
    "agent.pause": Handler(run=pause, kind=Kind.ENGINE),
    "agent.logout": Handler(run=logout, kind=Kind.ENGINE),
}
