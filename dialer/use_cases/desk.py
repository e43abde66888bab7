"""What can an agent's screen ask for during a call? Every command goes to the engine's desk."""

from __future__ import annotations

from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind

LONGEST_ANSWER = 1000


def step(context: Context, args: Args) -> Done:
    """Keep the answers of the step shown and go on."""
    answers = args.table("answers")
    for name, value in answers.items():
        if not isinstance(value, str) or len(value) > LONGEST_ANSWER:
            raise Refused(
                f"The answer to {name[:40]!r} is a text of at most {LONGEST_ANSWER} characters. Nothing stored."
            )
    return Done(message=context.require_engine().desk_step(_agent(args), args.text("step", longest=64), answers))


def leave(context: Context, args: Args) -> Done:
    """Leave the script with a reason."""
    reason = args.optional_text("reason", longest=LONGEST_ANSWER) or context.reason
    return Done(message=context.require_engine().desk_leave(_agent(args), reason))


def dispose(context: Context, args: Args) -> Done:
    """Give the call its outcome."""
    message = context.require_engine().desk_dispose(
        _agent(args), args.text("disposition", longest=64), args.instant("callback_at"), args.optional_text("note")
    )
    return Done(message=message)


def note(context: Context, args: Args) -> Done:
    return Done(message=context.require_engine().desk_note(_agent(args), args.text("text")))


def dial(context: Context, args: Args) -> Done:
    """The lead on the desk; in manual mode the next one."""
    return Done(message=context.require_engine().desk_dial(_agent(args), _number(args)))


def skip(context: Context, args: Args) -> Done:
    """Preview mode: leave the lead on the desk for later, and say why."""
    reason = args.optional_text("reason", longest=LONGEST_ANSWER) or context.reason
    return Done(message=context.require_engine().desk_skip(_agent(args), reason, _number(args)))


def hang_up(context: Context, args: Args) -> Done:
    return Done(message=context.require_engine().desk_hang_up(_agent(args)))


def keys(context: Context, args: Args) -> Done:
    """Press keys towards the customer."""
    return Done(message=context.require_engine().desk_keys(_agent(args), args.text("keys", longest=64)))


def _agent(args: Args) -> str:
    return args.text("agent", longest=64)


def _number(args: Args) -> str:
    """The lead that the screen showed, so that nothing is done to one that came after it."""
    return args.optional_text("number", longest=40)


HANDLERS = {
    "desk.step": Handler(run=step, kind=Kind.ENGINE),
    "desk.leave": Handler(run=leave, kind=Kind.ENGINE),
    "desk.dispose": Handler(run=dispose, kind=Kind.ENGINE),
    "desk.note": Handler(run=note, kind=Kind.ENGINE),
    "desk.dial": Handler(run=dial, kind=Kind.ENGINE),
    "desk.skip": Handler(run=skip, kind=Kind.ENGINE),
    "desk.hang_up": Handler(run=hang_up, kind=Kind.ENGINE),
    "desk.keys": Handler(run=keys, kind=Kind.ENGINE),
}
