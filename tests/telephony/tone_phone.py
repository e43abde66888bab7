"""A bare SIP telephone for measurements: it answers by itself, sends one tone and writes down what it hears when.

Neither product code nor a softphone: only enough SIP and RTP to know who hears whom, to the packet.
"""

import hashlib
import math
import re
import secrets
import socket
import struct
import threading
import time
from dataclasses import dataclass
from typing import Self

FRAME_SAMPLES = 160


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One received packet: when, and its 160 samples."""

    at_s: float
    samples: tuple[int, ...]


class TonePhone:
    """One line at host:port (UDP). Every call to it is answered after `ring_s` and gets a steady tone of `hertz`."""

    def __init__(self, host: str, port: int, hertz: float, *, ring_s: float = 0.0) -> None:
        self.host, self.port, self.hertz, self._ring_s = host, port, hertz, ring_s
        self._sip = _bound(host, port)
        self._rtp = _bound(host, 0)
        self._sounding_s = math.inf
        self._running = True
        self._talking_to: tuple[str, int] | None = None
        self._cseq = 0
        self._answers: dict[str, str] = {}
        self._answered = threading.Condition()
        self.answered_at_s: float | None = None
        self.ended = threading.Event()
        self._key: int | None = None
        self._key_gone = threading.Event()
        self.heard: list[Heard] = []
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._serve, self._listen, self._speak)
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._running = False
        for thread in self._threads:
            thread.join()
        self._sip.close()
        self._rtp.close()

    def register(self, server: tuple[str, int], user: str, secret: str) -> None:
        """Register once by digest; TimeoutError when the registrar does not say 200."""
        call_id = secrets.token_hex(8)
        first = self._ask(server, user, call_id, "")
        challenge = dict(re.findall(r'(\w+)="?([^",]+)"?', _header(first, "WWW-Authenticate")))
        uri = f"sip:{server[0]}:{server[1]}"
        ha1 = _md5(f"{user}:{challenge['realm']}:{secret}")
        cnonce, count = secrets.token_hex(4), "00000001"
        proof = _md5(f"{ha1}:{challenge['nonce']}:{count}:{cnonce}:auth:{_md5(f'REGISTER:{uri}')}")
        opaque = f', opaque="{challenge["opaque"]}"' if "opaque" in challenge else ""
        second = self._ask(server, user, call_id, (
            f'Authorization: Digest username="{user}", realm="{challenge["realm"]}", nonce="{challenge["nonce"]}", '
            f'uri="{uri}", response="{proof}", algorithm=MD5, qop=auth, cnonce="{cnonce}", nc={count}{opaque}\r\n'
        ))  # fmt: skip
        if not second.startswith("SIP/2.0 200"):
            raise TimeoutError(f"registrar said {second.splitlines()[0]}")

    def call(self, server: tuple[str, int], user: str, extension: str, secret: str) -> str:
        """Dial an extension with digest; the first line of the final answer. A 200 is acknowledged and talks on."""
        call_id = secrets.token_hex(8)
        uri = f"sip:{extension}@{server[0]}:{server[1]}"
        first = self._invite(server, user, uri, call_id, "")
        if not first.startswith("SIP/2.0 401"):
            return first.splitlines()[0]
        self._acknowledge(server, first, uri)
        challenge = dict(re.findall(r'(\w+)="?([^",]+)"?', _header(first, "WWW-Authenticate")))
        ha1 = _md5(f"{user}:{challenge['realm']}:{secret}")
        proof = _md5(f"{ha1}:{challenge['nonce']}:00000001:ab:auth:{_md5(f'INVITE:{uri}')}")
        last = self._invite(server, user, uri, call_id, (
            f'Authorization: Digest username="{user}", realm="{challenge["realm"]}", nonce="{challenge["nonce"]}", '
            f'uri="{uri}", response="{proof}", algorithm=MD5, qop=auth, cnonce="ab", nc=00000001, '
            f'opaque="{challenge.get("opaque", "")}"\r\n'
        ))  # fmt: skip
        self._acknowledge(server, last, uri)
        if last.startswith("SIP/2.0 200"):
            self._connect_media(last)
        return last.splitlines()[0]

    def fall_silent_after(self, sounding_s: float) -> None:
        """In the first call sound so long, then send silence. To be said before the call comes."""
        self._sounding_s = sounding_s

    def press(self, digit: str) -> None:
        """Send one key as telephone-event (payload 101), 100 ms long, and 60 ms of nothing after it."""
        self._key_gone.clear()
        self._key = "0123456789*#".index(digit)
        self._key_gone.wait(3)

    def power_of(self, hertz: float, since_s: float = 0.0) -> list[tuple[float, float]]:
        """For each packet heard: when, and the amplitude of that tone in it."""
        return [(packet.at_s, _amplitude(packet.samples, hertz)) for packet in self.heard if packet.at_s >= since_s]

    def first_heard(self, hertz: float, since_s: float = 0.0, level: float = 500.0) -> float | None:
        """When that tone was heard first, as monotonic seconds, or None."""
        return next((at for at, power in self.power_of(hertz, since_s) if power > level), None)

    def _ask(self, server: tuple[str, int], user: str, call_id: str, extra: str) -> str:
        text = (
            f"REGISTER sip:{server[0]}:{server[1]} SIP/2.0\r\n{self._common(user, call_id, 'REGISTER')}"
            f"To: <sip:{user}@{server[0]}>\r\nExpires: 300\r\n{extra}Content-Length: 0\r\n\r\n"
        )
        return self._exchange(server, text)

    def _invite(self, server: tuple[str, int], user: str, uri: str, call_id: str, extra: str) -> str:
        body = self._session()
        text = (
            f"INVITE {uri} SIP/2.0\r\n{self._common(user, call_id, 'INVITE')}To: <{uri}>\r\n{extra}"
            f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        return self._exchange(server, text)

    def _acknowledge(self, server: tuple[str, int], answer: str, uri: str) -> None:
        lines = "".join(f"{name}: {_header(answer, name)}\r\n" for name in ("Via", "From", "To", "Call-ID"))
        number = _header(answer, "CSeq").split()[0]
        text = f"ACK {uri} SIP/2.0\r\n{lines}CSeq: {number} ACK\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        self._sip.sendto(text.encode(), server)

    def _common(self, user: str, call_id: str, method: str) -> str:
        self._cseq += 1
        here = f"{self.host}:{self.port}"
        return (
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{secrets.token_hex(8)};rport\r\nMax-Forwards: 70\r\n"
            f"From: <sip:{user}@{self.host}>;tag={call_id}\r\nCall-ID: {call_id}\r\nCSeq: {self._cseq} {method}\r\n"
            f"Contact: <sip:{user}@{here}>\r\n"
        )

    def _exchange(self, server: tuple[str, int], text: str) -> str:
        number = _header(text, "CSeq")
        self._sip.sendto(text.encode(), server)
        with self._answered:
            if not self._answered.wait_for(lambda: number in self._answers, timeout=5):
                raise TimeoutError(f"no final answer to {number}")
            return self._answers.pop(number)

    def _serve(self) -> None:
        while self._running:
            try:
                data, source = self._sip.recvfrom(8192)
            except TimeoutError:
                continue
            text = data.decode()
            if text.startswith("SIP/2.0"):
                self._take_answer(text)
            elif not text.startswith("ACK"):
                self._reply_to(text, source)

    def _take_answer(self, text: str) -> None:
        if text[8] == "1":
            return
        with self._answered:
            self._answers[_header(text, "CSeq")] = text
            self._answered.notify_all()

    def _reply_to(self, text: str, source: tuple[str, int]) -> None:
        method = text.split(" ", 1)[0]
        if method != "INVITE":
            self._send(text, source, "200 OK")
            if method in ("BYE", "CANCEL"):
                self._talking_to = None
                self.ended.set()
            return
        if "tag=" in _header(text, "To"):
            self._send(text, source, "200 OK", self._session())
            return
        self._send(text, source, "180 Ringing")
        if self._ring_s:
            time.sleep(self._ring_s)
        self._connect_media(text)
        self.answered_at_s = time.monotonic()
        self._send(text, source, "200 OK", self._session())

    def _connect_media(self, text: str) -> None:
        where = re.search(r"c=IN IP4 (\S+)", text)
        port = re.search(r"m=audio (\d+)", text)
        assert where is not None
        assert port is not None
        self._talking_to = (where.group(1), int(port.group(1)))

    def _session(self) -> str:
        return (
            f"v=0\r\no=tone 1 1 IN IP4 {self.host}\r\ns=-\r\nc=IN IP4 {self.host}\r\nt=0 0\r\n"
            f"m=audio {self._rtp.getsockname()[1]} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
        )

    def _send(self, request: str, target: tuple[str, int], status: str, body: str = "") -> None:
        lines = "".join(f"{name}: {_header(request, name)}\r\n" for name in ("Via", "From", "Call-ID", "CSeq"))
        to = _header(request, "To")
        tagged = to if "tag=" in to else f"{to};tag={self.port}{id(self)}"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = (
            f"SIP/2.0 {status}\r\n{lines}To: {tagged}\r\nContact: <sip:{self.host}:{self.port}>\r\n"
            f"{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._sip.sendto(text.encode(), target)

    def _listen(self) -> None:
        while self._running:
            try:
                data = self._rtp.recv(2048)
            except TimeoutError:
                continue
            if len(data) >= 12 + FRAME_SAMPLES and data[1] & 0x7F == 0:
                samples = tuple(_LINEAR[byte] for byte in data[12 : 12 + FRAME_SAMPLES])
                self.heard.append(Heard(at_s=time.monotonic(), samples=samples))

    def _speak(self) -> None:
        number, due, step, began = 0, time.monotonic(), 0, 0
        while self._running:
            due += 0.02
            time.sleep(max(0.0, due - time.monotonic()))
            if self._talking_to is None:  # a key pressed into a call that ended has had its effect
                self._key, step = None, 0
                self._key_gone.set()
                continue
            number += 1
            if self._key is None:
                self._send_media(number, number, 0, self._wave(number))
                continue
            began = number if step == 0 else began
            if step < 8:
                end = 0x80 if step > 4 else 0
                event = struct.pack("!BBH", self._key, end | 10, min(step + 1, 6) * FRAME_SAMPLES)
                self._send_media(number, began, 101 | (0x80 if step == 0 else 0), event)
            step = (step + 1) % 11
            if step == 0:
                self._key = None
                self._key_gone.set()

    def _send_media(self, number: int, stamp: int, kind: int, body: bytes) -> None:
        target = self._talking_to
        if target is not None:
            head = struct.pack("!BBHII", 0x80, kind, number & 0xFFFF, stamp * FRAME_SAMPLES, 1)
            self._rtp.sendto(head + body, target)

    def _wave(self, number: int) -> bytes:
        hertz = self.hertz if number * FRAME_SAMPLES / 8000 <= self._sounding_s else 0.0
        first, turn = number * FRAME_SAMPLES, 2 * math.pi * hertz / 8000
        return bytes(_mu_law(int(6000 * math.sin(turn * (first + i)))) for i in range(FRAME_SAMPLES))


def _bound(host: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((host, port))
    made.settimeout(0.1)
    return made


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    return found.group(1) if found else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _amplitude(samples: tuple[int, ...], hertz: float) -> float:
    turn = 2 * math.pi * hertz / 8000
    real = sum(sample * math.cos(turn * i) for i, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(turn * i) for i, sample in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / len(samples)


def _mu_law(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    size = min(abs(sample), 32635) + 132
    exponent = size.bit_length() - 8
    return ~(sign | exponent << 4 | (size >> (exponent + 3)) & 0x0F) & 0xFF


def _linear(byte: int) -> int:
    byte = ~byte & 0xFF
    size = (((byte & 0x0F) << 3) + 132 << (byte >> 4 & 7)) - 132
    return -size if byte & 0x80 else size


_LINEAR = tuple(_linear(byte) for byte in range(256))
