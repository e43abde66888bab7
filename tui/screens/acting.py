"""What can be done to a campaign from the screen? Start, pause, stop, emergency stop, mode and ratio, agents.

Each is confirmed or refused in the service's own words. Nothing here decides whether it is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from dialer.control import Answer
from tui import wording
from tui.safe import joined, safe_text, stacked
from tui.screens.dialogs import Choose, ChooseSeveral, Confirm, OneLine, PaceDialog
from tui.screens.live import LiveScreen
from tui.screens.no_call import NoCall, NoCallDialog
from tui.snapshot import items, texts, words


class ActingScreen(LiveScreen):
    """A live screen with a chosen campaign that the keys act upon."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "start", "Start", tooltip="Start the campaign, or let it go on after a pause"),
        Binding("p", "pause", "Pause", tooltip="No new attempts; live calls go on"),
        Binding("t", "stop", "Stop", tooltip="No new attempts; agents are logged off when it is quiet"),
        Binding("e", "emergency_stop", "Emergency", tooltip="No new call at once, ringing calls are hung up"),
        Binding(
            "m", "pace", "Mode", tooltip="Manual, preview, progressive, power or predictive; calls per ready agent"
        ),
        Binding("a", "assign", "Agents", tooltip="Which agents serve this campaign"),
        Binding("n", "no_call", "No-call", tooltip="Add a number to do-not-call"),
        Binding("f6", "rename", "Rename", show=False, tooltip="Another name for the campaign; all that it has goes on"),
        Binding("f7", "clone", "Clone", show=False, tooltip="A new campaign like this one, with or without its leads"),
    ]

    def chosen(self) -> Mapping[str, Any]:
        """The row of the campaign the keys act upon; empty when there is none."""
        return {}

    def action_start(self) -> None:
        self._command("campaign.start")

    def action_pause(self) -> None:
        self._command("campaign.pause")

    def action_stop(self) -> None:
        question = "No new attempts are made; live calls go on, then the agents are logged off."
        self._confirmed("campaign.stop", "Stop", question, grave=False)

    def action_emergency_stop(self) -> None:
        question = "No new call is placed and every ringing call is hung up now. Conversations go on."
        self._confirmed("campaign.emergency_stop", "Emergency stop", question, grave=True)

    def action_pace(self) -> None:
        row = self._row_or_say()
        if row is None:
            return
        name, ratio = words(row, "name"), row.get("ratio")

        def set_pace(chosen: tuple[str, float] | None) -> None:
            if chosen is not None:
                changes = {"mode": chosen[0], "ratio": chosen[1]}
                self.dialer.do("campaign.set", {"name": name, "changes": changes})

        title = joined(("Mode and ratio of ", "bold"), (name, f"bold {wording.CALM}"))
        known = float(ratio) if isinstance(ratio, int | float) else 1.0
        self.app.push_screen(PaceDialog(title, mode=words(row, "mode"), ratio=known), set_pace)

    def action_assign(self) -> None:
        if self._row_or_say() is not None:
            self.dialer.do("agent.list", {}, then=self._choose_agent, quiet=True)

    def action_no_call(self) -> None:
        def add(entry: NoCall | None) -> None:
            if entry is not None:
                args = {"number": entry.number, "scope": entry.scope, "value": entry.value, "reason": entry.reason}
                self.dialer.do("dnc.add", args, reason=entry.reason)

        dialog = NoCallDialog(number=self.number_at_hand(), campaign=words(self.chosen(), "name"))
        self.app.push_screen(dialog, add)

    def action_rename(self) -> None:
        row = self._row_or_say()
        if row is None:
            return
        name = words(row, "name")

        def named(new_name: str | None) -> None:
            if new_name is not None and new_name != name:
                self.dialer.do("campaign.rename", {"name": name, "new_name": new_name}, then=self.renamed)

        hint = "Its calls, figures, abandonment, leads and agents go on under the new name."
        self.app.push_screen(OneLine(f"New name of {name}", hint=hint, value=name), named)

    def renamed(self, answer: Answer) -> None:
        """The campaign may have another name now; a screen that follows it by name follows the new one."""

    def action_clone(self) -> None:
        row = self._row_or_say()
        if row is None:
            return
        name = words(row, "name")

        def named(new_name: str | None) -> None:
            if new_name is not None:
                self._ask_for_leads(name, new_name)

        hint = "Settings, script, agents and do-not-call go with it; abandonment is counted together."
        self.app.push_screen(OneLine(f"Name of the clone of {name}", hint=hint), named)

    def _ask_for_leads(self, name: str, new_name: str) -> None:
        options = (
            ("no", safe_text("no leads; give it a list later")),
            ("yes", safe_text("all lists, every lead begun anew, those called before too")),
        )

        def made(leads: str | None) -> None:
            if leads is not None:
                args = {"name": name, "new_name": new_name, "leads": leads == "yes"}
                self.dialer.do("campaign.clone", args)

        self.app.push_screen(Choose(f"Which leads shall {new_name} have?", options), made)

    def number_at_hand(self) -> str:
        """The number under the cursor, to begin a do-not-call entry with."""
        return ""

    def _choose_agent(self, answer: Answer) -> None:
        agents = items(answer.data, "agents")
        if not answer.done:
            return
        if not agents:
            self.dialer.say("There are no agents yet. Add one with: dialer agent add", title="Agents")
            return
        options = tuple(
            (
                words(agent, "name"),
                joined(
                    safe_text(words(agent, "name"), limit=24),
                    (", ".join(texts(agent, "campaigns")) or "no campaign", wording.DIM),
                    between="  ",
                ),
            )
            for agent in agents
        )

        def tick(name: str | None) -> None:
            agent = next((known for known in agents if words(known, "name") == name), None)
            if agent is not None:
                self._tick_campaigns(agent)

        self.app.push_screen(Choose("Which agent?", options), tick)

    def _tick_campaigns(self, agent: Mapping[str, Any]) -> None:
        name, served = words(agent, "name"), texts(agent, "campaigns")
        known = tuple(dict.fromkeys((*self.campaign_names(), *served)))

        def assign(campaigns: tuple[str, ...] | None) -> None:
            if campaigns is not None:
                self.dialer.do("agent.assign", {"agent": name, "campaigns": list(campaigns)})

        title = joined(("Campaigns ", "bold"), (name, f"bold {wording.CALM}"), (" serves", "bold"))
        options = tuple((campaign, safe_text(campaign, limit=64)) for campaign in known)
        self.app.push_screen(ChooseSeveral(title, options, ticked=frozenset(served)), assign)

    def campaign_at_hand(self) -> str:
        return words(self.chosen(), "name")

    def campaign_names(self) -> tuple[str, ...]:
        """The campaigns this screen knows of."""
        return (words(self.chosen(), "name"),)

    def _command(self, name: str) -> None:
        row = self._row_or_say()
        if row is not None:
            self.dialer.do(name, {"name": words(row, "name")})

    def _confirmed(self, command: str, verb: str, what_happens: str, *, grave: bool) -> None:
        row = self._row_or_say()
        if row is None:
            return
        name = words(row, "name")

        def go_on(yes: bool | None) -> None:
            if yes:
                self.dialer.do(command, {"name": name})

        asked = joined((f"{verb} ", "bold"), (name, f"bold {wording.CALM}"), "?")
        question = stacked(asked, safe_text(""), safe_text(what_happens))
        self.app.push_screen(Confirm(question, yes=verb, grave=grave), go_on)

    def _row_or_say(self) -> Mapping[str, Any] | None:
        row = self.chosen()
        if not words(row, "name"):
            self.dialer.say("There is no campaign to act upon. Make one with: dialer campaign create")
            return None
        return row
