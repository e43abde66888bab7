"""The manager link on a real Asterisk: calls, hostile names, kill, freeze, and silence."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator

import pytest

from telephony.asterisk.ami import (
    LinkDown,
    LinkError,
    LinkFault,
    LinkInfo,
    LinkTimes,
    ManagerEvent,
    ManagerLink,
    ReplyKind,
    UnsafeMessageError,
)
from tests.faultproxy import FaultProxy
from tests.patience import within
from tests.telephony.bare_asterisk import SECRET, USER, BareAsterisk, until

pytestmark = pytest.mark.asterisk

Told = list[LinkInfo | LinkDown | ManagerEvent]
QUICK = LinkTimes(greeting_s=1.0, ping_every_s=0.2, ping_deadline_s=1.0)
QUIET_CALL = [
    ("Action", "Originate"),
    ("Channel", "Local/quiet@phones"),
    ("Application", "Wait"),
    ("Data", "60"),
    ("Async", "true"),
]


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareAsterisk]:
    exchange = BareAsterisk(tmp_path_factory.mktemp("asterisk"))
    exchange.start()
    yield exchange
    exchange.stop()


@pytest.fixture
def link_to(asterisk: BareAsterisk) -> Iterator[Callable[..., tuple[ManagerLink, Told]]]:
    links: list[ManagerLink] = []

    def make(port: int | None = None, secret: str = SECRET, times: LinkTimes = QUICK) -> tuple[ManagerLink, Told]:
        told: Told = []
        tell = told.append
        link = ManagerLink(
            asterisk.host,
            port or asterisk.manager_port,
            USER,
            secret,
            on_event=tell,
            on_up=tell,
            on_down=tell,
            times=times,
        )
        links.append(link)
        link.start()
        return link, told

    yield make
    for link in links:
        link.close()


LinkTo = Callable[..., tuple[ManagerLink, Told]]


def live_calls(link: ManagerLink, prefix: str) -> list[str]:
    reply = link.request_list({"Action": "Status", "Variables": "CALL"})
    assert reply.ok
    ids = [event.get("Uniqueid") for event in reply.events]
    return [name for name in ids if name.startswith(prefix) and not name.endswith(";2")]


def heard(told: Told, name: str, **headers: str) -> list[ManagerEvent]:
    events = [word for word in told if isinstance(word, ManagerEvent) and word.name == name]
    return [event for event in events if all(event.get(key) == value for key, value in headers.items())]


def faults(told: Told) -> list[LinkFault]:
    return [word.fault for word in told if isinstance(word, LinkDown)]


def test_a_call_is_placed_listed_by_its_own_id_and_hung_up(link_to: LinkTo) -> None:
    link, told = link_to()
    link.wait_until_up(5)
    placed = [*QUIET_CALL, ("ChannelId", "t1-a"), ("OtherChannelId", "t1-b"), ("Variable", "CALL=t1-a")]
    assert link.request(placed).ok
    until(lambda: heard(told, "OriginateResponse", Response="Success"), "the call is answered")
    reply = link.request_list({"Action": "Status", "Variables": "CALL"})
    ours = next(event for event in reply.events if event.get("Uniqueid") == "t1-a")
    assert ours.variables("Variable")["CALL"] == "t1-a"
    assert link.request({"Action": "Hangup", "Channel": "t1-a"}).ok
    until(lambda: heard(told, "Hangup", Uniqueid="t1-a"), "the hang-up is told")
    assert link.request({"Action": "Hangup", "Channel": "t1-a"}).kind is ReplyKind.REFUSED


@pytest.mark.parametrize(
    "name",
    [
        "Ann\r\n\r\nAction: Originate\r\nChannel: Local/quiet@phones\r\nApplication: Wait\r\nChannelId: evil",
        "Ann\nVariable: EVIL=1",
        "Ann\rChannelId: evil",
        "Ann\x00",
    ],
)
def test_a_hostile_name_places_no_second_call(name: str, link_to: LinkTo) -> None:
    link, told = link_to()
    link.wait_until_up(5)
    with pytest.raises(UnsafeMessageError):
        link.send([*QUIET_CALL, ("CallerID", name)])
    assert live_calls(link, "evil") == []
    assert heard(told, "Newchannel") == []


def test_an_expression_or_a_comma_in_a_name_stays_text_in_asterisk(link_to: LinkTo) -> None:
    link, told = link_to()
    link.wait_until_up(5)
    name = "${ENV(HOME)}, [/foo] =cmd|x \u2028Lee"
    assert link.request([*QUIET_CALL, ("ChannelId", "t2-a"), ("CallerID", f'"{name}" <100>')]).ok
    until(lambda: heard(told, "Newstate", Uniqueid="t2-a"), "the call is up")
    assert {event.get("CallerIDName") for event in heard(told, "Newstate", Uniqueid="t2-a")} == {name}
    assert link.request({"Action": "Hangup", "Channel": "t2-a"}).ok
    until(lambda: heard(told, "Hangup", Uniqueid="t2-a"), "the call is gone")


def test_a_wrong_secret_is_told_as_such_by_a_real_asterisk(link_to: LinkTo) -> None:
    link, told = link_to(secret="wrong", times=LinkTimes())  # Asterisk answers a wrong secret after a second
    with pytest.raises(LinkError, match="secret"):
        link.wait_until_up(5)
    until(lambda: told, "the fault is told")
    assert isinstance(told[0], LinkDown)
    assert (told[0].retry_in_s or 0) >= 30


def test_a_cut_link_leaves_the_call_alone_and_the_new_link_finds_it(asterisk: BareAsterisk, link_to: LinkTo) -> None:
    proxy = FaultProxy((asterisk.host, asterisk.manager_port))
    link, _ = link_to(port=proxy.port)
    link.wait_until_up(5)
    lost = proxy.drop(b"Originate successfully queued")
    answer: list[ReplyKind] = []
    link.send([*QUIET_CALL, ("ChannelId", "t3-a")], lambda reply: answer.append(reply.kind), deadline_s=30)
    until(lambda: lost.met, "Asterisk took the call and its answer is lost")
    proxy.reset_all()
    until(lambda: answer, "the unknown end is told")
    link.wait_until_up(5)
    assert answer == [ReplyKind.LINK_LOST]
    assert live_calls(link, "t3") == ["t3-a"]
    assert link.request({"Action": "Hangup", "Channel": "t3-a"}).ok
    proxy.stop()


def test_two_seconds_of_delay_only_make_the_link_slow(asterisk: BareAsterisk, link_to: LinkTo) -> None:
    proxy = FaultProxy((asterisk.host, asterisk.manager_port))
    link, told = link_to(port=proxy.port, times=LinkTimes())
    link.wait_until_up(5)
    proxy.delay_s = 1.0  # each way
    assert link.request([*QUIET_CALL, ("ChannelId", "t4-a")], deadline_s=8).ok
    proxy.delay_s = 0.0
    until(lambda: live_calls(link, "t4") == ["t4-a"], "one call is up")
    assert not any(isinstance(word, LinkDown) for word in told)
    assert link.request({"Action": "Hangup", "Channel": "t4-a"}).ok
    proxy.stop()


def test_a_killed_asterisk_is_noticed_at_once_and_found_again(asterisk: BareAsterisk, link_to: LinkTo) -> None:
    link, told = link_to()
    link.wait_until_up(5)
    began_s = time.monotonic()
    asterisk.kill(signal.SIGKILL)
    until(lambda: any(isinstance(word, LinkDown) for word in told), "the loss is told")
    assert time.monotonic() - began_s < within(1.0)
    asterisk.start()
    assert link.wait_until_up(10).connection == 2
    until(lambda: heard(told, "FullyBooted"), "the new one is fully booted")
    assert link.request_list({"Action": "CoreShowChannels"}).events == ()


def test_a_frozen_asterisk_is_noticed_and_used_again_when_it_thaws(asterisk: BareAsterisk, link_to: LinkTo) -> None:
    link, told = link_to()
    link.wait_until_up(5)
    asterisk.kill(signal.SIGSTOP)
    try:
        until(lambda: len(faults(told)) >= 2, "the loss and a failed attempt are told")
        with pytest.raises(LinkError):
            link.send(QUIET_CALL)
    finally:
        asterisk.kill(signal.SIGCONT)
    assert faults(told)[:2] == [LinkFault.PING_UNANSWERED, LinkFault.NO_BANNER]
    link.wait_until_up(10)
    assert live_calls(link, "t5") == []


def test_five_hundred_calls_at_once_are_each_answered_and_ended_once(link_to: LinkTo) -> None:
    link, told = link_to(times=LinkTimes())
    link.wait_until_up(5)
    replies: list[ReplyKind] = []
    for number in range(500):
        busy = {"Action": "Originate", "Channel": "Local/busy@phones", "Application": "Wait", "Data": "1"}
        link.send(busy | {"Async": "true", "ChannelId": f"t6-{number}"}, lambda reply: replies.append(reply.kind))
    until(lambda: len(heard(told, "OriginateResponse")) == 500, "every call has its end", 30)
    assert replies == [ReplyKind.DONE] * 500
    assert len({event.get("Uniqueid") for event in heard(told, "OriginateResponse")}) == 500
    assert link.waiting_actions == 0


@pytest.mark.slow
def test_sixty_five_seconds_without_any_call_leave_the_link_up(link_to: LinkTo) -> None:
    link, told = link_to(times=LinkTimes())
    link.wait_until_up(5)
    until(lambda: heard(told, "FullyBooted"), "the greeting is over")
    quiet_from_s = time.monotonic()
    until(lambda: time.monotonic() - quiet_from_s > 65, "65 s of silence", 70)
    assert link.request(QUIET_CALL).ok
    assert not any(isinstance(word, LinkDown) for word in told)
