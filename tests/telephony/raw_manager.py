"""A plain manager session for tests of the configuration: it sends what it is given and collects every event."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Self

Packet = dict[str, str]


class RawManager:
    """Logged in as `user`; `events` grows while it lives."""

    def __init__(self, host: str, port: int, user: str, secret: str) -> None:
        self._socket = socket.create_connection((host, port), timeout=5)
        self._lines = self._socket.makefile("r", newline="\r\n", encoding="utf-8")
        self._changed = threading.Condition()
        self.banner = self._lines.readline().strip()
        self.events: list[Packet] = []
        self.responses: list[Packet] = []
        self._socket.settimeout(None)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.login = self.ask("Login", Username=user, Secret=secret)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._lines.close()
        self._socket.close()

    def ask(self, action: str, *variables: str, **headers: str) -> Packet:
        """Send one action and wait for its response."""
        known = len(self.responses)
        lines = [f"Action: {action}", *(f"{key}: {value}" for key, value in headers.items())]
        lines += [f"Variable: {variable}" for variable in variables]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.responses) > known, timeout=10), f"{action}: no response"
            return self.responses[known]

    def until(self, wanted: Callable[[Packet], bool], timeout_s: float = 10.0) -> Packet:
        """The first event, already seen or still to come, that is wanted."""
        with self._changed:
            found = self._changed.wait_for(lambda: any(map(wanted, self.events)), timeout=timeout_s)
            assert found, f"event did not come; seen: {[self._brief(event) for event in self.events]}"
            return next(filter(wanted, self.events))

    def stage(self, stage: str, timeout_s: float = 10.0, **headers: str) -> Packet:
        """The first `Dialer` user event of that stage."""
        return self.until(
            lambda event: (
                event.get("UserEvent") == "Dialer"
                and event.get("Stage") == stage
                and all(event.get(key) == value for key, value in headers.items())
            ),
            timeout_s,
        )

    def of(self, name: str, **headers: str) -> list[Packet]:
        """All events of that name with those headers so far."""
        return [
            event
            for event in list(self.events)
            if event.get("Event") == name and all(event.get(key) == value for key, value in headers.items())
        ]

    @staticmethod
    def _brief(event: Packet) -> str:
        return " ".join(event.get(key, "") for key in ("Event", "Stage", "Channel", "ChannelStateDesc")).strip()

    def _read(self) -> None:
        packet: Packet = {}
        try:
            for line in self._lines:
                if line.strip():
                    key, _colon, value = line.strip().partition(": ")
                    packet.setdefault(key.rstrip(":"), value)
                    continue
                self._keep({**packet, "_at": repr(time.monotonic())})
                packet = {}
        except (OSError, ValueError):
            return

    def _keep(self, packet: Packet) -> None:
        with self._changed:
            if "Event" in packet:
                self.events.append(packet)
            elif "Response" in packet:
                self.responses.append(packet)
            self._changed.notify_all()
