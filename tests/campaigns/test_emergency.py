"""Does a declared state of emergency hold everybody who may be there, on its own days only, and nobody else?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.dialable import GateCode, judge
from campaigns.emergency import Emergency
from tests.campaigns.rule_builders import NOON, candidate, contact_point, rules, settings
from tests.campaigns.test_overrides import override

DAY = timedelta(days=1)
TODAY = NOON.date()  # a Friday
TEXAS = contact_point(number="+12145550123", zones=("America/Chicago",))


def declared(**changes: Any) -> Emergency:
    usual: dict[str, Any] = {"id": 1, "region": "US-NY", "first": TODAY, "last": TODAY + DAY, "reason": "Order 47"}
    return Emergency(**usual | {"declared_by": "anna", "declared_at": NOON - DAY} | changes)


def held(*emergencies: Emergency, at: datetime = NOON, of: Any = None, **changes: Any) -> bool:
    verdict = judge(of or candidate(), rules(emergencies=emergencies, **changes), at)
    return GateCode.CALLING_HOURS in [gate.code for gate in verdict.gates if not gate.passed]


def test_whoever_may_be_there_is_held_until_it_is_over_with_the_reason() -> None:
    verdict = judge(candidate(), rules(emergencies=(declared(),)), NOON)
    assert verdict.hold is not None
    assert verdict.hold.reason == "a state of emergency is declared for US-NY until 2026-11-21: Order 47"
    assert verdict.ask_again_at == datetime.fromisoformat("2026-11-22T08:00:00-05:00")
    assert not held()


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({"region": "US"}, True),
        ({"region": "US-TX"}, False),
        ({"last": TODAY}, True),
        ({"first": TODAY + DAY}, False),
        ({"first": TODAY - 2 * DAY, "last": TODAY - DAY}, False),
        ({"ended_at": NOON}, False),
        ({"ended_at": NOON + DAY}, True),
    ],
)
def test_it_holds_in_its_region_on_its_days(changes: dict[str, Any], holds: bool) -> None:
    assert held(declared(**changes)) is holds


def test_a_day_is_one_of_the_place_and_not_of_greenwich() -> None:
    last_minute = datetime.fromisoformat("2026-11-20T20:59:00-05:00")  # the 21st in UTC
    assert held(declared(last=TODAY), at=last_minute)
    assert not held(declared(first=TODAY + DAY), at=last_minute)


def test_people_elsewhere_and_calls_that_sell_nothing_are_not_held() -> None:
    assert not held(declared(), of=candidate(contact_point=TEXAS))
    assert not held(declared(), settings=settings(purpose="research"))


@pytest.mark.parametrize("purpose", ["upsell", "debt", "winback"])
def test_a_purpose_of_the_houses_own_is_taken_for_sales(purpose: str) -> None:
    assert held(declared(), settings=settings(purpose=purpose))


def test_a_person_whose_state_is_not_known_may_be_there() -> None:
    assert held(declared(), of=candidate(contact_point=contact_point(number="+17105550123")))


def test_no_override_opens_it() -> None:
    looser = override(key="hours.mon-sun", value="00:00-24:00")
    assert held(declared(), overrides=(looser,), at=NOON + timedelta(hours=1))
