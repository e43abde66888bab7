"""What does an agent see at a glance? The state line, the lead's card, and the outcomes with their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from tui import wording
from tui.safe import joined, safe_text, stacked
from tui.snapshot import items, part, words
from tui.widgets.words import Words

_BAR = {
    "READY": "-ready",
    "TALK": "-talk",
    "HOLD": "-talk",
    "WRAP_UP": "-wrap-up",
    "PREVIEW": "-wrap-up",
    "RINGING": "-wrap-up",
    "PAUSE": "-idle",
    "LOGGED_OUT": "-idle",
    "SYSTEM": "-alarm",
}
_WHAT_NOW = {
    "LOGGED_OUT": "i: log in, your phone rings once",
    "RINGING": "pick up your phone",
    "READY": "the next customer comes with a beep",
    "PAUSE": "r: ready again",
    "SYSTEM": "your phone or the exchange is lost; it is being brought back",
}


class StateLine(Words):
    """The big line: READY, TALK 0:42, WRAP-UP 0:12 left."""

    def draw(self, data: Mapping[str, Any]) -> None:
        """Show the agent's state of this snapshot."""
        state = words(part(data, "agent"), "state")
        for css in set(_BAR.values()):
            self.set_class(css == _BAR.get(state, "-idle"), css)
        self.show(state_text(data))


def state_text(data: Mapping[str, Any]) -> Text:
    """The state with its time, and on the right what to know or do now."""
    agent, call = part(data, "agent"), part(data, "call")
    state = words(agent, "state")
    preview = part(data, "preview")
    left = preview.get("left_s") if preview else call.get("wrap_up_left_s")
    if state in ("WRAP_UP", "PREVIEW") and isinstance(left, int | float):
        time = f"{wording.length(left)} left"
    else:
        time = wording.length(call.get("seconds") if call and state in ("TALK", "HOLD") else agent.get("seconds"))
    code = words(agent, "code")
    doing = safe_text(f" {wording.said(state)}", style="bold", limit=20)
    if code:
        doing = joined(doing, safe_text(code, limit=20), between=" ")
    first = joined(doing, (time, "bold"), between="  ")
    number = words(call, "number")
    more = number or _preview_words(preview) or _WHAT_NOW.get(state, "")
    return joined(first, safe_text(more, limit=80), between="     ") if more else first


def _preview_words(preview: Mapping[str, Any]) -> str:
    """What he may do with the lead on his desk, and what happens when he does nothing."""
    then = {"dial": "then it is dialled", "skip": "then it is skipped"}.get(words(preview, "then"), "")
    return f"d: dial {words(preview, 'number')}   s: skip   {then}" if preview else ""


class LeadCard(Words):
    """Who is on the line."""

    def draw(self, lead: Mapping[str, Any]) -> None:
        """Show this lead; an empty one means that nobody is on the line."""
        self.show(lead_text(lead))


def lead_text(lead: Mapping[str, Any]) -> Text:
    """Name, number, the fields of the list, the note."""
    if not lead:
        return safe_text("Nobody on the line.", style=wording.DIM)
    lines = [
        safe_text(words(lead, "name") or "(no name)", style="bold", limit=120),
        safe_text(words(lead, "number"), style=wording.CALM, limit=40),
        safe_text(""),
    ]
    lines.extend(
        joined(safe_text(pair[0], limit=40, style=wording.DIM), safe_text(pair[1]), between=" ")
        for pair in _pairs(lead)
    )
    note = words(lead, "note")
    if note:
        lines += [safe_text(""), safe_text("Note", style=wording.DIM), safe_text(note, limit=1000, lines=True)]
    return stacked(*lines)


def _pairs(lead: Mapping[str, Any]) -> list[Sequence[object]]:
    pairs = lead.get("fields")
    known = pairs if isinstance(pairs, list | tuple) else ()
    return [pair for pair in known if isinstance(pair, list | tuple) and len(pair) == 2]


class Outcomes(Words):
    """Every outcome with its key; the one chosen stands out."""

    def draw(self, data: Mapping[str, Any]) -> None:
        """Show the outcomes that can be given now."""
        live = bool(part(data, "call") or part(data, "late"))
        self.show(outcomes_text(outcomes_of(data), words(part(data, "call"), "disposition"), live))


def outcomes_of(data: Mapping[str, Any]) -> tuple[tuple[int, Mapping[str, Any]], ...]:
    """The outcomes with their F-key: the number it has on the phone, else the next free one."""
    known = items(data, "dispositions")
    taken = {int(words(item, "key")) for item in known if words(item, "key") in tuple("123456789")}
    free = iter(number for number in range(1, 13) if number not in taken)
    numbered = [
        (int(words(item, "key")) if words(item, "key") in tuple("123456789") else next(free, 0), item) for item in known
    ]
    return tuple(sorted(numbered, key=lambda pair: pair[0] or 99))


def outcomes_text(outcomes: tuple[tuple[int, Mapping[str, Any]], ...], chosen: str, live: bool) -> Text:
    """F1 Sale  F2 Refused ...; a label is never broken over two lines."""
    if not outcomes:
        return safe_text("")
    parts = [joined((" Outcome ", "bold reverse" if live else wording.DIM))]
    for number, item in outcomes:
        marked = words(item, "code") == chosen and chosen != ""
        label = f"reverse bold {wording.GOOD}" if marked else "" if live else wording.DIM
        key = f"F{number}" if number else "o"
        parts.append(
            joined(
                (key, f"bold {wording.CALM}" if live else wording.DIM),
                safe_text(words(item, "label").replace(" ", "\u00a0"), style=label, limit=24),
                between="\u00a0",
            )
        )
    return joined(*parts, between="  ")
