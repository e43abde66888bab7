"""Is this key's value what is allowed? Each reading gives the value, or notes the fault and gives a harmless one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from campaigns.foreign_text import inert
from campaigns.rules.nodes import Node

T = TypeVar("T")
LONGEST_TEXT = 600
_NOTHING = ("null", "~", "")
_LENGTH = re.compile(r"([1-9][0-9]{0,3})([hdy])")
_HOURS = {"h": 1, "d": 24, "y": 366 * 24}  # a year is never kept a day short
A_LENGTH = "a length such as 24h, 30d or 5y"


@dataclass(kw_only=True)
class Table:
    """The keys of one table. What was not asked for by the end is unknown."""

    node: Node
    place: str = ""
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def has(self, key: str) -> bool:
        """Whether the key stands there with a value; `null` is none."""
        node = self._node(key)
        return node is not None and not _is_nothing(node)

    def fault(self, key: str, words: str) -> None:
        node = self._node(key)
        line = self.node.line if node is None else node.line
        self.faults.append(f"line {line}: {self.place}{key}: {words}")

    def text(self, key: str, default: str | None = None) -> str:
        """A text; needed when there is no default."""
        return self._read(key, _text, default, "", "a text")

    def word(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """One of these words."""
        words = tuple(allowed)
        return self._read(key, _one_of(words), default, words[0], f"one of {', '.join(words)}")

    def words(self, key: str, allowed: Iterable[str] = (), default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts, of these words if some are given; each once."""
        known = tuple(allowed)
        each = _one_of(known) if known else _text
        what = f"a list of {', '.join(known)}" if known else "a list of texts"
        return self._read(key, _many(each), default, (), what)

    def number(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number within limits."""
        return self._read(key, _whole(least, most), default, least, f"a whole number from {least} to {most}")

    def share(self, key: str) -> float:
        """A share above 0, at most 1."""
        return self._read(key, _share, None, 1.0, "a share such as 0.03, above 0 and at most 1")

    def flag(self, key: str, default: bool | None = None) -> bool:
        """true or false."""
        return self._read(key, _flag, default, False, "true or false")

    def day(self, key: str) -> date:
        """A date."""
        return self._read(key, _day, None, date.min, "a date such as 2026-11-21")

    def day_or_none(self, key: str) -> date | None:
        """A date, or none when it is null or left out."""
        return self.day(key) if self.has(key) else None

    def days(self, key: str) -> tuple[date, ...]:
        """A list of dates, none when left out."""
        return self._read(key, _many(_day), (), (), "a list of dates such as 2026-11-21")

    def length(self, key: str, default: timedelta | None = None) -> timedelta:
        """A length of time in hours, days or years."""
        return self._read(key, _length, default, timedelta(hours=1), A_LENGTH)

    def length_or_none(self, key: str) -> timedelta | None:
        """A length, or none when it is null or left out."""
        return self.length(key) if self.has(key) else None

    def table(self, key: str) -> Table:
        """A table within; an empty one when it is left out."""
        node = self._node(key)
        if node is not None and not isinstance(node.value, dict):
            if not _is_nothing(node):
                self.fault(key, "expected a table of keys")
            node = None
        return self._within(key, node or Node(line=self.node.line, value={}))

    def tables(self, key: str) -> Iterator[Table]:
        """Each table of a list; none when it is left out."""
        node = self._node(key)
        if node is None or _is_nothing(node):
            return
        if not isinstance(node.value, list) or not all(isinstance(each.value, dict) for each in node.value):
            self.fault(key, "expected a list of tables")
            return
        for number, each in enumerate(node.value, 1):
            yield self._within(f"{key}[{number}]", each)

    def raw(self, key: str) -> Node | None:
        """The node itself, for what has a form of its own."""
        return self._node(key)

    def end(self) -> None:
        """Note every key that nobody asked for."""
        assert isinstance(self.node.value, dict)
        for key, node in self.node.value.items():
            if key not in self.asked:
                near = difflib.get_close_matches(key, self.asked, n=1, cutoff=0.5)
                meant = f" (did you mean {near[0]}?)" if near else ""
                allowed = ", ".join(dict.fromkeys(self.asked))
                words = f"unknown key {inert(key, 40)!r}{meant}; allowed: {allowed}"
                self.faults.append(f"line {node.line}: {self.place}{words}")

    def _within(self, key: str, node: Node) -> Table:
        return Table(node=node, place=f"{self.place}{key}.", faults=self.faults)

    def _node(self, key: str) -> Node | None:
        assert isinstance(self.node.value, dict)
        if key not in self.asked:
            self.asked.append(key)
        return self.node.value.get(key)

    def _read(self, key: str, read: Callable[[Node], T], default: T | None, instead: T, allowed: str) -> T:
        node = self._node(key)
        if node is None or (_is_nothing(node) and default is not None):
            if default is None:
                self.fault(key, f"is missing; expected {allowed}")
            return instead if default is None else default
        try:
            return read(node)
        except ValueError:
            shown = repr(inert(node.value, 60)) if isinstance(node.value, str) else "a list or table"
            self.fault(key, f"{shown}: expected {allowed}")
            return instead


def _is_nothing(node: Node) -> bool:
    return not node.quoted and isinstance(node.value, str) and node.value in _NOTHING


def _text(node: Node) -> str:
    if not isinstance(node.value, str) or _is_nothing(node) or not node.value.strip():
        raise ValueError
    if len(node.value) > LONGEST_TEXT or not node.value.isprintable():
        raise ValueError
    return node.value


def _one_of(allowed: tuple[str, ...]) -> Callable[[Node], str]:
    def read(node: Node) -> str:
        if node.value not in allowed:
            raise ValueError
        return _text(node)

    return read


def _many(each: Callable[[Node], T]) -> Callable[[Node], tuple[T, ...]]:
    def read(node: Node) -> tuple[T, ...]:
        if not isinstance(node.value, list):
            raise ValueError
        found = tuple(each(item) for item in node.value)
        if len(set(found)) != len(found):
            raise ValueError
        return found

    return read


def _whole(least: int, most: int) -> Callable[[Node], int]:
    def read(node: Node) -> int:
        text = _text(node)
        if node.quoted or not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError
        return int(text)

    return read


def _share(node: Node) -> float:
    text = _text(node)
    if node.quoted or not re.fullmatch(r"[01](\.[0-9]{1,6})?", text) or not 0 < float(text) <= 1:
        raise ValueError
    return float(text)


def _flag(node: Node) -> bool:
    if node.quoted or node.value not in ("true", "false"):
        raise ValueError
    return node.value == "true"


def _day(node: Node) -> date:
    text = _text(node)
    if not re.fullmatch(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError
    return date.fromisoformat(text)


def _length(node: Node) -> timedelta:
    return length_of(_text(node))


def length_of(text: str) -> timedelta:
    """The length written as `24h`, `30d` or `5y`. Raises ValueError saying so."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ValueError(f"expected {A_LENGTH}")
    return timedelta(hours=int(found.group(1)) * _HOURS[found.group(2)])
