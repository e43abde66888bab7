"""Which running figures does the engine keep, so that pacing and the board need no sums over the day?

They are made from the store at the start and moved with each call: when it is written, answered, meets the message,
and ends. A test holds both ways equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache

from campaigns.metrics import AbandonmentCount
from campaigns.model import AnsweredBy, Facts, Network
from campaigns.settings import CampaignSettings
from campaigns.storage.store import Store
from dialer.abandon_window import ROLLING_DAYS
from dialer.learning import Learned
from dialer.live import CampaignRun, Live, LiveCall
from dialer.prediction.learned import from_plain, warm_start
from telephony.clock import Clock


def load(run: CampaignRun, store: Store, now: datetime) -> None:
    """Make the figures of the last 30 report dates from what is stored of closed calls; open ones are counted live."""
    today = run.local_date(now)
    first = today - timedelta(days=ROLLING_DAYS - 1)
    days = store.attempts.counters(run.id, first, closed_only=True)
    run.by_date = {day.report_date: day.abandonment for day in days}
    run.today_date, run.today = today, {}
    for attempt in store.attempts.attempts(run.id, today, today):
        if attempt.closed:
            _count_of_today(run, attempt.report_date, None, attempt.facts)


def load_again(live: Live, campaign_id: int) -> None:
    """Make one campaign's figures anew after a closed attempt was given its outcome."""
    run = live.runs.get(campaign_id)
    if run is None:
        return
    load(run, live.store, live.clock.now())
    for call in live.calls.values():
        if call.run is run:
            facts, call.counted = call.counted, None
            count(call, facts or call.facts())


def count(call: LiveCall, facts: Facts) -> None:
    """Count one attempt as it stands now, in place of what was counted of it before."""
    run, day = call.run, call.attempt.report_date
    run.by_date[day] = run.by_date.get(day, AbandonmentCount()).moved(call.counted, facts)
    _count_of_today(run, day, call.counted, facts)
    call.counted = facts


def _count_of_today(run: CampaignRun, day: date, before: Facts | None, after: Facts) -> None:
    if run.today_date is None or day > run.today_date:
        run.today_date, run.today = day, {}
    if day != run.today_date:
        return
    counted = _figures(run, before) if before is not None else dict.fromkeys(_NAMES, 0)
    for name, value in _figures(run, after).items():
        run.today[name] = run.today.get(name, 0) + value - counted[name]


_NAMES = ("attempts", "answered", "humans", "sales", "refusals")


def _figures(run: CampaignRun, facts: Facts) -> dict[str, int]:
    disposition = run.settings.disposition(facts.disposition)
    return {
        "attempts": int(facts.network is not Network.NOT_ATTEMPTED),
        "answered": int(facts.network is Network.ANSWERED or facts.answered_at is not None),
        "humans": int(facts.answered_by is AnsweredBy.HUMAN),
        "sales": int(disposition is not None and disposition.sale),
        "refusals": int(disposition is not None and disposition.refusal),
    }


def save_learned(learned: Learned, store: Store, clock: Clock) -> None:
    """Keep what pacing learned, so that a restart does not start ignorant."""
    with store.transaction():
        for campaign_id, known in learned.campaigns:
            store.campaigns.save_learned(campaign_id, known.as_plain(clock.monotonic()), clock.now())


def load_learned(store: Store, clock: Clock) -> Learned:
    """What pacing had learned of every campaign; one not taught by calls yet starts with what similar ones know."""
    learned = Learned()
    for campaign in store.campaigns.all():
        kept = store.campaigns.learned(campaign.id)
        if kept is None:
            continue
        values, saved_at = kept
        ago_s = (clock.now() - saved_at).total_seconds()
        known = from_plain(values, now_s=clock.monotonic(), ago_s=ago_s)
        if known is not None:
            learned = learned.with_(campaign.id, known.shaped())
    settings = cache(store.campaigns.settings)  # of hundreds of campaigns each is asked for by each
    for campaign in store.campaigns.all():
        if not learned.of(campaign.id).taught:
            learned = with_campaign(learned, campaign.id, settings(campaign.id), lambda each: settings(each).trunk)
    return learned


def with_campaign(
    learned: Learned, campaign_id: int, settings: CampaignSettings, trunk_of: Callable[[int], str]
) -> Learned:
    """With a start for this campaign: from campaigns on the same trunk (`trunk_of` a campaign's id), else from any.

    One that a call of its own has taught anything keeps what it knows. Any other is given its start anew, whenever it
    was made and whatever was lent to it before: since then similar ones may have begun to know something.
    """
    known = dict(learned.campaigns)
    own = known.get(campaign_id)
    if own is not None and own.taught:
        return learned
    past = {each: what for each, what in known.items() if what.taught}
    alike = [what for each, what in past.items() if trunk_of(each) == settings.trunk]
    start = warm_start(settings.clock_from == "greeting", alike or past.values())
    if own is not None:
        start = replace(start, recent=own.recent)  # whom it lost within the half hour is no matter of what was lent
    return learned.with_(campaign_id, start.shaped())
