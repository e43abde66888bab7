"""What is the agents' app? One desk and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from textual.app import SystemCommand
from textual.screen import Screen

from tui.app import ANSWER_SHOWN_S, DialerApp
from tui.feed import Feed
from tui.screens.desk import DeskScreen
from tui.screens.help import Help


class DeskApp(DialerApp):
    """`dialer desk NAME`."""

    TITLE = "desk"

    def __init__(self, feed: Feed, *, agent: str) -> None:
        super().__init__(feed)
        self._agent = agent

    def get_default_screen(self) -> Screen[None]:
        return DeskScreen(self._agent)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        for key, active in screen.active_bindings.items():
            if active.node is screen and active.enabled and active.binding.tooltip:
                act = partial(screen.run_action, active.binding.action)
                yield SystemCommand(f"{active.binding.description} ({key})", active.binding.tooltip, act)
        yield SystemCommand("Help", "Every key of the desk", self.action_help)
        yield SystemCommand("Theme", "Colours of the screen", self.action_change_theme)
        yield SystemCommand("Close", "Close this screen; you stay logged in and the call goes on", self.action_quit)

    def say(self, message: str, *, title: str = "", severity: str = "information", shown_s: float = 0.0) -> None:
        """In a line of its own: a toast would cover the script or the outcomes."""
        desks = [screen for screen in self.screen_stack if isinstance(screen, DeskScreen)]
        for screen in desks:
            screen.answer(message, title=title, severity=severity, shown_s=shown_s or ANSWER_SHOWN_S)

    def action_help(self) -> None:
        if isinstance(self.screen, DeskScreen):
            self.push_screen(Help("Desk"))
