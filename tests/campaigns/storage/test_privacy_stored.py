"""Does the store make a person unreadable in every table at once, on both databases, and keep what counts?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from campaigns.dialable import Rules, Trunk, judge
from campaigns.hours import US_FEDERAL
from campaigns.model import CloseReason, Facts, LeadState, Network, Scope, ScriptVisit
from campaigns.settings import CampaignSettings
from campaigns.storage import Store, StoreRefused
from campaigns.storage.privacy_places import PLACES
from campaigns.storage.pseudonyms import KeyMissing, pseudonym
from campaigns.storage.tables.base import METADATA
from campaigns.storage.values import Listed
from tests.builders.stored import NOON, campaign_with, claim, claimed, closed_as, entry, lead_row, number, phone, retry
from tests.campaigns.rule_builders import EveryListSaysClear

KEY = bytes(range(32))
NO_ANSWER = Facts(network=Network.NO_ANSWER, ended_at=NOON, note="call his wife")


@pytest.fixture
def keyed(store: Store) -> Store:
    store.recognise_erased_by(lambda: KEY)
    return store


def everything(store: Store) -> str:
    """All rows of all tables as one text."""
    return "".join(
        repr(row) for table in METADATA.sorted_tables for row in store._db.execute(select(table)).mappings().all()
    )


def two_numbers() -> list[Any]:
    """Ada with two numbers, and Ben, who shares her second."""
    return [
        lead_row(0, contact_points=(phone(number(0)), phone(number(7))), last_name="Lovelace"),
        lead_row(1, contact_points=(phone(number(1)), phone(number(8))), first_name="Ben", last_name="Busy"),
    ]


def test_all_numbers_of_a_person_go_and_stay_barred_and_others_are_untouched(keyed: Store) -> None:
    campaign = campaign_with(keyed, two_numbers())
    attempt = claimed(keyed, campaign)
    keyed.attempts.close(attempt.id, NO_ANSWER, retry(attempt, NOON + timedelta(hours=1)), None, NOON)
    subject = keyed.privacy.whom.subject(number(0))
    assert set(subject.numbers) == {number(0), pseudonym(number(0), KEY), number(7)}
    counts = keyed.privacy.erase(subject, "anna", NOON)
    keyed.privacy.clean()
    whole = everything(keyed)
    for trace in (number(0), number(7), "Lovelace", "call his wife"):
        assert trace not in whole
    assert number(1) in whole
    assert "Busy" in whole
    assert (counts["persons"], counts["numbers"], counts["calls"]) == (1, 2, 1)
    listed = keyed.suppressions.check([number(n) for n in (0, 1, 7, 8)])
    assert set(listed) == {number(0), number(7)}
    assert keyed.queue.state(campaign.id, 1).close_reason is CloseReason.SUPPRESSED  # type: ignore[union-attr]
    assert keyed.check_consistency() == ()


def test_entries_keep_their_scope_and_two_for_the_same_become_one(keyed: Store) -> None:
    campaign_with(keyed, two_numbers())
    keyed.suppressions.add(entry(number(0), scope=Scope.SELLER, value="Acme", reason="Ada Lovelace wrote"))
    keyed.privacy.erase(keyed.privacy.whom.subject(number(0)), "anna", NOON)
    keyed.suppressions.add(entry(number(0), scope=Scope.SELLER, value="Acme"))
    keyed.suppressions.add(entry(number(0)))
    keyed.privacy.erase(keyed.privacy.whom.subject(number(0)), "anna", NOON)
    found = keyed.suppressions.matching(number(0))
    assert sorted((each.scope, each.value, each.reason) for each in found) == [
        (Scope.EVERYTHING, "", "erased"),
        (Scope.SELLER, "Acme", "erased"),
    ]
    assert number(0) not in everything(keyed)
    renamed = keyed.suppressions.reach_also(Scope.SELLER, "Acme", "Acme Ltd", "anna", NOON)
    assert renamed == 1
    assert any(each.value == "Acme Ltd" for each in keyed.suppressions.matching(number(0)))


def test_what_fails_half_way_erases_nothing(keyed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign_with(keyed, two_numbers())
    before = everything(keyed)
    made: Callable[..., Any] = keyed.privacy._treat

    def fails_at_the_end(place: Any, subject: Any) -> int:
        if place is PLACES[-1]:
            raise RuntimeError("the disk is full")
        return int(made(place, subject))

    monkeypatch.setattr(keyed.privacy, "_treat", fails_at_the_end)
    with pytest.raises(RuntimeError):
        keyed.privacy.erase(keyed.privacy.whom.subject(number(0)), "anna", NOON)
    assert everything(keyed) == before


def test_a_person_in_a_call_or_waiting_for_its_outcome_is_not_erased(keyed: Store) -> None:
    campaign = campaign_with(keyed, two_numbers())
    claimed(keyed, campaign)
    with pytest.raises(StoreRefused, match="Nothing was erased"):
        keyed.privacy.erase(keyed.privacy.whom.subject(number(0)), "anna", NOON)
    assert keyed.leads.lead(1).last_name == "Lovelace"


def test_an_erased_person_is_never_claimed_again_even_when_the_bar_is_taken_off(keyed: Store) -> None:
    campaign = campaign_with(keyed, two_numbers()[:1])
    keyed.privacy.erase(keyed.privacy.whom.subject(number(0)), "anna", NOON)
    for each in keyed.suppressions.matching(number(0)):
        assert each.id is not None
        keyed.suppressions.remove(each.id, "anna", "by mistake", NOON, number=number(0))
        keyed.suppressions.remove(keyed.suppressions.matching(number(7))[0].id or 0, "anna", "by mistake", NOON)
    state = keyed.queue.state(campaign.id, 1)
    assert state is not None
    assert state.state is LeadState.NEW  # the bar is off, so he is asked again, and the judge says no
    rules = Rules(
        settings=CampaignSettings(name="spring sale"),
        trunk=Trunk(name="carrier", practice=False, loopback=False),
        profile=US_FEDERAL,
        registries=EveryListSaysClear(),
    )
    assert claim(keyed, campaign, judge=lambda candidate: judge(candidate, rules, NOON)).intents == ()


def test_without_its_key_an_erased_list_can_be_asked_by_nobody(keyed: Store) -> None:
    campaign = campaign_with(keyed, two_numbers())
    keyed.privacy.erase(keyed.privacy.whom.subject(number(0)), "anna", NOON)
    keyed._db._erasure_key = None
    keyed.recognise_erased_by(lambda: None)
    (ben,) = keyed.queue.due(campaign.id, NOON, 5)
    assert ben.suppressions is None
    for ask in (
        lambda: keyed.suppressions.matching(number(1)),
        lambda: keyed.suppressions.check([number(1)]),
        lambda: keyed.privacy.whom.subject(number(1)),
    ):
        with pytest.raises(KeyMissing):
            ask()
    assert keyed.suppressions.add(entry(number(1))).id  # whoever asks not to be called is listed all the same
    assert keyed.suppressions.add_many([entry(number(1)), entry(number(2))]) == Listed(added=1, known=1, voided=0)


def test_old_calls_lose_what_names_a_person_and_the_second_time_nothing_is_left_to_do(keyed: Store) -> None:
    campaign = campaign_with(keyed, 3)
    asked = Facts(
        network=Network.NO_ANSWER,
        ended_at=NOON,
        note="call his wife",
        script_steps=(ScriptVisit(step="greet", at=NOON, answers=(("who", "his wife"),)),),
    )
    for n, facts in ((0, asked), (1, NO_ANSWER), (2, asked)):
        at = NOON + timedelta(days=n)
        attempt = claimed(keyed, campaign, now=at, report_date=at.date())
        keyed.attempts.close(attempt.id, facts, closed_as(attempt, CloseReason.EXHAUSTED), None, at)
    before = NOON + timedelta(days=1, hours=1)
    assert keyed.retention.oldest_answers() == NOON
    assert [keyed.retention.forget_answers(before) for _ in range(2)] == [2, 0]
    assert keyed.retention.oldest_answers() == NOON + timedelta(days=2)
    assert [keyed.retention.anonymise_calls(before) for _ in range(2)] == [2, 0]
    assert keyed.retention.oldest_call() == NOON + timedelta(days=2)
    assert [len(keyed.attempts.by_number(number(n), 5)) for n in range(3)] == [0, 0, 1]
    assert keyed.check_consistency() == ()


def test_free_words_beside_a_number_in_the_command_log_go_and_a_files_own_reason_stays(keyed: Store) -> None:
    campaign_with(keyed, [lead_row(0, person_key="kd0042", debt="LOAN 99-17"), lead_row(1)])
    consent = {"number": number(0), "proof": "recording PROOF-77", "revoked_reason": "her mother wrote"}
    other = {"number": number(1), "proof": "recording PROOF-88"}
    for id_, name, data in (("a", "consent.add", {"consent": consent}), ("b", "consent.add", {"consent": other})):
        kept = {"status": "done", "message": "on record", "data": data}
        keyed.commands.remember(id_, name, "anna", f"why {id_}", NOON, kept)
    quoted = {"status": "refused", "message": "", "data": {"rejected": [{"reason": "debt 'Loan 99/17' of KD-0042"}]}}
    keyed.commands.remember("c", "leads.import", "anna", "list of March", NOON, quoted)
    keyed.privacy.erase(keyed.privacy.whom.subject(number(0)), "anna", NOON)
    keyed.privacy.clean()
    whole = everything(keyed)
    for trace in ("PROOF-77", "her mother wrote", "why a", "Loan 99/17", "KD-0042", "kd0042", "LOAN 99-17"):
        assert trace not in whole, trace
    for stays in ("PROOF-88", "why b", "list of March"):
        assert stays in whole, stays


def test_leads_of_the_same_key_go_along_when_they_are_asked_for(keyed: Store) -> None:
    rows = [lead_row(n, person_key="kd0042" if n < 3 else "kd0043", last_name=f"Lovelace{n}") for n in range(4)]
    campaign_with(keyed, rows)
    subject = keyed.privacy.whom.subject(number(0))
    assert keyed.privacy.whom.leads_with_the_same_key(subject) == 2
    told = keyed.privacy.whom.told_of_the_same_key(subject, 1)
    assert [numbers for _, numbers in told] == [(number(1),)]
    keyed.privacy.erase(keyed.privacy.whom.subject(number(0), same_key=True), "anna", NOON)
    assert set(keyed.suppressions.check([number(n) for n in range(4)])) == {number(0), number(1), number(2)}
    whole = everything(keyed)
    assert [name for name in ("Lovelace0", "Lovelace1", "Lovelace2", "Lovelace3") if name in whole] == ["Lovelace3"]
