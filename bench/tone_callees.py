"""Who answers the calls of a bench? Any number of callees at one address, each with a tone of its own in its own call.

A small SIP far end of our own on one asyncio loop, in a process of its own: it knows to the millisecond when it sent
the 200 OK, plays a tone from then on, and keeps every frame it hears. Good for loopback and nothing else.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import random
import re
import secrets
import struct
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import cast

from telephony.practice_log import ATTEMPT_HEADER
from telephony.softphone.ear import Ear
from telephony.softphone.message import read_message
from telephony.softphone.pcmu import FRAME_S, FRAME_SAMPLES, tone

CUSTOMER_TONES = tuple(range(1500, 3401, 50))
AGENT_TONES = tuple(range(400, 1400, 50))
RING_S = (0.25, 0.45)
T1_S = 0.5
SAMPLED_FRAMES = 5  # every fifth frame is searched for all agents' tones, every frame for those found
_KEPT = re.compile(r"^(?:Via|From|To|Call-ID|CSeq):", re.IGNORECASE)
_RTP = struct.Struct("!BBHII")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One call as its callee saw it. Times are monotonic seconds of this machine, the same in every process.

    `tones` has each agent's tone that was heard, with the arrival of the first frame that held it.
    """

    attempt_id: str
    tone_hz: int
    answered_s: float
    tones: dict[int, float]


@dataclass(eq=False)
class _Call:
    attempt_id: str
    tone_hz: int
    invite: list[str]
    tag: str
    contact: str
    remote: tuple[str, int]
    media: _Media
    answered_s: float = 0.0
    last_reply: bytes = b""
    confirmed: bool = False
    over: bool = False


class _Media(asyncio.DatagramProtocol):
    """One call's audio: a frame every 20 ms on an absolute clock, and an ear."""

    def __init__(self, loop: asyncio.AbstractEventLoop, sound: bytes) -> None:
        self._loop = loop
        self._frames = itertools.cycle([sound[at : at + FRAME_SAMPLES] for at in range(0, len(sound), FRAME_SAMPLES)])
        self._count = 0
        self._ssrc = random.getrandbits(32)
        self.ear = Ear()
        self.sample = Ear()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, _addr: tuple[str, int]) -> None:
        if len(data) == _RTP.size + FRAME_SAMPLES and data[1] & 0x7F == 0:
            self.ear.hear(data[_RTP.size :], time.monotonic())
            if self.ear.frames % SAMPLED_FRAMES == 0:
                self.sample.hear(data[_RTP.size :], time.monotonic())

    def talk(self, remote: tuple[str, int], due_s: float) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        head = _RTP.pack(0x80, 0, self._count & 0xFFFF, self._count * FRAME_SAMPLES & 0xFFFFFFFF, self._ssrc)
        self._count += 1
        self.transport.sendto(head + next(self._frames), remote)
        self._loop.call_at(due_s + FRAME_S, self.talk, remote, due_s + FRAME_S)


@dataclass
class _FarEnd(asyncio.DatagramProtocol):
    host: str
    talk_s: float
    loop: asyncio.AbstractEventLoop
    calls: dict[str, _Call] = field(default_factory=dict)
    done: list[_Call] = field(default_factory=list)
    transport: asyncio.DatagramTransport | None = None
    _tones: itertools.cycle[int] = field(default_factory=lambda: itertools.cycle(CUSTOMER_TONES))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = read_message(data)
        if message is None or not message.is_request:
            return
        lines = data.decode("utf-8", "replace").split("\r\n")
        call = self.calls.get(message.call_id)
        if message.method == "INVITE":
            if call is not None:
                self._say(call.last_reply, addr)
            else:
                self.loop.create_task(self._ring(lines, message.call_id, message.contact, message.audio(), addr))
        elif message.method == "ACK":
            if call is not None:
                call.confirmed = True
        else:
            self._say(_reply(lines, "200 OK", "x"), addr)
            if call is not None and message.method in ("BYE", "CANCEL"):
                self._end(message.call_id, call)

    async def _ring(
        self,
        lines: list[str],
        call_id: str,
        contact: str,
        audio: tuple[tuple[str, int], int] | None,
        addr: tuple[str, int],
    ) -> None:
        assert audio is not None, "the exchange offered no PCMU"
        hz = next(self._tones)
        media = _Media(self.loop, tone(hz))
        attempt = next((line.partition(":")[2].strip() for line in lines if line.startswith(ATTEMPT_HEADER)), "")
        call = _Call(attempt, hz, lines, secrets.token_hex(4), contact, audio[0], media)
        self.calls[call_id] = call
        call.last_reply = _reply(lines, "180 Ringing", call.tag)
        self._say(call.last_reply, addr)
        await self.loop.create_datagram_endpoint(lambda: media, local_addr=(self.host, 0))
        await asyncio.sleep(random.uniform(*RING_S))
        if not call.over:
            self._answer(call_id, call, addr)

    def _answer(self, call_id: str, call: _Call, addr: tuple[str, int]) -> None:
        assert call.media.transport is not None
        port = call.media.transport.get_extra_info("sockname")[1]
        call.last_reply = _reply(call.invite, "200 OK", call.tag, contact=self._contact(), body=_sdp(self.host, port))
        self._say(call.last_reply, addr)
        call.answered_s = time.monotonic()
        call.media.talk(call.remote, self.loop.time())
        self.loop.call_later(T1_S, self._again, call, addr)
        self.loop.call_later(self.talk_s, self._hang_up, call_id, call, addr)

    def _again(self, call: _Call, addr: tuple[str, int]) -> None:
        if not call.confirmed and not call.over:
            self._say(call.last_reply, addr)
            self.loop.call_later(T1_S, self._again, call, addr)

    def _hang_up(self, call_id: str, call: _Call, addr: tuple[str, int]) -> None:
        if call.over:
            return
        ours = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in call.invite if ":" in line}
        self._say(
            "\r\n".join(
                [
                    f"BYE {call.contact} SIP/2.0",
                    f"Via: SIP/2.0/UDP {self.host}:5060;branch=z9hG4bK{secrets.token_hex(8)}",
                    f"From: {ours['to']};tag={call.tag}",
                    f"To: {ours['from']}",
                    f"Call-ID: {call_id}",
                    "CSeq: 1 BYE",
                    "Max-Forwards: 70",
                    "Content-Length: 0",
                    "\r\n",
                ]
            ).encode(),
            addr,
        )
        self._end(call_id, call)

    def _end(self, call_id: str, call: _Call) -> None:
        if call.over:
            return
        call.over = True
        if call.media.transport is not None:
            call.media.transport.close()
        if call.answered_s:
            self.done.append(call)
        self.loop.call_later(40.0, self.calls.pop, call_id, None)

    def _contact(self) -> str:
        return f"<sip:callee@{self.host}:5060>"

    def _say(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self.transport is not None
        self.transport.sendto(data, addr)


def _heard(call: _Call) -> Heard:
    """Listened to afterwards: it would keep the loop from answering others."""
    present = [hz for hz in AGENT_TONES if call.media.sample.first_heard_at_s(hz) is not None]
    first = {hz: call.media.ear.first_heard_at_s(hz) for hz in present}
    tones = {hz: at for hz, at in first.items() if at is not None}
    return Heard(attempt_id=call.attempt_id, tone_hz=call.tone_hz, answered_s=call.answered_s, tones=tones)


def _reply(lines: list[str], status: str, tag: str, *, contact: str = "", body: str = "") -> bytes:
    kept = [line for line in lines if _KEPT.match(line)]
    tagged = [f"{line};tag={tag}" if line.lower().startswith("to:") and ";tag=" not in line else line for line in kept]
    extra = [f"Contact: {contact}"] if contact else []
    extra += ["Content-Type: application/sdp"] if body else []
    head = [f"SIP/2.0 {status}", *tagged, *extra, f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(head).encode()


def _sdp(host: str, port: int) -> str:
    return (
        f"v=0\r\no=bench 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n"
    )


async def _serve(host: str, talk_s: float, pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    far_end = _FarEnd(host=host, talk_s=talk_s, loop=loop)
    await loop.create_datagram_endpoint(lambda: far_end, local_addr=(host, 5060))
    over = asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()

    async def tell(done: list[_Call]) -> None:
        pipe.send(await asyncio.to_thread(lambda: [_heard(call) for call in done]))  # OPTIONS are answered meanwhile

    def told() -> None:
        try:
            word = pipe.recv()
        except EOFError:  # the bench is gone
            over.set()
            return
        if word == "report":
            done, far_end.done = far_end.done, []
            tasks.add(loop.create_task(tell(done)))
        elif isinstance(word, float):
            far_end.talk_s = word
            pipe.send("ok")
        else:
            over.set()

    loop.add_reader(pipe.fileno(), told)
    pipe.send("ok")
    await over.wait()


def _run(host: str, talk_s: float, pipe: Connection) -> None:
    asyncio.run(_serve(host, talk_s, pipe))


class ToneCallees:
    """The far end as a child process. `report` gives the calls that ended since the last time."""

    def __init__(self, host: str, talk_s: float) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(host, talk_s, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe.recv()

    def talk(self, seconds: float) -> None:
        """From the next call on callees hang up this long after their answer."""
        self._pipe.send(seconds)
        self._pipe.recv()

    def report(self) -> list[Heard]:
        self._pipe.send("report")
        heard: list[Heard] = self._pipe.recv()
        return heard

    def close(self) -> None:
        self._pipe.close()
        self._process.join(3)
        self._process.kill()
