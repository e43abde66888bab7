"""What does a received SIP message say? Or nothing, when it cannot be read: then it is dropped and no thread dies.

pyVoIP's parser raises on keep-alives, bare LF, folded headers, bad UTF-8, unknown methods and more. The message is put
into the one form it reads before it sees it; whatever it still cannot read is nothing.
"""

from __future__ import annotations

import re
from typing import Any, cast

from telephony.softphone.library import SIPMessage, SIPMessageType

MAX_MESSAGE_BYTES = 16_384
METHODS = (
    "REGISTER",
    "SUBSCRIBE",
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "OPTIONS",
    "NOTIFY",
    "INFO",
    "UPDATE",
    "MESSAGE",
    "REFER",
    "PRACK",
)
_SHORT = {
    "v": "Via",
    "f": "From",
    "t": "To",
    "i": "Call-ID",
    "m": "Contact",
    "c": "Content-Type",
    "l": "Content-Length",
    "k": "Supported",
}
_PROPER = {
    name.lower(): name for name in ("Via", "From", "To", "Call-ID", "CSeq", "Contact", "Content-Type", "Content-Length")
} | {"www-authenticate": "WWW-Authenticate", "proxy-authenticate": "WWW-Authenticate", "require": "Require"}
_NEEDED = ("Via", "From", "To", "Call-ID", "CSeq")
_FOLD = re.compile(r"\r?\n[ \t]+")
_LINE_END = re.compile(r"\r\n|\n|\r")


class Message(SIPMessage):
    """pyVoIP's message, with the methods it does not know. Build it by `read_message` only."""

    def parse(self, data: bytes) -> None:
        """Called by the base's constructor, which reads these attributes."""
        self.SIPCompatibleMethods = list(METHODS)
        self.method = ""
        super().parse(data)

    @property
    def is_request(self) -> bool:
        """True for a request, False for an answer."""
        return bool(self.type == SIPMessageType.MESSAGE)

    @property
    def code(self) -> int:
        """The answer's status, for example 200."""
        return int(self.status)

    @property
    def call_id(self) -> str:
        """The dialog's Call-ID."""
        return cast("str", self.headers["Call-ID"])

    @property
    def sequence(self) -> tuple[int, str]:
        """Number and method of CSeq."""
        return int(self.headers["CSeq"]["check"]), cast("str", self.headers["CSeq"]["method"])

    @property
    def branch(self) -> str:
        """The branch of the topmost Via: which transaction it belongs to."""
        return str(self.headers["Via"][0].get("branch", ""))

    @property
    def contact(self) -> str:
        """The address in Contact, empty when there is none."""
        found = re.search(r"sips?:[^>\s;,]+", str(self.headers.get("Contact", "")))
        return found.group() if found else ""

    def audio(self) -> tuple[tuple[str, int], int] | None:
        """Address and port for audio, and the payload type of key events; None when PCMU is not offered."""
        media = next((part for part in self.body.get("m", ()) if part["type"] == "audio"), None)
        address = next((part["address"] for part in self.body.get("c", ())), None)
        if media is None or address is None or "0" not in media["methods"] or not media["port"]:
            return None
        names = {kind: marks.get("rtpmap", {}).get("name") for kind, marks in media["attributes"].items()}
        keys = next((int(kind) for kind, name in names.items() if name == "telephone-event"), 101)
        return (address, media["port"]), keys


def read_message(data: bytes) -> Message | None:
    """The message, or None for anything that is not a whole SIP message (a keep-alive, noise, half a message)."""
    if not data.strip(b"\r\n\x00 ") or len(data) > MAX_MESSAGE_BYTES:
        return None
    try:
        message = Message(_tidied(data))
        if not all(message.headers.get(name) for name in _NEEDED) or message.sequence[0] < 0:
            return None
        message.audio()
    except Exception:  # its parser may raise nearly anything on foreign bytes
        return None
    return message


def _tidied(data: bytes) -> bytes:
    head, _, body = _halves(data.lstrip(b"\r\n").decode("utf-8", "replace"))
    first, *rest = _LINE_END.split(_FOLD.sub(" ", head))
    headers = [line.partition(":") for line in rest if ":" in line]
    lines = [f"{_proper(name.strip())}: {' '.join(value.split())}" for name, _, value in headers]
    body = "\r\n".join(line for line in _LINE_END.split(body) if "=" in line)
    return ("\r\n".join([first, *lines]) + "\r\n\r\n" + body).encode()


def _halves(text: str) -> tuple[str, str, str]:
    found = re.search(r"(\r\n|\n|\r)\1", text)
    return (text[: found.start()], found.group(), text[found.end() :]) if found else (text, "", "")


def _proper(name: str) -> str:
    name = _SHORT.get(name.lower(), name)
    return _PROPER.get(name.lower(), name)


def described(message: Any) -> str:
    """One short, harmless line for a log."""
    return ascii(message.heading.decode("utf-8", "replace")[:80])
