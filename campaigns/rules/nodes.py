"""What does a YAML file say, as plain text with lines? The one door to PyYAML.

Nothing of YAML's own reading of values is used: each scalar stays the text that was written, so `no` is not
false, 20:00 not 1200, and no date or object is made. Keys that come twice, anchors, aliases, tags, more than
one document and deep nesting are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from campaigns.foreign_text import inert

LONGEST = 256 * 1024
DEEPEST = 6
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(kw_only=True)
class Node:
    """A text, a list or a table, and the line on which it begins. `quoted`: the text stood in quotes."""

    line: int
    value: str | list[Node] | dict[str, Node] = ""
    quoted: bool = False


class NotPlain(ValueError):
    """The text is not plain YAML; the message says where and what is allowed."""


@dataclass(kw_only=True)
class _Open:
    """A list or table that is still being read, and the key that waits for its value."""

    node: Node
    key: str | None = None
    lines: dict[str, int] = field(default_factory=dict)

    def take(self, child: Node) -> None:
        if isinstance(self.node.value, list):
            self.node.value.append(child)
        elif isinstance(self.node.value, dict) and self.key is not None:
            self.node.value[self.key], self.key = child, None
        else:
            self._take_key(child)

    def _take_key(self, child: Node) -> None:
        if not isinstance(child.value, str):
            raise NotPlain(f"line {child.line}: a key must be a text")
        if child.value in self.lines:
            name, first = inert(child.value, 40), self.lines[child.value]
            raise NotPlain(f"line {child.line}: {name} stands twice (first on line {first}); once is allowed")
        self.key, self.lines[child.value] = child.value, child.line


def read_plain(text: str) -> Node:
    """The one table that the text holds. Raises NotPlain."""
    if len(text) > LONGEST:
        raise NotPlain(f"{len(text)} characters; at most {LONGEST} are read")
    try:
        return _read(text)
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark is not None else 1
        raise NotPlain(f"line {line}: not YAML: {inert(str(fault.problem or fault.context), 200)}") from None
    except (yaml.YAMLError, UnicodeError) as fault:
        raise NotPlain(f"not YAML: {inert(str(fault), 200)}") from None


def _read(text: str) -> Node:
    open_: list[_Open] = []
    whole: Node | None = None
    for event in _events(text):
        if isinstance(event, yaml.CollectionEndEvent):
            child = open_.pop().node
        elif isinstance(event, yaml.CollectionStartEvent):
            table = isinstance(event, yaml.MappingStartEvent)
            open_.append(_Open(node=Node(line=_line(event), value={} if table else [])))
            if len(open_) > DEEPEST:
                raise NotPlain(f"line {_line(event)}: nested deeper than {DEEPEST} levels")
            continue
        else:
            quoted = not event.implicit[0]
            child = Node(line=_line(event), value=event.value, quoted=quoted)
        if open_:
            open_[-1].take(child)
        else:
            whole = child
    if whole is None or not isinstance(whole.value, dict):
        raise NotPlain("a table with keys is expected, as in a shipped profile")
    return whole


def _line(event: Any) -> int:
    """As editors count."""
    return int(event.start_mark.line) + 1


def _events(text: str) -> Iterator[Any]:
    """The scalars, lists and tables of one document."""
    documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise NotPlain(f"line {_line(event)}: a second document; one is allowed")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise NotPlain(f"line {_line(event)}: anchors and aliases are not allowed; write it out")
        if getattr(event, "tag", None):
            raise NotPlain(f"line {_line(event)}: tags (!) are not allowed")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent | yaml.CollectionEndEvent):
            yield event
