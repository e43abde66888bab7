"""Where leads differ in their odds to answer: does each keep his own, and does pacing learn of it?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from campaigns.model import DialMode
from campaigns.storage.store import Store
from dialer.prediction.leads import LeadOdds, LeadTraits
from dialer.prediction.learned import from_plain
from dialer.rehearsal.engine_day import EngineDay, MadeUpCallees, play
from dialer.rehearsal.house import MORNING
from dialer.rehearsal.people import Kind, People
from dialer.rehearsal.world import world_a
from telephony.clock import ManualClock
from tests.rehearsal.days import steady

CALLS = 1500
NUMBERS = [f"+1202555{n:04d}" for n in range(100, 112)]


def persons_of(number: str, lead_spread: float) -> float:
    """The share of calls to this number that a person answers."""
    callees = MadeUpCallees(People(steady(world_a(5, 1))), ManualClock(MORNING), lead_spread)
    return sum(callees(number).kind == "human" for _ in range(CALLS)) / CALLS


def test_leads_that_differ_answer_each_at_his_own_rate_and_others_all_at_one() -> None:
    alike = {persons_of(number, 0.0) for number in NUMBERS}
    differing = [persons_of(number, 1.0) for number in NUMBERS]
    assert len(alike) == 1
    assert min(differing) < 0.7 * min(alike)
    assert max(differing) > 1.3 * max(alike)
    assert persons_of(NUMBERS[0], 1.0) == differing[0]


@pytest.mark.parametrize(("odds", "compare"), [(4.0, float.__gt__), (0.25, float.__lt__)])
def test_odds_move_how_many_persons_answer_and_spoil_nobody_who_answers_anyway(
    odds: float, compare: Callable[[float, float], bool]
) -> None:
    people = People(steady(world_a(5, 1)))
    usual = {i for i in range(CALLS) if people.fate(i, 60.0).kind is Kind.PERSON}
    with_odds = {i for i in range(CALLS) if people.fate(i, 60.0, odds).kind is Kind.PERSON}
    assert compare(float(len(with_odds)), float(len(usual)))
    assert usual <= with_odds or with_odds <= usual


def learned_on(folder: Path, lead_spread: float) -> LeadOdds:
    """What pacing knows of leads after a day on which the same ones are called again and again."""
    folder.mkdir()
    day = EngineDay(
        world=steady(world_a(5, 3, 1.0)),
        mode=DialMode.PREDICTIVE,
        leads=2000,
        lead_spread=lead_spread,
        tells_apart=True,
        rest_s=900,
    )
    play(day, folder)
    store = Store.open(f"sqlite:///{folder / 'simulated.sqlite3'}")
    try:
        (campaign,) = store.campaigns.all()
        values, _saved_at = store.campaigns.learned(campaign.id) or ({}, None)
    finally:
        store.close()
    known = from_plain(values)
    assert known is not None
    return known.lead_odds


def of_attempt(odds: LeadOdds, attempt: int) -> float:
    return odds.of(LeadTraits(attempt=attempt, kind="unknown", hour="morning", answered_before=False))


def test_pacing_learns_that_who_did_not_answer_before_answers_less_where_that_is_so(tmp_path: Path) -> None:
    differing = learned_on(tmp_path / "differing", 1.5)
    alike = learned_on(tmp_path / "alike", 0.0)
    assert of_attempt(differing, 3) < 0.75 * of_attempt(differing, 1)
    assert of_attempt(alike, 3) == pytest.approx(of_attempt(alike, 1), rel=0.25)
