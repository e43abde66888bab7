"""One TCP connection to Asterisk's manager: how is it opened, read, written and given up?

A connection is used once. The asterisk-ami client does the reading and the cutting into packets; its life cycle is
replaced, since it dropped an idle session after 3 s, died with a listener's exception and never noticed its end.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from asterisk.ami.action import Action
from asterisk.ami.client import AMIClient
from asterisk.ami.event import Event
from asterisk.ami.response import Response

from telephony.asterisk.messages import ManagerEvent, ManagerResponse, read_event, read_response

_LOG = logging.getLogger(__name__)

READ_BYTES = 1 << 16
MAX_PACKET_BYTES = 1 << 18
"""A command's whole answer is about 50 kB; anything over this is no manager message and would eat the memory."""
SEND_TIMEOUT_S = 1.0


class LinkFault(Enum):
    """Why a link is down. `patient` faults will not mend themselves: the next attempt waits at least 30 s."""

    UNREACHABLE = "Asterisk's manager cannot be reached"
    NO_BANNER = "it accepts connections but does not greet: frozen, or not an Asterisk manager"
    NOT_A_MANAGER = "not an Asterisk manager"
    WRONG_SECRET = "Asterisk refused the manager's user or secret, or does not permit this address"  # noqa: S105
    NO_LOGIN_ANSWER = "Asterisk did not answer the log-in: frozen"
    TLS_REFUSED = "the encrypted connection was refused"
    CLOSED = "Asterisk closed the connection"
    RESET = "the connection was reset"
    SEND_FAILED = "the connection takes no more messages"
    PING_UNANSWERED = "Asterisk does not answer: frozen, or the network is cut"
    OVERSIZE = "Asterisk sent a message without an end"
    OVERFLOW = "events came faster than they were taken: some would have been lost"
    STOPPED = "the link was closed by us"

    @property
    def patient(self) -> bool:
        """True when trying again soon is useless or would lock the user out."""
        return self in {LinkFault.WRONG_SECRET, LinkFault.NOT_A_MANAGER, LinkFault.TLS_REFUSED}


class LinkError(Exception):
    """The link cannot be used. `fault` names the cause; nothing was sent by the call that raised it."""

    def __init__(self, fault: LinkFault, detail: str = "") -> None:
        super().__init__(f"{fault.value}{': ' + detail if detail else ''}.")
        self.fault = fault
        self.detail = detail


class ConnectionSink(Protocol):
    """Who is told, on the reader's thread, what was read. Must return at once and never raise."""

    def heard_event(self, event: ManagerEvent) -> None: ...

    def heard_response(self, response: ManagerResponse) -> None: ...

    def heard_nonsense(self, packet: str) -> None: ...

    def heard_end(self, error: LinkError) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where the manager listens. With `tls` the certificate is checked against `host`."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None


class _MeasuredSocket:
    """Counts the bytes read since the last whole packet, so that a packet without an end cannot eat the memory."""

    def __init__(self, plain: socket.socket) -> None:
        self._plain = plain
        self.waiting_bytes = 0

    def recv(self, size: int) -> bytes:
        data = self._receive(size)
        self.waiting_bytes += len(data)
        if self.waiting_bytes > MAX_PACKET_BYTES + size:
            raise LinkError(LinkFault.OVERSIZE)
        return data

    def _receive(self, size: int) -> bytes:
        return self._plain.recv(size)

    def sendall(self, data: bytes) -> None:
        """The whole of `data`, or OSError (also when it takes longer than SEND_TIMEOUT_S without progress)."""
        self._plain.sendall(data)

    def close(self) -> None:
        """Ends reading and writing and wakes whoever is in them. From any thread; the descriptor is kept."""
        with contextlib.suppress(OSError):
            self._plain.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Gives the descriptor back. Whoever still read or wrote would do so in the next connection that gets it."""
        self._plain.close()


class _EncryptedSocket(_MeasuredSocket):
    """The same over TLS. OpenSSL must not read and write one connection at the same time, hence the lock."""

    def __init__(self, encrypted: ssl.SSLSocket) -> None:
        super().__init__(encrypted)
        encrypted.setblocking(False)
        self._lock = threading.Lock()

    def _receive(self, size: int) -> bytes:
        while True:
            with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError), self._lock:
                return self._plain.recv(size)
            _wait_for(self._plain, select.POLLIN, None)

    def sendall(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError), self._lock:
                left = left[self._plain.send(left) :]
                continue
            if not _wait_for(self._plain, select.POLLOUT, SEND_TIMEOUT_S):
                raise TimeoutError


class ManagerConnection(AMIClient):  # type: ignore[misc]
    """One connection. `open()`, then `send()` from any thread; the end is told once to the sink."""

    def __init__(self, where: Endpoint, sink: ConnectionSink, monotonic: Callable[[], float]) -> None:
        super().__init__(address=where.host, port=where.port, timeout=None, buffer_size=READ_BYTES)
        self._where = where
        self._sink = sink
        self._monotonic = monotonic
        self._send_lock = threading.Lock()
        self._greeted = threading.Event()
        self._ended_by: LinkError | None = None
        self.finished = threading.Event()

    @property
    def version(self) -> str:
        """The manager protocol's version, from the greeting; empty before it."""
        return self._ami_version or ""

    def open(self, deadline_s: float) -> None:
        """Connects and waits for the greeting. Raises LinkError.

        A frozen Asterisk accepts connections (the kernel does), so only its greeting shows that it lives.
        """
        self._socket = self._connected(deadline_s)
        self._thread = threading.Thread(target=self.listen, name="ami-reader", daemon=True)
        self._thread.start()
        self._greeted.wait(deadline_s)
        if self._ami_version:
            return
        error = self._ended_by or self._silence()
        self.end(error)
        raise error

    def end(self, error: LinkError) -> None:
        """Gives the connection up for `error`. Safe from any thread and more than once: the first reason counts."""
        self._ended_by = self._ended_by or error
        self.finished.set()
        if self._socket is not None:
            self._socket.close()

    def join(self, timeout_s: float) -> None:
        """Waits until the reader's thread has ended."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def send(self, pack: Action) -> None:
        """Sends one whole message. Raises LinkError; then the message may have gone out in part or not at all.

        One lock and `sendall`: the package's bare `send` mixed the messages of two threads under back-pressure.
        """
        data = f"{pack}\r\n".encode(self.encoding)
        try:
            with self._send_lock:
                self._socket.sendall(data)
        except OSError as error:
            lost = LinkError(LinkFault.SEND_FAILED, type(error).__name__)
            self.end(lost)
            raise lost from error

    def listen(self) -> None:
        """Reads until the end (the reader's thread). Nothing of the application runs here."""
        error = self._read_to_the_end()
        self._ended_by = self._ended_by or error
        self.finished.set()
        self._socket.close()
        with self._send_lock:
            self._socket.release()
        self._greeted.set()
        self._sink.heard_end(self._ended_by)

    def fire_recv_pack(self, pack: str) -> None:
        """Parses one packet and hands it on; an unreadable one is reported and must not end the reading.

        Some of Asterisk's events end with one line end too many, which then stands before the next packet: seen with
        TestEvent at every key press, and the packet lost that way was the answer to a ping.
        """
        if not pack:
            return
        try:
            heard = self._parsed(pack)
        except (ValueError, KeyError, IndexError):
            heard = None
        if isinstance(heard, ManagerEvent):
            self._sink.heard_event(heard)
        elif isinstance(heard, ManagerResponse):
            self._sink.heard_response(heard)
        else:
            self._sink.heard_nonsense(pack)

    def _parsed(self, pack: str) -> ManagerEvent | ManagerResponse | None:
        if Event.match(pack):
            return read_event(pack, self._monotonic())
        return read_response(pack) if Response.match(pack) else None

    def _connected(self, deadline_s: float) -> _MeasuredSocket:
        where = self._where
        try:
            plain = socket.create_connection((where.host, where.port), deadline_s)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise LinkError(LinkFault.UNREACHABLE, f"{where.host}:{where.port}, {reason}") from error
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _as_timeval(SEND_TIMEOUT_S))
        if where.tls is not None:
            return self._encrypted(plain, where.tls)
        plain.settimeout(None)  # silence is no fault: the link's own ping tells whether Asterisk lives
        return _MeasuredSocket(plain)

    def _encrypted(self, plain: socket.socket, tls: ssl.SSLContext) -> _MeasuredSocket:
        try:
            return _EncryptedSocket(tls.wrap_socket(plain, server_hostname=self._where.host))
        except OSError as error:
            plain.close()
            reason = getattr(error, "verify_message", "") or error.strerror or type(error).__name__
            raise LinkError(LinkFault.TLS_REFUSED, reason) from error

    def _read_to_the_end(self) -> LinkError:
        try:
            packets = self._next_pack()
            self._take_greeting(next(packets, None))
            for packet in packets:
                self._socket.waiting_bytes = 0
                self.fire_recv_pack(packet.lstrip("\r\n"))
        except LinkError as error:
            return error
        except OSError as error:
            return LinkError(LinkFault.RESET, type(error).__name__)
        except Exception as error:  # our bug or the package's: the link must not look alive without a reader
            _LOG.exception("reading the manager link failed")
            return LinkError(LinkFault.RESET, type(error).__name__)
        return LinkError(LinkFault.CLOSED)

    def _take_greeting(self, line: str | None) -> None:
        if line is None:
            raise LinkError(LinkFault.CLOSED, "before its greeting")
        match = self.asterisk_start_regex.match(line)
        if not match:
            raise LinkError(LinkFault.NOT_A_MANAGER, f"it greets with {_shown(line)}")
        self._ami_version = match.group("version")
        self._greeted.set()

    def _silence(self) -> LinkError:
        # Bytes without a line end are another protocol; no bytes at all may be a frozen Asterisk.
        if self._socket.waiting_bytes:
            return LinkError(LinkFault.NOT_A_MANAGER, "it sends bytes, but no greeting")
        return LinkError(LinkFault.NO_BANNER)


def _wait_for(plug: socket.socket, what: int, limit_s: float | None) -> bool:
    """Whether the socket became ready; poll, since select refuses descriptors above 1023."""
    if plug.fileno() < 0:
        raise OSError("closed")
    ready = select.poll()
    ready.register(plug, what)
    return bool(ready.poll(None if limit_s is None else limit_s * 1000))


def _as_timeval(seconds: float) -> bytes:
    whole = int(seconds)
    return struct.pack("@ll", whole, int((seconds - whole) * 1_000_000))


def _shown(line: str) -> str:
    """A foreign line made harmless for logs and screens: short, printable ASCII."""
    return ascii(line[:60])
