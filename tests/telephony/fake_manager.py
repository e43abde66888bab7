"""A manager that misbehaves on request: what a real Asterisk does rarely, a test needs at once."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
Answer = Callable[["FakeSession", dict[str, str]], None]


class FakeSession:
    """One client. `say` sends raw bytes; `actions` are those it sent."""

    def __init__(self, plug: socket.socket) -> None:
        self.plug = plug
        self.actions: list[dict[str, str]] = []
        self.raw = b""

    def say(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self.plug.sendall(data)

    def respond(self, action: dict[str, str], status: str = "Success", **headers: str) -> None:
        lines = [f"Response: {status}", f"ActionID: {action['ActionID']}"]
        lines += [f"{key}: {value}" for key, value in headers.items()]
        self.say(("\r\n".join(lines) + "\r\n\r\n").encode())

    def event(self, name: str, **headers: str) -> None:
        lines = [f"Event: {name}", *(f"{key}: {value}" for key, value in headers.items())]
        self.say(("\r\n".join(lines) + "\r\n\r\n").encode())


class FakeManager:
    """`on_action` answers everything but Login and Ping; `banner`, `secret` and `answers_pings` are switches."""

    def __init__(self, banner: bytes = BANNER, on_action: Answer | None = None) -> None:
        self.banner = banner
        self.secret = "right"
        self.pause_s = 0.0
        self.answers_pings = True
        self.answers_login = True
        self.on_action: Answer = on_action or (lambda session, action: session.respond(action))
        self.sessions: list[FakeSession] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def actions(self) -> list[dict[str, str]]:
        """Every action but Login and Ping, over all connections."""
        every = [action for session in self.sessions for action in session.actions]
        return [action for action in every if action["Action"] not in {"Login", "Ping"}]

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for session in self.sessions:
            with contextlib.suppress(OSError):
                session.plug.shutdown(socket.SHUT_RDWR)
            session.plug.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plug, _ = self._listener.accept()
                session = FakeSession(plug)
                self.sessions.append(session)
                threading.Thread(target=self._serve, args=(session,), daemon=True).start()

    def _serve(self, session: FakeSession) -> None:
        session.say(self.banner)
        with contextlib.suppress(OSError):
            while data := session.plug.recv(1 << 16):
                time.sleep(self.pause_s)
                session.raw += data
                while b"\r\n\r\n" in session.raw:
                    block, session.raw = session.raw.split(b"\r\n\r\n", 1)
                    self._take(session, dict(line.split(": ", 1) for line in block.decode().split("\r\n")))

    def _take(self, session: FakeSession, action: dict[str, str]) -> None:
        session.actions.append(action)
        if action["Action"] == "Login":
            self._log_in(session, action)
        elif action["Action"] != "Ping":
            self.on_action(session, action)
        elif self.answers_pings:
            session.respond(action, Ping="Pong")

    def _log_in(self, session: FakeSession, action: dict[str, str]) -> None:
        if not self.answers_login:
            return
        if action["Secret"] == self.secret:
            session.respond(action, Message="Authentication accepted")
        else:
            session.respond(action, "Error", Message="Authentication failed")
