"""What may be said to Asterisk's manager, and what was heard from it?

The packet types and the parsing come from the asterisk-ami package. What it lets through is stopped here: a CR LF
in a value was executed by Asterisk as a second action, a bare LF starts a new header, a comma in a variable makes a
second variable. So a doubtful value is refused, never mended: nothing of such a message is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from asterisk.ami.action import Action
from asterisk.ami.event import Event
from asterisk.ami.response import Response

HeaderValue = str | int
ActionLike = Mapping[str, HeaderValue] | Iterable[tuple[str, HeaderValue]]

MAX_LINE_BYTES = 1024
"""Asterisk refuses the whole message for one longer line (manager.c), so the line and its CR LF must fit."""
MAX_LINES = 128

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_VARIABLE_NAME = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]*(\([A-Za-z0-9_,-]*\))?")
_QUESTION = re.compile(r"IFMODULE\([a-z_]{1,40}\.so\)")
_LINE_END = "\r\n"


class UnsafeMessageError(ValueError):
    """A header could change the meaning of the message. Nothing was sent, so nothing was dialled."""


class Packet(str):
    """A packet that is cut at CR LF only.

    The package uses `splitlines`, which also cuts at U+0085, U+2028 and 0x1D: a name holding one lost its rest.
    """

    __slots__ = ()

    def splitlines(self, keepends: bool = False) -> list[str]:
        """Lines as Asterisk ends them; their ends are never kept."""
        del keepends
        return self.split(_LINE_END)


@dataclass(frozen=True, kw_only=True, slots=True)
class ManagerEvent:
    """One event. `headers` keeps order and repeats; `at_s` is the monotonic second it was read from the socket."""

    name: str
    headers: tuple[tuple[str, str], ...]
    at_s: float = 0.0

    def get(self, key: str, default: str = "") -> str:
        """The first value of `key`, else `default`."""
        return next((value for name, value in self.headers if name == key), default)

    def all(self, key: str) -> tuple[str, ...]:
        """Every value of `key`, in the order it was sent."""
        return tuple(value for name, value in self.headers if name == key)

    def variables(self, key: str = "ChanVariable") -> dict[str, str]:
        """The channel variables Asterisk added to this event, as name to value. `Status` names them `Variable`."""
        return dict(text.partition("=")[::2] for text in self.all(key))


@dataclass(frozen=True, kw_only=True, slots=True)
class ManagerResponse:
    """The answer to one action. Success of an asynchronous Originate or of a Redirect only means "taken on"."""

    status: str
    headers: tuple[tuple[str, str], ...]
    output: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        """True when Asterisk refused the action."""
        return self.status.lower() == "error"

    @property
    def message(self) -> str:
        """Asterisk's own sentence, empty when it gave none."""
        return self.get("Message").strip()  # some end with a bare LF

    def get(self, key: str, default: str = "") -> str:
        """The first value of `key`, else `default`."""
        return next((value for name, value in self.headers if name == key), default)


def build_action(action: ActionLike, action_id: str) -> Action:
    """The package's Action, checked line by line.

    `action` names the action under `Action`; `Variable` may be repeated (as pairs) and holds `name=value`.
    Raises UnsafeMessageError for anything that Asterisk could read as more, or other, than what was meant.
    """
    pairs = [(key, _text(key, value)) for key, value in _pairs(action)]
    names = [value for key, value in pairs if key == "Action"]
    if len(names) != 1 or not names[0]:
        raise UnsafeMessageError("A manager message needs exactly one Action. Nothing was sent.")
    keys = {"ActionID": action_id}
    variables: dict[str, str] = {}
    for key, value in pairs:
        if key == "Variable" and names == ["Getvar"]:
            _add_question(keys, value)
        elif key == "Variable":
            _add_variable(variables, value)
        elif key != "Action":
            _add_header(keys, key, value)
    built = Action(names[0], keys, variables)
    _check_size(built)
    return built


def read_event(packet: str, at_s: float = 0.0) -> ManagerEvent:
    """The event in `packet`. The name is read by the package; repeated headers, which it drops, are kept."""
    event = Event.read(Packet(packet))
    return ManagerEvent(name=cast("str", event.name), headers=_header_pairs(packet), at_s=at_s)


def read_response(packet: str) -> ManagerResponse:
    """The response in `packet`; `output` has the lines of a command's answer."""
    response: Any = Response.read(Packet(packet))
    output = tuple(value for key, value in _header_pairs(packet) if key == "Output")
    headers = tuple(pair for pair in _header_pairs(packet) if pair[0] != "Output")
    return ManagerResponse(status=response.status, headers=headers, output=output + tuple(response.follows))


def _pairs(action: ActionLike) -> Iterable[tuple[str, HeaderValue]]:
    return action.items() if isinstance(action, Mapping) else action


def _text(key: str, value: HeaderValue) -> str:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise UnsafeMessageError(f"{key!r} is no header name. Nothing was sent.")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UnsafeMessageError(f"{key} must be text or a whole number, not {type(value).__name__}.")
    text = str(value)
    found = _CONTROL.search(text)
    if found:
        code = ord(found.group())
        raise UnsafeMessageError(f"{key} holds the control character 0x{code:02x}. Nothing was sent.")
    return text


def _add_header(keys: dict[str, str], key: str, value: str) -> None:
    if key.lower() == "actionid":
        raise UnsafeMessageError("The ActionID is given by the link. Nothing was sent.")
    if key.lower() in {known.lower() for known in keys}:
        raise UnsafeMessageError(f"{key} is given twice and Asterisk takes only one. Nothing was sent.")
    keys[key] = value


def _add_variable(variables: dict[str, str], text: str) -> None:
    name, equals, value = text.partition("=")
    if not equals or not _VARIABLE_NAME.fullmatch(name):
        raise UnsafeMessageError(f"Variable {name!r} is no variable name. Nothing was sent.")
    if "," in value or "${" in value or "$[" in value:
        raise UnsafeMessageError(f"Variable {name} holds a comma or an expression. Nothing was sent.")
    if name in variables:
        raise UnsafeMessageError(f"Variable {name} is given twice. Nothing was sent.")
    variables[name] = value


def _add_question(keys: dict[str, str], text: str) -> None:
    # Getvar evaluates functions (the environment leaked in a trial), so it may ask for nothing else.
    if not _QUESTION.fullmatch(text):
        raise UnsafeMessageError(
            f"Getvar may only ask whether a module is loaded, not {text[:40]!r}. Nothing was sent."
        )
    keys["Variable"] = text


def _check_size(action: Action) -> None:
    try:
        lines = str(action).encode("utf-8").split(_LINE_END.encode())
    except UnicodeEncodeError as error:
        raise UnsafeMessageError("A header holds half a character. Nothing was sent.") from error
    if len(lines) - 1 > MAX_LINES:
        raise UnsafeMessageError(f"More than {MAX_LINES} headers. Nothing was sent.")
    longest = max(lines, key=len)
    if len(longest) + len(_LINE_END) > MAX_LINE_BYTES:
        key = longest.partition(b":")[0].decode()
        raise UnsafeMessageError(f"{key} is longer than {MAX_LINE_BYTES} bytes. Nothing was sent.")


def _header_pairs(packet: str) -> tuple[tuple[str, str], ...]:
    lines = packet.split(_LINE_END)[1:]
    split = (line.partition(":") for line in lines)
    return tuple((key, value.removeprefix(" ")) for key, colon, value in split if colon and _KEY.fullmatch(key))
