"""What is a script made of, and what may an agent do at a step?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

LONGEST_ANSWER = 1000
LONGEST_REASON = 200


class FieldKind(StrEnum):
    """What an answer must look like."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes_no"
    CHOICE = "choice"
    DATE = "date"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One answer to be captured at a step. `name` is unique in the script."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way on: the key the agent presses, what it means, and the key of the step it leads to."""

    key: str
    label: str
    next: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to say. A step is an end, or has one `next`, or has choices."""

    key: str
    text: str
    fields: tuple[Field, ...] = ()
    choices: tuple[Choice, ...] = ()
    next: str = ""
    end: bool = False
    may_leave: bool = False

    @property
    def targets(self) -> tuple[str, ...]:
        """The keys of the steps that can follow."""
        return tuple(dict.fromkeys((*(c.next for c in self.choices), *((self.next,) if self.next else ()))))

    def follow(self, key: str = "") -> str | None:
        """The key of the step behind this choice, or behind `next` for an empty key; None if there is none."""
        if not key:
            return self.next or None
        return next((c.next for c in self.choices if c.key == key), None)


@dataclass(frozen=True, kw_only=True)
class Script:
    """One version of a script; its steps in the order of the file, each reachable, each leading to an end."""

    name: str
    title: str
    start: str
    steps: tuple[Step, ...]

    def step(self, key: str) -> Step | None:
        """The step with this key, or None."""
        return next((s for s in self.steps if s.key == key), None)


def leave_fault(script: Script, step_key: str, reason: str) -> str | None:
    """Why the agent may not leave the script at this step; None when he may. A reason is always needed."""
    step = script.step(step_key)
    if step is None:
        return f"script {script.name} has no step {step_key[:40]!r}; nothing was recorded"
    if step.end:
        return f"step {step.key} is an end: the script is complete, there is nothing to leave"
    if not step.may_leave:
        return f"step {step.key} may not be left (the script has no may_leave = true there); go on to its next step"
    if not reason.strip():
        return f"leaving at step {step.key} needs a reason in a few words"
    if len(reason) > LONGEST_REASON:
        return f"the reason has {len(reason)} characters, the limit is {LONGEST_REASON}"
    return None


def answer_fault(field: Field, text: str) -> str | None:
    """Why this text is no answer to the field; None when it is one. An empty text is always no answer."""
    text = text.strip()
    if not text:
        return f"{field.label}: nothing was answered"
    if len(text) > LONGEST_ANSWER:
        return f"{field.label}: {len(text)} characters, the limit is {LONGEST_ANSWER}"
    if field.kind is FieldKind.NUMBER and not _is_number(text):
        return f"{field.label}: write a number, like 42 or 3.5"
    if field.kind is FieldKind.YES_NO and text not in ("yes", "no"):
        return f"{field.label}: write yes or no"
    if field.kind is FieldKind.CHOICE and text not in field.choices:
        return f"{field.label}: one of {', '.join(field.choices)}"
    if field.kind is FieldKind.DATE and not _is_date(text):
        return f"{field.label}: write the date as 2026-11-21"
    return None


def _is_number(text: str) -> bool:
    whole, _, part = text.removeprefix("-").partition(".")
    return whole.isascii() and whole.isdigit() and (not part or (part.isascii() and part.isdigit()))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-11-21")
