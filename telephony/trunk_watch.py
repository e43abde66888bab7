"""May calls be placed on this trunk now? Watches the carrier's contact and calls that got no progress at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from telephony.clock import Clock, Timer

SILENT_CALLS_LIMIT = 3
PROBE_AGAIN_S = 60.0

Tell = Callable[[str, bool, str], None]
"""Called with (trunk, fit for calls, reason) at every change."""


@dataclass
class _Trunk:
    reachable: bool | None = None
    suspended: bool = False
    alive_at_s: float = float("-inf")
    silent_placed_at_s: list[float] = field(default_factory=list)
    probe: Timer | None = None


class TrunkWatch:
    """The state of each configured trunk.

    A trunk is down while its contact is unreachable, and for 60 s after three calls in a row got no
    progress at all. *In a row* means: nothing was heard from the carrier since the first of the
    three was placed; a carrier that still refuses or rings others is alive, and those calls were
    just unlucky (TELEPHONY section 6).
    """

    def __init__(self, clock: Clock, trunks: tuple[str, ...], tell: Tell) -> None:
        self._clock = clock
        self._tell = tell
        self._trunks = {name: _Trunk() for name in trunks}

    def is_up(self, name: str) -> bool:
        """Whether calls may be placed; false for a trunk that is not configured or not yet known to be reachable."""
        trunk = self._trunks.get(name)
        return trunk is not None and trunk.reachable is True and not trunk.suspended

    def contact(self, name: str, reachable: bool, reason: str = "the carrier does not answer") -> None:
        """The carrier's contact is known to be reachable or not. Trunks that are not ours are ignored."""
        trunk = self._trunks.get(name)
        if trunk is None or trunk.reachable is reachable:
            return
        trunk.reachable = reachable
        if reachable:
            self._lift(name, trunk, told=False)
        self._tell(name, reachable, "" if reachable else reason)

    def forget(self) -> None:
        """The link was lost: what was known of contacts is old; the next report is told again."""
        for trunk in self._trunks.values():
            trunk.reachable = None

    def sign_of_life(self, name: str) -> None:
        """The carrier sent something for some call: ringing, progress, an answer or a refusal."""
        trunk = self._trunks.get(name)
        if trunk is not None:
            trunk.alive_at_s = self._clock.monotonic()
            trunk.silent_placed_at_s.clear()

    def no_progress(self, name: str, placed_at_s: float) -> None:
        """A call placed at this monotonic second ended without any sign from the carrier."""
        trunk = self._trunks.get(name)
        if trunk is None or trunk.suspended or placed_at_s <= trunk.alive_at_s:
            return
        trunk.silent_placed_at_s.append(placed_at_s)
        if len(trunk.silent_placed_at_s) >= SILENT_CALLS_LIMIT:
            self._suspend(name, trunk)

    def _suspend(self, name: str, trunk: _Trunk) -> None:
        trunk.suspended = True
        trunk.silent_placed_at_s.clear()
        trunk.probe = self._clock.call_later(PROBE_AGAIN_S, lambda: self._lift(name, trunk, told=True))
        self._tell(name, False, f"{SILENT_CALLS_LIMIT} calls in a row got no progress at all")

    def _lift(self, name: str, trunk: _Trunk, *, told: bool) -> None:
        if trunk.probe is not None:
            trunk.probe.cancel()
            trunk.probe = None
        was_suspended, trunk.suspended = trunk.suspended, False
        if told and was_suspended and trunk.reachable:
            self._tell(name, True, "")
