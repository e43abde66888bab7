"""The way to Asterisk frozen, cut, slow or silent for long: do calls work afterwards, and was nothing placed twice?

The dialer uses an Asterisk of somebody else's here (exchange.kind = "own"), through a proxy that breaks things.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dialer.home import write_secret
from telephony.asterisk.laboratory import Laboratory, build_private_exchange
from telephony.practice import PracticeKind
from telephony.practice_compare import compare
from telephony.practice_plan import PracticePace
from tests.faultproxy import FaultProxy
from tests.scenarios.conftest import opened
from tests.scenarios.practice_floor import PracticeFloor

pytestmark = [pytest.mark.asterisk, pytest.mark.scenario]

AGENTS = ("Agent 1", "Agent 2", "Agent 3")
LONG_TALK = 15.0
SILENCE_S = 65.0
NOTICED_WITHIN_S = 10.0


class OwnFloor(PracticeFloor):
    """A floor whose Asterisk is not the dialer's child and whose manager is reached through `proxy`."""

    laboratory: Laboratory
    proxy: FaultProxy

    def _far_end(self) -> dict[str, Any]:
        pace = PracticePace(talk=LONG_TALK)
        self.laboratory = build_private_exchange(self.root / "laboratory", agents=len(self.agents), pace=pace)
        self.practice = self.laboratory.practice
        manager = self.laboratory.manager
        self.proxy = FaultProxy((manager.host, manager.port))
        return {
            "name": self.laboratory.trunk,
            "host": self.practice.address,
            "port": self.practice.port,
            "caller_id": "+12025550100",
            "practice": True,
            "max_calls": 50,
            "attempts_per_second": 10.0,
        }

    def _init(self) -> None:
        self.home.create()
        manager = self.laboratory.manager
        write_secret(self.home, "ami", manager.dialer_secret)
        write_secret(self.home, "ami-watch", manager.watch_secret)
        self.home.settings_file.write_text(
            f'[exchange]\nkind = "own"\n[ami]\nhost = "127.0.0.1"\nport = {self.proxy.port}\n[service]\ndrain_s = 5\n',
            encoding="utf-8",
        )
        self.shell("init")

    def plug_in_phones(self) -> None:
        self._sip_host = self.laboratory.settings.sip_host
        for agent in self.laboratory.agents:
            write_secret(self.home, f"agent-{agent.number}", agent.secret)
        super().plug_in_phones()

    @property
    def asterisk_folder(self) -> Path:
        return self.root / "laboratory" / "asterisk"

    def __exit__(self, *error: Any) -> None:
        try:
            super().__exit__(*error)
        finally:
            self.proxy.stop()
            self.laboratory.close()

    def link_is_up(self) -> bool:
        return bool(self.do("engine.status").data["exchange"]["up"])

    def nothing_was_placed_twice(self) -> None:
        """Every number once, every INVITE with its record, every record as the far end saw it."""
        self.quieten(AGENTS)
        assert all(row["closed"] for row in self.attempts())
        assert max(Counter(call.number for call in self.far_end_log()).values()) == 1
        assert max(Counter(row["number"] for row in self.attempts()).values()) == 1
        differences = compare(self.recorded(), self.far_end_log(), unknown_allowed=True)
        assert differences == (), "\n".join(map(str, differences))


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnFloor]:
    with opened(tmp_path_factory.mktemp("link"), OwnFloor, agents=len(AGENTS), talk=LONG_TALK) as floor:
        assert isinstance(floor, OwnFloor)
        yield floor


@pytest.fixture(autouse=True)
def ready_agents(floor: OwnFloor) -> Iterator[None]:
    floor.log_in(*AGENTS)
    yield
    floor.proxy.black_hole(False)
    floor.proxy.delay_s, floor.proxy.slice_bytes = 0.0, 0
    floor.quieten(AGENTS)


def calls_work(floor: OwnFloor, name: str) -> None:
    """One conversation and one refusal, from lead to outcome."""
    (talks,), (busy,) = floor.fresh(PracticeKind.ANSWERS_SPEECH), floor.fresh(PracticeKind.BUSY)
    floor.start(floor.campaign(name, [talks, busy], AGENTS))
    floor.until(lambda: floor.calls(name)["talking"] == 1, 15, "they talk")
    (agent,) = [agent for agent in AGENTS if floor.agent(agent)["state"] == "TALK"]
    floor.finish_call(agent, "sale")
    floor.until(lambda: len(floor.attempts(name)) == 2, 10, "both are called")
    floor.until(lambda: all(row["closed"] for row in floor.attempts(name)), 10, "both calls are closed")
    told = {row["number"]: (row["network"], row["routing"], row["disposition"]) for row in floor.attempts(name)}
    assert told == {talks: ("ANSWERED", "AGENT", "sale"), busy: ("BUSY", "NOT_ROUTED", "")}


def a_busy_floor(floor: OwnFloor, name: str) -> list[str]:
    """Two talk, one rings, four wait for their turn; the numbers that wait."""
    talk, ring = floor.fresh(PracticeKind.ANSWERS_SPEECH, 2), floor.fresh(PracticeKind.NO_ANSWER)
    wait = floor.fresh(PracticeKind.UNALLOCATED, 4)
    floor.start(floor.campaign(name, [*talk, *ring, *wait], AGENTS))
    floor.until(
        lambda: (floor.calls(name)["talking"], floor.calls(name)["ringing"]) == (2, 1), 10, "two talk, one rings"
    )
    return wait


def test_a_frozen_link_is_noticed_nothing_is_dialled_and_conversations_go_on(floor: OwnFloor) -> None:
    wait = a_busy_floor(floor, "frozen")
    floor.proxy.black_hole()
    frozen_s = time.monotonic()
    floor.until(lambda: not floor.link_is_up(), NOTICED_WITHIN_S, "the freeze is noticed")
    print(f"MEASURED frozen link noticed after {time.monotonic() - frozen_s:.1f} s")  # noqa: T201
    floor.work(AGENTS)  # the agents hang up; the exchange hears of it later
    floor.throughout(lambda: len(floor.attempts("frozen")) == 3, 1.0, "nothing is dialled while it is down")
    assert "cannot be reached" in floor.pace("frozen")
    floor.proxy.black_hole(False)
    floor.until(floor.link_is_up, 15, "the link is up again")
    floor.until(lambda: len(floor.attempts("frozen")) == 3 + len(wait), 20, "dialling goes on")
    floor.nothing_was_placed_twice()


def test_a_call_sent_into_a_frozen_link_is_placed_once_at_most_and_leaves_nobody_alone(floor: OwnFloor) -> None:
    (number,) = floor.fresh(PracticeKind.ANSWERS_SPEECH)
    name = floor.campaign("into-the-ice", [number], AGENTS)
    floor.proxy.black_hole()
    floor.start(name)
    floor.until(lambda: floor.attempts(name), 2, "the attempt is written and sent")
    floor.until(lambda: not floor.link_is_up(), NOTICED_WITHIN_S, "the freeze is noticed")
    floor.proxy.black_hole(False)
    floor.until(floor.link_is_up, 15, "the link is up again")

    def over() -> bool:
        floor.work(AGENTS)
        return bool(floor.attempt(number)["closed"])

    floor.until(over, 25, "the attempt is closed")
    floor.until(
        lambda: "0 active channels" in floor.far_end("core show channels count"), 25, "nobody hangs on the line"
    )
    assert len(floor.placed(number)) <= 1
    floor.nothing_was_placed_twice()


def test_a_cut_link_loses_no_conversation_and_what_ended_meanwhile_is_unknown(floor: OwnFloor) -> None:
    a_busy_floor(floor, "cut")
    talking = {agent: floor.agent(agent)["call"] for agent in AGENTS if floor.agent(agent)["state"] == "TALK"}
    floor.proxy.refuse()
    floor.until(lambda: not floor.link_is_up(), NOTICED_WITHIN_S, "the cut is noticed")
    before = len(floor.attempts("cut"))
    (gone, stays) = talking.values()
    floor.command(f"channel request hangup {channel_of(floor, gone)}")
    floor.throughout(lambda: len(floor.attempts("cut")) == before, 1.0, "nothing is dialled while it is down")
    floor.proxy.admit()
    floor.until(floor.link_is_up, 15, "the link is up again")
    agents = {call: agent for agent, call in talking.items()}
    floor.until(lambda: floor.desk(agents[gone])["call"]["state"] == "wrap_up", 5, "the one who is gone is wrapped up")
    assert floor.desk(agents[stays])["call"]["state"] == "talk"
    floor.finish_call(agents[stays], "sale")
    floor.finish_call(agents[gone], "no_decision")
    rows = {row["id"]: row for row in floor.attempts("cut")}
    assert (rows[stays]["network"], rows[stays]["network_detail"]) == ("ANSWERED", "")
    assert (rows[gone]["network"], rows[gone]["network_detail"]) == ("ANSWERED", "LINK_LOST")
    floor.nothing_was_placed_twice()


def channel_of(floor: OwnFloor, attempt_id: str) -> str:
    lines = floor.command("core show channels concise").splitlines()
    return next(line.split("!")[0] for line in lines if line.split("!")[-1] == attempt_id)


def test_a_slow_link_in_small_pieces_changes_nothing(floor: OwnFloor) -> None:
    floor.proxy.delay_s, floor.proxy.slice_bytes = 0.1, 300
    calls_work(floor, "slow")
    assert floor.link_is_up()
    floor.nothing_was_placed_twice()


@pytest.mark.slow
@pytest.mark.usefixtures("simulated_demo")  # runs meanwhile
def test_after_sixty_five_seconds_without_any_call_event_calls_work(floor: OwnFloor) -> None:
    connections = floor.proxy.accepted
    floor.throughout(floor.link_is_up, SILENCE_S, "the link stays up though nothing happens")
    assert floor.proxy.accepted == connections, "it was never made anew"
    calls_work(floor, "silent")
    floor.nothing_was_placed_twice()
