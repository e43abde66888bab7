"""Has every attempt and every hold its receipt, in one chain, and is every change of them found and named?"""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from campaigns.dialable import Candidate, GateCode, Rules, Trunk, Verdict, judge
from campaigns.hours import US_FEDERAL
from campaigns.model import CloseReason
from campaigns.receipts import FaultKind, Outcome, Receipt, receipt_from
from campaigns.settings import CampaignSettings
from campaigns.storage import Store, StoreRefused
from campaigns.storage.claims import Terms
from campaigns.storage.database import Database, url_of
from campaigns.storage.receipt_checks import Checked, check_receipts
from campaigns.storage.values import Campaign
from tests.builders.stored import (
    NO_ANSWER,
    NOON,
    after,
    campaign_with,
    claim,
    claimed,
    closed_as,
    entry,
    new_id,
    no,
    number,
    retry,
    yes,
)
from tests.campaigns.rule_builders import EveryListSaysClear

KEY = b"k" * 32
DAY = NOON.date()
RULES = Rules(
    settings=CampaignSettings(name="spring sale"),
    trunk=Trunk(name="carrier", practice=False, loopback=False),
    profile=US_FEDERAL,
    registries=EveryListSaysClear(),
)


def really(candidate: Candidate, now: datetime = NOON) -> Verdict:
    """The judge that dials."""
    return judge(candidate, RULES, now)


def receipts(store: Store, day: date = DAY) -> list[Receipt]:
    return [receipt_from(row.body, row.private) for row in store.receipts.of_day(day)]


def checked(store: Store, key: bytes | None = KEY) -> Checked:
    return check_receipts(store.receipts, key, store.prefix)


def changed(url: str, statement: str, **values: Any) -> None:
    """Somebody with the database and nothing else."""
    with closing(Database(url_of(url))) as database, database.transaction():
        assert database.execute(text(statement), values).rowcount >= 1, "nothing was changed"


def calls(store: Store, campaign: Campaign, **at: float) -> None:
    """One call that nobody answered, at an instant."""
    now = after(**at)
    attempt = claimed(store, campaign, judge=partial(really, now=now), now=now)
    store.attempts.close(attempt.id, NO_ANSWER, retry(attempt, now + timedelta(hours=1)), None, now)


def test_each_attempt_has_exactly_one_receipt_before_the_claim_returns(store: Store, url: str) -> None:
    campaign = campaign_with(store, 3)
    attempts = claim(store, campaign, wanted=3, judge=really).intents
    with closing(Store.open(url)) as other:
        found = receipts(other)
    assert [(each.attempt_id, each.number, each.outcome) for each in found] == [
        (attempt.id, attempt.number, Outcome.DIALLED) for attempt in attempts
    ]
    assert [each.at for each in found] == [NOON] * 3
    assert {(each.campaign, each.settings_version, each.trunk) for each in found} == {("spring sale", 1, "carrier")}
    assert all(place.inside for each in found for place in each.places)
    assert checked(store).fault is None


def test_a_listed_lead_has_a_receipt_that_says_so(store: Store) -> None:
    campaign = campaign_with(store)
    store.suppressions.add(entry(number(0)))
    assert claim(store, campaign, judge=really).intents == ()
    (held,) = receipts(store)
    assert (held.outcome, held.hold, held.attempt_id, held.number) == (
        Outcome.HELD,
        "DO_NOT_CALL",
        None,
        number(0),
    )
    (shut,) = (gate for gate in held.gates if not gate.passed)
    assert "asked us not to call" in shut.reason


def test_a_call_that_began_elsewhere_holds_the_lead_with_a_receipt(store: Store) -> None:
    one = campaign_with(store, name="one")
    two = campaign_with(store, name="two")
    claimed(store, one)
    assert claim(store, two).intents == ()  # its judge lets everybody through; the table does not
    assert [each.hold for each in receipts(store)] == ["", "LIVE_CALL"]


def test_nothing_is_proven_of_what_was_not_stored(store: Store) -> None:
    campaign = campaign_with(store, 2)

    def fails(candidate: Candidate) -> Verdict:
        if candidate.contact_point.number == number(1):
            raise RuntimeError("the judge died")
        return yes(candidate)

    with pytest.raises(RuntimeError, match="died"):
        claim(store, campaign, wanted=2, judge=fails)
    assert store.attempts.live() == ()
    assert store.receipts.days() == ()


def test_the_same_hold_every_hour_is_proven_once_a_day(store: Store) -> None:
    campaign = campaign_with(store)
    for hour in range(10):  # NOON is 17:00 UTC: the last three are on the next day
        claim(store, campaign, judge=no(GateCode.PRACTICE, after(hours=hour + 1)), now=after(hours=hour))
    assert [len(receipts(store, DAY + timedelta(days=n))) for n in (0, 1)] == [1, 1]


def test_a_hold_for_another_reason_is_proven_at_once(store: Store) -> None:
    campaign = campaign_with(store)
    for hour, code in enumerate((GateCode.PRACTICE, GateCode.REGISTRY_KNOWN, GateCode.PRACTICE)):
        claim(store, campaign, judge=no(code, after(hours=hour + 1)), now=after(hours=hour))
    assert [each.hold for each in receipts(store)] == ["PRACTICE", "REGISTRY_KNOWN", "PRACTICE"]


def test_a_hold_after_a_call_is_proven_again(store: Store) -> None:
    campaign = campaign_with(store)
    hold = no(GateCode.PRACTICE, after(hours=1))
    claim(store, campaign, judge=hold)
    attempt = claimed(store, campaign, now=after(hours=1))
    store.attempts.close(attempt.id, NO_ANSWER, retry(attempt, after(hours=2)), None, after(hours=1))
    claim(store, campaign, judge=no(GateCode.PRACTICE, after(hours=3)), now=after(hours=2))
    assert [each.outcome for each in receipts(store)] == [Outcome.HELD, Outcome.DIALLED, Outcome.HELD]


def test_days_follow_each_other_by_their_heads(store: Store) -> None:
    campaign = campaign_with(store)
    for days in range(3):
        calls(store, campaign, days=days)
    first, second, third = store.receipts.days()
    assert [each.rows for each in (first, second, third)] == [1, 1, None]
    assert (second.previous_head, third.previous_head) == (first.head, second.head)
    assert checked(store).fault is None


def test_a_day_without_calls_is_not_missed(store: Store) -> None:
    campaign = campaign_with(store)
    calls(store, campaign)
    calls(store, campaign, days=9)
    assert [each.day for each in store.receipts.days()] == [DAY, DAY + timedelta(days=9)]
    assert checked(store).fault is None


def test_what_is_written_while_the_clock_goes_back_stays_in_the_newest_day(store: Store) -> None:
    campaign = campaign_with(store)
    calls(store, campaign, days=1)
    attempt = claimed(store, campaign_with(store, 1, name="third"), now=NOON)
    (day,) = store.receipts.days()
    assert day.day == DAY + timedelta(days=1)
    assert [each.at for each in receipts(store, day.day)] == [after(days=1), NOON]
    assert store.receipts.of_attempt(attempt.id) is not None
    assert checked(store).fault is None


def test_only_days_that_are_over_are_sealed_and_never_written_to_again(store: Store) -> None:
    campaign = campaign_with(store, 2)
    calls(store, campaign)
    assert store.receipts.seal(KEY, store.prefix, after(hours=6)) == ()
    (sealed,) = store.receipts.seal(KEY, store.prefix, after(hours=8))
    assert (sealed.day, sealed.rows) == (DAY, 1)
    assert store.receipts.seal(KEY, store.prefix, after(hours=9)) == ()
    claimed(store, campaign, now=after(hours=1))  # judged before midnight, written after it
    assert [each.day for each in store.receipts.days()] == [DAY, DAY + timedelta(days=1)]
    assert store.receipts.days()[0] == sealed
    assert checked(store).fault is None


def test_a_preview_that_is_dialled_or_held_has_its_receipt(store: Store) -> None:
    campaign = campaign_with(store, 2)
    agent = store.agents.add("Olena", "2001", NOON)

    def offered() -> int:
        found = store.previews.offer(
            campaign.id,
            really,
            NOON,
            agent_id=agent.id,
            limit=timedelta(minutes=1),
            words="on a desk",
            his=lambda _: True,
        )
        assert found.preview is not None
        return found.preview.id

    terms = Terms(
        campaign_id=campaign.id,
        trunk="carrier",
        settings_version=1,
        script_version=None,
        disposition_set=1,
        report_date=DAY,
        now=NOON,
    )
    first, second = offered(), offered()
    assert receipts(store) == [], "nothing was dialled and nobody was held"
    dialled = store.previews.dial(first, really, terms, new_id)
    assert dialled.attempt is not None
    store.suppressions.add(entry(number(1)))
    held = store.previews.dial(second, really, terms, new_id)
    assert "do-not-call" in held.why_not
    assert [(each.attempt_id, each.hold) for each in receipts(store)] == [
        (dialled.attempt.id, ""),
        (None, "DO_NOT_CALL"),
    ]


def test_leads_held_while_one_is_looked_for_have_receipts(store: Store) -> None:
    campaign = campaign_with(store, 2)
    agent = store.agents.add("Olena", "2001", NOON)
    store.suppressions.add(entry(number(0)))
    store.previews.offer(
        campaign.id, really, NOON, agent_id=agent.id, limit=timedelta(minutes=1), words="x", his=lambda _: True
    )
    assert [(each.number, each.hold) for each in receipts(store)] == [(number(0), "DO_NOT_CALL")]


TAMPERED = {
    "a number in a receipt": (
        "UPDATE receipt SET private = replace(private, '+12025550101', '+12025550199') WHERE seq = 2",
        FaultKind.CHANGED,
        2,
        "row 2 of 2026-11-21: its number or a reason was changed",
    ),
    "a trunk in a receipt": (
        "UPDATE receipt SET body = replace(body, 'tzdata', 'system') WHERE seq = 2",
        FaultKind.CHANGED,
        2,
        "row 2 of 2026-11-21 was changed",
    ),
    "a hash": ("UPDATE receipt SET hash = 'f' WHERE seq = 1", FaultKind.CHANGED, 1, "row 1 of"),
    "a row taken out": ("DELETE FROM receipt WHERE seq = 2", FaultKind.REMOVED, 2, "row 2 of 2026-11-21 was removed"),
    "the first row taken out": ("DELETE FROM receipt WHERE seq = 1", FaultKind.REMOVED, 1, "row 1 of"),
    "the last row taken out": (
        "DELETE FROM receipt WHERE seq = 3",
        FaultKind.REMOVED,
        3,
        "1 rows at the end of 2026-11-21 were removed",
    ),
    "a row put in": (
        "INSERT INTO receipt (day, seq, campaign_id, person_id, attempt_id, mark, body, private, hash) "
        "SELECT day, 4, campaign_id, person_id, NULL, mark, body, private, hash FROM receipt WHERE seq = 3",
        FaultKind.CHANGED,
        4,
        "row 4 of",
    ),
    "a column": (
        "UPDATE receipt SET person_id = 99 WHERE seq = 3",
        FaultKind.CHANGED,
        3,
        "its column person_id says 99",
    ),
    "the number of a call": (
        "UPDATE attempt SET number = '+12025550777' WHERE number = '+12025550101'",
        FaultKind.CHANGED,
        2,
        "its number is +12025550777, the receipt says +12025550101",
    ),
    "the time of a call": (
        "UPDATE attempt SET created_at = '2026-11-20 17:00:00.000000' WHERE number = '+12025550101'",
        FaultKind.CHANGED,
        2,
        "it was made at 2026-11-20",
    ),
    "the head of the day": ("UPDATE receipt_day SET head = 'f'", FaultKind.HEAD, None, "the head of 2026-11-21"),
    "the seal": ("UPDATE receipt_day SET seal = 'f'", FaultKind.SEAL, None, "the seal of 2026-11-21 does not fit"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_somebody_with_the_database_changes_is_found_and_named(store: Store, url: str, what: str) -> None:
    statement, kind, seq, words = TAMPERED[what]
    campaign = campaign_with(store, 3)
    claim(store, campaign, wanted=3, judge=really)
    store.receipts.seal(KEY, store.prefix, after(days=1))
    assert checked(store).fault is None
    changed(url, statement)
    fault = checked(store).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == (kind, seq)
    assert words in fault.words


def test_a_private_part_that_was_blanked_by_hand_is_no_erasure(store: Store, url: str) -> None:
    campaign = campaign_with(store, 3)
    store.suppressions.add(entry(number(0)))
    claim(store, campaign, wanted=3, judge=really)  # one is held, two are called
    changed(url, "UPDATE receipt SET private = '' WHERE seq = 1")
    fault = checked(store).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == (FaultKind.CHANGED, 1)
    assert "person 1 was not erased" in fault.words


def test_a_receipt_blanked_by_hand_is_found_although_the_call_lost_its_number_by_age(store: Store, url: str) -> None:
    """After years the night takes a call's number away; the receipt's own stays, and it must be that number."""
    store.recognise_erased_by(lambda: KEY)
    campaign = campaign_with(store, 1)
    calls(store, campaign)
    assert store.retention.anonymise_calls(NOON + timedelta(days=1)) == 1
    assert checked(store).fault is None
    changed(url, "UPDATE attempt SET number = :other", other="#" + "0" * 64)
    assert "its number is" in checked(store).fault.words  # type: ignore[union-attr]
    changed(url, "UPDATE receipt SET private = ''")
    assert "was not erased" in checked(store).fault.words  # type: ignore[union-attr]


def test_the_receipts_of_an_erased_person_are_whole(store: Store) -> None:
    store.recognise_erased_by(lambda: KEY)
    campaign = campaign_with(store, 2)
    store.suppressions.add(entry(number(1)))
    calls(store, campaign)
    claim(store, campaign, wanted=2, judge=really)  # the other one is held
    for which in (0, 1):
        store.privacy.erase(store.privacy.whom.subject(number(which)), "anna", NOON)
    assert [each.erased for each in receipts(store)] == [True, True]
    assert checked(store).fault is None


def test_a_call_put_in_without_a_receipt_is_found(store: Store, url: str) -> None:
    campaign = campaign_with(store)
    calls(store, campaign)
    columns = "campaign_id, person_id, contact_point_id, list_id, number, trunk, settings_version, script_version, "
    columns += "disposition_set, created_at, report_date, first_attempt, live, closed, network_detail, ended_by, "
    columns += "talk_ms, hold_ms, wrap_up_ms, routing, script, script_steps, script_end_step, leave_reason, "
    columns += "disposition, note, cancel_reason, opted_out"
    changed(url, f"INSERT INTO attempt (id, {columns}) SELECT 'made-up', {columns} FROM attempt")  # noqa: S608
    fault = checked(store).fault
    assert fault is not None
    assert "the call made-up has no receipt" in fault.words


def test_a_chain_written_anew_is_whole_in_itself_but_not_under_its_seal(store: Store, url: str) -> None:
    """Without the seal's key somebody may write all of a day anew; the seal is what he cannot write."""
    campaign = campaign_with(store, 2)
    claim(store, campaign, wanted=2, judge=really)
    store.receipts.seal(KEY, store.prefix, after(days=1))
    (day,) = store.receipts.days()
    (last,) = (row for row in store.receipts.of_day(DAY) if row.seq == 1)
    changed(url, "DELETE FROM receipt WHERE seq = 2")
    changed(url, "DELETE FROM attempt_event WHERE attempt_id IN (SELECT id FROM attempt WHERE number = '+12025550101')")
    changed(url, "DELETE FROM attempt WHERE number = '+12025550101'")
    changed(url, "UPDATE receipt_day SET row_count = 1, head = :head", head=last.hash)
    assert checked(store, key=None).fault is None, "this is what the chain alone cannot show"
    fault = checked(store).fault
    assert fault is not None
    assert (fault.kind, fault.day) == (FaultKind.SEAL, day.day)


def test_a_seal_taken_off_is_found(store: Store, url: str) -> None:
    campaign = campaign_with(store)
    for days in range(3):
        calls(store, campaign, days=days)
    store.receipts.seal(KEY, store.prefix, after(days=2))
    changed(url, "UPDATE receipt_day SET seal = NULL WHERE day = '2026-11-21'")
    fault = checked(store).fault
    assert fault is not None
    assert "2026-11-21 has no seal" in fault.words


def test_whole_sealed_days_are_pruned_and_their_heads_hold_the_chain_together(store: Store, url: str) -> None:
    campaign = campaign_with(store)
    for days in range(4):
        calls(store, campaign, days=days)
    store.receipts.seal(KEY, store.prefix, after(days=3))
    gone = store.receipts.prune(DAY + timedelta(days=2), after(days=3), by_profiles=False)
    assert gone == (DAY, DAY + timedelta(days=1))
    assert [len(receipts(store, DAY + timedelta(days=n))) for n in range(4)] == [0, 0, 1, 1]
    seen = checked(store)
    assert (seen.fault, seen.days, seen.pruned, seen.rows) == (None, 4, 2, 2)
    assert store.receipts.prune(DAY + timedelta(days=2), after(days=3), by_profiles=False) == ()
    changed(url, "DELETE FROM receipt_day WHERE day = '2026-11-22'")
    fault = checked(store).fault
    assert fault is not None
    assert (fault.kind, fault.day) == (FaultKind.HEAD, DAY + timedelta(days=2))


def test_a_day_is_kept_as_long_as_the_profiles_of_its_receipts_ask(store: Store) -> None:
    """us-federal asks for five years of 366 days; a day without such a call goes as the settings say."""
    campaign = campaign_with(store)
    calls(store, campaign)
    assert claim(store, campaign_with(store, name="other"), judge=no(GateCode.NUMBER), now=after(days=1)).intents == ()
    calls(store, campaign, days=2)
    store.receipts.seal(KEY, store.prefix, after(days=3))
    before = DAY + timedelta(days=2)
    last = DAY + timedelta(days=5 * 366)
    assert store.receipts.kept_from(last) == DAY
    assert store.receipts.kept_from(last + timedelta(days=1)) == DAY + timedelta(days=2)
    assert store.receipts.prune(before, after(days=400)) == (DAY + timedelta(days=1),)
    assert store.receipts.prune(before, after(days=5 * 366)) == ()
    assert store.receipts.prune(before, after(days=5 * 366), by_profiles=False) == (DAY,)
    assert checked(store).fault is None


def test_a_day_that_is_not_sealed_is_never_pruned(store: Store) -> None:
    campaign = campaign_with(store)
    calls(store, campaign)
    calls(store, campaign, days=1)
    assert store.receipts.prune(DAY + timedelta(days=9), after(days=9)) == ()
    assert len(receipts(store)) == 1


def test_several_connections_write_one_chain(store: Store, url: str) -> None:
    """Four dialers claim at once; every receipt has its place, and no place is taken twice."""
    names = [f"campaign {n}" for n in range(4)]
    campaigns = [campaign_with(store, 20, name=name) for name in names]
    faults: list[BaseException] = []

    def dial(campaign: Campaign, begins_at: int) -> None:
        try:
            with closing(Store.open(url, durable=False)) as own:
                for _ in range(5):
                    for attempt in claim(own, campaign, wanted=1, judge=no_live_call(begins_at)).intents:
                        own.attempts.close(attempt.id, NO_ANSWER, closed_as(attempt, CloseReason.EXHAUSTED), None, NOON)
        except BaseException as fault:
            faults.append(fault)

    def no_live_call(first: int) -> Any:
        mine = {number(n) for n in range(first, first + 5)}
        held = no(GateCode.PRACTICE, after(hours=1))
        return lambda candidate: (yes if candidate.contact_point.number in mine else held)(candidate)

    threads = [threading.Thread(target=dial, args=(each, 5 * n)) for n, each in enumerate(campaigns)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    rows = list(store.receipts.of_day(DAY))
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert sum(row.attempt_id is not None for row in rows) == 20
    assert checked(store).fault is None


def test_a_desk_that_is_empty_proves_nothing(store: Store) -> None:
    terms = Terms(
        campaign_id=1, trunk="t", settings_version=1, script_version=None, disposition_set=1, report_date=DAY, now=NOON
    )
    with pytest.raises(StoreRefused):
        store.previews.dial(7, yes, terms, new_id)
    assert store.receipts.days() == ()
