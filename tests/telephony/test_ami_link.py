"""The manager link against managers and networks that misbehave."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from telephony.asterisk.ami import (
    LinkDown,
    LinkError,
    LinkFault,
    LinkInfo,
    LinkState,
    LinkTimes,
    ManagerEvent,
    ManagerLink,
    Reply,
    ReplyKind,
    UnsafeMessageError,
    pause_before_retry_s,
)
from telephony.asterisk.ami_connection import ManagerConnection
from tests.faultproxy import FaultProxy
from tests.telephony.bare_asterisk import free_port, until
from tests.telephony.fake_manager import FakeManager, FakeSession

QUICK = LinkTimes(greeting_s=0.4, ping_every_s=0.1, ping_deadline_s=0.3)
CALM = LinkTimes(greeting_s=2.0, ping_every_s=5.0, ping_deadline_s=5.0)
RIGHT = "right"
DIAL = {"Action": "Originate", "Channel": "PJSIP/12025550100@trunk", "Async": "true"}


@dataclass
class Listener:
    """Remembers what it was told, in order."""

    told: list[LinkInfo | LinkDown | ManagerEvent | Reply] = field(default_factory=list)

    @property
    def events(self) -> list[str]:
        return [word.name for word in self.told if isinstance(word, ManagerEvent)]

    @property
    def downs(self) -> list[LinkDown]:
        return [word for word in self.told if isinstance(word, LinkDown)]

    @property
    def replies(self) -> list[Reply]:
        return [word for word in self.told if isinstance(word, Reply)]


MakeLink = Callable[..., tuple[ManagerLink, Listener]]


@pytest.fixture
def manager() -> Iterator[FakeManager]:
    fake = FakeManager()
    yield fake
    fake.stop()


@pytest.fixture
def proxy(manager: FakeManager) -> Iterator[FaultProxy]:
    between = FaultProxy(("127.0.0.1", manager.port))
    yield between
    between.stop()


@pytest.fixture
def make_link() -> Iterator[MakeLink]:
    links: list[ManagerLink] = []

    def make(port: int, secret: str = RIGHT, times: LinkTimes = CALM, **more: object) -> tuple[ManagerLink, Listener]:
        heard = Listener()
        tell = heard.told.append
        callbacks: dict[str, object] = {"on_event": tell, "on_up": tell, "on_down": tell} | more
        link = ManagerLink("127.0.0.1", port, "dialer", secret, times=times, **callbacks)  # type: ignore[arg-type]
        links.append(link)
        link.start()
        return link, heard

    yield make
    for link in links:
        link.close()


def test_a_link_comes_up_and_carries_actions_and_events(manager: FakeManager, make_link: MakeLink) -> None:
    link, heard = make_link(manager.port)
    assert link.wait_until_up(2).version == "11.0.0"
    assert link.request(DIAL).kind is ReplyKind.DONE
    manager.sessions[0].event("Newstate", ChannelStateDesc="Up")
    until(lambda: heard.events == ["Newstate"], "the event arrives")
    assert isinstance(heard.told[0], LinkInfo)


def test_events_arrive_in_order_and_none_before_the_link_is_told_up(manager: FakeManager, make_link: MakeLink) -> None:
    def burst(session: FakeSession, action: dict[str, str]) -> None:
        session.say(b"".join(b"Event: E%d\r\nPadding: %s\r\n\r\n" % (number, b"x" * 60) for number in range(9000)))

    manager.on_action = burst
    link, heard = make_link(manager.port)
    link.wait_until_up(2)
    link.send(DIAL)
    until(lambda: len(heard.told) == 9001, "all events arrive")
    assert heard.events == [f"E{number}" for number in range(9000)]
    assert isinstance(heard.told[0], LinkInfo)


def test_bytes_that_arrive_one_by_one_are_read_the_same(
    manager: FakeManager, proxy: FaultProxy, make_link: MakeLink
) -> None:
    proxy.slice_bytes = 1
    link, heard = make_link(proxy.port)
    link.wait_until_up(5)
    manager.sessions[0].event("Hangup", CallerIDName="\u4f60\u597d, Ann", Cause="17")
    until(lambda: heard.events, "the event arrives")
    event = heard.told[-1]
    assert isinstance(event, ManagerEvent)
    assert (event.get("CallerIDName"), event.get("Cause")) == ("\u4f60\u597d, Ann", "17")


@pytest.mark.parametrize(("break_it", "fault"), [("close_all", LinkFault.CLOSED), ("reset_all", LinkFault.RESET)])
def test_a_broken_link_is_told_and_comes_back_on_a_new_connection(
    break_it: str, fault: LinkFault, manager: FakeManager, proxy: FaultProxy, make_link: MakeLink
) -> None:
    link, heard = make_link(proxy.port)
    link.wait_until_up(2)
    getattr(proxy, break_it)()
    until(lambda: sum(isinstance(word, LinkInfo) for word in heard.told) == 2, "the link comes back")
    assert [down.fault for down in heard.downs] == [fault]
    assert heard.downs[0].was_up
    assert isinstance(heard.told[-1], LinkInfo)
    assert heard.told[-1].connection == 2


def test_a_link_that_breaks_before_the_answer_says_unknown_and_never_sends_again(
    manager: FakeManager, proxy: FaultProxy, make_link: MakeLink
) -> None:
    manager.on_action = no_answer
    link, heard = make_link(proxy.port)
    link.wait_until_up(2)
    link.send(DIAL, heard.told.append, deadline_s=30)
    until(lambda: manager.actions, "the action reaches the manager")
    proxy.reset_all()
    until(lambda: heard.replies, "the action's end is told")
    link.wait_until_up(5)
    assert link.request({"Action": "CoreStatus"}, 0.2).kind is ReplyKind.TIMED_OUT
    assert [action["Action"] for action in manager.actions] == ["Originate", "CoreStatus"]
    assert heard.replies[0].kind is ReplyKind.LINK_LOST
    assert not heard.replies[0].kind.certain
    assert heard.told.index(heard.downs[0]) < heard.told.index(heard.replies[0])


def test_a_frozen_manager_is_noticed_by_its_missing_pong(manager: FakeManager, make_link: MakeLink) -> None:
    link, heard = make_link(manager.port, times=QUICK)
    link.wait_until_up(2)
    manager.answers_pings = False
    until(lambda: heard.downs, "the link is told lost", 2)
    assert heard.downs[0].fault is LinkFault.PING_UNANSWERED


def test_the_usual_times_notice_a_frozen_manager_within_five_seconds() -> None:
    times = LinkTimes()
    assert times.ping_every_s + times.ping_deadline_s <= 5.0
    assert times.greeting_s <= 5.0


def test_a_black_hole_is_noticed_and_its_accepting_of_connections_is_not_taken_for_life(
    proxy: FaultProxy, make_link: MakeLink
) -> None:
    link, heard = make_link(proxy.port, times=QUICK)
    link.wait_until_up(2)
    proxy.black_hole()
    until(lambda: len(heard.downs) >= 2, "the loss and a failed attempt are told")
    assert [down.fault for down in heard.downs[:2]] == [LinkFault.PING_UNANSWERED, LinkFault.NO_BANNER]
    assert link.state is not LinkState.UP
    with pytest.raises(LinkError):
        link.send(DIAL)
    proxy.black_hole(on=False)
    link.wait_until_up(5)


def test_silence_is_no_fault_while_pings_are_answered(manager: FakeManager, make_link: MakeLink) -> None:
    link, heard = make_link(manager.port, times=QUICK)
    link.wait_until_up(2)
    until(lambda: len(manager.sessions[0].actions) > 10, "ten pings went by")
    assert {action["Action"] for action in manager.sessions[0].actions[1:]} == {"Ping"}
    assert heard.downs == []
    assert link.waiting_actions <= 1


@pytest.mark.parametrize(
    "banner", [b"SSH-2.0-OpenSSH_9.2p1\r\n", b"220 mail ESMTP\r\n", b"\x00\x01binary", b"Asterisk \x1b[2Jx\r\n"]
)
def test_another_service_is_named_as_such_and_left_alone_for_long(banner: bytes, make_link: MakeLink) -> None:
    other = FakeManager(banner=banner)
    link, heard = make_link(other.port, times=QUICK)
    with pytest.raises(LinkError, match="not an Asterisk manager"):
        link.wait_until_up(3)
    until(lambda: heard.downs, "the fault is told")
    assert heard.downs[0].fault is LinkFault.NOT_A_MANAGER
    assert (heard.downs[0].retry_in_s or 0) >= 30
    assert heard.downs[0].reason.isprintable()
    assert other.sessions[0].actions == []
    other.stop()


def test_a_wrong_secret_is_told_waits_thirty_seconds_and_is_never_shown(
    manager: FakeManager, make_link: MakeLink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    link, heard = make_link(manager.port, secret="hush-hush")
    with pytest.raises(LinkError, match="secret") as refused:
        link.wait_until_up(2)
    until(lambda: heard.downs, "the fault is told")
    assert heard.downs[0].fault is LinkFault.WRONG_SECRET
    assert (heard.downs[0].retry_in_s or 0) >= 30
    assert len(manager.sessions) == 1
    shown = f"{refused.value} {heard.downs} {link!r} {caplog.text} {vars(refused.value)}"
    assert "hush-hush" not in shown


def test_a_secret_that_would_be_a_message_of_its_own_is_refused_before_anything_is_sent() -> None:
    for secret in ("a\r\nAction: Command", "a\x00"):
        with pytest.raises(UnsafeMessageError, match="control character"):
            ManagerLink("127.0.0.1", 1, "dialer", secret)


def test_a_manager_that_is_not_there_is_tried_again_until_it_is(make_link: MakeLink) -> None:
    port = free_port()
    link, heard = make_link(port)
    with pytest.raises(LinkError, match="cannot be reached"):
        link.wait_until_up(0.2)
    with pytest.raises(LinkError):
        link.request(DIAL)
    assert heard.downs[0].fault is LinkFault.UNREACHABLE
    assert not heard.downs[0].was_up


def test_pauses_grow_up_to_a_limit_and_never_all_fall_on_the_same_moment() -> None:
    shortest = [pause_before_retry_s(LinkFault.CLOSED, tries, lambda: 0.0) for tries in (1, 2, 3, 10, 2000)]
    longest = [pause_before_retry_s(LinkFault.CLOSED, tries, lambda: 0.999) for tries in (1, 2, 3, 10, 2000)]
    assert shortest == sorted(shortest)
    assert shortest[0] >= 0.1
    assert longest[-1] <= 5.0
    assert all(short < long for short, long in zip(shortest, longest, strict=True))
    assert pause_before_retry_s(LinkFault.WRONG_SECRET, 1, lambda: 0.0) >= 30.0


def test_a_link_that_flaps_does_not_hammer_the_manager(
    manager: FakeManager, proxy: FaultProxy, make_link: MakeLink
) -> None:
    link, heard = make_link(proxy.port)
    for lost in range(1, 4):
        link.wait_until_up(5)
        proxy.close_all()
        until(lambda lost=lost: len(heard.downs) == lost, "the loss is told")  # type: ignore[misc]
    pauses = [down.retry_in_s or 0 for down in heard.downs]
    assert pauses[2] >= 0.5  # the third loss in a row waits longer than the first's longest pause


def test_a_lost_answer_ends_at_its_deadline_and_leaves_nothing_behind(
    manager: FakeManager, proxy: FaultProxy, make_link: MakeLink
) -> None:
    link, heard = make_link(proxy.port)
    link.wait_until_up(2)
    rule = proxy.drop(b"Response: Success")
    link.send(DIAL, heard.told.append, deadline_s=0.2)
    until(lambda: heard.replies, "the deadline is told", 2)
    assert rule.met == 1
    assert heard.replies[0].kind is ReplyKind.TIMED_OUT
    assert link.waiting_actions == 0
    assert link.state is LinkState.UP


def test_an_answer_that_comes_twice_or_too_late_is_told_once(
    manager: FakeManager, proxy: FaultProxy, make_link: MakeLink
) -> None:
    link, heard = make_link(proxy.port)
    link.wait_until_up(2)
    proxy.repeat(b"Response: Success")
    link.send(DIAL, heard.told.append)
    manager.sessions[0].event("Barrier")
    until(lambda: heard.replies, "the answer arrives")
    link.request(DIAL)
    assert len(heard.replies) == 1


def test_a_refusal_is_told_with_asterisks_own_words(manager: FakeManager, make_link: MakeLink) -> None:
    manager.on_action = lambda session, action: session.respond(action, "Error", Message="Extension does not exist.")
    link, _ = make_link(manager.port)
    link.wait_until_up(2)
    reply = link.request(DIAL)
    assert (reply.kind, reply.reason, reply.ok) == (ReplyKind.REFUSED, "Extension does not exist.", False)


def no_answer(session: FakeSession, action: dict[str, str]) -> None:
    return None


def never_returns(session: FakeSession, action: dict[str, str]) -> None:
    threading.Event().wait()


def send_often(link: ManagerLink, action: dict[str, str], times: int) -> None:
    for _ in range(times):
        link.send(action)


def listing(session: FakeSession, action: dict[str, str], end: str = "Complete") -> None:
    session.respond(action, EventList="start")
    for name in ("one", "two"):
        session.event("Status", Uniqueid=name, ActionID=action["ActionID"])
        session.event("Newstate", Uniqueid=name)
    session.event("StatusComplete", EventList=end, ActionID=action["ActionID"])


def test_a_list_is_answered_as_a_whole_and_other_events_pass_by(manager: FakeManager, make_link: MakeLink) -> None:
    manager.on_action = listing
    link, heard = make_link(manager.port)
    link.wait_until_up(2)
    reply = link.request_list({"Action": "Status"})
    assert reply.ok
    assert [event.get("Uniqueid") for event in reply.events] == ["one", "two"]
    until(lambda: len(heard.events) == 2, "the other events arrive")
    assert heard.events == ["Newstate", "Newstate"]


def test_a_list_that_never_ends_or_is_cut_short_is_not_taken_for_whole(
    manager: FakeManager, proxy: FaultProxy, make_link: MakeLink
) -> None:
    manager.on_action = listing
    link, _ = make_link(proxy.port)
    link.wait_until_up(2)
    proxy.drop(b"StatusComplete")
    assert link.request_list({"Action": "Status"}, 0.3).kind is ReplyKind.TIMED_OUT
    manager.on_action = lambda session, action: listing(session, action, "Cancelled")
    assert not link.request_list({"Action": "Status"}).ok
    assert link.waiting_actions == 0


def test_the_events_of_an_originate_carry_the_id_that_send_answered(manager: FakeManager, make_link: MakeLink) -> None:
    def queue(session: FakeSession, action: dict[str, str]) -> None:
        session.respond(action)
        session.event("OriginateResponse", ActionID=action["ActionID"], Reason="0")

    manager.on_action = queue
    link, heard = make_link(manager.port)
    link.wait_until_up(2)
    action_id = link.send(DIAL)
    until(lambda: heard.events, "the event arrives")
    assert isinstance(heard.told[-1], ManagerEvent)
    assert heard.told[-1].get("ActionID") == action_id


def test_action_ids_of_two_connections_never_meet(manager: FakeManager, proxy: FaultProxy, make_link: MakeLink) -> None:
    link, heard = make_link(proxy.port)
    link.wait_until_up(2)
    link.request(DIAL)
    proxy.close_all()
    until(lambda: heard.downs, "the loss is told")
    link.wait_until_up(5)
    link.request(DIAL)
    first, second = (action["ActionID"] for action in manager.actions)
    assert first.split("-")[0] != second.split("-")[0]


@pytest.mark.parametrize("name", ["Ann\r\n\r\nAction: Command\r\nCommand: core stop now", "Ann\nExten: 911", "A\x00"])
def test_a_hostile_name_is_refused_and_nothing_of_the_message_is_sent(
    name: str, manager: FakeManager, make_link: MakeLink
) -> None:
    link, _ = make_link(manager.port)
    link.wait_until_up(2)
    with pytest.raises(UnsafeMessageError):
        link.send(DIAL | {"CallerID": name})
    assert link.request({"Action": "CoreStatus"}).ok
    assert [action["Action"] for action in manager.actions] == ["CoreStatus"]


def test_many_threads_never_mix_their_messages_even_when_the_manager_reads_slowly(
    manager: FakeManager, make_link: MakeLink
) -> None:
    manager.pause_s = 0.005
    link, _ = make_link(manager.port)
    link.wait_until_up(2)

    def send_some(name: int) -> None:
        for _ in range(20):
            link.send(DIAL | {f"Header{line}": f"{name}" * 1000 for line in range(120)})

    threads = [threading.Thread(target=send_some, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: len(manager.actions) == 80, "every message arrives")
    assert all(len({action[f"Header{line}"] for line in range(120)}) == 1 for action in manager.actions)


def test_a_listener_that_raises_is_logged_and_the_link_goes_on(
    manager: FakeManager, make_link: MakeLink, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def stumble(event: ManagerEvent) -> None:
        heard.append(event.name)
        raise ZeroDivisionError("by the test")

    link, listener = make_link(manager.port, on_event=stumble)
    link.wait_until_up(2)
    for name in ("One", "Two"):
        manager.sessions[0].event(name)
    until(lambda: heard == ["One", "Two"], "both events arrive")
    assert link.request(DIAL).ok
    assert listener.downs == []
    assert "ZeroDivisionError" in caplog.text


def test_a_listener_too_far_behind_loses_the_link_and_never_single_events(
    manager: FakeManager, make_link: MakeLink
) -> None:
    calls: list[Callable[[], None]] = []
    link, heard = make_link(manager.port, deliver=calls.append, inbox_limit=100)
    link.wait_until_up(2)
    manager.sessions[0].say(b"".join(b"Event: E%d\r\n\r\n" % number for number in range(500)))
    until(lambda: link.state is not LinkState.UP or len(manager.sessions) > 1, "the link is given up")
    until(lambda: len(manager.sessions) > 1, "a new connection is made")
    while calls:
        calls.pop(0)()
    first_down = heard.told.index(heard.downs[0])
    before = [word.name for word in heard.told[:first_down] if isinstance(word, ManagerEvent)]
    assert before == [f"E{number}" for number in range(len(before))]
    assert 90 <= len(before) <= 100
    assert heard.downs[0].fault is LinkFault.OVERFLOW


def test_everything_is_told_on_the_listeners_own_thread(manager: FakeManager, make_link: MakeLink) -> None:
    threads: set[int] = set()
    calls: list[Callable[[], None]] = []

    def note(_: object) -> None:
        threads.add(threading.get_ident())

    link, _ = make_link(manager.port, deliver=calls.append, on_event=note, on_up=note, on_down=note)
    link.wait_until_up(2)
    link.send(DIAL, note)
    manager.sessions[0].event("One")
    link.request(DIAL)
    link.close()
    assert threads == set()
    while calls:
        calls.pop(0)()
    assert threads == {threading.get_ident()}


@pytest.mark.parametrize("flood", [b"Event: Big\r\nX: " + b"x" * 600_000, b"Event: Long\r\n" + b"A: b\r\n" * 100_000])
def test_a_message_without_an_end_is_cut_off_before_it_eats_the_memory(
    flood: bytes, manager: FakeManager, make_link: MakeLink
) -> None:
    link, heard = make_link(manager.port)
    link.wait_until_up(2)
    manager.sessions[0].say(flood)
    until(lambda: heard.downs, "the link is given up")
    assert heard.downs[0].fault is LinkFault.OVERSIZE


@pytest.mark.parametrize(
    "nonsense", [b"garbage\r\n\r\n", b"Event:\r\n\r\n", b"\r\n\r\n", b"Response:\r\nX\r\n\r\n", b"\xff\xfe\r\n\r\n"]
)
def test_an_unreadable_packet_does_not_end_the_reading(
    nonsense: bytes, manager: FakeManager, make_link: MakeLink
) -> None:
    link, heard = make_link(manager.port)
    link.wait_until_up(2)
    manager.sessions[0].say(nonsense + b"Event: After\r\n\r\n")
    until(lambda: "After" in heard.events, "the next event arrives")
    assert heard.downs == []


def test_a_line_end_too_many_between_packets_costs_no_packet(manager: FakeManager, make_link: MakeLink) -> None:
    def untidy(session: FakeSession, action: dict[str, str]) -> None:
        session.say(b"Event: TestEvent\r\nState: DTMF_BEGIN\r\n\r\n\r\n")
        session.respond(action)
        session.say(b"\r\n\r\n\r\nEvent: After\r\n\r\n")

    manager.on_action = untidy
    link, heard = make_link(manager.port)
    link.wait_until_up(2)
    assert link.request(DIAL).ok
    until(lambda: heard.events == ["TestEvent", "After"], "both events arrive")


def test_a_manager_that_stops_reading_loses_the_link_instead_of_holding_the_caller(make_link: MakeLink) -> None:
    deaf = FakeManager(on_action=never_returns)
    link, heard = make_link(deaf.port)
    link.wait_until_up(2)
    padding = {f"Header{line}": "x" * 1000 for line in range(100)}
    with pytest.raises(LinkError):
        send_often(link, DIAL | padding, times=1000)
    until(lambda: heard.downs, "the loss is told")
    assert heard.downs[0].fault is LinkFault.SEND_FAILED
    deaf.stop()


def test_closing_ends_every_waiting_action_and_its_threads(manager: FakeManager, make_link: MakeLink) -> None:
    manager.on_action = no_answer
    link, heard = make_link(manager.port)
    link.wait_until_up(2)
    link.send(DIAL, heard.told.append, deadline_s=60)
    link.close()
    assert [reply.kind for reply in heard.replies] == [ReplyKind.LINK_LOST]
    assert heard.downs[-1].retry_in_s is None
    assert threads_of_links() == []
    with pytest.raises(LinkError):
        link.send(DIAL)


def test_closing_waits_for_the_reader_of_a_log_in_that_failed(
    manager: FakeManager, make_link: MakeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_to_the_end = ManagerConnection.listen

    def end_late(connection: ManagerConnection) -> None:
        read_to_the_end(connection)
        time.sleep(0.3)

    monkeypatch.setattr(ManagerConnection, "listen", end_late)
    link, _ = make_link(manager.port, secret="wrong")
    with pytest.raises(LinkError):
        link.wait_until_up(2)
    link.close()
    assert threads_of_links() == []


def threads_of_links() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ami-")]
