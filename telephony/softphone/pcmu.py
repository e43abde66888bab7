"""What does a PCMU (G.711 mu-law) byte sound like, and which bytes make a tone?

Tables instead of pyVoIP's path through 8-bit samples, which cost half of the signal's quality.
"""

from __future__ import annotations

import math
from functools import lru_cache

RATE_HZ = 8000
FRAME_SAMPLES = 160
FRAME_S = FRAME_SAMPLES / RATE_HZ
SILENCE = b"\xff" * FRAME_SAMPLES

_BIAS = 0x84
_CLIP = 32635


def linear_of(code: int) -> int:
    """The 16-bit sample of one mu-law byte (ITU-T G.711)."""
    turned = ~code & 0xFF
    exponent, mantissa = (turned >> 4) & 0x07, turned & 0x0F
    size = (((mantissa << 3) + _BIAS) << exponent) - _BIAS
    return -size if turned & 0x80 else size


def code_of(sample: int) -> int:
    """The mu-law byte of one 16-bit sample."""
    sign = 0x80 if sample < 0 else 0x00
    size = min(abs(sample), _CLIP) + _BIAS
    exponent = max(size.bit_length() - 8, 0)
    mantissa = (size >> (exponent + 3)) & 0x0F
    return ~(sign | exponent << 4 | mantissa) & 0xFF


LINEAR = tuple(linear_of(code) for code in range(256))


@lru_cache(maxsize=128)
def tone(hz: int, level: float = 0.3) -> bytes:
    """One second of a sine of `hz` (a whole number, so that it loops without a click). `level` is 0 to 1 of full scale.

    Raises ValueError for a tone that a telephone does not carry.
    """
    if not 200 <= hz <= 3600 or not 0.0 < level <= 1.0:
        raise ValueError(f"{hz} Hz at level {level} is no telephone tone: 200 to 3600 Hz, level up to 1.")
    step = 2 * math.pi * hz / RATE_HZ
    return bytes(code_of(round(32000 * level * math.sin(step * number))) for number in range(RATE_HZ))
