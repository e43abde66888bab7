"""A service that only pretends: a real Unix socket speaking the control protocol with scripted snapshots.

The screens cannot tell it from the real one. It runs in threads of its own, so the app under test keeps
its event loop to itself. Each published value is sent at once; every command is kept in `commands`.
"""

from __future__ import annotations

import contextlib
import copy
import json
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Reply = tuple[str, str, dict[str, Any]]
AT = "2026-11-24T14:05:09+00:00"


class FakeDialer:
    """Start it with `with FakeDialer(path) as fake`; publish values; script answers by command name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.at = AT
        self.commands: list[dict[str, Any]] = []
        self.subscribed: list[str] = []
        self.silent = False
        self.answers: dict[str, Reply | Callable[[dict[str, Any]], Reply]] = {}
        self._values: dict[str, Any] = {}
        self._changed = threading.Condition()
        self._server: _Server | None = None
        self._generation = 0

    def __enter__(self) -> FakeDialer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen at the socket."""
        self.path.unlink(missing_ok=True)
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """Go away: every connection is closed, nobody listens."""
        server, self._server = self._server, None
        if server is None:
            return
        server.shutdown()
        with self._changed:
            self._generation += 1
            self._changed.notify_all()
        server.close_connections()
        server.server_close()
        self.path.unlink(missing_ok=True)

    def publish(self, topic: str, data: Mapping[str, Any]) -> None:
        """The topic's latest value from now on."""
        with self._changed:
            self._values[topic] = copy.deepcopy(data)
            self._changed.notify_all()

    def asked(self, name: str) -> list[dict[str, Any]]:
        """The args of every command of this name so far."""
        return [command["args"] for command in list(self.commands) if command["name"] == name]

    def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        self.commands.append(command)
        scripted = self.answers.get(command["name"], ("done", f"{command['name']} done.", {}))
        status, message, data = scripted(command) if callable(scripted) else scripted
        return {"type": "answer", "id": command["id"], "status": status, "message": message, "data": data}

    def follow(self, topic: str, say: Callable[[dict[str, Any]], None]) -> None:
        """Send the topic's values until the service goes."""
        self.subscribed.append(topic)
        generation, last, seq = self._generation, None, 0
        while True:
            with self._changed:
                if self._generation == generation and self._values.get(topic) is last:
                    self._changed.wait(timeout=0.2)
                if self._generation != generation:
                    return
                last = self._values.get(topic)
            if last is not None and not self.silent:
                seq += 1
                say({"type": "snapshot", "topic": topic, "version": 1, "seq": seq, "at": self.at, "data": last})


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, fake: FakeDialer) -> None:
        self.fake = fake
        self.connections: set[Any] = set()
        super().__init__(str(fake.path), _Connection)

    def close_connections(self) -> None:
        for connection in list(self.connections):
            connection.shut()


class _Connection(socketserver.StreamRequestHandler):
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._writing = threading.Lock()
        self.server.connections.add(self)

    def finish(self) -> None:
        self.server.connections.discard(self)
        super().finish()

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # the app went away
            self._serve()

    def _serve(self) -> None:
        for line in self.rfile:
            said = json.loads(line)
            if said["type"] == "command":
                self._say(self.server.fake.answer(said))
            else:
                threading.Thread(target=self.server.fake.follow, args=(said["topic"], self._say), daemon=True).start()

    def shut(self) -> None:
        with contextlib.suppress(OSError):
            self.request.shutdown(socket.SHUT_RDWR)

    def _say(self, value: dict[str, Any]) -> None:
        with contextlib.suppress(OSError, ValueError), self._writing:
            self.wfile.write(json.dumps(value).encode() + b"\n")
            self.wfile.flush()


def _main() -> None:
    """For looking at the screens by hand: `python -m tests.tui.fake_dialer SOCKET`."""
    from tests.tui import scenes

    with FakeDialer(Path(sys.argv[1])) as fake:
        scenes.fill(fake)
        tick = 0
        while True:
            time.sleep(0.4)
            tick += 1
            scenes.move(fake, tick)


if __name__ == "__main__":
    _main()
