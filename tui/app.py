"""What holds the screens together? The link to the service, and commands with their answers.

The screens are thin and this is thinner: each screen follows its own topic and draws it. Closing an
app closes a view; the service, its campaigns and its calls go on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches

from dialer.control import Answer, AnswerStatus
from tui.feed import Feed
from tui.safe import safe_str

ANSWER_SHOWN_S = 6.0
REFUSAL_SHOWN_S = 15.0


class DialerApp(App[None]):
    """A terminal app on one feed. `do` sends a command and tells its answer."""

    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (116, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", key_display="?", priority=False),
    ]

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self.feed = feed
        self._asked: set[str] = set()

    def do(
        self,
        name: str,
        args: Mapping[str, Any],
        *,
        reason: str = "",
        then: Callable[[Answer], None] | None = None,
        quiet: bool = False,
    ) -> None:
        """Send a command and tell its answer. The same command is not sent again while its answer is awaited."""
        same = json.dumps([name, dict(args)], sort_keys=True, default=str)
        if same in self._asked:
            return
        self._asked.add(same)
        self.run_worker(self._answered(same, name, args, reason, then, quiet), group="commands")

    def tell(self, answer: Answer) -> None:
        """Show a command's answer in its own words: done, refused with the reason, or our fault."""
        if answer.done:
            self.say(answer.message or "Done.")
        elif answer.status is AnswerStatus.REFUSED:
            self.say(answer.message, title="Refused", severity="warning", shown_s=REFUSAL_SHOWN_S)
        else:
            self.say(answer.message, title="Not done", severity="error", shown_s=REFUSAL_SHOWN_S)

    def say(self, message: str, *, title: str = "", severity: str = "information", shown_s: float = 0.0) -> None:
        """Show a sentence for a while. It may be foreign: it is made harmless here."""
        self.notify(
            safe_str(message),
            title=title,
            severity="error" if severity == "error" else "warning" if severity == "warning" else "information",
            timeout=shown_s or ANSWER_SHOWN_S,
            markup=False,
        )

    def open_board(self) -> None:
        """Show all campaigns; an app without such a screen stays where it is."""

    def open_campaign(self, name: str) -> None:
        """Show this campaign; an app without such a screen stays where it is."""

    def open_why(self, *, number: str, campaign: str) -> None:
        """Show why this number is or is not called; an app without such a screen stays where it is."""

    async def on_unmount(self) -> None:
        await self.feed.close()

    async def _answered(
        self,
        same: str,
        name: str,
        args: Mapping[str, Any],
        reason: str,
        then: Callable[[Answer], None] | None,
        quiet: bool,
    ) -> None:
        try:
            answer = await self.feed.ask(name, args, reason=reason)
        finally:
            self._asked.discard(same)
        if not (quiet and answer.done):
            self.tell(answer)
        if then is not None:
            try:
                then(answer)
            except NoMatches:
                return  # the screen that asked is gone; its answer was told above


def actor_name(name: str) -> str:
    """Who sits here, as the service's log names him: plain and short."""
    return safe_str(name, limit=64).strip() or "screen"
