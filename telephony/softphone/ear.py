"""Which tones were heard, and since when?

Every party of a test or of the practice exchange can be given a tone of its own, so that who hears whom is measured
and not assumed. The ear only keeps what arrived; it computes when it is asked, so that listening costs nothing.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise
from operator import mul

from telephony.softphone.pcmu import FRAME_SAMPLES, LINEAR, RATE_HZ

GRID_HZ = tuple(range(300, 3401, 50))
"""Tones that can be told apart in one 20 ms frame without leaking into each other: multiples of 50 Hz."""
REMEMBERED_FRAMES = 3000
FRESH_S = 0.1
_LEAST_SHARE = 0.12
_LEAST_POWER = 100.0**2 * FRAME_SAMPLES


class Ear:
    """The last minute of received audio. Safe to fill from one thread and to ask from others."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._frames: deque[tuple[float, bytes]] = deque(maxlen=REMEMBERED_FRAMES)
        self.frames = 0

    def hear(self, payload: bytes, at_s: float) -> None:
        """Takes one frame of PCMU as it arrives."""
        self._frames.append((at_s, payload))
        self.frames += 1

    @property
    def last_frame_at_s(self) -> float | None:
        """The monotonic second of the last frame, None before any."""
        frames = self._frames
        return frames[-1][0] if frames else None

    def tones(self, among: Iterable[int] = GRID_HZ) -> tuple[int, ...]:
        """The tones heard right now: in both of the last two frames, and these no older than FRESH_S."""
        last = list(self._frames)[-2:]
        if len(last) < 2 or self._monotonic() - last[0][0] > FRESH_S + 0.02:
            return ()
        both = [_shares(payload, tuple(among)) for _, payload in last]
        return tuple(sorted(hz for hz in both[0] if hz in both[1]))

    def first_heard_at_s(self, hz: int, since_s: float = 0.0) -> float | None:
        """The monotonic second when the first frame holding `hz` arrived, at or after `since_s`; None if none did."""
        for at_s, payload in list(self._frames):
            if at_s >= since_s and _shares(payload, (hz,)):
                return at_s
        return None

    def last_heard_at_s(self, hz: int) -> float | None:
        """The monotonic second when the last frame holding `hz` arrived; None if none did."""
        return next((at_s for at_s, payload in reversed(list(self._frames)) if _shares(payload, (hz,))), None)

    def longest_gap_s(self, since_s: float = 0.0) -> float:
        """The longest time between two frames from `since_s` on; 0 when fewer than two arrived."""
        times = [at_s for at_s, _ in list(self._frames) if at_s >= since_s]
        return max((later - earlier for earlier, later in pairwise(times)), default=0.0)


def _shares(payload: bytes, among: tuple[int, ...]) -> dict[int, float]:
    """Each of the tones that makes a notable share of the frame's energy, with that share (0 to 1)."""
    samples = [LINEAR[code] for code in payload[:FRAME_SAMPLES]]
    energy = sum(map(mul, samples, samples))
    if len(samples) < FRAME_SAMPLES or energy < _LEAST_POWER:
        return {}
    shares = {hz: _power(samples, hz) / energy for hz in among}
    return {hz: share for hz, share in shares.items() if share >= _LEAST_SHARE}


def _power(samples: list[int], hz: int) -> float:
    cosine, sine = _waves(hz)
    in_phase, across = sum(map(mul, samples, cosine)), sum(map(mul, samples, sine))
    return float(2 * (in_phase * in_phase + across * across) / FRAME_SAMPLES)


@lru_cache(maxsize=256)
def _waves(hz: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    angles = [2 * math.pi * hz * number / RATE_HZ for number in range(FRAME_SAMPLES)]
    return tuple(map(math.cos, angles)), tuple(map(math.sin, angles))
