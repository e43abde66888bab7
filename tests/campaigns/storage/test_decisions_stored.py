"""Are minutes of decisions kept, replaced, read in order and forgotten, each campaign's apart?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from campaigns.storage import Store
from campaigns.storage.values import DecisionMinute
from tests.builders.stored import NOON, after, campaign_with


def minute(campaign_id: int, number: int, **body: Any) -> DecisionMinute:
    return DecisionMinute(campaign_id=campaign_id, minute=after(minutes=number), body=body or {"looks": number})


def starts(found: tuple[DecisionMinute, ...]) -> list[datetime]:
    return [each.minute for each in found]


def test_minutes_come_back_as_they_were_and_in_order(store: Store) -> None:
    campaign = campaign_with(store)
    said = {"said": [[7, "f", "launch 0: 王小明 is away"]], "held": {"b": 1, "a": 2}}
    store.decisions.write([minute(campaign.id, 2), minute(campaign.id, 1, **said), minute(campaign.id, 3)])
    found = store.decisions.between(campaign.id, NOON, after(minutes=3))
    assert starts(found) == [after(minutes=1), after(minutes=2)]
    assert found[0].body == {
        "said": [[7, "f", "launch 0: 王小明 is away"]],
        "held": {"b": 1, "a": 2},
    }
    assert list(found[0].body["held"]) == ["b", "a"]


def test_a_minute_written_again_replaces_what_stood_there(store: Store) -> None:
    campaign = campaign_with(store)
    store.decisions.write([minute(campaign.id, 1, looks=3)])
    store.decisions.write([minute(campaign.id, 1, looks=60), minute(campaign.id, 2)])
    assert [each.body for each in store.decisions.between(campaign.id, NOON, after(hours=1))] == [
        {"looks": 60},
        {"looks": 2},
    ]


def test_the_neighbours_of_an_instant_are_found(store: Store) -> None:
    campaign = campaign_with(store)
    store.decisions.write([minute(campaign.id, n) for n in (1, 5, 9)])
    before, later = (
        store.decisions.last_before(campaign.id, after(minutes=5)),
        store.decisions.first_from(campaign.id, after(minutes=5)),
    )
    assert before is not None
    assert later is not None
    assert (before.minute, later.minute) == (after(minutes=1), after(minutes=5))
    newest = store.decisions.last_before(campaign.id, after(hours=1))
    assert newest is not None
    assert newest.minute == after(minutes=9)
    assert store.decisions.last_before(campaign.id, after(minutes=1)) is None
    assert store.decisions.first_from(campaign.id, after(minutes=10)) is None


def test_old_minutes_are_forgotten_but_for_the_one_that_tells_how_a_campaign_was_left(store: Store) -> None:
    one, other = campaign_with(store), campaign_with(store, name="winter")
    store.decisions.write([minute(one.id, n) for n in (1, 2, 3, 8)])
    store.decisions.write([minute(other.id, n) for n in (1, 2)])
    assert store.decisions.forget(one.id, after(minutes=3)) == 2
    assert store.decisions.forget(other.id, after(minutes=30)) == 1
    assert starts(store.decisions.between(one.id, NOON, after(hours=1))) == [after(minutes=3), after(minutes=8)]
    assert starts(store.decisions.between(other.id, NOON, after(hours=1))) == [after(minutes=2)]


def test_minutes_are_written_all_or_none(store: Store) -> None:
    campaign = campaign_with(store)
    broken = DecisionMinute(campaign_id=campaign.id, minute=NOON, body={"risk": float("nan")})
    with pytest.raises(Exception, match="not JSON compliant"):
        store.decisions.write([minute(campaign.id, 1), broken])
    assert store.decisions.between(campaign.id, NOON, after(hours=1)) == ()
