"""How does a call's audio get in and out: one socket, one thread, twenty milliseconds a frame?

pyVoIP's RTP client is the base; replaced are its two polling threads (no absolute clock: 13 s late after an hour), the
buffers that are never trimmed, the 8-bit audio, PCMA sent as mu-law and the broken packet at the sequence's wrap.
Sending key presses (RFC 4733) is added.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from telephony.softphone.ear import Ear
from telephony.softphone.library import PayloadType, RTPClient, TransmitType
from telephony.softphone.pcmu import FRAME_S, FRAME_SAMPLES, SILENCE

KEYS = "0123456789*#ABCD"
KEY_FRAMES = 6
KEY_END_FRAMES = 3
PAUSE_FRAMES = 5
LONGEST_HOLE_S = 1.0
_HEADER = struct.Struct("!BBHII")
_KEY_EVENT = struct.Struct("!BBH")
_KEY_VOLUME = 10
_KEY_END = 0x80


class Media(RTPClient):
    """One call's audio, PCMU only. `on_key` is told each key the other side pressed, on the media thread."""

    def __init__(
        self,
        plug: socket.socket,
        remote: tuple[str, int],
        key_type: int,
        on_key: Callable[[str], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        codecs = {0: PayloadType.PCMU, key_type: PayloadType.EVENT}
        host, port = plug.getsockname()
        super().__init__(codecs, host, port, remote[0], remote[1], TransmitType.SENDRECV)
        del self.pmin, self.pmout  # fault: they keep every packet for ever (79 MiB an hour)
        self.sin = self.sout = plug
        self.ear = Ear(monotonic)
        self.sent_frames = 0
        self._key_type = key_type
        self._on_key = on_key
        self._monotonic = monotonic
        self._playing: Iterator[bytes] | None = None
        self._keys: deque[str] = deque()
        self._key_frames: Iterator[tuple[bool, bytes]] | None = None
        self._key_started_at = 0
        self._last_key_heard_at = -1
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts sending and receiving; does nothing the second time (a re-INVITE must not double the threads)."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="softphone-media", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stops for good and closes the socket. Returns at once."""
        self.NSD = False
        self.sin.close()

    def redirect(self, remote: tuple[str, int]) -> None:
        """Sends to another address from the next frame on."""
        self.outIP, self.outPort = remote

    def play(self, sound: bytes, *, again: bool) -> None:
        """Plays PCMU from the next frame on, once or `again` and again; empty means silence."""
        self._playing = _frames(sound, again) if sound else None

    def send_keys(self, keys: str) -> None:
        """Presses keys one after another, each 120 ms with a pause of 100 ms. Raises ValueError for no key."""
        unknown = set(keys) - set(KEYS)
        if unknown:
            raise ValueError(f"{sorted(unknown)} are no telephone keys.")
        self._keys.extend(keys)

    @property
    def keys_waiting(self) -> bool:
        """True while key presses are not yet all sent."""
        return bool(self._keys) or self._key_frames is not None

    def recv(self) -> None:
        """pyVoIP's receiving thread is not used."""

    def trans(self) -> None:
        """pyVoIP's sending thread is not used."""

    def _run(self) -> None:
        due_s = self._monotonic()
        with contextlib.suppress(OSError):  # the socket is closed by stop()
            while self.NSD:
                left_s = due_s - self._monotonic()
                if left_s > 0:
                    self._listen(left_s)
                    continue
                self._send_frame()
                # The clock is absolute, so that a late frame does not move the next; after a hole no burst follows.
                due_s = due_s + FRAME_S if left_s > -LONGEST_HOLE_S else self._monotonic()

    def _listen(self, limit_s: float) -> None:
        self.sin.settimeout(limit_s)
        with contextlib.suppress(TimeoutError, ConnectionRefusedError):  # the far end may have closed its port
            self.parse_packet(self.sin.recv(2048))

    def parse_packet(self, packet: bytes) -> None:
        """Takes one packet; anything that is not RTP is ignored (fault: the base raises)."""
        if len(packet) < _HEADER.size or packet[0] >> 6 != 2:
            return
        first, second, _, timestamp, _ = _HEADER.unpack_from(packet)
        payload = _payload(packet, first)
        if second & 0x7F == 0:
            self.ear.hear(payload, self._monotonic())
        elif second & 0x7F == self._key_type and len(payload) >= 4:
            self._key_heard(timestamp, payload[0])

    def _key_heard(self, timestamp: int, code: int) -> None:
        # One key press is many packets with one timestamp; the first may be lost, so the marker is not relied upon.
        if timestamp != self._last_key_heard_at and code < len(KEYS):
            self._last_key_heard_at = timestamp
            self._on_key(KEYS[code])

    def _send_frame(self) -> None:
        key = self._next_key_frame()
        if key is not None:
            self._send(self._key_type, key[1], self._key_started_at, marked=key[0])
        else:
            self._send(0, next(self._playing or iter(()), SILENCE), self.outTimestamp, marked=self.sent_frames == 0)
        self.outTimestamp = (self.outTimestamp + FRAME_SAMPLES) & 0xFFFFFFFF

    def _next_key_frame(self) -> tuple[bool, bytes] | None:
        if self._key_frames is None and self._keys:
            self._key_frames = _key_press(KEYS.index(self._keys[0]))
            self._key_started_at = self.outTimestamp
        frame = next(self._key_frames, None) if self._key_frames else None
        if frame is None and self._key_frames is not None:
            self._key_frames = None
            self._keys.popleft()
        return frame if frame and frame[1] else None

    def _send(self, kind: int, payload: bytes, timestamp: int, *, marked: bool) -> None:
        head = _HEADER.pack(0x80, kind | (0x80 if marked else 0), self.outSequence, timestamp, self.outSSRC)
        self.outSequence = (self.outSequence + 1) & 0xFFFF  # fault: the base sends a broken packet at the wrap
        self.sent_frames += 1
        with contextlib.suppress(ConnectionRefusedError, BlockingIOError, TimeoutError):
            self.sout.sendto(head + payload, (self.outIP, self.outPort))


def open_rtp_socket(host: str, ports: range | None = None) -> socket.socket:
    """A bound UDP socket: any free port, or the first free even one of `ports`. Raises OSError when none is free."""
    for port in ports or (0,):
        plug = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with contextlib.suppress(OSError):
            plug.bind((host, port))
            return plug
        plug.close()
    raise OSError(f"no free port for audio on {host} in {ports}")


def _frames(sound: bytes, again: bool) -> Iterator[bytes]:
    while True:
        for start in range(0, len(sound), FRAME_SAMPLES):
            yield sound[start : start + FRAME_SAMPLES].ljust(FRAME_SAMPLES, b"\xff")
        if not again:
            return


def _key_press(code: int) -> Iterator[tuple[bool, bytes]]:
    """(marker, payload) of one key press, then empty payloads: a pause in which audio goes on."""
    for number in range(1, KEY_FRAMES + 1):
        yield number == 1, _KEY_EVENT.pack(code, _KEY_VOLUME, number * FRAME_SAMPLES)
    for _ in range(KEY_END_FRAMES):
        yield False, _KEY_EVENT.pack(code, _KEY_END | _KEY_VOLUME, KEY_FRAMES * FRAME_SAMPLES)
    for _ in range(PAUSE_FRAMES):
        yield False, b""


def _payload(packet: bytes, first: int) -> bytes:
    start = _HEADER.size + 4 * (first & 0x0F)
    if first & 0x10 and len(packet) >= start + 4:  # an extension: its length in words follows its id
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    end = len(packet) - packet[-1] if first & 0x20 else len(packet)
    return packet[start : max(start, end)]
