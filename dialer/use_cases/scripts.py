"""How are scripts checked, stored by version, and listed?"""

from __future__ import annotations

from functools import partial
from typing import Any

from campaigns.script import ScriptFault, parse_script
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted, when

LONGEST = 512 * 1024


def described(text: str) -> dict[str, Any]:
    """A good script in plain values. Raises Refused naming every fault."""
    try:
        script = parse_script(text)
    except ScriptFault as fault:
        words = "\n".join(f"  {line}" for line in fault.faults)
        raise Refused(
            f"The script cannot be used; nothing was stored:\n{words}", {"faults": list(fault.faults)}
        ) from None
    steps = [
        {
            "key": step.key,
            "next": list(step.targets),
            "fields": [field.name for field in step.fields],
            "may_leave": step.may_leave,
            "end": step.end,
        }
        for step in script.steps
    ]
    return {"name": script.name, "title": script.title, "start": script.start, "steps": steps}


def import_(context: Context, args: Args) -> Done:
    """Store a script as its next version; the same text again makes none."""
    text = args.text("text", longest=LONGEST)
    name = described(text)["name"]
    before = context.store.scripts.script(name)
    version = context.store.scripts.save_version(name, text, context.actor, context.now())
    if before is not None and before.version == version:
        return Done(message=f"Script {name} is stored so already, as version {version}.", data=_data(name, version))
    for campaign in context.store.campaigns.all():
        if context.engine is not None and context.store.campaigns.settings(campaign.id).script == name:
            context.later(partial(context.engine.settings_changed, campaign.name))
    message = f"Script {name} is stored as version {version}; calls that are live keep theirs."
    return Done(message=message, data=_data(name, version))


def list_(context: Context, _args: Args) -> Done:
    """Every script in its newest version."""
    rows = [
        {"name": each.name, "version": each.version, "saved_at": when(each.saved_at), "actor": each.actor}
        for each in context.store.scripts.all()
    ]
    return Done(message=f"{counted(len(rows), 'script')}.", data={"scripts": rows})


def _data(name: str, version: int) -> dict[str, Any]:
    return {"name": name, "version": version}


HANDLERS = {
    "script.import": Handler(run=import_, kind=Kind.WRITE),
    "script.list": Handler(run=list_, kind=Kind.READ),
}
