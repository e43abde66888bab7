"""How does a screen or a shell speak to the running service?

`ControlClient` for a screen (asyncio), `ask` for a shell. A request whose connection broke is asked again
under the same id: the service gives the same answer and does nothing twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dialer.control import (
    MAX_REPLY_BYTES,
    Answer,
    BadLine,
    Command,
    Snapshot,
    Subscribe,
    decode_reply,
    encode,
    new_command,
)
from dialer.control_socket import connected_socket

CONNECT_TIMEOUT_S = 3.0
REQUEST_TIMEOUT_S = 60.0


class ServiceUnavailable(Exception):
    """No service answers at the socket, or it went away; the message says what to do. Ask again later."""


class ControlClient:
    """A screen's link to the service. Connects when first used, and again after it was lost.

    Requests of one client run one after another; each subscription has its own connection, so a big
    snapshot never delays an answer.
    """

    def __init__(self, path: Path | str, *, actor: str = "screen", timeout_s: float = REQUEST_TIMEOUT_S) -> None:
        self._path = Path(path)
        self._actor = actor
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(
        self,
        name: str,
        args: Mapping[str, Any] | None = None,
        *,
        reason: str = "",
        command_id: str = "",
        timeout_s: float | None = None,
    ) -> Answer:
        """Ask for one command and wait for its answer. Raises ServiceUnavailable; a refusal is an Answer."""
        command = new_command(name, args, actor=self._actor, reason=reason, at=datetime.now(UTC), command_id=command_id)
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        async with self._turn:
            try:
                return await asyncio.wait_for(self._asked_twice_at_most(command), limit_s)
            except TimeoutError:
                await self._drop()
                raise ServiceUnavailable(f"The service did not answer {name} within {limit_s:g} s.") from None
            except BaseException:
                await self._drop()  # an answer left unread must never be taken for the next one's
                raise

    async def subscribe(self, topic: str, every_ms: int = 400) -> AsyncGenerator[Snapshot, None]:
        """The topic's snapshots, the latest value each time. Raises ServiceUnavailable when the service goes."""
        reader, writer = await _open(self._path)
        try:
            writer.write(encode(Subscribe(topic=topic, every_ms=every_ms)))
            await writer.drain()
            while True:
                reply = await _read(reader)
                if isinstance(reply, Answer):
                    raise ServiceUnavailable(reply.message)
                yield reply
        except OSError as fault:
            raise ServiceUnavailable(_gone(self._path, fault)) from None
        finally:
            await _close(writer)

    async def close(self) -> None:
        """Let go of the connection; subscriptions end when their loops are left."""
        await self._drop()

    async def _asked_twice_at_most(self, command: Command) -> Answer:
        try:
            return await self._asked(command)
        except (OSError, ServiceUnavailable):
            await self._drop()
            return await self._asked(command)

    async def _asked(self, command: Command) -> Answer:
        if self._streams is None:
            self._streams = await _open(self._path)
        reader, writer = self._streams
        try:
            writer.write(encode(command))
            await writer.drain()
            while True:
                reply = await _read(reader)
                if isinstance(reply, Answer) and reply.id in (command.id, ""):
                    return reply
        except OSError as fault:
            raise ServiceUnavailable(_gone(self._path, fault)) from None

    async def _drop(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            await _close(streams[1])


def ask(
    path: Path | str,
    name: str,
    args: Mapping[str, Any] | None = None,
    *,
    actor: str = "shell",
    reason: str = "",
    command_id: str = "",
    timeout_s: float = REQUEST_TIMEOUT_S,
) -> Answer:
    """One command from a shell, without asyncio. Raises ServiceUnavailable when nobody answers in time."""
    command = new_command(name, args, actor=actor, reason=reason, at=datetime.now(UTC), command_id=command_id)
    deadline = time.monotonic() + timeout_s
    try:
        return _asked_once(Path(path), command, deadline)
    except ServiceUnavailable:
        if not running(path):
            raise
        return _asked_once(Path(path), command, deadline)


def running(path: Path | str) -> bool:
    """Whether a service listens at the socket now."""
    try:
        connected_socket(Path(path), CONNECT_TIMEOUT_S).close()
    except OSError:
        return False
    return True


def _asked_once(path: Path, command: Command, deadline: float) -> Answer:
    try:
        with connected_socket(path, CONNECT_TIMEOUT_S) as link:
            link.settimeout(max(deadline - time.monotonic(), 0.1))
            link.sendall(encode(command))
            reply = decode_reply(_line(link, deadline))
    except TimeoutError:
        raise ServiceUnavailable(f"The service did not answer {command.name} in time.") from None
    except OSError as fault:
        raise ServiceUnavailable(_gone(path, fault)) from None
    except BadLine as fault:
        raise ServiceUnavailable(fault.message) from None
    if not isinstance(reply, Answer):
        raise ServiceUnavailable("The service sent a snapshot where an answer was due.")
    return reply


def _line(link: socket.socket, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size <= MAX_REPLY_BYTES:
        link.settimeout(max(deadline - time.monotonic(), 0.001))
        part = link.recv(65536)
        if not part:
            raise ConnectionResetError("the service closed the connection")
        parts.append(part)
        size += len(part)
        if part.endswith(b"\n"):
            return b"".join(parts)
    raise ConnectionResetError("the answer is too long")


async def _open(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        link = connected_socket(path, CONNECT_TIMEOUT_S)
        link.setblocking(False)
        return await asyncio.open_unix_connection(sock=link, limit=MAX_REPLY_BYTES)
    except OSError as fault:
        raise ServiceUnavailable(_gone(path, fault)) from None


async def _read(reader: asyncio.StreamReader) -> Answer | Snapshot:
    try:
        line = await reader.readuntil(b"\n")
        return decode_reply(line)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise ServiceUnavailable("The service closed the connection; is it being stopped?") from None
    except BadLine as fault:
        raise ServiceUnavailable(fault.message) from None


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def _gone(path: Path, fault: OSError) -> str:
    words = fault.strerror or str(fault)
    return f"No service answers at {path} ({words}). Start it with: dialer serve"
