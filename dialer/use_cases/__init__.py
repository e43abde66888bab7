"""What can be asked of the dialer? Every command by name, carried out the same way in the service and in a shell.

`execute` never raises: whatever happens becomes an answer. A command that changed something is recorded with
its answer in the same transaction, so the same id asked again gets the same answer and does nothing twice.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from campaigns.settings import SettingsFault as CampaignSettingsFault
from campaigns.storage.errors import StoreError, StoreRefused, StoreUnavailable
from campaigns.storage.values import Command as Recorded
from dialer.control import Answer, AnswerStatus, Command
from dialer.refusal import Refused
from dialer.use_cases import (
    agents,
    callbacks,
    caller_ids,
    campaign_twins,
    campaigns,
    consent,
    declarations,
    desk,
    dnc_files,
    do_not_call,
    emergencies,
    evidence,
    exports,
    forecast,
    funnel,
    leads,
    number_answers,
    outcomes,
    overrides,
    pace,
    privacy,
    registries,
    removals,
    replay,
    reports,
    retention,
    rules,
    scripts,
    staffing,
    status,
    trunks,
    why,
)
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Exchange, Handler, Kind
from dialer.use_cases.plain_words import in_plain_words

__all__ = ["HANDLERS", "Context", "Exchange", "Handler", "Kind", "execute", "handler_of", "prepare"]

log = logging.getLogger(__name__)

HANDLERS: dict[str, Handler] = {
    name: handler
    for module in (
        agents,
        callbacks,
        caller_ids,
        campaign_twins,
        campaigns,
        consent,
        declarations,
        desk,
        dnc_files,
        do_not_call,
        emergencies,
        evidence,
        exports,
        forecast,
        funnel,
        leads,
        number_answers,
        outcomes,
        overrides,
        pace,
        privacy,
        registries,
        removals,
        replay,
        reports,
        retention,
        rules,
        scripts,
        staffing,
        status,
        trunks,
        why,
    )
    for name, handler in module.HANDLERS.items()
}

_NOT_GIVEN = object()


def handler_of(name: str) -> Handler | None:
    """How a command is carried out, or none when it is unknown."""
    return HANDLERS.get(name)


def prepare(command: Command) -> Any:
    """The slow part of a command that needs no store; may run on another thread. Raises Refused."""
    handler = HANDLERS.get(command.name)
    if handler is None or handler.prepare is None:
        return None
    return handler.prepare(_args(command))


def execute(context: Context, command: Command, prepared: Any = _NOT_GIVEN) -> Answer:
    """Carry a command out and answer it. `prepared` is what `prepare` returned, when it was done before."""
    try:
        return _execute(context, command, prepared)
    except Exception as fault:
        return answer_to(fault, command)


def answer_to(fault: Exception, command: Command) -> Answer:
    """What is said when a command was not carried out: whose move it is, and for a fault of ours the log's hint."""
    if isinstance(fault, Refused):
        return _refused(command, fault.message, fault.data)
    if isinstance(fault, CampaignSettingsFault):
        words = "; ".join(fault.faults)
        return _refused(command, f"The settings cannot be used: {words}. Nothing was stored.", {"faults": fault.faults})
    if isinstance(fault, StoreError):
        return _refused(command, str(fault))
    log.error("command %s of %s failed", command.name, command.actor, exc_info=fault)
    words = f"{command.name} failed by a fault of ours ({type(fault).__name__}); the log has its details."
    return Answer(id=command.id, status=AnswerStatus.FAULT, message=words)


def _execute(context: Context, command: Command, prepared: Any) -> Answer:
    handler = HANDLERS.get(command.name)
    if handler is None:
        raise Refused(f"There is no command {command.name[:60]!r}; is the other program newer? Nothing was done.")
    command = in_plain_words(command)
    context = replace(context, actor=command.actor, account=command.account, reason=command.reason, after_commit=[])
    if handler.kind is Kind.READ:
        return _answer(command, handler.run(context, _with(handler, command, prepared)))
    if handler.kind is Kind.ENGINE:
        context.require_engine()
    before = _before(context, handler, command)
    if before is not None:
        return _same_answer(command, before)
    return _carried_out(context, handler, command, prepared)


def _before(context: Context, handler: Handler, command: Command) -> Recorded | None:
    try:
        return context.store.commands.answer_of(command.id)
    except StoreUnavailable:
        if handler.kind is Kind.ENGINE:  # an emergency stop must not wait for a database that is gone
            return None
        raise


def _carried_out(context: Context, handler: Handler, command: Command, prepared: Any) -> Answer:
    try:
        answer = _done_and_kept(context, handler, command, prepared)
    except (Refused, CampaignSettingsFault, StoreRefused) as refusal:
        answer = answer_to(refusal, command)
        _remember(context, command, answer)
        return answer
    return _afterwards(context, command, answer)


def _done_and_kept(context: Context, handler: Handler, command: Command, prepared: Any) -> Answer:
    args = _with(handler, command, prepared)
    if handler.kind is not Kind.WRITE:
        answer = _answer(command, handler.run(context, args))
        _remember(context, command, answer)
        return answer
    with context.store.transaction():
        answer = _answer(command, handler.run(context, args))
        _remember(context, command, answer)
    return answer


def _afterwards(context: Context, command: Command, answer: Answer) -> Answer:
    """What follows from a stored command; when that fails the command is still done, and the answer says both."""
    for action in context.after_commit:
        try:
            action()
        except Refused as refusal:
            answer = replace(answer, message=f"{answer.message} But: {refusal.message}")
        except Exception:
            log.exception("command %s is stored, but what follows from it failed", command.name)
            words = "But what follows from it failed by a fault of ours; the log has its details."
            answer = replace(answer, message=f"{answer.message} {words}")
    return answer


def _with(handler: Handler, command: Command, prepared: Any) -> Args:
    args = _args(command)
    if handler.prepare is None:
        return args
    return args.with_prepared(handler.prepare(args) if prepared is _NOT_GIVEN else prepared)


def _args(command: Command) -> Args:
    return Args(command=command.name, values=command.args)


def _remember(context: Context, command: Command, answer: Answer) -> None:
    kept = {"status": answer.status.value, "message": answer.message, "data": dict(answer.data)}
    context.store.commands.remember(
        command.id, command.name, command.actor, command.reason, command.at, kept, account=command.account
    )


def _same_answer(command: Command, before: Recorded) -> Answer:
    if before.name != command.name:
        raise Refused(f"The id {command.id} was used for {before.name}; give {command.name} its own. Nothing was done.")
    kept: Any = before.answer
    return Answer(
        id=command.id, status=AnswerStatus(kept["status"]), message=str(kept["message"]), data=kept["data"] or {}
    )


def _answer(command: Command, done: Done) -> Answer:
    return Answer(id=command.id, status=AnswerStatus.DONE, message=done.message, data=done.data)


def _refused(command: Command, message: str, data: Any = None) -> Answer:
    return Answer(id=command.id, status=AnswerStatus.REFUSED, message=message, data=data or {})
