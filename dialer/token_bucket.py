"""How many calls may be started at this rate right now? A bucket that fills with time, and what the last second saw.

The bucket keeps the rate over any time; alone it would let its own content out on top of a second's rate. So what went
out within the last second is counted as well: no second has more than the rate, rounded up.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

BURST_S = 0.2  # a bucket never holds more than this much of its rate: no burst after a pause
MARGIN_S = 0.001  # so that a token is whole when it is looked at
SECOND = 1.0 - 1e-9  # what went out a second ago is no longer counted, whatever the last digit says


@dataclass
class TokenBucket:
    """The starts that one rate allows. All instants are monotonic seconds; at least one token fits, however slow it
    fills.
    """

    filled_s: float = 0.0
    tokens: float = 0.0
    closed_until_s: float = float("-inf")
    started_s: deque[float] = field(default_factory=deque)  # within the last second

    @classmethod
    def new(cls, now_s: float, began_s: float) -> TokenBucket:
        """Empty, and closed in the dialer's first second: one that died before it may just have used up the rate."""
        return cls(filled_s=now_s, closed_until_s=began_s + SECOND)

    @property
    def closed(self) -> bool:
        """Whether the dialer has just begun."""
        return self.filled_s < self.closed_until_s

    def refill(self, per_second: float, now_s: float) -> None:
        """Fill it for the time since the last look."""
        self.tokens = min(self.tokens + per_second * (now_s - self.filled_s), max(1.0, per_second * BURST_S))
        self.filled_s = now_s
        while self.started_s and now_s - self.started_s[0] >= SECOND:
            self.started_s.popleft()

    def room(self, per_second: float) -> int:
        """How many may be started at the instant it was filled for."""
        if self.closed:
            return 0
        return max(min(int(self.tokens), math.ceil(per_second) - len(self.started_s)), 0)

    def take(self, now_s: float, calls: int = 1) -> None:
        """So many were started."""
        self.tokens -= calls
        self.started_s.extend([now_s] * calls)

    def empty(self, now_s: float) -> None:
        """No tokens; what went out is not forgotten."""
        self.tokens, self.filled_s = 0.0, now_s

    def opens_after_s(self, per_second: float, otherwise_s: float) -> float:
        """How long until one may be started; `otherwise_s` when one may be already."""
        if self.room(per_second):
            return otherwise_s
        waits_s = [(1.0 - self.tokens) / per_second, self.closed_until_s - self.filled_s]
        if len(self.started_s) >= math.ceil(per_second):
            waits_s.append(self.started_s[len(self.started_s) - math.ceil(per_second)] + 1.0 - self.filled_s)
        return max(waits_s) + MARGIN_S
