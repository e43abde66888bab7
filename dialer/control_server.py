"""How does the running service hear screens and shells, and never wait for one of them?

Each connection's commands run one after another. Of a subscription only the latest value is written, and
only when the client has read the one before it; a client that does not read its answers is let go.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from dialer.account import peer_account
from dialer.control import (
    LEAST_EVERY_MS,
    MAX_REQUEST_BYTES,
    Answer,
    AnswerStatus,
    BadLine,
    Command,
    Message,
    Snapshot,
    Subscribe,
    decode_request,
    encode,
)
from dialer.control_socket import bound_socket
from dialer.refusal import Refused

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 64
MAX_SUBSCRIPTIONS = 8  # of one connection
UNREAD_LIMIT_BYTES = 256 * 1024
PATIENCE_S = 10.0  # for a client that does not read its answer

Execute = Callable[[Command], Awaitable[Answer]]
View = Callable[[str], Mapping[str, Any]]


@dataclass
class _Connection:
    writer: asyncio.StreamWriter
    account: str = ""  # of the process at the other end, as the kernel tells
    seq: int = 0
    topics: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    @property
    def unread_bytes(self) -> int:
        return self.writer.transport.get_write_buffer_size()


class ControlServer:
    """The service's end of the control socket. Everything runs in the loop that called `start`.

    `execute` answers a command and raises nothing; `view` gives the data of a topic, or raises Refused. `group` of the
    operating system may speak to it beside its owner.
    """

    def __init__(
        self, path: Path, *, execute: Execute, view: View, now: Callable[[], datetime], group: str = ""
    ) -> None:
        self._path = path
        self._group = group
        self._execute = execute
        self._view = view
        self._now = now
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._views: dict[str, tuple[float, Mapping[str, Any]]] = {}

    async def start(self) -> None:
        """Listen. Raises OSError, Refused. The caller holds the home's lock, so a socket left behind is nobody's."""
        self._path.unlink(missing_ok=True)
        made = bound_socket(self._path, self._group)
        self._server = await asyncio.start_unix_server(self._accept, sock=made, limit=MAX_REQUEST_BYTES)

    async def close(self) -> None:
        """Hear nobody any more; running commands are given up, their answers are kept by id in the store."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(writer=writer, account=peer_account(writer.get_extra_info("socket")))
        writer.transport.set_write_buffer_limits(high=UNREAD_LIMIT_BYTES)
        try:
            if len(self._tasks) > MAX_CONNECTIONS:
                await self._say(connection, _refused("", "Too many screens are connected; close one and try again."))
                return
            while await self._hear(reader, connection):
                pass
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # the client is gone, or does not read: its commands' answers can be asked for again by id
        finally:
            for task in connection.topics.values():
                task.cancel()
            writer.transport.abort() if connection.unread_bytes else writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _hear(self, reader: asyncio.StreamReader, connection: _Connection) -> bool:
        try:
            request = decode_request(await reader.readuntil(b"\n"))
        except asyncio.LimitOverrunError:
            words = f"A line holds at most {MAX_REQUEST_BYTES} bytes; nothing was done."
            await self._say(connection, _refused("", words))
            return False
        except BadLine as fault:
            await self._say(connection, _refused(fault.id, fault.message))
            return True
        if isinstance(request, Command):
            await self._say(connection, await self._execute(replace(request, account=connection.account)))
        else:
            await self._follow(request, connection)
        return True

    async def _follow(self, request: Subscribe, connection: _Connection) -> None:
        former = connection.topics.pop(request.topic, None)
        if former is not None:
            former.cancel()
        elif len(connection.topics) >= MAX_SUBSCRIPTIONS:
            words = f"One connection follows at most {MAX_SUBSCRIPTIONS} topics; nothing was subscribed."
            await self._say(connection, _refused("", words))
            return
        loop = asyncio.get_running_loop()
        connection.topics[request.topic] = loop.create_task(self._publish(request, connection))

    async def _publish(self, request: Subscribe, connection: _Connection) -> None:
        """Write the topic's latest value again and again; a client that has not read the last one skips."""
        with contextlib.suppress(OSError, TimeoutError):
            while True:
                over = self._published(request, connection)
                if over is not None:
                    break
                await asyncio.sleep(request.every_ms / 1000)
            connection.topics.pop(request.topic, None)
            await self._say(connection, over)

    def _published(self, request: Subscribe, connection: _Connection) -> Answer | None:
        """Write one snapshot, or tell why the topic ends."""
        if connection.unread_bytes:
            return None
        try:
            snapshot = Snapshot(
                topic=request.topic, seq=connection.seq + 1, at=self._now(), data=self._latest(request.topic)
            )
            connection.writer.write(encode(snapshot))
        except Refused as refusal:
            return _refused("", refusal.message)
        except Exception:
            log.exception("no view of %s could be made", request.topic)
            words = f"{request.topic} cannot be shown: a fault of ours, see the log. Calls go on."
            return Answer(id="", status=AnswerStatus.FAULT, message=words)
        connection.seq += 1
        return None

    def _latest(self, topic: str) -> Mapping[str, Any]:
        """One view serves all screens that ask within a tenth of a second."""
        moment_s = asyncio.get_running_loop().time()
        kept = self._views.get(topic)
        if kept is not None and moment_s - kept[0] < LEAST_EVERY_MS / 1000:
            return kept[1]
        data = self._view(topic)
        self._views = {t: v for t, v in self._views.items() if moment_s - v[0] < 1.0} | {topic: (moment_s, data)}
        return data

    async def _say(self, connection: _Connection, answer: Answer) -> None:
        connection.writer.write(_line(answer))
        await asyncio.wait_for(connection.writer.drain(), PATIENCE_S)


def _line(answer: Answer) -> bytes:
    message: Message = answer
    try:
        return encode(message)
    except (TypeError, ValueError):
        log.exception("the answer to command %s cannot be written as JSON", answer.id)
        words = "The command ran, but its answer cannot be written: a fault of ours, see the log."
        return encode(Answer(id=answer.id, status=AnswerStatus.FAULT, message=words))


def _refused(command_id: str, words: str) -> Answer:
    return Answer(id=command_id, status=AnswerStatus.REFUSED, message=words)
