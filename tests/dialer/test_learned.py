"""What pacing learned: is it kept, read back, lent to a new campaign, and gone on with after a restart?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dialer.learning import CallLost, CallMissed, CallOffered, CallRang, Learned, TalkEnded, WrapUpEnded, observe
from dialer.prediction.learned import CampaignLearned, from_plain, warm_start
from dialer.prediction.rate import NOT_RINGING
from dialer.prediction.recent import Mark, Recent


def taught() -> CampaignLearned:
    learned = Learned()
    for n in range(60):
        at_s = 5.0 * n
        learned = observe(learned, CallRang(campaign_id=1, lag_s=2.0))
        learned = observe(learned, CallOffered(campaign_id=1, placed_s=at_s - 10, at_s=at_s, ring_s=7.0, heard_s=1.5))
        learned = observe(
            learned, CallMissed(campaign_id=1, placed_s=at_s - 20, at_s=at_s, ring_s=18.0, machine=True, heard_s=2.5)
        )
        learned = observe(
            learned, CallMissed(campaign_id=1, placed_s=at_s - 20, at_s=at_s, ring_s=16.0, cancelled=True)
        )
        learned = observe(learned, CallMissed(campaign_id=1, placed_s=at_s - 20, at_s=at_s, ring_s=None))
        learned = observe(learned, TalkEnded(campaign_id=1, talk_s=90.0))
        learned = observe(learned, WrapUpEnded(campaign_id=1, wrap_s=12.0, talked_s=90.0))
    return observe(learned, CallLost(campaign_id=1)).of(1)


def test_every_lesson_is_kept_in_its_place() -> None:
    known = taught()
    seen = known.answering
    assert (seen.landed.total, seen.machine.total, seen.cancelled.total, seen.refused) == (60, 60, 60, 60)
    assert (seen.lag.counts[4], seen.person_heard.counts[6], seen.machine_heard.counts[10]) == (60, 60, 60)
    assert (known.freeing.talk.counts[90], known.freeing.wrap_long.counts[12]) == (60, 60)
    assert known.rate.habit == pytest.approx((60 + 2) / (180 + 8)), "given-up calls say nothing of the rate"
    assert known.screened


def test_what_was_learned_is_read_back_as_it_was_written() -> None:
    known = taught()
    again = from_plain(known.as_plain(0.0))
    assert again is not None
    assert (again.answering, again.freeing, again.screened) == (known.answering, known.freeing, known.screened)
    assert (again.rate.habit, again.log_correction) == (known.rate.habit, known.log_correction)


@pytest.mark.parametrize(
    "damage",
    [{"format": 1}, {"landed": -1}, {"landed": 9e9}, {"answering": 3}, {"freeing": {}}, {"log_correction": "x"}],
)
def test_a_damaged_memory_is_no_memory(damage: dict[str, object]) -> None:
    assert from_plain(taught().as_plain(0.0) | damage) is None
    assert from_plain({"ended": 5, "answered": 2}) is None, "what an earlier version kept"


# --- a restart within the half hour ------------------------------------------------------------------------

KEPT_S = 4000.0  # the clock of the run that ended
NEW_S = 77.0  # and of the next one, 40 s later


def busy_half_hour() -> CampaignLearned:
    """Everybody answers since a minute, and four people were lost in a campaign of ten agents."""
    known = taught()
    rate = known.rate
    for n in range(40):
        at_s = KEPT_S - 60.0 + 1.5 * n
        rate = rate.at(at_s).after(landed=True, was=NOT_RINGING, placed_s=at_s - 10)
    marks = tuple(
        Mark(at_s=KEPT_S - 60.0 * ago, lost=2 + (ago < 20) + 2 * (ago < 5), base=300 - 5 * ago, agents=10 - (ago > 25))
        for ago in range(29, -1, -1)
    )
    return replace(known, rate=rate, recent=Recent(marks=marks, team=11))


def kept_and_read(known: CampaignLearned, ago_s: float | None, **damage: object) -> CampaignLearned | None:
    stored = json.loads(json.dumps(known.as_plain(KEPT_S)))
    stored["lately"] |= damage
    return from_plain(stored, now_s=NEW_S, ago_s=ago_s)


def test_a_restart_goes_on_with_the_half_hour_and_the_rate_of_now() -> None:
    known = busy_half_hour()
    again = kept_and_read(known, 40.0)
    assert again is not None
    assert again.recent.since(NEW_S, 6, 310) == known.recent.since(KEPT_S + 40.0, 6, 310)
    assert again.recent.since(NEW_S, 6, 310).lost == 4
    assert again.rate.at(NEW_S).mean == pytest.approx(known.rate.at(KEPT_S + 40.0).mean, abs=0.02)
    assert again.rate.at(NEW_S).mean > 1.5 * again.rate.habit, "the habit alone would be far below"


def test_marks_that_the_half_hour_has_left_meanwhile_are_not_taken() -> None:
    known = busy_half_hour()
    again = kept_and_read(known, 600.0)
    assert again is not None
    assert len(again.recent.marks) == 21
    assert again.recent.marks[-1] == replace(known.recent.marks[-1], at_s=NEW_S - 600.0)


@pytest.mark.parametrize("ago_s", [None, 1801.0, -1.0], ids=["nobody knows when", "too long ago", "clock set back"])
def test_what_was_true_of_another_half_hour_is_not_taken(ago_s: float | None) -> None:
    again = kept_and_read(busy_half_hour(), ago_s)
    assert again is not None
    assert again.recent == Recent()
    assert again.rate.at_s is None
    assert again.rate.mean == pytest.approx(again.rate.habit, abs=0.1)


@pytest.mark.parametrize(
    "damage",
    [
        {"belief": [0.5, 0.5]},
        {"belief": [0.0] * 40},
        {"belief": [-1.0] * 40},
        {"belief": "x"},
        {"marks": [[60.0, 3, 2, 5]]},
        {"marks": [[0.0, 0, 0, 5], [60.0, 0, 0, 5]]},
        {"marks": [[60.0, 0]]},
        {"marks": [[60.0, 0, "nan", 5]]},
        {"team": None},
        {"goes_on_s": "soon"},
    ],
)
def test_a_damaged_half_hour_is_left_out_and_all_else_is_kept(damage: dict[str, object]) -> None:
    known = busy_half_hour()
    again = kept_and_read(known, 40.0, **damage)
    assert again is not None
    assert (again.recent, again.rate.at_s) == (Recent(), None)
    assert (again.answering, again.log_correction) == (known.answering, known.log_correction)


@pytest.mark.parametrize(("away_s", "begins_anew"), [(200.0, False), (400.0, True), (1500.0, True)])
def test_who_was_away_for_minutes_begins_anew_and_still_knows_whom_it_lost(away_s: float, begins_anew: bool) -> None:
    """Else a long outage would be taken for a quarter of an hour of dialling, and be followed by a bold start."""
    again = kept_and_read(busy_half_hour(), away_s)
    assert again is not None
    lately = again.recent.noted(NEW_S, 5, 300, 10).since(NEW_S, 5, 300)
    assert (lately.seconds < 900.0) == begins_anew
    assert lately.lost > 0


def test_a_minute_of_dialling_before_an_outage_does_not_count_as_a_half_hour() -> None:
    before = Recent().noted(KEPT_S - 60.0, 0, 100, 10).noted(KEPT_S, 0, 103, 10)
    again = kept_and_read(replace(busy_half_hour(), recent=before), 120.0)
    assert again is not None
    assert again.recent.noted(NEW_S, 0, 103, 10).since(NEW_S, 0, 103).seconds == pytest.approx(180.0)


def test_what_an_earlier_version_kept_has_no_half_hour_and_is_read() -> None:
    stored = busy_half_hour().as_plain(KEPT_S)
    del stored["lately"]
    again = from_plain(stored, now_s=NEW_S, ago_s=40.0)
    assert again is not None
    assert again.recent == Recent()


# --- what it is worth to others --------------------------------------------------------------------------


def test_a_new_campaign_starts_with_what_similar_ones_know_but_believes_it_only_so_far() -> None:
    known = taught()
    new = warm_start(True, [known, known, known])
    assert new.answering.calls == pytest.approx(300)
    assert new.rate.habit == pytest.approx(known.rate.habit, rel=0.02)
    assert warm_start(False, [known]) == CampaignLearned(screened=False)


def test_who_only_knows_what_was_lent_lends_it_to_nobody_and_any_lesson_is_its_own() -> None:
    lent = warm_start(True, [taught()])
    assert (lent.taught, taught().taught) == (False, True)
    assert warm_start(True, [lent]) == CampaignLearned(screened=True)
    assert warm_start(True, [taught(), lent]).answering == lent.answering
    rang = observe(Learned().with_(1, lent), CallRang(campaign_id=1, lag_s=2.0)).of(1)
    given_up = CallMissed(campaign_id=1, placed_s=0.0, at_s=1.0, ring_s=None, cancelled=True)
    unsaid = observe(Learned().with_(1, lent), given_up).of(1)
    assert (rang.taught, unsaid.taught) == (True, False)


@pytest.mark.parametrize("known", [taught(), warm_start(True, [taught()]), CampaignLearned()])
def test_whether_its_own_calls_taught_it_is_kept(known: CampaignLearned) -> None:
    again = from_plain(json.loads(json.dumps(known.as_plain(KEPT_S))))
    assert again is not None
    assert again.taught == known.taught


def test_what_an_earlier_version_kept_counts_as_its_own_unless_it_is_nothing() -> None:
    for known, own in ((taught(), True), (warm_start(True, [taught()]), True), (CampaignLearned(), False)):
        stored = known.as_plain(KEPT_S)
        del stored["taught"]
        again = from_plain(stored)
        assert again is not None
        assert (again.taught, again.answering) == (own, known.answering)


def test_a_lost_call_of_a_busy_half_hour_moves_the_learned_threshold_five_times_as_far() -> None:
    def moved(answers: int) -> float:
        marks = (Mark(at_s=0.0, lost=0, base=50), Mark(at_s=1700.0, lost=0, base=50 + answers))
        known = replace(Learned().of(1), recent=Recent(marks=marks))
        return observe(Learned().with_(1, known), CallLost(campaign_id=1)).of(1).log_correction - known.log_correction

    assert moved(999) < 0
    assert moved(1000) == pytest.approx(5 * moved(999))
    assert moved(0) == moved(999)
