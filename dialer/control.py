"""What may a person's screen or shell say to the dialer, and what does the dialer say back?

Plain JSON-able values, one object per line, first carried by a local Unix socket. A command has an
id: the same id asked again, even after a restart, gets the same answer and does nothing twice.
A snapshot carries a version and a rising sequence; only the latest value of a topic matters.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

PROTOCOL_VERSION = 1
MAX_REQUEST_BYTES = 1024 * 1024
MAX_REPLY_BYTES = 32 * 1024 * 1024
LEAST_EVERY_MS = 100
MOST_EVERY_MS = 60_000

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_NAME = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*){0,2}")
_TOPIC = re.compile(r"board|(campaign|desk):[^\x00-\x1f\x7f]{1,64}")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class BadLine(ValueError):
    """A line that is not of this protocol. `message` says what is wrong; `id` is the command's, where readable."""

    def __init__(self, message: str, command_id: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.id = command_id


class AnswerStatus(StrEnum):
    """How a command went, with the exit code a shell gives for it."""

    DONE = "done"
    REFUSED = "refused"  # with a reason the person can mend
    FAULT = "fault"  # our fault; the log has the details

    @property
    def exit_code(self) -> int:
        return {AnswerStatus.DONE: 0, AnswerStatus.REFUSED: 2, AnswerStatus.FAULT: 1}[self]


@dataclass(frozen=True, kw_only=True)
class Command:
    """One thing a person asks for. `args` holds plain JSON values; `at` is aware UTC.

    `account` is the operating system's, as the receiver found it out: it is neither written to the wire nor read.
    """

    id: str
    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    actor: str = ""
    reason: str = ""
    at: datetime
    account: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "type": "command",
            "id": self.id,
            "actor": self.actor,
            "name": self.name,
            "args": dict(self.args),
            "reason": self.reason,
            "at": self.at.isoformat(),
        }


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of a command: one plain sentence, and data for a program."""

    id: str
    status: AnswerStatus
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        return self.status is AnswerStatus.DONE

    def as_json(self) -> dict[str, Any]:
        return {
            "type": "answer",
            "id": self.id,
            "status": self.status.value,
            "message": self.message,
            "data": dict(self.data),
        }


@dataclass(frozen=True, kw_only=True)
class Subscribe:
    """Ask for the snapshots of a topic: `board`, `campaign:NAME` or `desk:AGENT`."""

    topic: str
    every_ms: int = 400

    def as_json(self) -> dict[str, Any]:
        return {"type": "subscribe", "topic": self.topic, "every_ms": self.every_ms}


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The latest state of a topic. `seq` rises within a connection; a gap only means that values were skipped."""

    topic: str
    seq: int
    at: datetime
    data: Mapping[str, Any]
    version: int = PROTOCOL_VERSION

    def as_json(self) -> dict[str, Any]:
        return {
            "type": "snapshot",
            "topic": self.topic,
            "version": self.version,
            "seq": self.seq,
            "at": self.at.isoformat(),
            "data": dict(self.data),
        }


Message = Command | Answer | Subscribe | Snapshot


def new_command(
    name: str,
    args: Mapping[str, Any] | None = None,
    *,
    actor: str,
    reason: str = "",
    at: datetime,
    command_id: str = "",
) -> Command:
    """A command with a fresh id, unless one is given to ask the very same thing again."""
    return Command(
        id=command_id or str(uuid.uuid4()),
        name=name,
        args=_said_in_json(args or {}),
        actor=actor,
        reason=reason,
        at=at.astimezone(UTC),
    )


def _said_in_json(value: Any) -> Any:
    """With nan and inf as texts, which JSON has no numbers for: the command refuses them, in the service or here."""
    if isinstance(value, Mapping):
        return {key: _said_in_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_said_in_json(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def encode(message: Message) -> bytes:
    """One line of the wire, with its line end."""
    return json.dumps(message.as_json(), ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def decode_request(line: bytes) -> Command | Subscribe:
    """What a client said. Raises BadLine with a sentence for it; nothing was done then."""
    plain = _object(line, MAX_REQUEST_BYTES)
    kind = plain.get("type")
    if kind == "command":
        return _command(plain)
    if kind == "subscribe":
        return _subscribe(plain)
    raise BadLine("A request has the type 'command' or 'subscribe'; nothing was done.", _id_of(plain))


def decode_reply(line: bytes) -> Answer | Snapshot:
    """What the service said. Raises BadLine when it is not of this protocol."""
    plain = _object(line, MAX_REPLY_BYTES)
    try:
        if plain["type"] == "answer":
            return _answer(plain)
        if plain["type"] == "snapshot":
            return _snapshot(plain)
    except (KeyError, TypeError, ValueError) as fault:
        raise BadLine(f"The service's line is not understood ({fault!r}); are both of the same version?") from None
    raise BadLine(f"The service sent a line of the unknown type {plain['type']!r}.")


def _object(line: bytes, limit: int) -> dict[str, Any]:
    if len(line) > limit:
        raise BadLine(f"A line holds at most {limit} bytes; nothing was done.")
    try:
        plain = json.loads(line)
    except (ValueError, RecursionError):
        raise BadLine("The line is not JSON in UTF-8; nothing was done.") from None
    if not isinstance(plain, dict):
        raise BadLine("The line is not a JSON object; nothing was done.")
    return plain


def _command(plain: Mapping[str, Any]) -> Command:
    command_id = _id_of(plain)
    if not command_id:
        raise BadLine("A command needs an id of letters, digits and -, at most 64; nothing was done.")
    name, args, actor, reason = (plain.get(key) for key in ("name", "args", "actor", "reason"))
    args, reason = {} if args is None else args, reason or ""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise BadLine("A command needs a name such as campaign.start; nothing was done.", command_id)
    if not isinstance(args, dict):
        raise BadLine("A command's args are a JSON object; nothing was done.", command_id)
    if not isinstance(actor, str) or not 1 <= len(actor) <= 64 or _CONTROL_CHARACTER.search(actor):
        raise BadLine("A command names its actor in 1 to 64 plain characters; nothing was done.", command_id)
    if not isinstance(reason, str) or len(reason) > 1000:
        raise BadLine("A command's reason is a text of at most 1000 characters; nothing was done.", command_id)
    at = _instant(plain.get("at"), command_id)
    return Command(id=command_id, name=name, args=args, actor=actor, reason=reason, at=at)


def _subscribe(plain: Mapping[str, Any]) -> Subscribe:
    topic, every_ms = plain.get("topic"), plain.get("every_ms", 400)
    if not isinstance(topic, str) or not _TOPIC.fullmatch(topic):
        raise BadLine("A topic is board, campaign:NAME or desk:AGENT; nothing was subscribed.")
    if not isinstance(every_ms, int) or isinstance(every_ms, bool):
        raise BadLine("every_ms is a whole number of milliseconds; nothing was subscribed.")
    return Subscribe(topic=topic, every_ms=min(max(every_ms, LEAST_EVERY_MS), MOST_EVERY_MS))


def _answer(plain: Mapping[str, Any]) -> Answer:
    data = plain.get("data") or {}
    if not isinstance(data, dict):
        raise TypeError("data")
    return Answer(id=str(plain["id"]), status=AnswerStatus(plain["status"]), message=str(plain["message"]), data=data)


def _snapshot(plain: Mapping[str, Any]) -> Snapshot:
    if plain["version"] != PROTOCOL_VERSION:
        raise ValueError(f"version {plain['version']}")
    return Snapshot(
        topic=str(plain["topic"]),
        seq=int(plain["seq"]),
        at=datetime.fromisoformat(plain["at"]).astimezone(UTC),
        data=dict(plain["data"]),
    )


def _id_of(plain: Mapping[str, Any]) -> str:
    value = plain.get("id")
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _instant(value: object, command_id: str) -> datetime:
    try:
        at = datetime.fromisoformat(str(value))
        if at.tzinfo is None:
            raise ValueError("no zone")
    except ValueError:
        raise BadLine("A command's at is an ISO 8601 instant with its zone; nothing was done.", command_id) from None
    return at.astimezone(UTC)
