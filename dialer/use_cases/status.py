"""How is the service itself?"""

from __future__ import annotations

import os
from typing import Any

from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted


def show(context: Context, _args: Args) -> Done:
    """Whether the service runs, and what it knows of the exchange."""
    if context.engine is None:
        return Done(message="No service is running; nothing is dialled.", data={"running": False})
    board = context.engine.board()
    exchange = board["exchange"]
    up = "up" if exchange["up"] else f"not reachable: {exchange['reason']}"
    running = sum(row["state"] == "RUNNING" for row in board["campaigns"])
    data: dict[str, Any] = {
        "running": True,
        "pid": os.getpid(),
        "exchange": exchange,
        "alarms": board["alarms"],
        "quiet": context.engine.quiet,
        "campaigns_running": running,
    }
    return Done(
        message=f"The service runs; the exchange is {up}; {counted(running, 'campaign is', 'campaigns are')} running.",
        data=data,
    )


HANDLERS = {"engine.status": Handler(run=show, kind=Kind.READ)}
