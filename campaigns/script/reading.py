"""Is this file a usable script? Read it, or name every fault at once with its step, line and mend."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from typing import Any

from campaigns.foreign_text import inert
from campaigns.script.filling import ANSWER, CALL_FIELDS, CUSTOM, LEAD_FIELDS, PLACEHOLDER
from campaigns.script.steps import Choice, Field, FieldKind, Script, Step

LONGEST_SCRIPT = 1_000_000
LONGEST_TEXT = 5000
MOST_STEPS = 500
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")  # as a campaign may name it
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_STEP_HEADER = re.compile(r"\s*\[\[\s*steps\s*\]\]")
_SCRIPT_KEYS = ("name", "title", "start", "steps")
_STEP_KEYS = ("key", "text", "fields", "choices", "next", "end", "may_leave")


class ScriptFault(ValueError):
    """The script cannot be used; `faults` names every fault. Nothing was stored."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def parse_script(text: str) -> Script:
    """The script in this TOML text. Raises ScriptFault with all faults found."""
    reader = _Reader(text)
    script = reader.script()
    if script is not None:
        reader.faults += _way_faults(script, reader)
    if reader.faults or script is None:
        raise ScriptFault(reader.faults)
    return script


def nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean x?)` for the known word most like this one, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {near[0]}?)" if near else ""


class _Reader:
    """Collects the faults of one file while its values are made."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.faults: list[str] = []
        self.lines = [n for n, line in enumerate(text.splitlines(), 1) if _STEP_HEADER.match(line)]

    def script(self) -> Script | None:
        if len(self.text) > LONGEST_SCRIPT:
            self.faults.append(f"the script has {len(self.text)} characters, the limit is {LONGEST_SCRIPT}")
            return None
        try:
            table = tomllib.loads(self.text)
        except (tomllib.TOMLDecodeError, RecursionError) as fault:
            self.faults.append(f"not TOML: {inert(str(fault))}; mend that line and read the file again")
            return None
        self._unknown_keys("script", table, _SCRIPT_KEYS)
        entries = self._list("script", table, "steps")
        if not entries or len(entries) > MOST_STEPS:
            self.faults.append(f"{len(entries)} steps; write 1 to {MOST_STEPS} of them, each as [[steps]] with a key")
            return None
        steps = tuple(self._step(index, entry) for index, entry in enumerate(entries))
        name = self._text("script", table, "name", needed=True)
        if name and not _NAME.fullmatch(name):
            self.faults.append(f"script: name {inert(name, 40)!r}: 1 to 64 letters, digits, spaces, . _ or -")
        return Script(
            name=name,
            title=self._text("script", table, "title") or name,
            start=self._text("script", table, "start") or steps[0].key,
            steps=steps,
        )

    def place(self, index: int, key: str) -> str:
        """`line 12, step greeting`: where a step stands."""
        line = f"line {self.lines[index]}, " if index < len(self.lines) else ""
        return f"{line}step {inert(key, 40) or index + 1}"

    def _step(self, index: int, entry: dict[str, Any]) -> Step:
        key = entry["key"] if isinstance(entry.get("key"), str) else ""
        place = self.place(index, key)
        if not _KEY.fullmatch(key):
            self.faults.append(f"{place}: key must be 1 to 40 of a-z, 0-9, _ and -, starting with a letter or digit")
        self._unknown_keys(place, entry, _STEP_KEYS)
        text = self._text(place, entry, "text", needed=True)
        if len(text) > LONGEST_TEXT:
            self.faults.append(f"{place}: the text has {len(text)} characters, the limit is {LONGEST_TEXT}")
        return Step(
            key=key,
            text=text,
            fields=tuple(self._field(place, f) for f in self._list(place, entry, "fields")),
            choices=tuple(self._choice(place, c) for c in self._list(place, entry, "choices")),
            next=self._text(place, entry, "next"),
            end=self._flag(place, entry, "end"),
            may_leave=self._flag(place, entry, "may_leave"),
        )

    def _field(self, place: str, entry: dict[str, Any]) -> Field:
        self._unknown_keys(place, entry, ("name", "label", "kind", "choices"))
        name = self._text(place, entry, "name", needed=True)
        if name and not _FIELD_NAME.fullmatch(name):
            self.faults.append(f"{place}: field name {inert(name, 40)!r} must be of a-z, 0-9 and _, starting with a-z")
        kind = self._text(place, entry, "kind") or FieldKind.TEXT
        if kind not in list(FieldKind):
            known = ", ".join(FieldKind)
            self.faults.append(f"{place}: field {name} has kind {inert(kind, 40)!r}; one of {known}")
            kind = FieldKind.TEXT
        choices = entry.get("choices", [])
        if not isinstance(choices, list) or not all(isinstance(c, str) and c for c in choices):
            self.faults.append(f'{place}: choices of field {name} must be a list of texts, like ["high", "low"]')
            choices = []
        elif bool(choices) != (kind == FieldKind.CHOICE):
            self.faults.append(f'{place}: field {name} needs both kind = "choice" and its choices, or neither')
        label = self._text(place, entry, "label") or name
        return Field(name=name, label=label, kind=FieldKind(kind), choices=tuple(choices))

    def _choice(self, place: str, entry: dict[str, Any]) -> Choice:
        self._unknown_keys(place, entry, ("key", "label", "next"))
        key = self._text(place, entry, "key", needed=True)
        if len(key) > 1 or (key and not (key.isascii() and key.isalnum())):
            self.faults.append(f"{place}: choice key {inert(key, 20)!r} must be one letter or digit")
        following = self._text(place, entry, "next", needed=True)
        return Choice(key=key, label=self._text(place, entry, "label") or following, next=following)

    def _unknown_keys(self, place: str, table: dict[str, Any], known: Sequence[str]) -> None:
        for key in table:
            if key not in known:
                self.faults.append(f"{place}: unknown key {inert(key, 40)!r}{nearest(key, known)}")

    def _text(self, place: str, table: dict[str, Any], key: str, *, needed: bool = False) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            self.faults.append(f'{place}: {key} must be a text in quotes, like {key} = "..."')
            return ""
        if needed and not value.strip():
            self.faults.append(f"{place}: {key} is missing or empty")
        return value

    def _flag(self, place: str, table: dict[str, Any], key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.faults.append(f"{place}: {key} must be true or false")
        return value is True

    def _list(self, place: str, table: dict[str, Any], key: str) -> list[dict[str, Any]]:
        value = table.get(key, [])
        if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
            return value
        self.faults.append(f"{place}: {key} must be a list of tables")
        return []


def _way_faults(script: Script, reader: _Reader) -> list[str]:
    """Faults that only the whole shows: names used twice, ways into nowhere, steps without a way in or out."""
    keys = [step.key for step in script.steps]
    places = {key: reader.place(index, key) for index, key in reversed(list(enumerate(keys)))}
    faults = [
        f"{reader.place(index, key)}: the key is used twice; keys are what reports count by, give each step its own"
        for index, key in enumerate(keys)
        if key in keys[:index]
    ]
    if script.start not in keys:
        faults.append(f"script: start = {inert(script.start, 40)!r} is no step{nearest(script.start, keys)}")
    for step in script.steps:
        faults += [f"{places[step.key]}: {words}" for words in _step_faults(step, keys)]
    faults += _name_faults(script, places)
    if not faults:  # the walk only means something when every way leads to a step
        faults += _walk_faults(script, places)
    return faults


def _step_faults(step: Step, keys: Sequence[str]) -> list[str]:
    faults = [
        f"leads to step {inert(target, 40)!r}, which does not exist{nearest(target, keys)}"
        for target in step.targets
        if target and target not in keys
    ]
    pressed = [choice.key for choice in step.choices]
    faults += [f"choice key {key!r} is used twice" for key in sorted({k for k in pressed if pressed.count(k) > 1})]
    if step.end and step.targets:
        faults.append("is an end and still leads on; take away end = true, or its next and choices")
    if step.next and step.choices:
        faults.append("has both next and choices; keep one of them")
    if not step.end and not step.targets:
        faults.append("leads nowhere; give it next, choices or end = true")
    return faults


def _name_faults(script: Script, places: dict[str, str]) -> list[str]:
    """Fields captured under one name twice, and placeholders that nothing fills."""
    names = [(step.key, field.name) for step in script.steps for field in step.fields]
    captured = [name for _, name in names]
    faults = [
        f"{places[key]}: field {name} is captured twice in this script; give each its own name"
        for index, (key, name) in enumerate(names)
        if name in captured[:index]
    ]
    known = (*LEAD_FIELDS, *CALL_FIELDS, *(ANSWER + name for name in captured))
    for step in script.steps:
        for name in PLACEHOLDER.findall(step.text):
            custom = name.strip().startswith(CUSTOM) and len(name.strip()) > len(CUSTOM)
            if not custom and name.strip() not in known:
                shown = f"{{{inert(name, 40)}}}"
                faults.append(
                    f"{places[step.key]}: nothing fills {shown}{nearest(name, known)}; "
                    f"other columns of the list are written {{{CUSTOM}column}}"
                )
        if re.search(r"[{}]", PLACEHOLDER.sub("", step.text)):
            faults.append(f"{places[step.key]}: a brace without its partner; write placeholders as {{first_name}}")
    return faults


def _walk_faults(script: Script, places: dict[str, str]) -> list[str]:
    """Steps that cannot be reached from the start, and steps from which no end can be reached."""
    after = {step.key: set(step.targets) for step in script.steps}
    before: dict[str, set[str]] = {key: set() for key in after}
    for key, targets in after.items():
        for target in targets:
            before[target].add(key)
    reached = _closure({script.start}, after)
    ending = _closure({step.key for step in script.steps if step.end}, before)
    faults = [
        f"{places[key]}: no way from {script.start} leads here; link it or take it out"
        for key in after
        if key not in reached
    ]
    return faults + [
        f"{places[key]}: no end can be reached from here; mark the last step with end = true"
        for key in after
        if key in reached and key not in ending
    ]


def _closure(start: set[str], ways: dict[str, set[str]]) -> set[str]:
    found, todo = set(start), list(start)
    while todo:
        for key in ways[todo.pop()] - found:
            found.add(key)
            todo.append(key)
    return found
