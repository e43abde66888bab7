"""Who carries a shell's command out: the running service, or this process with the home's lock?"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dialer.account import own_account, own_name
from dialer.control import Answer, new_command
from dialer.home import Home, HomeInUse, exclusive, find_home
from dialer.refusal import Refused

STARTING_S = 10.0  # a service that holds the lock and does not listen yet is waited for


def actor() -> str:
    """By what name the command is given: DIALER_ACTOR, else the account's. It is written down beside the account."""
    return (os.environ.get("DIALER_ACTOR", "").strip() or own_name())[:64]


def carry_out(name: str, args: Mapping[str, Any] | None = None, *, reason: str = "", limit_s: float = 600.0) -> Answer:
    """One command, by the service while it runs, else here. Raises Refused, also when the service went away.

    DIALER_SOCKET names the socket of a service whose home is another account's: then it is asked, or nothing is done.
    """
    from dialer.control_client import running
    from dialer.settings_file import load

    shared = os.environ.get("DIALER_SOCKET", "").strip()
    if shared:
        return _shared(Path(shared), name, args, reason, limit_s)
    home = find_home(os.environ)
    home.require()
    settings = load(home, os.environ)
    socket = home.below(settings.control.socket)
    command = new_command(name, args, actor=actor(), reason=reason, at=datetime.now(UTC))
    deadline = time.monotonic() + STARTING_S
    while True:
        if running(socket):
            return _asked(socket, name, args, reason, command.id, limit_s)
        try:
            return _here(home, settings, command)
        except HomeInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _asked(
    socket: Any, name: str, args: Mapping[str, Any] | None, reason: str, command_id: str, limit_s: float
) -> Answer:
    from dialer.control_client import ServiceUnavailable, ask

    try:
        return ask(socket, name, args, actor=actor(), reason=reason, command_id=command_id, timeout_s=limit_s)
    except ServiceUnavailable as gone:
        what = str(gone).rstrip(".")
        raise Refused(f"{what}. Whether '{name}' was done is not known; ask with the matching list or show.") from None


def _shared(socket: Path, name: str, args: Mapping[str, Any] | None, reason: str, limit_s: float) -> Answer:
    from dialer.control_client import running

    if not running(socket):
        words = "or it is not for this account ([control] group in dialer.toml). Nothing was done."
        raise Refused(f"No service answers at {socket} (DIALER_SOCKET), {words}")
    return _asked(socket, name, args, reason, str(uuid.uuid4()), limit_s)


def _here(home: Home, settings: Any, command: Any) -> Answer:
    """The details of a fault of ours go to the same log as the service's."""
    from dialer.service_log import log_to

    with exclusive(home), log_to(home, settings):
        from dialer.bootstrap import offline_context
        from dialer.use_cases import execute

        command = replace(command, account=own_account())
        with offline_context(home, os.environ) as context:
            return execute(context, command)
