"""How are the pictures of the screens made? From the real screens on a running service, never drawn by hand.

Run `dialer demo` in one terminal and this in another: python docs/pictures.py CONTROL_SOCKET FOLDER
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from textual.app import App

from tui.desk import DeskApp
from tui.feed import Feed
from tui.managers import ManagersApp

SETTLE_S = 2.5
LOOK_S = 0.3
MOST_LOOKS = 200


async def picture(app: App[None], keys: tuple[str, ...], size: tuple[int, int], wanted: str) -> str:
    """Open a screen, press keys, wait until it shows what is wanted, and keep it as SVG."""
    shown = ""
    async with app.run_test(size=size) as pilot:
        await asyncio.sleep(SETTLE_S)
        for key in keys:
            await pilot.press(key)
            await asyncio.sleep(SETTLE_S)
        for _ in range(MOST_LOOKS):
            shown = app.export_screenshot(title="dialer")
            if wanted in shown:
                break
            await asyncio.sleep(LOOK_S)
    return shown


def main() -> None:
    socket, folder = Path(sys.argv[1]), Path(sys.argv[2])
    board = ManagersApp(Feed(socket, actor="manager"))
    shown = asyncio.run(picture(board, ("c",), (130, 30), "talking"))
    (folder / "picture-campaign.svg").write_text(shown, encoding="utf-8")
    desk = DeskApp(Feed(socket, actor="Agent 2"), agent="Agent 2")
    shown = asyncio.run(picture(desk, (), (100, 24), "offer"))
    (folder / "picture-desk.svg").write_text(shown, encoding="utf-8")


main()
