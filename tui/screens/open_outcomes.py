"""Which calls of a campaign wait for their outcome or were promised? Lists for the supervisor, and his word on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from dialer.control import Answer
from tui import wording
from tui.app import DialerApp
from tui.safe import joined, safe_text
from tui.screens.dialogs import Choose
from tui.snapshot import items, words

SHOWN = 200


def ask_for_outcomes(app: DialerApp, campaign: str, settings: Mapping[str, Any]) -> None:
    """List the calls without an outcome; the one taken is given one of the campaign's outcomes."""

    def listed(answer: Answer) -> None:
        calls = items(answer.data, "calls")[:SHOWN]
        if answer.done and calls:
            options = tuple((words(call, "attempt"), _call(call)) for call in calls)
            app.push_screen(Choose("Calls without an outcome: which one?", options), chosen)

    def chosen(attempt: str | None) -> None:
        if attempt is None:
            return
        known = tuple(d for d in items(settings, "dispositions") if d.get("callback") is not True)
        options = tuple((words(d, "code"), safe_text(words(d, "label"), limit=60)) for d in known)

        def give(code: str | None) -> None:
            if code is not None:
                app.do("outcomes.set", {"attempt": attempt, "disposition": code, "callback_at": None})

        app.push_screen(Choose("Its outcome", options), give)

    app.do("outcomes.list", {"campaign": campaign}, then=listed)


def show_callbacks(app: DialerApp, campaign: str) -> None:
    """The calls promised to people, the missed ones first; taking one opens nothing."""

    def listed(answer: Answer) -> None:
        promised = items(answer.data, "callbacks")[:SHOWN]
        if answer.done and promised:
            options = tuple((words(each, "number"), _callback(each)) for each in promised)
            app.push_screen(Choose("Promised calls", options))

    app.do("callbacks.list", {"campaign": campaign}, then=listed)


def _call(call: Mapping[str, Any]) -> Text:
    return joined(
        safe_text(words(call, "lead") or words(call, "number"), limit=40, style="bold"),
        safe_text(words(call, "number"), limit=24),
        safe_text(words(call, "agent"), limit=30, style=wording.DIM),
        safe_text(wording.length(call.get("talk_s")), style=wording.DIM),
        between="  ",
    )


def _callback(each: Mapping[str, Any]) -> Text:
    late = each.get("missed") is True
    return joined(
        safe_text(words(each, "local")[:16].replace("T", " "), style=f"bold {wording.BAD}" if late else "bold"),
        safe_text("MISSED" if late else "", style=wording.BAD),
        safe_text(words(each, "lead") or words(each, "number"), limit=40),
        safe_text(words(each, "agent"), limit=30, style=wording.DIM),
        between="  ",
    )
