"""Which sounds does the dialplan play, and where do they come from?

Asterisk's English core sounds are linked into the private data folder. The three sounds of our own can each be given
as a file; what is not given is put together from core sounds, good for practice (a real campaign records its own
message).
"""

import array
import math
import shutil
import wave
from collections.abc import Mapping
from pathlib import Path

RATE_HZ = 8000
OWN_SOUNDS = ("safe-harbour", "holding", "join-beep")
MADE_OF: Mapping[str, tuple[str, ...]] = {
    "safe-harbour": ("im-sorry", "vm-nobodyavail", "vm-press", "digits/9", "removed"),
    "holding": ("one-moment-please",),
}
BEEP_HZ, BEEP_MS, BEEP_LEVEL = 1400, 120, 5000


class SoundError(Exception):
    """A sound file is missing or is not 8 kHz, 16 bit, one channel; says which and how to convert it."""


def furnish(data: Path, *, core_sounds: Path | None, documentation: Path | None, own: Mapping[str, Path]) -> None:
    """Fill `data` with what Asterisk looks for: documentation, core sounds as links, our own sounds as files."""
    english = data / "sounds" / "en"
    english.mkdir(parents=True, exist_ok=True)
    if documentation is not None and documentation.exists():
        _link(data / "documentation", documentation)
    for entry in sorted(core_sounds.iterdir()) if core_sounds is not None else ():
        _link(english / entry.name, entry)
    for name in dict.fromkeys((*OWN_SOUNDS, *own)):
        _place(name, english, own)


def _place(name: str, english: Path, own: Mapping[str, Path]) -> None:
    target = english / f"{name}.wav"
    target.unlink(missing_ok=True)
    if name in own:
        check_wave(own[name])
        shutil.copyfile(own[name], target)
    elif name in MADE_OF:
        _join([english / f"{part}.wav" for part in MADE_OF[name]], target)
    else:
        _write(target, tone(BEEP_HZ, BEEP_MS, BEEP_LEVEL))


def check_wave(path: Path) -> float:
    """How many seconds it lasts. Raises SoundError when Asterisk could not play this file as it is."""
    try:
        with wave.open(str(path), "rb") as sound:
            found = (sound.getframerate(), sound.getsampwidth(), sound.getnchannels())
            length_s = sound.getnframes() / RATE_HZ
    except (OSError, EOFError, wave.Error) as fault:
        raise SoundError(f"{path} cannot be read as a WAV file ({fault}).") from fault
    if found != (RATE_HZ, 2, 1):
        raise SoundError(
            f"{path} has {found[0]} Hz, {8 * found[1]} bit, {found[2]} channels; needed are 8000 Hz, 16 bit, "
            f"1 channel. Convert it: sox IN -r 8000 -b 16 -c 1 OUT.wav"
        )
    return length_s


def tone(hertz: int, duration_ms: int, level: int) -> bytes:
    """A sine of 16-bit samples with 5 ms of rise and fall, so that it does not click."""
    count, edge = RATE_HZ * duration_ms // 1000, RATE_HZ // 200
    samples = (
        int(level * min(1.0, i / edge, (count - i) / edge) * math.sin(2 * math.pi * hertz * i / RATE_HZ))
        for i in range(count)
    )
    return array.array("h", samples).tobytes()


def _join(parts: list[Path], target: Path) -> None:
    frames = bytearray()
    for part in parts:
        if part.exists():  # a distribution may ship fewer prompts; the rest still says enough for practice
            with wave.open(str(part), "rb") as sound:
                frames += sound.readframes(sound.getnframes())
    _write(target, bytes(frames) or tone(600, 1500, 8000))


def _write(target: Path, frames: bytes) -> None:
    with wave.open(str(target), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(frames)


def _link(place: Path, target: Path) -> None:
    if place.is_symlink() or place.exists():
        return
    place.symlink_to(target)
