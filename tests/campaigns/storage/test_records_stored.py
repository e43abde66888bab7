"""Are scripts, trunks, exports and commands remembered, each exactly once?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.storage import Store, StoreRefused
from campaigns.storage.values import ExportRun
from tests.builders.stored import NOON, after, campaign_with


def test_a_script_gets_a_version_for_each_new_text(store: Store) -> None:
    assert store.scripts.save_version("offer", "one", "anna", NOON) == 1
    assert store.scripts.save_version("offer", "two", "boris", after(hours=1)) == 2
    assert store.scripts.save_version("offer", "two", "boris", after(hours=2)) == 2
    newest, first = store.scripts.script("offer"), store.scripts.script("offer", 1)
    assert newest is not None
    assert first is not None
    assert (newest.body, newest.actor, first.body) == ("two", "boris", "one")
    assert store.scripts.script("offer", 3) is None
    assert [(s.name, s.version) for s in store.scripts.all()] == [("offer", 2)]


def trunk_values() -> dict[str, object]:
    return {
        "exchange": "main",
        "host": "127.0.0.5",
        "port": 5060,
        "caller_id": "+12025550199",
        "practice": True,
        "rule_profile": "practice",
        "max_calls": 20,
        "attempts_per_second": 2.5,
    }


def test_a_trunk_is_suspended_until_somebody_resumes_it(store: Store) -> None:
    trunk = store.trunks.add("carrier", **trunk_values())  # type: ignore[arg-type]
    assert store.trunks.by_name("carrier") == trunk
    store.trunks.suspend("carrier", "403: account closed", NOON)
    store.trunks.suspend("carrier", "another reason", after(hours=1))
    suspended = replace(trunk, suspended_reason="403: account closed", suspended_at=NOON)
    assert store.trunks.all() == (suspended,)
    store.trunks.resume("carrier")
    assert store.trunks.by_name("carrier") == trunk


def test_a_trunks_name_is_not_given_twice(store: Store) -> None:
    store.trunks.add("carrier", **trunk_values())  # type: ignore[arg-type]
    with pytest.raises(StoreRefused, match="already"):
        store.trunks.add("carrier", **trunk_values())  # type: ignore[arg-type]


def test_an_export_is_recorded_once_per_campaign_kind_and_date(store: Store) -> None:
    campaign = campaign_with(store)
    run = ExportRun(
        campaign_id=campaign.id,
        kind="completion",
        report_date=NOON.date(),
        path="completion.csv",
        sha256="abc",
        rows=7,
        made_at=NOON,
        late=False,
    )
    assert store.exports.record_export(run)
    assert not store.exports.record_export(replace(run, rows=8))
    assert store.exports.record_export(replace(run, kind="refusal", late=True))
    assert store.exports.exports_done(campaign.id, NOON.date(), NOON.date(), "completion") == (run,)
    assert len(store.exports.exports_done(None, NOON.date(), after(days=9).date())) == 2
    assert store.exports.exports_done(None, after(days=1).date(), after(days=9).date()) == ()


def test_a_command_is_answered_again_and_not_done_again(store: Store) -> None:
    answer = {"status": "done", "data": {"b": [1, None, "ї"], "a": 0.5}}
    store.commands.remember("c1", "campaign.start", "anna", "monday", NOON, answer)
    found = store.commands.answer_of("c1")
    assert found is not None
    assert (found.name, found.actor, found.reason, found.at, found.answer) == (
        "campaign.start",
        "anna",
        "monday",
        NOON,
        answer,
    )
    assert store.commands.answer_of("c2") is None


def test_what_a_repeated_command_did_is_undone_with_it(store: Store) -> None:
    store.commands.remember("c1", "agent.add", "anna", "", NOON, {})

    def again() -> None:
        with store.transaction():
            store.agents.add("Olena", "2001", NOON)
            store.commands.remember("c1", "agent.add", "anna", "", NOON, {})

    with pytest.raises(StoreRefused, match="before"):
        again()
    assert store.agents.all() == ()


def test_the_last_commands_come_first(store: Store) -> None:
    for n in range(3):
        store.commands.remember(f"c{n}", "x", "anna", "", after(minutes=n), None)
    assert [command.id for command in store.commands.latest(2)] == ["c2", "c1"]
