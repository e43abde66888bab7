"""What can be done from a shell? Every command of `dialer`, with its exit code and its one JSON object.

Exit codes: 0 done, 2 refused with a reason, 1 our fault. Only a fault of ours has a traceback, and it goes
to a file. Everything heavy is imported by the command that needs it.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from dialer import zones
from dialer.cli.app import app
from dialer.cli.output import complain, envelope, refused, say_json, wants_json
from dialer.control import Answer, AnswerStatus
from dialer.home import find_home
from dialer.refusal import Refused

__all__ = ["app", "main", "run"]

INTERRUPTED = 130


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def run(argv: Sequence[str]) -> int:
    """Carry out one command line; the exit code."""
    zones.pin()
    logging.getLogger().addHandler(logging.NullHandler())  # nothing of it on standard error, whoever logs what
    try:
        code = app(list(argv), prog_name="dialer", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # typer ends so when the reader of standard output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as fault:
        return _failed(fault, argv)


def _failed(fault: Exception, argv: Sequence[str]) -> int:
    answer = _answer_to(fault)
    if wants_json(argv):
        say_json(envelope(answer))
    else:
        complain(answer.message)
    return answer.status.exit_code


def _answer_to(fault: Exception) -> Answer:
    if isinstance(fault, Refused):
        return refused(fault.message, fault.data)
    words = getattr(fault, "format_message", None)
    if callable(words):  # typer's own: an option or argument that is not understood
        if type(fault).__name__ == "NoArgsIsHelpError":
            return refused(words())
        context = getattr(fault, "ctx", None)
        hint = f" See: {context.command_path} --help" if context is not None else ""
        return refused(f"{words()}{'' if words().endswith('.') else '.'} Nothing was done.{hint}")
    if type(fault).__name__ == "Abort":
        return refused("Stopped before anything was done.")
    return Answer(id="", status=AnswerStatus.FAULT, message=_our_fault(fault))


def _our_fault(fault: Exception) -> str:
    words = f"This is a fault of the dialer itself ({type(fault).__name__})"
    try:
        return f"{words}; its details are in {_keep(traceback.format_exc())}. Please report it with that file."
    except OSError:
        return f"{words}, and its details could not be kept."


def _keep(text: str) -> Path:
    logs = find_home(os.environ).logs
    folder = logs if logs.is_dir() and os.access(logs, os.W_OK) else Path(tempfile.gettempdir())
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    handle, name = tempfile.mkstemp(prefix=f"dialer-fault-{stamp}-", suffix=".log", dir=folder, text=True)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return Path(name)
