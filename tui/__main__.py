"""How is a screen started? `python -m tui --socket PATH`, or `python -m tui desk --socket PATH --agent NAME`.

`python -m tui picture --socket PATH --to FILE.svg` writes a picture of the board for a page.

The dialer's command line replaces its own process by this one; nothing of the engine lives here.
"""

from __future__ import annotations

import argparse
import os
import pwd
import sys
import zoneinfo
from pathlib import Path

from textual.app import App

from tui.app import actor_name
from tui.desk import DeskApp
from tui.feed import Feed
from tui.managers import ManagersApp
from tui.picture import save_board

PICTURE_SIZE = (120, 21)


def main(arguments: list[str] | None = None) -> int:
    """Run one app until it is closed. 0: closed by the person; 2: it cannot run here."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.screen == "desk" and not asked.agent:
        parser.error("desk needs --agent NAME")
    if asked.screen == "picture" and asked.to is None:
        parser.error("picture needs --to FILE.svg")
    zoneinfo.reset_tzpath(())  # the zones of the tzdata package, the same as the engine's, on every machine
    if asked.screen == "picture":
        return _picture(asked)
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


def _picture(asked: argparse.Namespace) -> int:
    if save_board(Feed(asked.socket, actor="picture"), asked.to, size=PICTURE_SIZE):
        return 0
    print(f"No service answers at {asked.socket}; no picture was written. Start it with: dialer serve", file=sys.stderr)  # noqa: T201
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tui", description="The dialer's screens.", allow_abbrev=False)
    parser.add_argument("screen", nargs="?", choices=("board", "desk", "picture"), default="board")
    parser.add_argument("--socket", type=Path, required=True, help="the service's control socket")
    parser.add_argument("--agent", help="for the desk: the agent's name or number")
    parser.add_argument("--to", type=Path, help="for the picture: the SVG file to write")
    parser.add_argument("--actor", default="", help="who sits here, for the service's log")
    return parser


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name  # LOGNAME and USER are anybody's to set
    except KeyError:
        return f"uid {os.getuid()}"


if __name__ == "__main__":
    sys.exit(main())
