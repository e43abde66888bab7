"""Are the words plain that people give for what they do? They are kept for ever and shown in terminals and evidence."""

from __future__ import annotations

from dataclasses import replace

from campaigns.foreign_text import holds_control, inert
from dialer.control import Command
from dialer.refusal import Refused

_WORDS = ("reason", "proof", "wording", "right_to_use", "correct")


def in_plain_words(command: Command) -> Command:
    """The command with its reason and proofs on one line: line breaks and tabs become blanks.

    Raises Refused for control, bidi and invisible characters, which make a text look like another one.
    """
    words = {name: text for name in _WORDS if isinstance(text := command.args.get(name), str)}
    for name, text in (("reason", command.reason), *words.items()):
        if holds_control(text):
            found = f"{name} holds a control or invisible character: {inert(text, 60)!r}"
            raise Refused(f"{found}. Use plain words. Nothing was done.")
    args = dict(command.args) | {name: _on_one_line(text) for name, text in words.items()}
    return replace(command, reason=_on_one_line(command.reason), args=args)


def _on_one_line(text: str) -> str:
    """Never cut: whether it is too long is for the command to say."""
    return inert(text, len(text))
