"""Which message can be played to a customer whom no agent could take?

The law wants it to name the seller and a telephone number (16 CFR 310.4(b)(4)(iii)). The built-in one names neither:
it is good for practice only. A real campaign plays a recording of its own, and is not dialled without one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from campaigns.settings_faults import BUILT_IN_MESSAGE
from dialer.home import Home
from dialer.settings import ExchangeKind, Settings
from telephony.asterisk.sounds import SoundError, check_wave

SHORTEST_S = 2.0

WhyNotPlayed = Callable[[str], str]  # the message's name -> why it cannot be played, or nothing

Fingerprint = Callable[[str], str | None]  # the message's name -> as `fingerprint_of` has it


def no_fingerprint(_name: str) -> str | None:
    """For an engine that was told of no recordings: somebody may hear what plays."""
    return ""


def nothing_recorded(name: str) -> str:
    """For an engine that was told of no recordings: practice trunks only."""
    return f"no recording {name or BUILT_IN_MESSAGE!r} is known here"


def recording_of(home: Home, name: str) -> Path:
    """Where the user puts the recording that plays under this name."""
    return home.root / "sounds" / f"{name or BUILT_IN_MESSAGE}.wav"


def why_not_played(home: Home, settings: Settings, name: str) -> str:
    """Why no recording of the user's plays under this name on the exchange of these settings; empty when one does."""
    name = name or BUILT_IN_MESSAGE
    if settings.exchange.kind is ExchangeKind.SIMULATED:
        return ""  # nobody hears it
    if settings.exchange.kind is ExchangeKind.OWN:
        if name in settings.exchange.messages:
            return ""
        return f'record {name}.wav, install it on your Asterisk, then set [exchange] messages = ["{name}"]'
    path = recording_of(home, name)
    if not path.exists():
        return f"record it and put it in {path} (WAV, 8 kHz, 16 bit, one channel)"
    try:
        length_s = check_wave(path)
    except SoundError as fault:
        return str(fault)
    if length_s < SHORTEST_S:
        return f"{path} lasts {length_s:.1f} s: too short to name a seller and a number"
    return ""


def fingerprint_of(home: Home, settings: Settings, name: str) -> str | None:
    """SHA-256 of the user's recording of this name; empty where it is not kept here, none where nobody hears it."""
    if settings.exchange.kind is ExchangeKind.SIMULATED:
        return None
    if settings.exchange.kind is ExchangeKind.OWN:
        return ""
    try:
        return hashlib.sha256(recording_of(home, name).read_bytes()).hexdigest()
    except OSError:
        return ""
