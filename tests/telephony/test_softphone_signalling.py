"""The softphone against a server that loses, repeats and garbles messages."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from telephony.softphone import Answer, EndedBy, Ignore, PhoneAccount, PhoneError, Softphone
from telephony.softphone.message import Message, read_message
from tests.telephony.bare_asterisk import until
from tests.telephony.fake_registrar import CHALLENGE, MARKS, SDP, FakeRegistrar, accept_all


def offer(port: int = 40000, kinds: str = "0 96", marks: str = MARKS) -> str:
    return SDP.format(port=port, kinds=kinds, marks=marks)


@pytest.fixture
def server() -> Iterator[FakeRegistrar]:
    fake = FakeRegistrar()
    yield fake
    fake.stop()


@pytest.fixture
def phone(server: FakeRegistrar) -> Iterator[Softphone]:
    made = Softphone(PhoneAccount(user="2001", secret="s", server_host="127.0.0.1", server_port=server.port))
    yield made
    made.vanish()


def accepting(server: FakeRegistrar, request: Message) -> None:
    if request.method == "INVITE":
        contact = f"Contact: <sip:far@127.0.0.1:{server.port}>\r\n"
        server.answer(request, "200 OK", contact, offer())
    else:
        accept_all(server, request)


def test_a_lost_registration_is_sent_again(server: FakeRegistrar, phone: Softphone) -> None:
    def lose_first(server: FakeRegistrar, request: Message) -> None:
        if len(server.requests) > 1:
            accept_all(server, request)

    server.on_request = lose_first
    phone.register()
    assert phone.is_registered
    assert [message.branch for message in server.requests] == [server.requests[0].branch] * 2


def test_a_server_that_does_not_answer_is_said_so(server: FakeRegistrar, phone: Softphone) -> None:
    server.on_request = lambda *_: None
    with pytest.raises(PhoneError, match="did not answer"):
        phone.register(0.2)


def test_a_registration_is_renewed_before_it_runs_out(server: FakeRegistrar, phone: Softphone) -> None:
    phone._sip.default_expires = 1
    phone.register()
    until(lambda: len(server.requests) >= 3, "it registered again")
    assert phone.is_registered


def test_two_phones_never_share_a_call_id_or_a_branch(server: FakeRegistrar) -> None:
    phones = [
        Softphone(PhoneAccount(user=f"200{number}", secret="s", server_host="127.0.0.1", server_port=server.port))
        for number in range(5)
    ]
    for phone in phones:
        phone.call("123")
    until(lambda: len({message.call_id for message in server.requests}) == 5, "five calls arrive")
    assert len({message.branch for message in server.requests}) >= 5
    for phone in phones:
        phone.vanish()


@pytest.mark.parametrize(
    ("status", "header", "reply"),
    [
        ("401 Unauthorized", "WWW-Authenticate", "Authorization"),
        ("407 Proxy Authentication Required", "Proxy-Authenticate", "Proxy-Authorization"),
    ],
)
def test_a_challenged_call_is_signed_and_the_challenge_confirmed(
    status: str, header: str, reply: str, server: FakeRegistrar, phone: Softphone
) -> None:
    def challenging(server: FakeRegistrar, request: Message) -> None:
        if request.method == "INVITE" and reply not in request.raw.decode():
            server.answer(request, status, f"{header}: {CHALLENGE}\r\n")
        else:
            accepting(server, request)

    server.on_request = challenging
    phone.call("123")
    assert phone.wait_until(lambda phone: phone.is_talking)
    until(lambda: server.methods() == ["INVITE", "ACK", "INVITE", "ACK"], "both answers are confirmed")
    first, _, second, _ = (message for message in server.requests)
    assert second.sequence[0] > first.sequence[0]
    assert second.branch != first.branch
    assert second.call_id == first.call_id


def test_a_refused_password_ends_the_call_instead_of_asking_for_ever(server: FakeRegistrar, phone: Softphone) -> None:
    def never(server: FakeRegistrar, request: Message) -> None:
        if request.method == "INVITE":
            server.answer(request, "401 Unauthorized", f"WWW-Authenticate: {CHALLENGE}\r\n")

    server.on_request = never
    call = phone.call("123")
    assert phone.wait_until(lambda _: call.is_over)
    assert (call.status, call.ended_by) == (401, EndedBy.REFUSED)
    server.wait_for("ACK", times=2)
    assert server.methods() == ["INVITE", "ACK", "INVITE", "ACK"]


def test_the_ack_names_the_far_ends_tag_and_target(server: FakeRegistrar, phone: Softphone) -> None:
    server.on_request = accepting
    phone.call("123")
    ack = server.wait_for("ACK")
    assert ack.headers["To"]["tag"] == "server"
    assert ack.heading.decode().startswith(f"ACK sip:far@127.0.0.1:{server.port}")
    assert ack.sequence[0] == server.wait_for("INVITE").sequence[0]


def test_an_acceptance_that_comes_again_is_confirmed_again(server: FakeRegistrar, phone: Softphone) -> None:
    server.on_request = accepting
    phone.call("123")
    server.wait_for("ACK")
    accepting(server, server.wait_for("INVITE"))
    server.wait_for("ACK", times=2)
    assert len(phone.calls) == 1


def test_hanging_up_an_own_call_goes_to_the_far_ends_address_with_its_tag(
    server: FakeRegistrar, phone: Softphone
) -> None:
    server.on_request = accepting
    phone.call("123")
    assert phone.wait_until(lambda phone: phone.is_talking)
    phone.hang_up()
    bye, invite = server.wait_for("BYE"), server.wait_for("INVITE")
    assert bye.headers["To"]["tag"] == "server"
    assert bye.headers["From"]["tag"] == invite.headers["From"]["tag"]
    assert bye.sequence[0] == invite.sequence[0] + 1
    assert bye.branch != invite.branch


def test_an_answer_that_crosses_our_cancel_is_confirmed_and_hung_up(server: FakeRegistrar, phone: Softphone) -> None:
    def ringing(server: FakeRegistrar, request: Message) -> None:
        server.answer(request, "180 Ringing" if request.method == "INVITE" else "200 OK")

    server.on_request = ringing
    call = phone.call("123")
    assert phone.wait_until(lambda _: call.status == 180)
    phone.hang_up()
    server.wait_for("CANCEL")
    server.on_request = accepting
    accepting(server, server.wait_for("INVITE"))
    server.wait_for("ACK")
    server.wait_for("BYE")
    assert call.ended_by is EndedBy.OURSELVES


def test_an_incoming_call_is_answered_until_confirmed(server: FakeRegistrar, phone: Softphone) -> None:
    phone.register()
    server.request("INVITE", "c1", body=offer())
    server.wait_for("200", times=2)  # no ACK came, so it is said again
    server.request("ACK", "c1")
    until(lambda: not phone._sip._answers, "it is confirmed")
    said = server.methods().count("200")
    later_s = time.monotonic() + 1.2
    until(lambda: time.monotonic() > later_s, "time for another repeat")
    assert server.methods().count("200") == said
    assert phone.is_talking


def test_the_same_invite_again_is_the_same_call(server: FakeRegistrar, phone: Softphone) -> None:
    phone.on_call = Ignore()
    phone.register()
    server.request("INVITE", "c1", body=offer())
    server.wait_for("180")
    server.request("INVITE", "c1", body=offer())
    server.wait_for("180", times=2)
    assert len(phone.calls) == 1


def test_a_reinvite_moves_the_audio_and_starts_no_second_one(server: FakeRegistrar, phone: Softphone) -> None:
    phone.register()
    there = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for plug in there:
        plug.bind(("127.0.0.1", 0))
        plug.settimeout(2)
    first, second = (int(plug.getsockname()[1]) for plug in there)
    server.request("INVITE", "c1", body=offer(first))
    server.wait_for("200")
    server.request("ACK", "c1")
    assert there[0].recv(2048)
    tag = server.wait_for("200").headers["To"]["tag"]
    server.request("INVITE", "c1", number=2, to_tag=tag, body=offer(second))
    assert there[1].recv(2048)
    assert server.wait_for("200", times=2).headers["To"]["tag"] == tag
    media = [thread for thread in threading.enumerate() if thread.name == "softphone-media"]
    assert len(media) == 1
    for plug in there:
        plug.close()


def test_a_bye_of_the_far_end_is_answered_also_when_it_comes_twice(server: FakeRegistrar, phone: Softphone) -> None:
    phone.register()
    server.request("INVITE", "c1", body=offer())
    assert phone.wait_until(lambda phone: phone.is_talking)
    server.request("ACK", "c1")
    for times in (1, 2):
        server.request("BYE", "c1", number=2)
        until(lambda times=times: answered(server, "BYE") == ["200"] * times, "BYE is answered")  # type: ignore[misc]
    assert phone.calls[-1].ended_by is EndedBy.FAR_END


def answered(server: FakeRegistrar, method: str) -> list[str]:
    answers = [message for message in list(server.requests) if not message.is_request]
    return [str(message.code) for message in answers if message.sequence[1] == method]


@pytest.mark.parametrize(("method", "code"), [("BYE", "481"), ("CANCEL", "481"), ("OPTIONS", "200"), ("REFER", "405")])
def test_a_request_outside_of_any_call_gets_its_answer(
    method: str, code: str, server: FakeRegistrar, phone: Softphone
) -> None:
    phone.register()
    server.request(method, "nowhere")
    until(lambda: answered(server, method) == [code], f"{method} is answered {code}")


def test_an_offer_without_pcmu_is_refused(server: FakeRegistrar, phone: Softphone) -> None:
    phone.register()
    server.request("INVITE", "c1", body=offer(kinds="8 96", marks="a=rtpmap:8 PCMA/8000\r\n"))
    server.wait_for("488")
    assert phone.current is None


def test_the_first_free_line_after_a_cancel_takes_the_next_call(server: FakeRegistrar, phone: Softphone) -> None:
    phone.on_call = Answer(after_s=30)
    phone.register()
    server.request("INVITE", "c1", body=offer())
    server.wait_for("180")
    server.request("CANCEL", "c1")
    server.wait_for("487")
    phone.on_call = Answer()
    server.request("INVITE", "c2", body=offer())
    assert phone.wait_until(lambda phone: phone.is_talking)


@pytest.mark.parametrize("number", ["1;x=y", "1\r\nX: y", "", "a b", "sip:x@host", "9" * 65])
def test_a_number_that_is_more_than_a_number_is_not_dialled(
    number: str, server: FakeRegistrar, phone: Softphone
) -> None:
    with pytest.raises(PhoneError, match="cannot be dialled"):
        phone.call(number)
    assert server.requests == []


HOSTILE = [
    b"\r\n\r\n",
    b"\x00\x00\x00\x00",
    b"\xff\xfe\xfd",
    b"INVITE",
    b"INVITE sip:x SIP/2.0\r\n\r\n",
    b"SIP/2.0 999 What\r\n\r\n",
    b"SIP/2.0 OK\r\nCSeq: x\r\n\r\n",
    b"OPTIONS sip:x SIP/2.0\r\nCSeq: 1\r\nVia: x\r\nFrom: x\r\nTo: x\r\nCall-ID: x\r\n\r\n",
    b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP\r\nFrom: <sip:a>\r\nTo: <sip:b>\r\nCall-ID: 1\r\n"
    b"CSeq: 1 OPTIONS\r\n\r\n",
    b"BYE sip:x SIP/3.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a>\r\nTo: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n",
    b"INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a>\r\nTo: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
    b"Content-Type: application/sdp\r\n\r\nm=audio x\r\na=rtpmap:1\r\nc=IN\r\n",
    b"X" * 60_000,
]


@pytest.mark.parametrize("noise", HOSTILE, ids=range(len(HOSTILE)))
def test_noise_is_dropped_and_the_phone_goes_on(noise: bytes, server: FakeRegistrar, phone: Softphone) -> None:
    phone.register()
    server.say(noise)
    server.request("OPTIONS", "after")
    until(lambda: answered(server, "OPTIONS")[-1:] == ["200"], "the phone still answers")


def test_bare_line_feeds_folded_headers_short_names_and_bad_utf8_are_read() -> None:
    message = read_message(
        b"INVITE sip:2001@h SIP/2.0\nv: SIP/2.0/UDP 127.0.0.1:5060\n ;branch=z9\nf: Ann\xff <sip:a@h>;tag=1\n"
        b"t: <sip:2001@h>\ni:abc\ncseq:7   INVITE\nContent-Type: application/sdp\nX-Odd:no space\n\n"
        b"v=0\nc=IN IP4 127.0.0.1\nm=audio 4000 RTP/AVP 0 96\na=rtpmap:96 telephone-event/8000\n"
    )
    assert message is not None
    assert (message.call_id, message.sequence, message.branch) == ("abc", (7, "INVITE"), "z9")
    assert message.audio() == (("127.0.0.1", 4000), 96)
