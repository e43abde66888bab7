"""How large may a share really be, when only so many were counted? The exact one-sided bound for a share.

Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26
(1934), 404-413: the largest true share under which so few would still be seen with a chance of 1 - confidence. It never
promises more than it holds, however few were counted; the shorter bounds (Wilson's, the normal one) do, near 0.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma, log

CONFIDENCE = 0.95
_HALVINGS = 50
_MOST_TERMS = 100_000
_CLOSE = 1e-14
_TINY = 1e-300


@lru_cache(maxsize=4096)
def upper_bound(events: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """The share, 0..1, that the true one does not exceed with this confidence; 1 when nothing was counted.

    Raises ValueError for counts that cannot be, and for a confidence outside 0..1.
    """
    _must_be_counts(events, trials)
    if not 0 < confidence < 1:
        raise ValueError(f"A confidence of {confidence} is not between 0 and 1.")
    if events == trials:
        return 1.0
    low, high = events / trials, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if chance_of_at_most(events, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def chance_of_at_most(events: int, trials: int, share: float) -> float:
    """The chance of so many events or fewer in so many trials when each has this share (binomial)."""
    _must_be_counts(events, trials)
    if events == trials or share <= 0:
        return 1.0
    return 0.0 if share >= 1 else _incomplete_beta(trials - events, events + 1, 1 - share)


def _must_be_counts(events: int, trials: int) -> None:
    if not 0 <= events <= trials:
        raise ValueError(f"{events} of {trials} cannot have been counted.")


def _incomplete_beta(a: int, b: int, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), which sums the binomial (NIST DLMF 8.17.5)."""
    if x > (a + 1) / (a + b + 2):  # where the fraction runs slowly, take the other tail
        return 1.0 - _incomplete_beta(b, a, 1.0 - x)
    if x <= 0:
        return 0.0
    front = exp(lgamma(a + b) - lgamma(a + 1) - lgamma(b) + a * log(x) + b * log(1.0 - x))
    return front / _fraction(a, b, x)


def _fraction(a: int, b: int, x: float) -> float:
    """1 + d1 / (1 + d2 / (1 + ...)) of DLMF 8.17.22, by Lentz's method; about as many terms as the root of a + b."""
    value, c, d = 1.0, 1.0, 0.0
    for n in range(1, _MOST_TERMS):
        term = _term(n, a, b, x)
        d = 1.0 / _not_zero(1.0 + term * d)
        c = _not_zero(1.0 + term / c)
        value *= c * d
        if abs(c * d - 1.0) < _CLOSE:
            break
    return value


def _term(n: int, a: int, b: int, x: float) -> float:
    m = n // 2
    if n % 2:
        return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
