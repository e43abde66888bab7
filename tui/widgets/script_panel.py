"""What does the agent say now? One step of the script, its fields to fill in, and the keys to the next step.

The step is built anew only when it changes, so that typing is never disturbed by an update. Each
answer goes to the service as soon as its field is left: nothing typed lives only here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Select

from tui import wording
from tui.safe import joined, safe_str, safe_text, stacked
from tui.snapshot import items, part, texts, words
from tui.widgets.words import Words


class ScriptPanel(VerticalScroll):
    """The step shown, with its fields."""

    class Answered(Message):
        """A field was left with a new answer."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, can_focus=False)
        self._shown: tuple[object, ...] = ()
        self._script: Mapping[str, Any] = {}
        self._sent: dict[str, str] = {}
        self._names: tuple[str, ...] = ()
        self._round = 0

    def compose(self) -> ComposeResult:
        yield Words(id="step-name")
        yield Words(id="step-text")
        yield Words(id="step-next")

    async def draw(self, data: Mapping[str, Any]) -> None:
        """Show the script of this snapshot. The fields are made anew only for another step or call."""
        script, attempt = part(data, "script"), words(part(data, "call"), "attempt")
        now = (attempt, script.get("name"), script.get("version"), script.get("step"))
        self._script = script
        self.query_one("#step-name", Words).show(_name_text(script))
        self.query_one("#step-text", Words).show(_step_text(script, live=bool(part(data, "call"))))
        self.query_one("#step-next", Words).show(_next_text(script))
        if now != self._shown:
            self._shown = now
            await self._build_fields()

    def answers(self) -> dict[str, str]:
        """What stands in the fields of the step now."""
        return {name: self._value(place, name) for place, name in enumerate(self._names)}

    def unsent(self) -> dict[str, str]:
        """The answers the service does not have yet."""
        return {name: value for name, value in self.answers().items() if value != self._sent.get(name, "")}

    def sent(self, answers: Mapping[str, str]) -> None:
        """The service has these now."""
        self._sent.update(answers)

    def next_step(self, key: str) -> str:
        """The step this key leads to, or an empty text."""
        return next((words(move, "step") for move in items(self._script, "next") if words(move, "key") == key), "")

    @property
    def step(self) -> str:
        """The step shown."""
        return words(self._script, "step")

    @property
    def may_leave(self) -> bool:
        """Whether the script may be left here."""
        return self._script.get("may_leave") is True

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def on_descendant_blur(self) -> None:
        if self.unsent():
            self.post_message(self.Answered())

    def on_select_changed(self, event: Select.Changed) -> None:
        event.stop()
        if self.unsent():
            self.post_message(self.Answered())

    async def _build_fields(self) -> None:
        fields = items(self._script, "fields")
        self._round += 1
        self._names = tuple(words(field, "name") for field in fields)
        self._sent = {words(field, "name"): safe_str(words(field, "value"), limit=1000) for field in fields}
        await self.query(".script-field").remove()
        rows = [self._field(place, field) for place, field in enumerate(fields)]
        await self.mount(*rows, after="#step-text")
        self.scroll_home(animate=False)

    def _field(self, place: int, field: Mapping[str, Any]) -> Horizontal:
        label = Words(safe_text(words(field, "label") or words(field, "name"), limit=60), classes="label")
        value = self._sent[words(field, "name")]
        choices = ("yes", "no") if words(field, "kind") == "yes_no" else texts(field, "choices")
        asked: Select[str] | Input
        if choices:
            options = [(safe_text(choice, limit=60), choice) for choice in choices]
            chosen = value if value in choices else Select.NULL
            asked = Select(options, prompt="choose", value=chosen, compact=True, id=self._field_id(place))
        else:
            asked = Input(value=value, compact=True, id=self._field_id(place), max_length=1000)
        return Horizontal(label, asked, classes="script-field field")

    def _field_id(self, place: int) -> str:
        return f"field-{self._round}-{place}"

    def _value(self, place: int, name: str) -> str:
        for found in self.query(f"#{self._field_id(place)}"):
            if isinstance(found, Input):
                return found.value.strip()
            if isinstance(found, Select):
                # Without a choice (also for a moment after it was made) what the service has stays.
                return found.value if isinstance(found.value, str) else self._sent.get(name, "")
        return self._sent.get(name, "")


def _name_text(script: Mapping[str, Any]) -> Text:
    if not script:
        return safe_text("")
    where = f"{words(script, 'name')} v{script.get('version')}  step {words(script, 'step')}"
    done = ("   script completed", f"bold {wording.GOOD}") if script.get("completed") is True else ("", "")
    return joined((where, wording.DIM), done)


def _step_text(script: Mapping[str, Any], *, live: bool) -> Text:
    if not script:
        return safe_text("This campaign has no script." if live else "", style=wording.DIM)
    return safe_text(words(script, "text"), limit=4000, lines=True)


def _next_text(script: Mapping[str, Any]) -> Text:
    lines = [safe_text(""), *(_move_text(move) for move in items(script, "next"))]
    if script.get("end") is True:
        lines.append(safe_text("End of the script: give the call its outcome.", style=wording.GOOD))
    if script.get("may_leave") is True:
        lines.append(safe_text("l: leave the script here, with a reason", style=wording.DIM))
    return stacked(*lines)


def _move_text(move: Mapping[str, Any]) -> Text:
    key = (f" {words(move, 'key')} ", f"bold reverse {wording.CALM}")
    return joined(key, safe_text(words(move, "label"), limit=120), between=" ")
