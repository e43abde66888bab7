"""A whole day of eight hours on the manual clock: do its reports equal what its raw rows and events add up to?"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from campaigns.model import DialMode
from campaigns.reports import Report
from campaigns.storage.store import Store
from dialer.decision_row import MOST_BYTES
from dialer.home import Home
from dialer.rehearsal.house import CAMPAIGN, MORNING
from dialer.settings import Settings
from dialer.simulation import SimulatedDay, SimulationPlan, simulate
from dialer.use_cases import Context
from dialer.use_cases.reports import make
from tests.scenarios.recount import Row, Story, by_agent, counts, figures, reached

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

EVENING = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
PLAN = SimulationPlan(agents=20, leads=5000, hours=8.0, mode=DialMode.POWER, ratio=1.5)  # somebody must be abandoned
AT_WORK = ("READY", "RINGING", "TALK", "HOLD", "WRAP_UP", "PREVIEW", "SYSTEM")


class DayBook:
    """The day's figures, its database as raw rows, and its reports."""

    def __init__(self, folder: Path) -> None:
        self.day: SimulatedDay = simulate(PLAN, folder)
        self.file = folder / "simulated.sqlite3"
        self.stories = self._stories()
        self.reports = self._reports(folder)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True) as link:
            link.row_factory = sqlite3.Row
            found = [dict(row) for row in link.execute(sql)]
        link.close()
        return found

    def _stories(self) -> list[Story]:
        events: dict[str, list[Row]] = defaultdict(list)
        for event in self.rows("SELECT * FROM attempt_event ORDER BY attempt_id, seq"):
            events[event["attempt_id"]].append(event | {"data": dict(json.loads(event["data"]))})
        attempts = self.rows("SELECT a.*, g.name AS agent FROM attempt a LEFT JOIN agent g ON g.id = a.agent_id")
        return [Story(row, events[row["id"]]) for row in attempts]

    def _reports(self, folder: Path) -> dict[str, Report]:
        store = Store.open(f"sqlite:///{self.file}")
        context = Context(store=store, home=Home(root=folder), settings=Settings(), now=lambda: EVENING)
        campaign = store.campaigns.by_name(CAMPAIGN)
        assert campaign is not None
        today = MORNING.date()
        try:
            return {k: make(context, campaign, k, today, today) for k in ("campaign", "completion", "refusal")}
        finally:
            store.close()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> DayBook:
    return DayBook(tmp_path_factory.mktemp("simulated"))


def table(report: Report, by: str) -> list[dict[str, Any]]:
    names = [column.name for column in report.columns]
    return [row for row in (dict(zip(names, cells, strict=True)) for cells in report.rows) if row["by"] == by]


def test_a_day_has_enough_of_everything_to_be_counted(book: DayBook) -> None:
    kinds = Counter(story.row["network"] for story in book.stories)
    assert len(book.stories) == book.day.attempts > 3000
    assert {"ANSWERED", "NO_ANSWER", "BUSY", "INVALID_NUMBER", "REJECTED", "UNAVAILABLE", "CONGESTION"} <= set(kinds)
    assert len({story.outcome for story in book.stories}) >= 8


def test_every_shared_figure_equals_the_recount(book: DayBook) -> None:
    expected = figures(book.stories)
    attempted = {s.row["person_id"] for s in book.stories if s.row["network"] != "NOT_ATTEMPTED"}
    spoken_with = {s.row["person_id"] for s in book.stories if s.contact}
    expected["contact_rate"] = (len(spoken_with), len(attempted))  # per lead: some were called more than once
    shown = {f.name: f for report in book.reports.values() for f in report.figures}
    for name, (numerator, denominator) in expected.items():
        assert (shown[name].numerator, shown[name].denominator) == (numerator, denominator), name


def test_the_plain_counts_equal_the_recount(book: DayBook) -> None:
    for by, expected in counts(book.stories).items():
        assert {row["name"]: row["numerator"] for row in table(book.reports["campaign"], by)} == expected, by


def test_scripts_by_agent_and_by_step_equal_the_recount(book: DayBook) -> None:
    completion = book.reports["completion"]
    agents = {row["agent"]: (row["started"], row["completed"]) for row in table(completion, "agent")}
    assert agents == by_agent(book.stories)
    assert len(agents) == 20
    assert {row["step"]: row["reached"] for row in table(completion, "step")} == reached(book.stories)
    assert sum(row["ended_here"] for row in table(completion, "step")) > 0


def test_refusals_by_agent_equal_the_recount(book: DayBook) -> None:
    naive: dict[str, Counter[str]] = defaultdict(Counter)
    for story in book.stories:
        if story.contact:
            naive[story.row["agent"]]["contacts"] += 1
            if story.outcome in ("refused", "do_not_call"):
                heard = "heard" if story.completed else "broke" if story.started else "before"
                naive[story.row["agent"]][heard] += 1
    for row in table(book.reports["refusal"], "agent"):
        own = naive.pop(row["agent"])
        seen = (row["human_contacts"], row["refused_before_script"], row["broke_off"], row["heard_it_all"])
        assert seen == (own["contacts"], own["before"], own["broke"], own["heard"]), row["agent"]
    assert not naive


def test_abandonment_and_talk_share_equal_a_recount_from_events_and_ledger(book: DayBook) -> None:
    abandoned, base = figures(book.stories)["abandonment"]
    assert abandoned
    assert base
    assert book.day.abandonment == pytest.approx(abandoned / base)
    spent: dict[str, float] = defaultdict(float)
    for span in book.rows("SELECT state, began_at, ended_at FROM agent_span"):
        assert span["ended_at"] is not None, "everybody was logged off"
        length = datetime.fromisoformat(span["ended_at"]) - datetime.fromisoformat(span["began_at"])
        spent[span["state"]] += length.total_seconds()
    talk, at_work = spent["TALK"] + spent["HOLD"], sum(spent[state] for state in AT_WORK)
    ringing = spent["RINGING"]
    assert book.day.talk_share == pytest.approx(talk / (at_work - ringing), abs=0.001)
    shown = next(f for f in book.reports["campaign"].figures if f.name == "talk_share")
    assert shown.numerator == pytest.approx(spent["TALK"])
    assert shown.denominator == pytest.approx(at_work)


def test_talk_time_in_the_ledger_agrees_with_the_calls_own_events(book: DayBook) -> None:
    """Two records of the same seconds, written by different parts: from joined to ended, call by call."""
    talked_ms = 0
    for story in book.stories:
        joined, ended = story.first("joined"), story.first("ended")
        if joined is not None and ended is not None:
            talked_ms += round(1000 * (float(ended["data"]["mono_s"]) - float(joined["data"]["mono_s"])))
    ledger = [s for s in book.rows("SELECT * FROM agent_span") if s["state"] in ("TALK", "HOLD")]
    seconds = sum(
        (datetime.fromisoformat(s["ended_at"]) - datetime.fromisoformat(s["began_at"])).total_seconds() for s in ledger
    )
    assert seconds == pytest.approx(talked_ms / 1000, rel=0.001)


def test_the_days_own_sums_equal_the_rows(book: DayBook) -> None:
    day = book.day
    assert day.answered == sum(s.answered for s in book.stories)
    assert day.joined == sum(s.first("joined") is not None for s in book.stories)
    assert day.sales == sum(s.outcome == "sale" for s in book.stories)
    assert all(s.row["closed"] and not s.row["live"] for s in book.stories)


def test_nobody_is_called_more_often_than_his_limits_allow(book: DayBook) -> None:
    per_number = Counter(s.row["number"] for s in book.stories if s.row["network"] != "NOT_ATTEMPTED")
    assert max(per_number.values()) <= 3  # max_attempts_per_number_per_day


def test_launches_in_the_decision_log_are_the_attempts_of_their_minutes(book: DayBook) -> None:
    attempts = Counter(story.row["created_at"][:16] for story in book.stories)
    minutes = book.rows("SELECT minute, body FROM decision_minute ORDER BY minute")
    launched = {row["minute"][:16]: json.loads(row["body"]).get("launched", 0) for row in minutes}
    assert {minute: number for minute, number in launched.items() if number} == dict(attempts)
    assert sum(launched.values()) == book.day.attempts


def test_the_decision_log_of_a_day_stays_small_and_covers_every_minute(book: DayBook) -> None:
    minutes = book.rows("SELECT minute, body FROM decision_minute ORDER BY minute")
    assert len(minutes) >= PLAN.hours * 60
    assert max(len(row["body"].encode()) for row in minutes) <= MOST_BYTES
    assert sum(len(row["body"].encode()) + len(row["minute"]) for row in minutes) < 350_000  # 1 MB for 24 hours
    for row in minutes[1:-1]:
        covered_ms = sum(json.loads(row["body"])["held"].values())
        assert 59_700 <= covered_ms <= 60_000, row["minute"]  # looks keep a gap of a quarter second
