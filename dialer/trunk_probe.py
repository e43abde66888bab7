"""Is there anybody at a trunk's address? One SIP OPTIONS, asked a few times over UDP; no call is placed."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from secrets import token_hex

TRIES_AT_S = (0.0, 0.5, 1.0)
LIMIT_S = 3.0
_LARGEST_REPLY = 65_535


@dataclass(frozen=True, kw_only=True)
class Reachability:
    """`status` is the first line's code of whatever SIP answer came; none when nothing came."""

    status: int | None
    words: str
    took_ms: int

    @property
    def reachable(self) -> bool:
        return self.status is not None


def ask_options(host: str, port: int, limit_s: float = LIMIT_S, *, from_host: str = "") -> Reachability:
    """Ask once and wait at most `limit_s`. Any SIP answer, even a refusal, shows that somebody is there.

    `from_host` is the address to ask from, as the exchange would; left out, the system chooses one.
    """
    began = time.monotonic()
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    except OSError as fault:
        return Reachability(status=None, words=f"{host} is not found: {fault.strerror or fault}", took_ms=0)
    with socket.socket(family, kind, protocol) as line:
        try:
            if from_host:
                line.bind((from_host, 0))
            line.connect(address)
            status = _asked(line, host, port, began, limit_s)
        except OSError as fault:
            asked_from = f" from {from_host}" if from_host else ""
            words = f"{host}:{port} cannot be asked{asked_from} by SIP over UDP: {fault.strerror or fault}"
            return Reachability(status=None, words=words, took_ms=_since(began))
    words = f"answered {status}" if status is not None else f"no answer from {host}:{port} within {limit_s:g} s"
    return Reachability(status=status, words=words, took_ms=_since(began))


def _asked(line: socket.socket, host: str, port: int, began: float, limit_s: float) -> int | None:
    request = _request(host, port, line.getsockname())
    due = [at for at in TRIES_AT_S if at < limit_s]
    while (passed := time.monotonic() - began) < limit_s:
        if due and passed >= due[0]:
            due.pop(0)
            line.send(request)
        line.settimeout(max(min(due[0] if due else limit_s, limit_s) - passed, 0.01))
        try:
            status = _status(line.recv(_LARGEST_REPLY))
        except TimeoutError:
            continue
        if status is not None:
            return status
    return None


def _request(host: str, port: int, own: tuple[object, ...]) -> bytes:
    tag, call, branch = token_hex(6), token_hex(12), token_hex(8)
    lines = (
        f"OPTIONS sip:{host}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {own[0]}:{own[1]};rport;branch=z9hG4bK{branch}",
        "Max-Forwards: 70",
        f"From: <sip:dialer@{own[0]}>;tag={tag}",
        f"To: <sip:{host}:{port}>",
        f"Call-ID: {call}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:dialer@{own[0]}:{own[1]}>",
        "Accept: application/sdp",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode()


def _status(reply: bytes) -> int | None:
    first = reply.split(b"\r\n", 1)[0].split(b" ", 2)
    return int(first[1]) if len(first) >= 2 and first[0] == b"SIP/2.0" and first[1].isdigit() else None


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
