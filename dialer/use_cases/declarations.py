"""What do people declare that no software can check: told, listed, ended?"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from campaigns.declaration import YES, Declaration, Declares
from campaigns.rules import PROFILES
from dialer.refusal import Refused
from dialer.rules import LIST_PROFILES, unknown
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted, when

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_RECORDING = re.compile(r"[a-z0-9-]{1,64}")
NOTHING = "Nothing was stored."


def add(context: Context, args: Args) -> Done:
    """Keep what a person declares; a former declaration about the same ends."""
    named = args.text("kind", longest=20)
    if named not in list(Declares):
        raise Refused(f"kind {named!r}: one of {', '.join(Declares)}. {NOTHING}")
    kind, about = Declares(named), args.text("about", longest=64)
    _must_be_there(context, kind, about)
    declared = Declaration(
        kind=kind,
        about=about,
        checked_by=args.text("by", longest=200).strip(),
        proof=args.optional_text("proof", longest=500).strip(),
        says=_says(kind, about, args),
        fingerprint=(context.fingerprint(about) or "") if kind is Declares.MESSAGE else "",
        recorded_by=context.actor,
        recorded_at=context.now(),
    )
    kept = context.store.declarations.add(declared)
    _tell(context)
    words = f"{kind} {about} was {kept.words}."
    if kind is Declares.MESSAGE and not declared.fingerprint:
        words += " No recording of that name is kept here; one that is put here later has to be declared anew."
    return Done(message=words, data={"declaration": declaration_shown(kept)})


def end(context: Context, args: Args) -> Done:
    """A declaration counts no more: what depends on it is not dialled."""
    reason = args.optional_text("reason", longest=500) or context.reason
    ended = context.store.declarations.end(args.integer("declaration", least=1), context.actor, reason, context.now())
    _tell(context)
    return Done(message=f"{ended.kind} {ended.about} is declared by nobody any more; what was recorded stays.")


def list_(context: Context, args: Args) -> Done:
    """Those in force; with `all`, ended ones too."""
    everything = args.flag("all")
    found = [each for each in context.store.declarations.all() if everything or each.ended_at is None]
    return Done(
        message=f"{counted(len(found), 'declaration')}.",
        data={"declarations": [declaration_shown(each) for each in found]},
    )


def declaration_shown(declared: Declaration) -> dict[str, Any]:
    """A declaration as every answer and evidence tells it."""
    return {
        "id": declared.id,
        "kind": declared.kind.value,
        "about": declared.about,
        "says": dict(declared.says),
        "checked_by": declared.checked_by,
        "proof": declared.proof,
        "fingerprint": declared.fingerprint,
        "recorded_by": declared.recorded_by,
        "recorded_at": when(declared.recorded_at),
        "ended_by": declared.ended_by,
        "ended_at": when(declared.ended_at),
        "ended_reason": declared.ended_reason,
    }


def _must_be_there(context: Context, kind: Declares, about: str) -> None:
    if kind is Declares.PROFILE and about not in PROFILES:
        raise Refused(f"Rule profile {unknown(about, PROFILES, lister=LIST_PROFILES)}. {NOTHING}")
    if kind is Declares.CALLED_BACK and not _E164.fullmatch(about):
        raise Refused(f"number {about[:20]!r}: write it as +<country><number>. {NOTHING}")
    if kind is Declares.MESSAGE and not _RECORDING.fullmatch(about):
        raise Refused(f"message {about[:40]!r}: a recording's name of a-z, 0-9 and -. {NOTHING}")
    if kind is Declares.OPENING:
        context.campaign(about)


def _says(kind: Declares, about: str, args: Args) -> dict[str, str]:
    if kind is Declares.PROFILE:
        return {"version": str(PROFILES[about].version)}
    if kind is not Declares.MESSAGE:
        return {}
    callback, key = args.optional_text("callback", longest=20), args.optional_text("opt_out_key", longest=5)
    if callback and not _E164.fullmatch(callback):
        raise Refused(f"callback {callback[:20]!r}: write it as +<country><number>. {NOTHING}")
    if key and not (len(key) == 1 and key in "0123456789"):
        raise Refused(f"opt_out_key {key!r}: one digit, 0 to 9. {NOTHING}")
    said = {
        "seller_name": args.optional_text("seller", longest=200).strip(),
        "callback_number": callback,
        "opt_out_key": key,
        "telemarketing": YES if args.flag("telemarketing") else "",
        "no_sales": YES if args.flag("no_sales") else "",
    }
    return {word: value for word, value in said.items() if value}


def _tell(context: Context) -> None:
    if context.engine is not None:
        context.later(context.engine.trunks_changed)


def in_force_at(declared: Declaration, at: datetime) -> bool:
    """Whether it counted at an instant."""
    return declared.recorded_at <= at and (declared.ended_at is None or at < declared.ended_at)


HANDLERS = {
    "rules.declare.add": Handler(run=add, kind=Kind.WRITE),
    "rules.declare.end": Handler(run=end, kind=Kind.WRITE),
    "rules.declare.list": Handler(run=list_, kind=Kind.READ),
}
