"""What does an agent work with? The customer, the script, the outcomes; every key shown where it is needed.

Digits belong to the script, F-keys to the outcomes (the same numbers as on the phone), letters to the
agent himself. All state is in the service: another terminal shows the very same desk.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.timer import Timer

from dialer.control import Snapshot
from tui import wording
from tui.safe import joined, safe_text
from tui.screens.callback import callback_dialog, chosen_instant
from tui.screens.dialogs import Choose, OneLine
from tui.screens.live import LiveScreen
from tui.snapshot import count, items, part, texts, words
from tui.widgets.desk_parts import LeadCard, Outcomes, StateLine, outcomes_of
from tui.widgets.script_panel import ScriptPanel
from tui.widgets.words import Words


class DeskScreen(LiveScreen):
    """One agent's desk."""

    HELP = "Desk"
    MOVES_UNDER_WINDOWS = True  # who writes a note must see his time run out
    AUTO_FOCUS = ""  # keys are commands until the agent himself goes into a field
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(f"{digit}", f"script('{digit}')", show=False) for digit in range(1, 10)),
        *(Binding(f"f{number}", f"outcome({number})", show=False) for number in range(1, 13)),
        Binding("o", "outcomes", "Outcome", tooltip="Give the call its outcome, from a list"),
        Binding("n", "note", "Note", tooltip="Add a note to the call"),
        Binding("l", "leave_script", "Leave", tooltip="Leave the script, with a reason, where the step allows it"),
        Binding("h", "hang_up", "Hang up", tooltip="End the call; its outcome can still be given"),
        Binding("k", "keys", "Keys", tooltip="Press keys towards the customer: an extension, or what a voice asks for"),
        Binding("r", "ready", "Ready", tooltip="Take calls again"),
        Binding("p", "pause", "Pause", tooltip="Take no more calls, with a code"),
        Binding("d", "dial", "Dial", tooltip="Dial the lead on your desk; in manual mode the next one"),
        Binding("s", "skip", "Skip", tooltip="Leave the lead on your desk for later, with a reason"),
        Binding("i", "log_in", "Log in", tooltip="Log in: your phone rings once"),
        Binding("x", "log_out", "Log out", tooltip="Log out: your phone is hung up"),
    ]

    def __init__(self, agent: str) -> None:
        super().__init__(f"desk:{agent}")
        self.agent = agent
        self._answer_shown: Timer | None = None

    def body(self) -> ComposeResult:
        yield StateLine(safe_text(" ..."), id="state")
        yield Words(id="message")
        yield Words(id="answer")
        with Horizontal(id="work"):
            with VerticalScroll(id="lead-box", can_focus=False):
                yield LeadCard(id="lead")
            yield ScriptPanel(id="script")
        yield Outcomes(id="outcomes")

    def on_mount(self) -> None:
        self._draw_place({})

    async def draw(self, snapshot: Snapshot) -> None:
        """Show this value; the script's fields are made anew only for another step."""
        data = snapshot.data
        self._draw_place(data)
        self.query_one(StateLine).draw(data)
        message = self.query_one("#message", Words)
        message.show(_message(data))
        message.display = bool(message.plain)
        self.query_one(LeadCard).draw(part(data, "lead"))
        self.query_one(Outcomes).draw(data)
        await self.query_one(ScriptPanel).draw(data)
        self.refresh_bindings()

    def answer(self, message: str, *, title: str, severity: str, shown_s: float) -> None:
        """What became of a key: for a while in the line under the state."""
        style = {"error": wording.BAD, "warning": wording.WARN}.get(severity, wording.GOOD)
        line = self.query_one("#answer", Words)
        line.show(joined((f"{title}: " if title else "", f"bold {style}"), safe_text(message, style=style)))
        if self._answer_shown is not None:
            self._answer_shown.stop()
        self._answer_shown = self.set_timer(shown_s, lambda: line.show(safe_text("")))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that can do nothing now are not shown; the service still has the last word on the others."""
        data = self.latest.data if self.latest is not None else {}
        logged_in = words(part(data, "agent"), "state") not in ("", "LOGGED_OUT")
        call, late = bool(part(data, "call")), bool(part(data, "late"))
        useful = {
            "log_in": not logged_in,
            "log_out": logged_in,
            "ready": logged_in,
            "pause": logged_in,
            "dial": logged_in and not call,
            "skip": bool(part(data, "preview")),
            "outcomes": call or late,
            "note": call,
            "keys": words(part(data, "call"), "state") == "talk",
            "hang_up": call and words(part(data, "call"), "state") != "wrap_up",
            "leave_script": call and self.is_mounted and self._may_leave(),
        }
        return useful.get(action, True)

    def action_script(self, key: str) -> None:
        panel = self.query_one(ScriptPanel)
        step = panel.next_step(key)
        if step:
            self._step(step)
        elif panel.step:
            self.dialer.say(f"This step has no key {key}. Outcomes are on F-keys, or o and then the number.")

    def action_outcome(self, number: int) -> None:
        found = next((item for key, item in outcomes_of(self._data) if key == number), None)
        if found is not None:
            self._give(found)

    def action_outcomes(self) -> None:
        known = outcomes_of(self._data)
        by_code = {words(item, "code"): item for _, item in known}

        def give(code: str | None) -> None:
            if code is not None:
                self._give(by_code[code])

        options = tuple((words(item, "code"), safe_text(words(item, "label"), limit=60)) for _, item in known)
        self.app.push_screen(Choose("Outcome of the call", options), give)

    def action_note(self) -> None:
        self._one_line("Note on this call", "desk.note", "text", "It is kept with the call.")

    def action_leave_script(self) -> None:
        self._one_line("Leave the script: why?", "desk.leave", "reason", "The reason is kept with the step.")

    def action_hang_up(self) -> None:
        self._mine("desk.hang_up")

    def action_keys(self) -> None:
        def send(keys: str | None) -> None:
            if keys:
                self._mine("desk.keys", keys=keys)

        extension = words(part(self._data, "call"), "extension")
        hint = "0 to 9, * and #: the customer's end gets them as tones."
        self.app.push_screen(OneLine("Which keys?", hint=hint, value=extension), send)

    def action_dial(self) -> None:
        number = words(part(self._data, "preview"), "number")
        self._mine("desk.dial", **({"number": number} if number else {}))

    def action_skip(self) -> None:
        """Its number goes along: while he chooses, the time limit may bring another lead."""
        preview = part(self._data, "preview")
        number, reasons = words(preview, "number"), texts(preview, "reasons")

        def skip(reason: str | None) -> None:
            if reason is not None:
                self._mine("desk.skip", reason=reason, number=number)

        title = f"Skip {number}: why?"
        if reasons:
            self.app.push_screen(Choose(title, tuple((r, safe_text(r, limit=60)) for r in reasons)), skip)
        else:
            self.app.push_screen(OneLine(title, hint="He is asked again later; the reason is kept."), skip)

    def action_ready(self) -> None:
        self._mine("agent.ready")

    def action_log_in(self) -> None:
        self._mine("agent.login")

    def action_log_out(self) -> None:
        self._mine("agent.logout")

    def action_pause(self) -> None:
        codes = texts(self._data, "pause_codes")

        def pause(code: str | None) -> None:
            if code is not None:
                self._mine("agent.pause", code=code)

        self.app.push_screen(Choose("Pause: why?", tuple((code, safe_text(code, limit=40)) for code in codes)), pause)

    def on_script_panel_answered(self, event: ScriptPanel.Answered) -> None:
        """A field was left: its answer goes to the service now, so that a dead terminal loses nothing."""
        event.stop()
        self._keep_answers()

    @property
    def _data(self) -> Mapping[str, Any]:
        return self.latest.data if self.latest is not None else {}

    def _may_leave(self) -> bool:
        return part(self._data, "script").get("may_leave") is True

    def _step(self, step: str) -> None:
        panel = self.query_one(ScriptPanel)
        answers = panel.unsent()
        panel.sent(answers)
        self._mine("desk.step", step=step, answers=answers)

    def _keep_answers(self) -> None:
        panel = self.query_one(ScriptPanel)
        answers = panel.unsent()
        if answers and panel.step:
            panel.sent(answers)
            self._mine("desk.step", step=panel.step, answers=answers)

    def _give(self, outcome: Mapping[str, Any]) -> None:
        if not part(self._data, "call") and not part(self._data, "late"):
            self.dialer.say("There is no call to give an outcome to.", title="Outcome")
        elif outcome.get("callback") is True:
            self._ask_zones(words(outcome, "code"))
        else:
            self._dispose(words(outcome, "code"), None)

    def _dispose(self, code: str, callback_at: str | None) -> None:
        self._keep_answers()
        self._mine("desk.dispose", disposition=code, callback_at=callback_at, note="")

    def _ask_zones(self, code: str) -> None:
        about = part(self._data, "call") or part(self._data, "late")
        number, campaign = words(about, "number"), words(self._data, "campaign")
        args = {"number": number, "campaign": campaign, "at": None}
        self.run_worker(self._ask_callback(code, args), group="callback", exclusive=True)

    async def _ask_callback(self, code: str, why: Mapping[str, Any]) -> None:
        answer = await self.dialer.feed.ask("why", why)
        zones = tuple(words(zone, "zone") for zone in items(answer.data, "zones"))
        assert self.latest is not None
        now = self.latest.at

        def call_back(written: str | None) -> None:
            if written is not None:
                self._dispose(code, chosen_instant(written, zones, now=now).isoformat())

        self.app.push_screen(callback_dialog(zones, now=now), call_back)

    def _one_line(self, title: str, command: str, argument: str, hint: str) -> None:
        def send(written: str | None) -> None:
            if written is not None:
                self._mine(command, **{argument: written})

        self.app.push_screen(OneLine(title, hint=hint), send)

    def _mine(self, command: str, **args: Any) -> None:
        self.dialer.do(command, {"agent": self.agent, **args}, quiet=command == "desk.step")

    def _draw_place(self, data: Mapping[str, Any]) -> None:
        agent = part(data, "agent")
        place = joined(
            safe_text(f" DESK {words(agent, 'name') or self.agent} ", style=f"bold reverse {wording.CALM}", limit=30),
            safe_text(agent.get("number"), limit=8, style=wording.DIM),
            safe_text(words(data, "campaign"), limit=30),
            between=" ",
        )
        self.query_one("#place", Words).show(place)


def _message(data: Mapping[str, Any]) -> Text:
    """What the service says, and which call still waits for the agent's word."""
    late = part(data, "late")
    if not late:
        return safe_text(words(data, "message"), style=wording.WARN)
    more = max(count(late, "open") - 1, 0)
    return joined(
        ("Outcome missing for your call to ", wording.WARN),
        safe_text(words(late, "lead") or words(late, "number"), limit=60, style=f"bold {wording.WARN}"),
        (": give it by its F-key.", wording.WARN),
        (f" {more} more wait." if more else "", wording.WARN),
        between="",
    )
