"""How many calls may be started at this rate right now? Pure arithmetic of a bucket that fills with time."""

from __future__ import annotations

from collections.abc import Iterable

BURST_S = 0.2  # a bucket never holds more than this much of its rate: no burst after a pause
MARGIN_S = 0.001  # so that a token is whole when it is looked at


def filled(tokens: float, per_second: float, elapsed_s: float) -> float:
    """What the bucket holds after so many seconds; at least one token fits, however slow it fills."""
    return min(tokens + per_second * elapsed_s, max(1.0, per_second * BURST_S))


def whole_token_after_s(buckets: Iterable[tuple[float, float]], otherwise_s: float) -> float:
    """How long until each bucket, (tokens, per second), holds a whole token; `otherwise_s` when each does already."""
    longest_s = max((1.0 - tokens) / per_second for tokens, per_second in buckets)
    return longest_s + MARGIN_S if longest_s > 0 else otherwise_s
