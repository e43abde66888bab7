"""Two hundred practice calls through the whole product: does everything recorded and reported equal what happened?

The judges are the far end's own log, the keys that were pressed, and a naive recount of the raw rows.
"""

from __future__ import annotations

import itertools
import random
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dialer.demo.run import Agents
from dialer.demo.scripted_agent import ScriptedAgent, Told
from telephony.practice import PracticeKind, behaviour_of
from telephony.practice_compare import compare
from telephony.softphone import Softphone
from tests.patience import within
from tests.scenarios import recount
from tests.scenarios.conftest import opened
from tests.scenarios.practice_floor import PracticeFloor
from tests.scenarios.recount import Story

pytestmark = [pytest.mark.asterisk, pytest.mark.scenario, pytest.mark.slow]

CALLS, AT_LEAST_EACH, AGENTS = 200, 8, 5
TALK = 2.0  # conversations of 4 to 10 s: some hear the whole script, some hang up in it
LIMIT_S = 420.0  # once two were lost the ratio is off, and five agents take their time
READ_S = 1.0  # a conversation of 4 s goes through three steps
NAME = "full-day"
OUTCOME_OF_KEY = {"1": "sale", "2": "refused", "3": "callback", "4": "wrong_number", "5": "do_not_call",
                  "6": "not_available", "7": "machine", "8": "no_decision"}  # fmt: skip
QUICK = (
    PracticeKind.ANSWERS_SPEECH, PracticeKind.ANSWERS_SPEECH, PracticeKind.BUSY, PracticeKind.UNALLOCATED,
    PracticeKind.REJECTED, PracticeKind.CONGESTION, PracticeKind.UNAVAILABLE, PracticeKind.HANGS_UP_AT_ONCE,
)  # fmt: skip


class FullDay(PracticeFloor):
    """The day as it was: `keys` are those pressed on phones, with agent and instant."""

    def __init__(self, *args: Any, **wishes: Any) -> None:
        super().__init__(*args, **wishes)
        self.keys: list[tuple[str, str, datetime]] = []
        self.scripted: list[ScriptedAgent] = []
        self.plan: list[str] = []
        self.stories: list[Story] = []

    def run(self) -> None:
        seed = secrets.token_hex(4)
        print(f"seed {seed}")  # noqa: T201 - shown when it fails
        self.plan = self.mixed(random.Random(seed))
        settings = {
            "mode": "power",
            "ratio": 4.0,
            "max_lines_per_agent": 10.0,
            "attempts_per_second": 60.0,  # the whole first wave rings before its first answer eases the ratio
            "wrap_up_limit_s": 15,
        }
        self.campaign(NAME, self.plan, self.agents, **settings)
        for name, phone in self.phones.items():
            self.listen_to_keys(name, phone)
        with Agents(self, read_s=READ_S) as agents:
            began_s = time.monotonic()
            self.start(NAME)
            self.leave_in_the_first_wave()
            self.until(self.over, LIMIT_S, "all calls are made and closed")
            print(f"MEASURED {CALLS} calls in {time.monotonic() - began_s:.0f} s")  # noqa: T201
            self.do("campaign.stop", {"name": NAME})
            self.until(lambda: self.state(NAME) == "STOPPED", 10, "the campaign is stopped")
            self.scripted = list(agents.agents)
        self.until(lambda: len(self.far_end_log()) == CALLS, 10, "the far end has logged every call")
        self.stories = [Story(row, self.events(row["id"])) for row in self.attempts(NAME)]

    def leave_in_the_first_wave(self) -> None:
        """A ratio dials for no more people than the budget can bear, so all but one agent take a break meanwhile."""
        self.until(lambda: self.attempts(NAME), 10, "the first wave rings")
        for agent in self.agents[1:]:
            self.do("agent.pause", {"agent": agent, "code": "break"})
        self.until(self.somebody_met_nobody, 30, "somebody met nobody")
        for agent in self.agents[1:]:
            self.do("agent.ready", {"agent": agent})

    def somebody_met_nobody(self) -> bool:
        return any(row["routing"] == "ABANDONED_NO_AGENT" for row in self.attempts(NAME))

    def mixed(self, dice: random.Random) -> list[str]:
        plan = [number for kind in PracticeKind for number in self.fresh(kind, AT_LEAST_EACH)]
        plan += [self.fresh(dice.choice(QUICK))[0] for _ in range(CALLS - len(plan))]
        dice.shuffle(plan)
        # Many answers at once, while agents leave: somebody is left without one.
        speech = [number for number in plan if behaviour_of(number).kind is PracticeKind.ANSWERS_SPEECH]
        wave = sorted(speech, key=lambda number: behaviour_of(number).ring_ms)[:16]
        return wave + [number for number in plan if number not in wave]

    def listen_to_keys(self, agent: str, phone: Softphone) -> None:
        press = phone.send_digits

        def pressed(digits: str) -> None:
            self.keys.append((agent, digits, datetime.now(UTC)))
            press(digits)

        phone.send_digits = pressed  # type: ignore[method-assign]

    def over(self) -> bool:
        (counted,) = self.rows(
            "SELECT count(*) AS made, coalesce(sum(closed), 0) AS closed FROM attempt JOIN campaign ON"
            " campaign.id = attempt.campaign_id WHERE campaign.name = ?",
            NAME,
        )
        return bool(counted["closed"] == counted["made"] >= CALLS)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FullDay]:
    with opened(tmp_path_factory.mktemp("full"), FullDay, agents=AGENTS, talk=TALK) as day:
        assert isinstance(day, FullDay)
        day.run()
        yield day


def test_every_number_was_called_once_and_every_call_has_one_row(day: FullDay) -> None:
    assert sorted(story.row["number"] for story in day.stories) == sorted(day.plan)
    assert sorted(call.number for call in day.far_end_log()) == sorted(day.plan)
    assert all(story.row["closed"] for story in day.stories)
    kinds = Counter(call.kind for call in day.far_end_log())
    assert {kind: kinds[kind] >= AT_LEAST_EACH for kind in PracticeKind} == dict.fromkeys(PracticeKind, True)


def test_every_recorded_outcome_equals_the_far_ends_own_log(day: FullDay) -> None:
    recorded, seen = day.recorded(NAME), day.far_end_log()
    differences = compare(recorded, seen)
    assert differences == (), "\n".join(map(str, differences))
    busy, rejected = (next(i for i, r in enumerate(recorded) if r.network == n) for n in ("BUSY", "REJECTED"))
    swapped = list(recorded)
    swapped[busy] = replace(recorded[busy], network=recorded[rejected].network)
    swapped[rejected] = replace(recorded[rejected], network=recorded[busy].network)
    assert len(compare(swapped, seen)) == 2, "the comparison sees two rows swapped"


def test_every_call_was_written_before_it_was_placed(day: FullDay) -> None:
    placed = {call.attempt_id: call.at for call in day.far_end_log()}
    assert [s.row["id"] for s in day.stories if s.row["created_at"] > placed[s.row["id"]]] == []


def test_no_channel_is_left_on_either_asterisk(day: FullDay) -> None:
    day.until(lambda: day.channels() == [], 10, "the dialer's Asterisk is empty")
    day.until(lambda: "0 active channels" in day.far_end("core show channels count"), 10, "the far end is empty")


def test_agents_worked_by_desk_and_by_phone_keys_and_every_word_is_on_record(day: FullDay) -> None:
    assert [agent.refusals for agent in day.scripted] != [], "five agents worked"
    disposed = [(s.row["agent"], e) for s in day.stories for e in s.all("disposed")]
    by_key = 0
    for agent, key, at in day.keys:
        told = [e for name, e in disposed if name == agent and e["data"]["disposition"] == OUTCOME_OF_KEY[key]
                and 0 <= (datetime.fromisoformat(e["at"]).replace(tzinfo=UTC) - at).total_seconds() <= 2]  # fmt: skip
        assert told, f"{agent} pressed {key} at {at} and nothing was recorded"
        by_key += 1
    assert by_key >= 3
    assert len(disposed) - by_key >= 3
    handled = [s for s in day.stories if s.first("joined")]
    assert [s.row["id"] for s in handled if not s.outcome] == []
    assert {s.row["agent"] for s in handled} == set(day.agents)


def test_script_steps_are_recorded_in_the_order_of_the_script(day: FullDay) -> None:
    ways = {("greet", "offer"), ("greet", "callback"), ("offer", "confirm"), ("offer", "questions"),
            ("offer", "close_no"), ("questions", "confirm"), ("questions", "close_no"),
            ("confirm", "close_yes")}  # fmt: skip
    told: dict[str, list[Told]] = {}
    for each in (told for agent in day.scripted for told in agent.told):
        told.setdefault(each.attempt, []).append(each)
    for story in day.stories:
        steps, said = [e["data"] for e in story.all("step")], told.get(story.row["id"], [])
        path = [key for key, _ in itertools.groupby(data["step"] for data in steps)]
        assert list(itertools.pairwise(path)) == [(each.left, each.reached) for each in said]
        answered = [(data["step"], key, data[key]) for data in steps for key in data if key.startswith("answer.")]
        assert answered == [(each.left, f"answer.{k}", v) for each in said for k, v in each.answers.items()]
        assert path[:1] in ([], ["greet"])
    taken = {(each.left, each.reached) for steps in told.values() for each in steps}
    assert taken <= ways
    assert len(taken) >= 5, f"only {taken} were walked"
    assert any(each.answers for steps in told.values() for each in steps), "somebody heard a question to its end"


def test_the_abandoned_were_told_so_in_time_by_the_far_ends_clock(day: FullDay) -> None:
    seen = {call.attempt_id: call for call in day.far_end_log()}
    told = [(s, s.first("safe_harbour")) for s in day.stories if s.first("safe_harbour")]
    assert told, "whose agents left meets nobody"
    for story, message in told:
        assert message is not None
        call = seen[story.row["id"]]
        assert call.answered_at is not None
        waited_s = (datetime.fromisoformat(message["at"]).replace(tzinfo=UTC) - call.answered_at).total_seconds()
        assert 1.7 <= waited_s <= within(2.0), "the message starts within two seconds of the answer"
        # A join that was under way when the message began ends all the same; he counts as abandoned. It may have been
        # asked for while word of the message was on its way: stamped when it was read, and not acted upon yet.
        if story.first("joined") is not None:
            asked = story.first("join_asked")
            assert asked is not None
            word_s = (datetime.fromisoformat(asked["at"]) - datetime.fromisoformat(message["at"])).total_seconds()
            assert word_s <= within(0.05), "nobody is joined of whom it is known that he hears the message"
        assert story.row["routing"] == "ABANDONED_NO_AGENT"
    opted_out = [s for s in day.stories if s.row["opted_out"]]
    listed = {row["number"] for row in day.rows("SELECT number FROM suppression WHERE source = 'keypad'")}
    assert listed == {s.row["number"] for s in opted_out}


def test_the_three_reports_equal_a_naive_recount_of_the_raw_rows(day: FullDay) -> None:
    expected = recount.figures(day.stories)
    shown: recount.Figures = {}
    reports = {kind: day.report(kind, NAME) for kind in ("completion", "refusal", "campaign")}
    for report in reports.values():
        shown |= {f["name"]: (f["numerator"], f["denominator"]) for f in report["figures"] if f["name"] in expected}
    assert shown == expected
    rows = reports["campaign"]["rows"]
    for by, counted in recount.counts(day.stories).items():
        assert {row["name"]: row["numerator"] for row in rows if row["by"] == by} == counted
    rows = reports["completion"]["rows"]
    agents = {row["agent"]: (row["started"], row["completed"]) for row in rows if row["by"] == "agent"}
    assert agents == recount.by_agent(day.stories)
    assert {row["step"]: row["reached"] for row in rows if row["by"] == "step"} == recount.reached(day.stories)


def test_the_board_shows_the_figures_of_the_report(day: FullDay) -> None:
    row = day.do("campaign.show", {"name": NAME}).data
    expected = recount.figures(day.stories)
    assert (row["hit_rate"]["numerator"], row["hit_rate"]["denominator"]) == expected["hit_rate"]
    assert (row["abandon_today"]["numerator"], row["abandon_today"]["denominator"]) == expected["abandonment"]
