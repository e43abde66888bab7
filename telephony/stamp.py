"""When and on which exchange was an event learned? Makes events of the port with their stamps filled in."""

from __future__ import annotations

from typing import Any, TypeVar

from telephony.clock import Clock
from telephony.port import CallEvent, CallRef, Event

E = TypeVar("E", bound=Event)
C = TypeVar("C", bound=CallEvent)


class Stamp:
    """Stamps events with the clock's instant and second, and call events with this exchange's name."""

    def __init__(self, clock: Clock, exchange: str) -> None:
        self._clock = clock
        self._exchange = exchange

    def event(self, kind: type[E], **fields: Any) -> E:
        """An event learned now."""
        return kind(at=self._clock.now(), mono_s=self._clock.monotonic(), **fields)

    def call(self, kind: type[C], call_id: str, **fields: Any) -> C:
        """An event about one customer's call, learned now."""
        return self.event(kind, call=self.ref(call_id), **fields)

    def ref(self, channel_id: str) -> CallRef:
        """The name of a call or leg on this exchange."""
        return CallRef(exchange=self._exchange, id=channel_id)
