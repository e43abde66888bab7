"""What is the managers' app? Board, campaign, do-not-call, reports and import, one key apart."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.app import DialerApp
from tui.screens.board import Board
from tui.screens.campaign import CampaignScreen
from tui.screens.do_not_call import DoNotCallScreen
from tui.screens.help import Help
from tui.screens.importing import ImportScreen
from tui.screens.live import LiveScreen
from tui.screens.reports import ReportsScreen


class ManagersApp(DialerApp):
    """`dialer tui`."""

    TITLE = "dialer"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help", show=False),
        Binding("b", "open_board", "Board", show=False),
        Binding("c", "open_chosen", "Campaign", show=False),
        Binding("d", "open_do_not_call", "Do not call", show=False),
        Binding("r", "open_reports", "Reports", show=False),
        Binding("i", "open_import", "Import", show=False),
    ]

    def on_mount(self) -> None:
        self.push_screen(Board())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield SystemCommand("Board", "All campaigns", self.action_open_board)
        yield SystemCommand("Campaign", "The chosen campaign: calls, agents, held leads", self.action_open_chosen)
        yield SystemCommand("Do not call and why not", "Every gate of a number", self.action_open_do_not_call)
        yield SystemCommand("Reports", "Completion, refusal, campaign; export", self.action_open_reports)
        yield SystemCommand("Import", "A list: preview, import, undo", self.action_open_import)
        yield SystemCommand("Help", "Keys, and every figure's definition", self.action_help)
        for key, active in sorted(screen.active_bindings.items()):
            if active.node is screen and active.binding.tooltip:
                name = active.binding.description
                act = partial(screen.run_action, active.binding.action)
                yield SystemCommand(f"{name} ({key})", active.binding.tooltip, act)
        yield SystemCommand("Theme", "Colours of the screen", self.action_change_theme)
        yield SystemCommand("Quit", "Close this screen; campaigns and calls go on", self.action_quit)

    def open_board(self) -> None:
        self._go(Board())

    def open_campaign(self, name: str) -> None:
        if name:
            self._go(CampaignScreen(name))
        else:
            self.say("There is no campaign to open yet.", title="Campaign")

    def open_why(self, *, number: str, campaign: str) -> None:
        self._go(DoNotCallScreen(number=number, campaign=campaign))

    def action_open_board(self) -> None:
        self.open_board()

    def action_open_chosen(self) -> None:
        self.open_campaign(self.campaign_at_hand())

    def action_open_do_not_call(self) -> None:
        self._go(DoNotCallScreen(campaign=self.campaign_at_hand()))

    def action_open_reports(self) -> None:
        self._go(ReportsScreen(campaign=self.campaign_at_hand()))

    def action_open_import(self) -> None:
        self._go(ImportScreen(campaign=self.campaign_at_hand()))

    def action_help(self) -> None:
        screen = self.screen
        self.push_screen(Help(screen.HELP if isinstance(screen, LiveScreen) else "Board"))

    def campaign_at_hand(self) -> str:
        """The campaign the present screen is about."""
        screen = self.screen
        return screen.campaign_at_hand() if isinstance(screen, LiveScreen) else ""

    def _go(self, screen: LiveScreen) -> None:
        if isinstance(self.screen, LiveScreen):
            self.switch_screen(screen)
