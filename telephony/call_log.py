"""What was asked of the telephone system and what did it tell, line by line, for finding faults afterwards?

One JSON object per line, ASCII only, so foreign text cannot act on a terminal that shows it. Instants are
UTC. Numbers are shortened and PINs left out: the attempt id leads to the rest. The log is for people; the
product's truth is in its database, and a log that cannot be written never stops a call.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from telephony.clock import Clock
from telephony.port import Event, Listener

_LOG = logging.getLogger(__name__)
_HIDDEN = frozenset({"pin", "secret", "password"})
_SHORTENED = frozenset({"number", "caller_id"})


class CallLog:
    """Appends to `path` (mode 0600). Past `max_bytes` the file becomes `path.1`, replacing the one before."""

    def __init__(self, path: Path, clock: Clock, *, max_bytes: int = 50_000_000) -> None:
        self._path = path
        self._clock = clock
        self._max_bytes = max_bytes
        self._failed = False

    def command(self, name: str, **details: object) -> None:
        """A command that was given to the telephone system."""
        self._append({"at": _plain(self._clock.now()), "command": name, **_shown(details)})

    def event(self, event: Event) -> None:
        """An event the telephone system told."""
        self._append({"event": type(event).__name__, **_plain_fields(event)})

    def move(self, channel_id: str, text: str) -> None:
        """A state machine's move, such as `ringing -[answered]-> talking`."""
        self._append({"at": _plain(self._clock.now()), "id": channel_id, "move": text})

    def listening(self, listener: Listener) -> Listener:
        """A listener that writes every event before it hands it on."""

        def write_and_hand_on(event: Event) -> None:
            self.event(event)
            listener(event)

        return write_and_hand_on

    def _append(self, record: dict[str, object]) -> None:
        line = json.dumps(record, ensure_ascii=True, separators=(",", ":")) + "\n"
        try:
            self._make_room(len(line))
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, line.encode("ascii"))
            finally:
                os.close(descriptor)
            self._failed = False
        except OSError as error:
            if not self._failed:
                _LOG.warning("The call log %s cannot be written (%s); calls go on without it.", self._path, error)
            self._failed = True

    def _make_room(self, more_bytes: int) -> None:
        if self._path.exists() and self._path.stat().st_size + more_bytes > self._max_bytes:
            self._path.replace(self._path.with_name(self._path.name + ".1"))


def _plain_fields(value: object) -> dict[str, object]:
    assert is_dataclass(value)
    return _shown({field.name: getattr(value, field.name) for field in fields(value)})


def _shown(details: dict[str, object]) -> dict[str, object]:
    return {name: _mask(name, value) for name, value in details.items()}


def _mask(name: str, value: object) -> object:
    if name in _HIDDEN:
        return "***"
    return f"...{str(value)[-2:]}" if name in _SHORTENED else _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _plain_fields(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    return round(value, 4) if isinstance(value, float) else str(value)
