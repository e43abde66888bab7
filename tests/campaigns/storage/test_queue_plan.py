"""Are the questions of every tick answered from indexes, whatever the size of the lists?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from campaigns.model import AgentState
from campaigns.storage import Store
from tests.builders.stored import (
    NO_ANSWER,
    NOON,
    after,
    campaign_with,
    claim,
    claimed,
    entry,
    lead_row,
    number,
    phone,
    retry,
)

HOT: dict[str, Callable[[Store], object]] = {
    "due": lambda store: store.queue.due(1, after(days=1), 10),
    "next due": lambda store: store.queue.next_due_at(1),
    "live": lambda store: store.attempts.live(),
    "open": lambda store: store.attempts.open(1),
    "without outcome": lambda store: store.attempts.count_without_disposition(1),
    "events": lambda store: store.attempts.events("x"),
    "by number": lambda store: store.attempts.by_number(number(0)),
    "listed": lambda store: store.suppressions.matching(number(0)),
    "checked": lambda store: store.suppressions.check([number(0), number(1)]),
    "had contact": lambda store: store.attempts.had_contact(1, 1),
    "today": lambda store: store.attempts.counters(1, NOON.date()),
    "lead": lambda store: store.leads.lead(1),
    "ledger": lambda store: store.agents.move(1, None, AgentState.PAUSE, "", NOON),
}


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    opened = Store.open(sqlite_url)
    yield opened
    opened.close()


def plans_of(store: Store, ask: Callable[[], object]) -> list[str]:
    """The plan of every statement that `ask` runs, as SQLite tells it."""
    asked: list[tuple[str, Any]] = []
    connection = store._db.connection

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.split()[0] in ("SELECT", "UPDATE", "INSERT", "DELETE"):
            asked.append((statement, parameters[0] if many else parameters))

    event.listen(connection.engine, "before_cursor_execute", note)
    ask()
    event.remove(connection.engine, "before_cursor_execute", note)
    assert asked
    plans = []
    for statement, parameters in asked:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        plans += [str(row[-1]) for row in rows]
    return plans


def scans(plans: list[str]) -> list[str]:
    """Plans that read a whole table. An index over the live or open calls alone holds few rows, so it may be read."""
    few = ("CONSTANT ROW", "USING INDEX uq_attempt_live_number", "USING INDEX ix_attempt_open")
    return [plan for plan in plans if plan.startswith("SCAN") and not any(words in plan for words in few)]


@pytest.mark.parametrize("question", HOT)
def test_a_question_of_every_tick_reads_no_table_through(sqlite_store: Store, question: str) -> None:
    campaign_with(sqlite_store, 20)
    sqlite_store.agents.add("Olena", "2001", NOON)
    assert scans(plans_of(sqlite_store, lambda: HOT[question](sqlite_store))) == []


def test_who_is_the_same_person_is_found_without_reading_a_table_through(sqlite_store: Store) -> None:
    numbers = (phone(number(0)), phone(number(1)))
    campaign = campaign_with(sqlite_store, [lead_row(0, contact_points=numbers, person_key="c17")])
    campaign_with(sqlite_store, [lead_row(1), lead_row(2, person_key="c17")], name="theirs")
    plans = plans_of(sqlite_store, lambda: sqlite_store.queue.due(campaign.id, NOON, 10))
    assert scans(plans) == []
    for index in ("ix_person_key", "ix_contact_point_number", "ix_attempt_person"):
        assert any(index in plan for plan in plans), index


def test_the_due_come_in_order_without_being_sorted(sqlite_store: Store) -> None:
    campaign = campaign_with(sqlite_store, 20)
    plans = plans_of(sqlite_store, lambda: sqlite_store.queue.due(campaign.id, NOON, 10))
    assert any("ix_dialling_state_due" in plan for plan in plans)
    assert not any("TEMP B-TREE" in plan for plan in plans)


def test_a_whole_call_reads_no_table_through(sqlite_store: Store) -> None:
    campaign = campaign_with(sqlite_store, 20)
    sqlite_store.suppressions.add(entry(number(3)))

    def a_call() -> None:
        attempt = claimed(sqlite_store, campaign)
        sqlite_store.attempts.append(sqlite_store.attempts.events(attempt.id))
        sqlite_store.attempts.save_facts(attempt.id, NO_ANSWER, live=False)
        sqlite_store.attempts.close(attempt.id, NO_ANSWER, retry(attempt), entry(number(0)), NOON)

    assert scans(plans_of(sqlite_store, a_call)) == []


def test_the_check_for_scans_finds_one(sqlite_store: Store) -> None:
    def unindexed() -> object:
        return sqlite_store._db.execute(text("SELECT * FROM person WHERE note = 'x'")).all()

    assert scans(plans_of(sqlite_store, unindexed)) != []


def test_only_what_is_due_is_read_however_long_the_list(sqlite_store: Store) -> None:
    steps: dict[int, int] = {}
    for size, name in ((100, "short"), (4000, "long")):
        campaign = campaign_with(sqlite_store, size, name=name)
        claim(sqlite_store, campaign)
        count = [0]
        driver: Any = sqlite_store._db.connection.connection.driver_connection
        driver.set_progress_handler(lambda counted=count: counted.__setitem__(0, counted[0] + 1) or 0, 10)
        sqlite_store.queue.due(campaign.id, after(days=1), 5)
        driver.set_progress_handler(None, 0)
        steps[size] = count[0]
    assert steps[4000] < 2 * steps[100] + 20, steps
