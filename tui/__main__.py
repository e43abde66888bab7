"""How is a screen started? `python -m tui --socket PATH`, or `python -m tui desk --socket PATH --agent NAME`.

The dialer's command line replaces its own process by this one; nothing of the engine lives here.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import zoneinfo
from pathlib import Path

from textual.app import App

from tui.app import actor_name
from tui.desk import DeskApp
from tui.feed import Feed
from tui.managers import ManagersApp


def main(arguments: list[str] | None = None) -> int:
    """Run one app until it is closed. 0: closed by the person; 2: it cannot run here."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.screen == "desk" and not asked.agent:
        parser.error("desk needs --agent NAME")
    zoneinfo.reset_tzpath(())  # the zones of the tzdata package, the same as the engine's, on every machine
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("The screen needs a terminal; use the dialer's other commands in scripts.", file=sys.stderr)  # noqa: T201
        return 2
    app = _app(asked)
    app.run()
    return app.return_code or 0


def _app(asked: argparse.Namespace) -> App[None]:
    if asked.screen == "desk":
        feed = Feed(asked.socket, actor=actor_name(asked.actor or asked.agent))
        return DeskApp(feed, agent=asked.agent)
    return ManagersApp(Feed(asked.socket, actor=actor_name(asked.actor or _user())))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tui", description="The dialer's screens.", allow_abbrev=False)
    parser.add_argument("screen", nargs="?", choices=("board", "desk"), default="board")
    parser.add_argument("--socket", type=Path, required=True, help="the service's control socket")
    parser.add_argument("--agent", help="for the desk: the agent's name or number")
    parser.add_argument("--actor", default="", help="who sits here, for the service's log")
    return parser


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


if __name__ == "__main__":
    sys.exit(main())
