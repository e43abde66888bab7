"""A SIP server of a few lines for the softphone's tests: it loses messages, repeats them and asks for passwords."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from telephony.softphone.message import Message, read_message
from tests.telephony.bare_asterisk import until

Answerer = Callable[["FakeRegistrar", Message], None]
CHALLENGE = 'Digest realm="test",nonce="n1",opaque="o",algorithm=MD5,qop="auth"'
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP {kinds}\r\n{marks}"
)
MARKS = "a=rtpmap:0 PCMU/8000\r\na=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-16\r\na=sendrecv\r\n"


def accept_all(server: FakeRegistrar, request: Message) -> None:
    """Answers 200 to everything that wants an answer."""
    if request.method != "ACK":
        server.answer(request, "200 OK")


class FakeRegistrar:
    """`requests` are all messages of the phone in order, repeats included; `on_request` answers them."""

    def __init__(self, on_request: Answerer = accept_all) -> None:
        self.on_request = on_request
        self.requests: list[Message] = []
        self.plug = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.plug.bind(("127.0.0.1", 0))
        self.port = int(self.plug.getsockname()[1])
        self.phone: tuple[str, int] = ("127.0.0.1", 9)
        threading.Thread(target=self._serve, daemon=True).start()

    def methods(self) -> list[str]:
        """Methods of requests and codes of answers, in order, without REGISTER."""
        heard = [message.method or str(message.code) for message in list(self.requests)]
        return [word for word in heard if word != "REGISTER"]

    def wait_for(self, word: str, times: int = 1) -> Message:
        """The last message with this method or code, once there are `times` of it."""
        until(lambda: self.methods().count(word) >= times, f"{word} arrives {times} times: {self.methods()}", 6)
        return [message for message in list(self.requests) if word in (message.method, str(message.code))][-1]

    def answer(self, request: Message, status: str, headers: str = "", body: str = "", tag: str = "server") -> None:
        """Answers a request."""
        copied = "".join(f"{line}\r\n" for line in _copied(request))
        tagged = copied if "tag=" in str(request.headers["To"]["tag"]) else _tagged(copied, request, tag)
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.say(f"SIP/2.0 {status}\r\n{tagged}{headers}{kind}Content-Length: {len(body)}\r\n\r\n{body}")

    def say(self, text: str | bytes) -> None:
        """Sends anything to the phone."""
        self.plug.sendto(text.encode() if isinstance(text, str) else text, self.phone)

    def request(
        self, method: str, call_id: str, number: int = 1, to_tag: str = "", body: str = "", extra: str = ""
    ) -> None:
        """Sends a request to the phone."""
        to = f"<sip:2001@127.0.0.1>{';tag=' + to_tag if to_tag else ''}"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.say(
            f"{method} sip:2001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{call_id}"
            f"{number};rport\r\nFrom: <sip:caller@127.0.0.1>;tag=caller\r\nTo: {to}\r\nCall-ID: {call_id}\r\n"
            f"CSeq: {number} {method}\r\nContact: <sip:caller@127.0.0.1:{self.port}>\r\n{extra}{kind}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def stop(self) -> None:
        self.plug.close()

    def _serve(self) -> None:
        while True:
            try:
                data, self.phone = self.plug.recvfrom(65_535)
            except OSError:
                return
            message = read_message(data)
            if message is not None:
                self.requests.append(message)
                if message.is_request:
                    self.on_request(self, message)


def _copied(request: Message) -> list[str]:
    lines = request.raw.decode().split("\r\n\r\n")[0].split("\r\n")[1:]
    return [line for line in lines if line.split(":")[0] in {"Via", "From", "To", "Call-ID", "CSeq"}]


def _tagged(copied: str, request: Message, tag: str) -> str:
    lines = copied.split("\r\n")
    return "\r\n".join(f"{line};tag={tag}" if line.startswith("To:") and "tag=" not in line else line for line in lines)
