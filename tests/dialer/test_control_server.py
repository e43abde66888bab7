"""Does the service hear everybody, answer everything, and wait for nobody?"""

from __future__ import annotations

import asyncio
import contextlib
import grp
import json
import os
import pwd
import socket
import stat
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dialer.account import own_account
from dialer.cli import run
from dialer.control import MAX_REQUEST_BYTES, Answer, AnswerStatus, Command, Subscribe, encode
from dialer.control_client import ControlClient, ServiceUnavailable, ask, running
from dialer.control_server import MAX_SUBSCRIPTIONS, ControlServer
from dialer.control_socket import connected_socket
from dialer.refusal import Refused

NOW = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)


class Service:
    """A service that counts what it did, and answers a repeated id with the answer it gave."""

    def __init__(self, path: Path, *, group: str = "") -> None:
        self.path = path
        self.done: list[str] = []
        self.accounts: list[str] = []
        self.answers: dict[str, Answer] = {}
        self.data: dict[str, Any] = {}
        self.view: Callable[[str], Mapping[str, Any]] = lambda topic: {"topic": topic, "turn": self._next()}
        self._turn = 0
        self.server = ControlServer(
            path, execute=self.execute, view=lambda t: self.view(t), now=lambda: NOW, group=group
        )

    def _next(self) -> int:
        self._turn += 1
        return self._turn

    async def execute(self, command: Command) -> Answer:
        if command.id not in self.answers:
            self.done.append(command.name)
            self.accounts.append(command.account)
            self.answers[command.id] = Answer(
                id=command.id, status=AnswerStatus.DONE, message=f"{command.name} by {command.actor}.", data=self.data
            )
        return self.answers[command.id]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    made = Service(tmp_path / "control.sock")
    await made.server.start()
    yield made
    await made.server.close()


async def told(path: Path, *lines: bytes) -> dict[str, Any]:
    """Say lines as they are and read one reply."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(b"".join(lines))
    reply: dict[str, Any] = json.loads(await asyncio.wait_for(reader.readline(), 5))
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return reply


async def test_a_command_is_answered(service: Service) -> None:
    client = ControlClient(service.path, actor="anna")
    answer = await client.request("campaign.start", {"name": "Autumn"})
    await client.close()
    assert (answer.status, answer.message) == (AnswerStatus.DONE, "campaign.start by anna.")


async def test_a_shell_is_answered_too(service: Service) -> None:
    answer = await asyncio.to_thread(ask, service.path, "campaign.list", actor="ben")
    assert answer.message == "campaign.list by ben."


async def test_the_socket_is_for_its_owner_only(service: Service) -> None:
    assert stat.S_IMODE(service.path.stat().st_mode) == 0o600


async def test_a_repeated_id_does_nothing_twice(service: Service) -> None:
    client = ControlClient(service.path, actor="anna")
    first = await client.request("dnc.add", {}, command_id="same")
    again = await client.request("dnc.add", {}, command_id="same")
    await client.close()
    assert first == again
    assert service.done == ["dnc.add"]


async def test_a_request_goes_on_after_the_service_was_restarted(service: Service) -> None:
    client = ControlClient(service.path, actor="anna")
    await client.request("campaign.list")
    await service.server.close()
    after = Service(service.path)
    await after.server.start()
    assert (await client.request("campaign.show")).done
    assert after.done == ["campaign.show"]
    await client.close()
    await after.server.close()


async def test_without_a_service_the_message_says_how_to_start_it(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="dialer serve"):
        await ControlClient(tmp_path / "nobody.sock").request("campaign.list")
    with pytest.raises(ServiceUnavailable, match="dialer serve"):
        ask(tmp_path / "nobody.sock", "campaign.list")
    assert not running(tmp_path / "nobody.sock")


async def test_bad_json_is_answered_and_the_connection_goes_on(service: Service) -> None:
    reader, writer = await asyncio.open_unix_connection(str(service.path))
    writer.write(b"hello\n")
    reply = json.loads(await asyncio.wait_for(reader.readline(), 5))
    assert reply["status"] == "refused"
    assert "not JSON" in reply["message"]
    writer.write(encode(Command(id="c-9", name="campaign.list", actor="a", at=NOW)))
    assert json.loads(await asyncio.wait_for(reader.readline(), 5))["id"] == "c-9"
    writer.close()
    await writer.wait_closed()


async def test_the_account_of_a_command_is_the_kernels_word_and_nobody_can_say_another(service: Service) -> None:
    said = Command(id="c-1", name="dnc.confirm_removal", actor="boris", at=NOW).as_json() | {"account": "root (uid 0)"}
    assert (await told(service.path, json.dumps(said).encode() + b"\n"))["status"] == "done"
    me = pwd.getpwuid(os.getuid()).pw_name
    assert service.accounts == [own_account()] == [f"{me} (uid {os.getuid()})"]


async def test_a_group_may_speak_to_it_and_its_shells_need_no_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = grp.getgrgid(os.getgid())
    shared = Service(tmp_path / "control.sock", group=own.gr_name)
    await shared.server.start()
    found = shared.path.stat()
    assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o660, own.gr_gid)
    monkeypatch.setenv("DIALER_HOME", str(tmp_path / "no-home"))
    monkeypatch.setenv("DIALER_SOCKET", str(shared.path))
    monkeypatch.setenv("DIALER_ACTOR", "boris")
    assert await asyncio.to_thread(run, ("dnc", "confirm-removal", "1")) == 0
    assert capsys.readouterr().out == "dnc.confirm_removal by boris.\n"
    assert shared.accounts == [own_account()]
    await shared.server.close()
    assert await asyncio.to_thread(run, ("dnc", "confirm-removal", "1")) == 2
    assert "Nothing was done." in capsys.readouterr().err
    assert not (tmp_path / "no-home").exists()


async def test_a_group_that_is_not_there_is_told_before_anything_is_dialled(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the operating system has no such group"):
        await Service(tmp_path / "control.sock", group="no such group").server.start()


async def test_a_line_without_end_is_answered_and_the_client_let_go(service: Service) -> None:
    reply = await told(service.path, b"x" * (MAX_REQUEST_BYTES + 2))
    assert reply["status"] == "refused"
    assert "bytes" in reply["message"]


async def test_a_subscriber_gets_rising_snapshots_of_its_topic(service: Service) -> None:
    seen = []
    async for snapshot in ControlClient(service.path).subscribe("campaign:Autumn", every_ms=100):
        seen.append(snapshot)
        if len(seen) == 3:
            break
    assert [s.seq for s in seen] == [1, 2, 3]
    assert {s.data["topic"] for s in seen} == {"campaign:Autumn"}


async def test_a_topic_that_is_not_there_is_refused_in_words(service: Service) -> None:
    def nothing(topic: str) -> Mapping[str, Any]:
        raise Refused("There is no campaign Autumn; nothing was subscribed.")

    service.view = nothing
    with pytest.raises(ServiceUnavailable, match="no campaign Autumn"):
        await anext(aiter(ControlClient(service.path).subscribe("campaign:Autumn")))


async def test_a_view_that_breaks_is_our_fault_and_commands_go_on(service: Service) -> None:
    def broken(topic: str) -> Mapping[str, Any]:
        raise KeyError("bug")

    service.view = broken
    with pytest.raises(ServiceUnavailable, match="fault of ours"):
        await anext(aiter(ControlClient(service.path).subscribe("board")))
    client = ControlClient(service.path)
    assert (await client.request("campaign.list")).done
    await client.close()


async def test_an_answer_that_is_not_json_is_told_as_our_fault(service: Service) -> None:
    service.data = {"at": NOW}
    client = ControlClient(service.path)
    answer = await client.request("campaign.list")
    await client.close()
    assert answer.status is AnswerStatus.FAULT
    assert "fault of ours" in answer.message


async def test_a_reader_that_stops_reading_skips_values_and_delays_nobody(service: Service) -> None:
    made = 0

    def big(topic: str) -> Mapping[str, Any]:
        nonlocal made
        made += 1
        return {"made": made, "filling": "x" * 1_000_000}

    service.view = big
    sleeper = connected_socket(service.path, 5.0)
    sleeper.sendall(encode(Subscribe(topic="board", every_ms=100)))
    awake = 0
    async for _snapshot in ControlClient(service.path).subscribe("campaign:Autumn", every_ms=100):
        awake += 1
        if awake == 10:
            break
    newest = made
    lines = await asyncio.to_thread(_read_lines, sleeper, 2)
    sleeper.close()
    assert [line["seq"] for line in lines] == [1, 2]
    assert lines[0]["data"]["made"] < newest - 5, "the sleeper's first value is an old one"
    assert lines[1]["data"]["made"] > newest - 2, "what it slept through was skipped, not queued"


def _read_lines(link: socket.socket, count: int) -> list[dict[str, Any]]:
    kept = b""
    while kept.count(b"\n") < count:
        kept += link.recv(1 << 20)
    return [json.loads(line) for line in kept.split(b"\n")[:count]]


async def test_one_connection_follows_a_bounded_number_of_topics(service: Service) -> None:
    reader, writer = await asyncio.open_unix_connection(str(service.path))
    for number in range(MAX_SUBSCRIPTIONS + 1):
        writer.write(encode(Subscribe(topic=f"desk:{number}", every_ms=60_000)))
    answers: list[dict[str, Any]] = []
    while not any(line["type"] == "answer" for line in answers):
        answers.append(json.loads(await asyncio.wait_for(reader.readline(), 5)))
    assert "at most 8 topics" in answers[-1]["message"]
    writer.close()
    await writer.wait_closed()


async def test_a_socket_path_longer_than_the_kernel_allows_still_works(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    made = Service(folder / "control.sock")
    await made.server.start()
    try:
        assert (await asyncio.to_thread(ask, made.path, "campaign.list")).done
    finally:
        await made.server.close()
    assert not made.path.exists()
