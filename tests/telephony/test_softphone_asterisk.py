"""The softphone on a real Asterisk: registered, called, heard, cancelled, refused, many at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from telephony.asterisk.ami import ManagerEvent, ManagerLink
from telephony.softphone import Answer, EndedBy, Ignore, OnCall, PhoneAccount, PhoneError, Reject, Softphone
from tests.patience import within
from tests.telephony.bare_asterisk import PHONE_SECRET, PHONES, SECRET, USER, BareAsterisk, until

pytestmark = pytest.mark.asterisk

MakePhone = Callable[..., Softphone]


class Exchange:
    """A running Asterisk, its manager link and the events heard so far."""

    def __init__(self, asterisk: BareAsterisk) -> None:
        self.asterisk = asterisk
        self.told: list[ManagerEvent] = []
        self.link = ManagerLink(asterisk.host, asterisk.manager_port, USER, SECRET, on_event=self.told.append)
        self.link.start()
        self.link.wait_until_up(5)

    def events(self, name: str, **headers: str) -> list[ManagerEvent]:
        named = [event for event in list(self.told) if event.name == name]
        return [event for event in named if all(event.get(key) == value for key, value in headers.items())]

    def ring(
        self, phone: Softphone, call_id: str, exten: str = "1000", context: str = "tone", ms: int = 10_000
    ) -> None:
        """Calls a phone and leads the answered call to an extension."""
        where = {"Channel": f"PJSIP/{phone.account.user}", "Context": context, "Exten": exten, "Priority": "1"}
        how = {"ChannelId": call_id, "Async": "true", "Timeout": str(ms)}
        assert self.link.request({"Action": "Originate"} | where | how).ok

    def end_of(self, call_id: str) -> tuple[str, str]:
        """Cause and SIP status of the hang-up, once it was told."""
        until(lambda: self.events("Hangup", Uniqueid=call_id), f"{call_id} ends")
        event = self.events("Hangup", Uniqueid=call_id)[0]
        return event.get("Cause"), event.get("TechCause")

    def channels(self) -> int:
        return len(self.link.request_list({"Action": "CoreShowChannels"}).events)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    asterisk = BareAsterisk(tmp_path_factory.mktemp("asterisk"))
    asterisk.start()
    running = Exchange(asterisk)
    yield running
    running.link.close()
    asterisk.stop()


@pytest.fixture
def make_phone(exchange: Exchange) -> Iterator[MakePhone]:
    phones: list[Softphone] = []

    def make(user: str = "2001", on_call: OnCall | None = None, secret: str = PHONE_SECRET) -> Softphone:
        account = PhoneAccount(
            user=user,
            secret=secret,
            server_host=exchange.asterisk.host,
            server_port=exchange.asterisk.sip_port,
            own_host="127.0.0.2",
        )
        phone = Softphone(account, on_call=on_call or Answer())
        phones.append(phone)
        return phone

    yield make
    for phone in phones:
        phone.close()
    until(lambda: exchange.channels() == 0, "no channel is left behind")


@pytest.fixture
def phone(make_phone: MakePhone) -> Softphone:
    registered = make_phone()
    registered.register()
    return registered


def test_a_phone_registers_and_is_gone_after_unregistering(exchange: Exchange, phone: Softphone) -> None:
    contacts = exchange.link.request_list({"Action": "PJSIPShowContacts"})
    host, port = phone.address
    assert [f"{host}:{port}" in event.get("Uri") for event in contacts.events] == [True]
    phone.unregister()
    assert not phone.is_registered
    assert exchange.link.request_list({"Action": "PJSIPShowContacts"}).events == ()


def test_a_wrong_secret_is_refused_in_words_without_the_secret(make_phone: MakePhone) -> None:
    phone = make_phone(secret="hush-hush")
    with pytest.raises(PhoneError, match="2001 is not registered: wrong user or secret") as refused:
        phone.register()
    assert "hush" not in str(refused.value)
    phone.vanish()


def test_a_qualified_phone_is_available_because_it_answers_options(exchange: Exchange, phone: Softphone) -> None:
    until(lambda: exchange.events("ContactStatus", EndpointName="2001", ContactStatus="Reachable"), "it is reachable")
    sent_s = time.monotonic()
    until(lambda: time.monotonic() - sent_s > 2.5, "one more question was asked")
    assert not exchange.events("ContactStatus", ContactStatus="Unreachable")


def test_a_phone_is_called_answers_at_once_and_hears_the_caller(exchange: Exchange, phone: Softphone) -> None:
    began_s = time.monotonic()
    exchange.ring(phone, "s1-a", exten="1000")
    assert phone.wait_until(lambda phone: phone.is_talking)
    answered_s = time.monotonic() - began_s
    assert phone.wait_until(lambda phone: phone.heard() == (1000,))
    heard_at_s = phone.ear.first_heard_at_s(1000)
    assert answered_s < within(0.5)  # the bare package waits a second
    assert heard_at_s is not None
    assert began_s < heard_at_s <= time.monotonic()
    phone.hang_up()
    assert exchange.end_of("s1-a")[0] == "0"
    assert exchange.events("HangupRequest", Uniqueid="s1-a")
    assert phone.calls[-1].ended_by is EndedBy.OURSELVES


def test_a_phone_that_is_hung_up_on_knows_it(exchange: Exchange, phone: Softphone) -> None:
    exchange.ring(phone, "s2-a")
    assert phone.wait_until(lambda phone: phone.is_talking)
    exchange.link.request({"Action": "Hangup", "Channel": "s2-a"})
    assert phone.wait_until(lambda phone: phone.current is None)
    assert phone.calls[-1].ended_by is EndedBy.FAR_END
    assert phone.heard() == ()


def test_a_phone_rings_as_long_as_it_was_told(exchange: Exchange, make_phone: MakePhone) -> None:
    phone = make_phone(on_call=Answer(after_s=0.6))
    phone.register()
    exchange.ring(phone, "s3-a")
    until(lambda: exchange.events("Newstate", Uniqueid="s3-a", ChannelStateDesc="Ringing"), "it rings")
    assert not phone.is_talking
    assert phone.wait_until(lambda phone: phone.is_talking)
    ringing = exchange.events("Newstate", Uniqueid="s3-a", ChannelStateDesc="Ringing")[0]
    until(lambda: exchange.events("Newstate", Uniqueid="s3-a", ChannelStateDesc="Up"), "it is up")
    up = exchange.events("Newstate", Uniqueid="s3-a", ChannelStateDesc="Up")[0]
    assert 0.5 < up.at_s - ringing.at_s < within(1.0)


@pytest.mark.parametrize(("status", "cause"), [(486, "17"), (603, "21"), (404, "1"), (480, "19")])
def test_a_refusal_reaches_the_caller_as_it_was_meant(
    status: int, cause: str, exchange: Exchange, make_phone: MakePhone
) -> None:
    phone = make_phone(on_call=Reject(status=status))
    phone.register()
    exchange.ring(phone, f"s4-{status}")
    assert exchange.end_of(f"s4-{status}") == (cause, str(status))
    assert phone.current is None
    assert (phone.calls[-1].ended_by, phone.calls[-1].status) == (EndedBy.REFUSED, status)


def test_a_cancelled_call_is_not_answered_afterwards(exchange: Exchange, make_phone: MakePhone) -> None:
    phone = make_phone(on_call=Answer(after_s=0.5))
    phone.register()
    exchange.ring(phone, "s5-a", ms=200)
    assert exchange.end_of("s5-a")[0] == "19"
    assert phone.wait_until(lambda phone: phone.calls and phone.calls[-1].is_over)
    assert phone.calls[-1].ended_by is EndedBy.CANCELLED
    due_s = time.monotonic() + 0.6
    until(lambda: time.monotonic() > due_s, "the time to answer has passed")
    assert phone.calls[-1].answered_at_s is None


def test_a_phone_that_ignores_lets_it_ring_out(exchange: Exchange, make_phone: MakePhone) -> None:
    phone = make_phone(on_call=Ignore())
    phone.register()
    exchange.ring(phone, "s6-a", ms=500)
    assert exchange.end_of("s6-a") == ("19", "480")
    assert phone.wait_until(lambda phone: phone.calls and phone.calls[-1].is_over)
    assert phone.calls[-1].ended_by is EndedBy.CANCELLED


def test_a_ringing_call_is_answered_or_denied_by_hand(exchange: Exchange, make_phone: MakePhone) -> None:
    phone = make_phone(on_call=Ignore())
    phone.register()
    exchange.ring(phone, "s7-a")
    assert phone.wait_until(lambda phone: phone.current)
    phone.answer()
    assert phone.wait_until(lambda phone: phone.heard() == (1000,))
    phone.hang_up()
    exchange.ring(phone, "s7-b")
    assert phone.wait_until(lambda phone: phone.current)
    phone.deny()
    assert exchange.end_of("s7-b") == ("17", "486")
    with pytest.raises(PhoneError, match="nothing rings"):
        phone.deny()


def test_a_second_call_at_a_time_is_told_busy_and_the_first_goes_on(exchange: Exchange, phone: Softphone) -> None:
    exchange.ring(phone, "s8-a")
    assert phone.wait_until(lambda phone: phone.is_talking)
    exchange.ring(phone, "s8-b")
    assert exchange.end_of("s8-b") == ("17", "486")
    assert phone.wait_until(lambda phone: phone.heard() == (1000,))
    phone.hang_up()


def test_pressed_keys_are_heard_by_the_manager_once_each(exchange: Exchange, phone: Softphone) -> None:
    exchange.ring(phone, "s9-a", exten="quiet", context="phones")
    assert phone.wait_until(lambda phone: phone.is_talking)
    phone.send_digits("1159*#0")
    until(lambda: len(exchange.events("DTMFEnd", Uniqueid="s9-a")) == 7, "all keys arrive")
    ends = exchange.events("DTMFEnd", Uniqueid="s9-a")
    assert "".join(event.get("Digit") for event in ends) == "1159*#0"
    assert {event.get("Direction") for event in ends} == {"Received"}
    phone.hang_up()
    with pytest.raises(PhoneError, match="in no call"):
        phone.send_digits("1")


def test_keys_of_the_far_end_are_read(phone: Softphone) -> None:
    call = phone.call("pin")
    assert phone.wait_until(lambda _: call.keys == "1234*#", 8)
    phone.hang_up()


def test_a_phone_calls_an_extension_and_enters_a_pin(exchange: Exchange, phone: Softphone) -> None:
    phone.call("keys")
    assert phone.wait_until(lambda phone: phone.is_talking)
    phone.send_digits("4711")
    until(lambda: exchange.events("UserEvent", UserEvent="Keys", Keys="4711"), "the dialplan read the PIN")
    phone.hang_up()


@pytest.mark.parametrize(("number", "status"), [("busy", 486), ("refused", 403), ("nowhere", 404)])
def test_a_call_that_is_refused_ends_with_the_refusal(number: str, status: int, phone: Softphone) -> None:
    call = phone.call(number)
    assert phone.wait_until(lambda _: call.is_over)
    assert (call.status, call.ended_by) == (status, EndedBy.REFUSED)


def test_a_ringing_call_of_ours_can_be_taken_back(exchange: Exchange, phone: Softphone) -> None:
    call = phone.call("rings")
    assert phone.wait_until(lambda _: call.status == 180)
    phone.hang_up()
    assert call.ended_by is EndedBy.OURSELVES
    until(lambda: exchange.channels() == 0, "the exchange gave it up too")


def test_two_phones_in_a_room_hear_each_others_tone_and_not_their_own(
    exchange: Exchange, make_phone: MakePhone
) -> None:
    one, two = make_phone("2001"), make_phone("2002")
    for phone, hz in ((one, 700), (two, 1100)):
        phone.register()
        phone.play(hz)
        exchange.ring(phone, f"s10-{hz}", exten="room", context="phones")
    assert one.wait_until(lambda phone: phone.heard() == (1100,))
    assert two.wait_until(lambda phone: phone.heard() == (700,))
    two.play(b"")
    assert one.wait_until(lambda phone: phone.heard() == ())
    assert one.is_talking
    one.hang_up()
    two.hang_up()


def test_ten_phones_at_once_each_hear_their_own_call(exchange: Exchange, make_phone: MakePhone) -> None:
    phones = [make_phone(user) for user in PHONES[:10]]
    for phone in phones:
        phone.register()
    for number, phone in enumerate(phones):
        exchange.ring(phone, f"s11-{number}", exten=str(500 + 100 * number))
    for number, phone in enumerate(phones):
        assert phone.wait_until(lambda phone, hz=500 + 100 * number: phone.heard() == (hz,))  # type: ignore[misc]
    for phone in phones:
        phone.hang_up()
    assert len({phone.calls[-1].call_id for phone in phones}) == 10


def test_ten_phones_dial_at_once_and_none_takes_anothers_answer(make_phone: MakePhone) -> None:
    phones = [make_phone(user) for user in PHONES[:10]]
    for phone in phones:
        phone.register()
    for phone in phones:
        phone.call("milliwatt")
    for phone in phones:
        assert phone.wait_until(lambda phone: phone.heard() == (1000,))
        assert phone.wait_until(lambda phone: phone.ear.frames > 25)
        assert phone.ear.longest_gap_s(phone.calls[-1].answered_at_s or 0.0) < within(0.5)


def test_a_phone_that_vanishes_says_nothing(exchange: Exchange, make_phone: MakePhone) -> None:
    phone = make_phone("2003")
    phone.register()
    exchange.ring(phone, "s12-a")
    assert phone.wait_until(lambda phone: phone.is_talking)
    phone.vanish()
    gone_s = time.monotonic()
    until(lambda: time.monotonic() - gone_s > 0.5, "half a second without a word")
    assert not exchange.events("HangupRequest", Uniqueid="s12-a")
    assert exchange.channels() == 1
    assert exchange.link.request({"Action": "Hangup", "Channel": "s12-a"}).ok
    assert exchange.link.request({"Action": "Hangup", "Channel": "s12-a"})


@pytest.mark.slow
def test_a_call_of_ours_lives_longer_than_the_32_seconds_of_a_lost_ack(phone: Softphone) -> None:
    call = phone.call("milliwatt")
    assert phone.wait_until(lambda phone: phone.is_talking)
    assert not phone.wait_until(lambda _: call.is_over, 36)
    assert phone.heard() == (1000,)
    media = call.media
    assert media is not None
    assert call.answered_at_s is not None
    rate = media.sent_frames / (time.monotonic() - call.answered_at_s)
    assert 49.9 < rate < 50.1
    phone.hang_up()
