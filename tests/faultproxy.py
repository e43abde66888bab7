"""A TCP proxy that breaks links on purpose: close, reset, delay, slice, drop, repeat, black hole, refuse.

It is threaded and knows nothing of what it carries, except that `drop` and `repeat` work on blocks that end with
`block_end` (a manager's message ends with an empty line). Verbs act on living connections at once.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

TO_CLIENT = "to client"
TO_SERVER = "to server"


@dataclass(kw_only=True)
class _Rule:
    direction: str
    pattern: bytes
    copies: int  # 0 drops a block, 2 repeats it
    left: int
    met: int = 0


@dataclass(kw_only=True, eq=False)
class _Pair:
    client: socket.socket
    server: socket.socket
    halves: dict[str, bytes] = field(default_factory=dict)
    over: threading.Lock = field(default_factory=threading.Lock)

    def end(self, *, reset: bool) -> None:
        if not self.over.acquire(blocking=False):
            return  # ended already, and a reset must not be overtaken by a good ending
        for plug in (self.client, self.server):
            with contextlib.suppress(OSError):
                if reset:
                    plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # A thread blocked in recv() keeps the connection open after close(): wake it first.
                plug.shutdown(socket.SHUT_RD if reset else socket.SHUT_RDWR)
            plug.close()


class FaultProxy:
    """Listens on `port` of loopback and carries every connection to `target` until told otherwise."""

    def __init__(self, target: tuple[str, int], block_end: bytes = b"\r\n\r\n") -> None:
        self.target = target
        self.delay_s = 0.0
        self.slice_bytes = 0
        self.accepted = 0
        self._block_end = block_end
        self._rules: list[_Rule] = []
        self._pairs: list[_Pair] = []
        self._lock = threading.Lock()
        self._flow = threading.Event()
        self._flow.set()
        self._stopped = False
        self._refusing = False
        self._listener = self._listen(0)
        self.port = int(self._listener.getsockname()[1])

    def close_all(self) -> None:
        """Ends every connection in good order (FIN)."""
        self._end_all(reset=False)

    def reset_all(self) -> None:
        """Ends every connection with a reset (RST)."""
        self._end_all(reset=True)

    def black_hole(self, on: bool = True) -> None:
        """Keeps connections open and accepts new ones, but carries nothing, as a frozen peer does."""
        self._flow.clear() if on else self._flow.set()

    def refuse(self) -> None:
        """Ends every connection and takes no new ones, until `admit`."""
        self._refusing = True
        self._listener.close()
        self.close_all()

    def admit(self) -> None:
        """Listens again on the same port."""
        self._refusing = False
        self._listener = self._listen(self.port)

    def drop(self, pattern: bytes, times: int = 1, direction: str = TO_CLIENT) -> _Rule:
        """Swallows the next `times` blocks that hold `pattern`; `.met` of the answer counts them."""
        return self._add(_Rule(direction=direction, pattern=pattern, copies=0, left=times))

    def repeat(self, pattern: bytes, times: int = 1, direction: str = TO_CLIENT) -> _Rule:
        """Carries the next `times` blocks that hold `pattern` twice."""
        return self._add(_Rule(direction=direction, pattern=pattern, copies=2, left=times))

    def stop(self) -> None:
        """Ends everything."""
        self._stopped = True
        self._listener.close()
        self._flow.set()
        self.close_all()

    def _add(self, rule: _Rule) -> _Rule:
        self._rules.append(rule)
        return rule

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        listener.settimeout(0.1)  # a blocked accept() would hold the port after close()
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self._join(client)

    def _join(self, client: socket.socket) -> None:
        self.accepted += 1
        client.settimeout(None)
        try:
            server = socket.create_connection(self.target, 5.0)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        pair = _Pair(client=client, server=server)
        with self._lock:
            self._pairs.append(pair)
        if self._stopped or self._refusing:
            pair.end(reset=False)
        for source, sink, way in ((client, server, TO_SERVER), (server, client, TO_CLIENT)):
            threading.Thread(target=self._carry, args=(pair, source, sink, way), daemon=True).start()

    def _carry(self, pair: _Pair, source: socket.socket, sink: socket.socket, way: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                time.sleep(self.delay_s)
                self._flow.wait()
                for part in self._sliced(self._filtered(pair, way, data)):
                    sink.sendall(part)
        if not self._flow.is_set():
            return  # a black hole tells nobody that the other side is gone
        pair.end(reset=False)

    def _filtered(self, pair: _Pair, way: str, data: bytes) -> bytes:
        rules = [rule for rule in self._rules if rule.direction == way and rule.left > 0]
        data = pair.halves.pop(way, b"") + data
        if not rules:
            return data
        blocks = data.split(self._block_end)
        pair.halves[way] = blocks.pop()
        return b"".join((block + self._block_end) * self._copies(rules, block) for block in blocks)

    def _copies(self, rules: list[_Rule], block: bytes) -> int:
        for rule in rules:
            if rule.pattern in block and rule.left > 0:
                rule.left -= 1
                rule.met += 1
                return rule.copies
        return 1

    def _sliced(self, data: bytes) -> list[bytes]:
        size = self.slice_bytes or max(1, len(data))
        return [data[start : start + size] for start in range(0, len(data), size)]

    def _end_all(self, *, reset: bool) -> None:
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            pair.end(reset=reset)
