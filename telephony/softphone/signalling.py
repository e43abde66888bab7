"""How does the softphone speak SIP over UDP: which request waits for which answer, and what is sent again?

pyVoIP's SIP client builds the requests and the digest. Replaced are its reading of answers in whatever thread had just
sent something (a phone took another's answer and hung), and everything it never did: repeat a lost request, match
answers to requests, answer OPTIONS, give the right tag in an ACK.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from telephony.softphone.library import PayloadType, SIPClient, SIPStatus, TransmitType, VoIPPhone
from telephony.softphone.message import Message, read_message

_LOG = logging.getLogger(__name__)

T1_S = 0.5
LONGEST_PAUSE_S = 4.0
GIVE_UP_S = 32.0
TICK_S = 0.05
ALLOWED = "INVITE, ACK, BYE, CANCEL, OPTIONS"
AGENT = "campaign-dialer softphone"

Answered = Callable[[Message | None], None]


@dataclass(kw_only=True, eq=False)
class Repeated:
    """A message that is sent again until it is answered (a request) or confirmed (a final answer to an INVITE)."""

    text: str
    due_s: float
    until_s: float
    pause_s: float = T1_S
    on_answer: Answered | None = None

    def again(self, now_s: float) -> None:
        """Plans the next repeat: twice as far off as the last, at most four seconds."""
        self.pause_s = min(LONGEST_PAUSE_S, 2 * self.pause_s)
        self.due_s = now_s + self.pause_s


class Signalling(SIPClient):
    """One phone's SIP. `on_request` gets every request, `on_tick` is called about every 50 ms, both on its one thread.

    All state is guarded by `lock`, which is held while those two run.
    """

    def __init__(
        self,
        server: tuple[str, int],
        user: str,
        secret: str,
        own_host: str,
        own_port: int,
        *,
        on_request: Callable[[Message], None],
        on_tick: Callable[[float], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(
            server[0], server[1], user, secret, phone=cast("VoIPPhone", None), myIP=own_host, myPort=own_port
        )
        self.lock = threading.RLock()
        self.unread = 0
        self._on_request = on_request
        self._on_tick = on_tick
        self._monotonic = monotonic
        self._requests: dict[tuple[str, str], Repeated] = {}
        self._answers: dict[str, Repeated] = {}
        self._thread: threading.Thread | None = None
        self.default_expires = 120

    def start(self) -> None:
        """Binds the port and starts the one thread. Raises OSError when the port is taken."""
        self.s = self.out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.s.bind((self.myIP, self.myPort))
        self.myPort = self.s.getsockname()[1]
        self.NSD = True
        self._thread = threading.Thread(target=self.recv_loop, name=f"softphone-{self.username}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread and closes the port without a word to anybody."""
        self.NSD = False
        if hasattr(self, "s"):
            self.s.close()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(2.0)

    def recv_loop(self) -> None:
        """Reads and keeps time. Fault of the base: it polls a hundred times a second and dies with its parser."""
        while self.NSD:
            try:
                self.s.settimeout(TICK_S)
                self._take(self.s.recv(65_535))
            except (TimeoutError, ConnectionRefusedError):
                pass  # nothing came, or the server's port is closed at the moment
            except OSError:
                return
            with self.lock:
                self._repeat(self._monotonic())
                self._on_tick(self._monotonic())

    def _take(self, data: bytes) -> None:
        message = read_message(data)
        if message is None:
            self.unread += 1
            return
        try:
            with self.lock:
                self.parse_message(message)
        except Exception:
            _LOG.exception("the softphone %s could not handle a message; it goes on", self.username)

    def parse_message(self, message: Message) -> None:  # type: ignore[override]
        """Gives a request to the phone and an answer to the request it belongs to."""
        if message.is_request:
            if message.method == "ACK":
                self.confirmed(message.call_id)
            return self._on_request(message)
        key = (message.branch, message.sequence[1])  # a CANCEL has the branch of its INVITE
        waiting = self._requests.get(key)
        if waiting is None:
            return self._answered_again(message)
        if message.code < 200:
            waiting.due_s = waiting.until_s  # it arrived: no repeat is needed
            waiting.until_s = self._monotonic() + 6 * GIVE_UP_S
        else:
            del self._requests[key]
        if waiting.on_answer is not None:
            waiting.on_answer(message)
        return None

    def _answered_again(self, message: Message) -> None:
        # The final answer to an INVITE came again: our ACK was lost.
        if message.code >= 200 and message.sequence[1] == "INVITE":
            self.say(self.gen_ack(message))

    def ask(self, text: str, on_answer: Answered | None = None, give_up_s: float = GIVE_UP_S) -> None:
        """Sends a request until it is answered; `on_answer` gets each answer, and None when there was none in time."""
        now_s = self._monotonic()
        request = read_message(text.encode())
        if request is None:
            raise ValueError("The softphone would have sent something that is no SIP message. Nothing was sent.")
        with self.lock:
            self._requests[request.branch, request.method] = Repeated(
                text=text, due_s=now_s + T1_S, until_s=now_s + give_up_s, on_answer=on_answer
            )
        self.say(text)

    def answer_until_confirmed(self, call_id: str, text: str) -> None:
        """Sends a final answer to an INVITE until its ACK arrives."""
        now_s = self._monotonic()
        with self.lock:
            self._answers[call_id] = Repeated(text=text, due_s=now_s + T1_S, until_s=now_s + GIVE_UP_S)
        self.say(text)

    def confirmed(self, call_id: str) -> None:
        """The ACK has arrived, or the call is over: the answer is not sent again."""
        self._answers.pop(call_id, None)

    def say(self, text: str) -> None:
        """Sends once. A server that is not there at the moment is no fault: whatever matters is repeated."""
        with contextlib.suppress(OSError):
            self.s.sendto(text.encode(), (self.server, self.port))

    def _repeat(self, now_s: float) -> None:
        for waiting in (*self._requests.values(), *self._answers.values()):
            if now_s >= waiting.due_s and now_s < waiting.until_s:
                waiting.again(now_s)
                self.say(waiting.text)
        for key in [key for key, waiting in self._requests.items() if now_s >= waiting.until_s]:
            late = self._requests.pop(key)
            if late.on_answer is not None:
                late.on_answer(None)
        for call_id in [call_id for call_id, answer in self._answers.items() if now_s >= answer.until_s]:
            del self._answers[call_id]

    def gen_call_id(self) -> str:
        """Fault: the base hashes a counter from 1, the same in every phone, so that two phones' calls were one."""
        return f"{uuid.uuid4().hex}@{self.myIP}"

    def gen_branch(self, length: int = 32) -> str:
        """A branch nobody else uses; the base's INVITE took its branch from the counter as well."""
        return f"z9hG4bK{uuid.uuid4().hex[:length]}"

    def gen_ack(self, response: Message) -> str:  # type: ignore[override]
        """Fault: the base puts a random To-tag, so Asterisk never saw the ACK and ended each call after 32 s."""
        failed = response.code >= 300
        target = response.headers["To"]["address"] if failed else ""
        uri = f"sip:{target}" if target else response.contact or f"sip:{response.headers['To']['address']}"
        branch = response.branch if failed else self.gen_branch()
        return self._request("ACK", uri, branch, response, response.sequence[0])

    def gen_cancel(self, invite: Message) -> str:
        """Missing in the base: takes back an INVITE that was not answered finally. Same branch and number as it has."""
        uri = invite.heading.decode().split(" ")[1]
        return self._request("CANCEL", uri, invite.branch, invite, invite.sequence[0])

    def gen_bye_in(self, dialog: Message, uri: str, number: int, *, we_called: bool) -> str:
        """Fault: the base repeats the INVITE's Via, which for an incoming call is Asterisk's own address."""
        return self._request("BYE", uri, self.gen_branch(), dialog, number, turned=not we_called)

    def _request(
        self, method: str, uri: str, branch: str, dialog: Message, number: int, *, turned: bool = False
    ) -> str:
        ours, theirs = _party(dialog.headers["From"]), _party(dialog.headers["To"])
        if turned:  # the other side called: its From is our To
            ours, theirs = _party(dialog.headers["To"], self.tagLibrary.get(dialog.call_id, "")), ours
        return (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.myIP}:{self.myPort};branch={branch};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: {ours}\r\nTo: {theirs}\r\n"
            f"Call-ID: {dialog.call_id}\r\nCSeq: {number} {method}\r\n"
            f"User-Agent: {AGENT}\r\nContent-Length: 0\r\n\r\n"
        )

    def gen_response(self, request: Message, code: int, *, tag: str = "", headers: str = "") -> str:
        """Any answer without a body. Fault of the base: it answers with the caller's Contact and a random To-tag."""
        theirs = request.headers["To"]
        return (
            f"SIP/2.0 {code} {SIPStatus(code).phrase}\r\n"
            f"{self._gen_response_via_header(request)}"
            f"From: {_party(request.headers['From'])}\r\nTo: {_party(theirs, tag)}\r\n"
            f"Call-ID: {request.call_id}\r\nCSeq: {' '.join(map(str, request.sequence))}\r\n"
            f"Contact: <sip:{self.username}@{self.myIP}:{self.myPort}>\r\n{headers}"
            f"Allow: {ALLOWED}\r\nUser-Agent: {AGENT}\r\nContent-Length: 0\r\n\r\n"
        )

    def gen_signed_invite(self, invite: Message, text: str, challenge: Message) -> str:
        """The INVITE again with the digest for `challenge`, in a transaction of its own."""
        digest = self.gen_authorization(challenge).decode()
        header = "Authorization" if challenge.code == 401 else "Proxy-Authorization"
        signed = (
            f'{header}: Digest username="{self.username}",realm="{challenge.authentication["realm"]}",'
            f'nonce="{challenge.authentication["nonce"]}",uri="sip:{self.server};transport=UDP",'
            f'response="{digest}",algorithm=MD5\r\n'
        )
        text = text.replace(invite.branch, self.gen_branch(), 1)
        number = invite.sequence[0]
        text = text.replace(f"CSeq: {number} INVITE", f"CSeq: {number + 1} INVITE", 1)
        self.inviteCounter.next()
        return text.replace("\r\nContent-Length", f"\r\n{signed}Content-Length", 1)

    def media_of(self, port: int, key_type: int = 101) -> dict[int, dict[Any, PayloadType]]:
        """What we offer and accept: PCMU and key presses, nothing else (the base sends PCMA as mu-law)."""
        return {port: {0: PayloadType.PCMU, key_type: PayloadType.EVENT}}

    def gen_our_invite(self, number: str, port: int) -> str:
        """A first INVITE for `number` with audio at our `port`."""
        session = str(self.sessID.next())
        branch, call_id = self.gen_branch(), self.gen_call_id()
        text = self.gen_invite(number, session, self.media_of(port), TransmitType.SENDRECV, branch, call_id)
        return str(text.replace(f"branch={branch}\r\n", f"branch={branch};rport\r\n", 1))

    def gen_our_answer(self, request: Message, port: int, key_type: int) -> str:
        """The 200 to an INVITE, with audio at our `port`."""
        media = self.media_of(port, key_type)
        return str(self.gen_answer(request, str(self.sessID.current()), media, TransmitType.SENDRECV))


def _party(header: dict[str, str], tag: str = "") -> str:
    tag = header["tag"] or tag
    raw = header["raw"].strip()
    return f"{raw};tag={tag}" if tag else raw
