"""What does the service say now? The latest value of a topic, and plain words when nobody answers.

The last value wins: a screen that is slow to draw skips what came in between and never delays the
service. A lost link is a value like any other; the feed keeps trying and says so.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dialer.control import Answer, AnswerStatus, Snapshot
from dialer.control_client import ControlClient, ServiceUnavailable

EVERY_MS = 400  # 2.5 values a second
TRY_AGAIN_S = 1.0
SILENT_AFTER_S = 5.0  # the service sends a value each time, changed or not: silence means that it hangs
ANSWER_WITHIN_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Lost:
    """No service answers; `reason` is its client's sentence. What is on the screen may be out of date."""

    reason: str


class Feed:
    """One screen's door to the service: subscriptions and commands."""

    def __init__(self, path: Path | str, *, actor: str, every_ms: int = EVERY_MS) -> None:
        self.path = Path(path)
        self.actor = actor
        self._every_ms = every_ms
        self.silent_after_s = SILENT_AFTER_S
        self._client = ControlClient(self.path, actor=actor)

    async def ask(self, name: str, args: Mapping[str, Any], *, reason: str = "") -> Answer:
        """One command's answer. Nobody there is an answer too (a fault), never an exception."""
        try:
            return await self._client.request(name, args, reason=reason, timeout_s=ANSWER_WITHIN_S)
        except ServiceUnavailable as lost:
            return Answer(id="", status=AnswerStatus.FAULT, message=str(lost))

    async def watch(self, topic: str) -> AsyncGenerator[Snapshot | Lost, None]:
        """The topic's latest value, again whenever there is a newer one; `Lost` while there is no link."""
        slot = _Slot()
        reader = asyncio.create_task(self._read_on(topic, slot))
        try:
            while True:
                yield await slot.take()
                await asyncio.sleep(self._every_ms / 2000)  # what comes in meanwhile is drawn once
        finally:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    async def close(self) -> None:
        """Let go of the service; calls and campaigns go on."""
        await self._client.close()

    async def _read_on(self, topic: str, slot: _Slot) -> None:
        while True:
            try:
                async with contextlib.aclosing(self._snapshots(topic)) as snapshots:
                    async for snapshot in snapshots:
                        slot.put(snapshot)
            except (ServiceUnavailable, OSError) as lost:
                slot.put(Lost(reason=str(lost)))
            await asyncio.sleep(TRY_AGAIN_S)

    async def _snapshots(self, topic: str) -> AsyncGenerator[Snapshot, None]:
        """The topic's values. Raises ServiceUnavailable when the service went away or says nothing any more."""
        snapshots = aiter(self._client.subscribe(topic, self._every_ms))
        try:
            while True:
                try:
                    async with asyncio.timeout(self.silent_after_s):
                        snapshot = await anext(snapshots)
                except TimeoutError:
                    words = f"The service has said nothing for {self.silent_after_s:g} s; does it still run?"
                    raise ServiceUnavailable(words) from None
                except StopAsyncIteration:
                    return
                yield snapshot
        finally:
            if isinstance(snapshots, AsyncGenerator):
                await snapshots.aclose()


class _Slot:
    """Room for one value: a newer one takes the place of one nobody took."""

    def __init__(self) -> None:
        self._filled = asyncio.Event()
        self._value: Snapshot | Lost | None = None

    def put(self, value: Snapshot | Lost) -> None:
        self._value = value
        self._filled.set()

    async def take(self) -> Snapshot | Lost:
        while self._value is None:
            self._filled.clear()
            await self._filled.wait()
        value, self._value = self._value, None
        return value
