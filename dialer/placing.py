"""How does a lead become a call? It is judged, its attempt durably written, and only then dialled, never twice."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from campaigns.dialable import Candidate, Rules, Verdict, judge
from campaigns.model import Attempt, AttemptEvent, EventKind, Facts
from campaigns.storage.claims import Terms
from campaigns.storage.values import LeadHistory
from dialer import tallies
from dialer.decision_book import DecisionBook
from dialer.holds import run_dry
from dialer.live import CampaignRun, Live, LiveCall
from dialer.prediction.leads import LeadTraits, hour_band, lately
from telephony.port import CustomerCall

LOOK_AT_MOST = 200  # candidates judged in one transaction
FIXED, MOBILE = "fixed", "mobile"  # kinds of number that answer differently; others are not told apart


class Placing:
    """Claims leads and dials them; for pacing and for agents who dial themselves."""

    def __init__(self, live: Live, book: DecisionBook) -> None:
        self._live = live
        self._book = book

    def claim(self, run: CampaignRun, wanted: int, for_agent: str = "") -> list[LiveCall]:
        """Judge and durably write up to `wanted` attempts; what comes back must be placed or closed."""
        now = self._live.clock.now()
        if run.rules is None:
            return []
        claimed = self._live.store.attempts.claim(
            run.id,
            partial(verdict_of, rules=run.rules, now=now),
            wanted=wanted,
            now=now,
            new_id=self._live.attempt_id,
            look_at_most=LOOK_AT_MOST,
            trunk=run.settings.trunk,
            settings_version=run.settings_version,
            script_version=run.script_version,
            disposition_set=run.disposition_set,
            report_date=run.local_date(now),
        )
        self._book.wrote(run, len(claimed.intents), by_hand=bool(for_agent))
        if not claimed.intents and len(claimed.held) < LOOK_AT_MOST:
            run_dry(self._live, run)
        taken = zip(claimed.intents, claimed.owners, claimed.histories, strict=True)
        calls = []
        for attempt, owner_id, history in taken:
            call = self._live_call(run, attempt, owner_id, for_agent)
            if self._live.tells_leads_apart and not for_agent:
                self._know_lead(call, history)
            calls.append(call)
        return calls

    def _know_lead(self, call: LiveCall, history: LeadHistory) -> None:
        """Keep with the call what tells its lead's odds to be reached, and the odds as they are known now."""
        zone = ZoneInfo(history.zone or call.settings.zone)
        call.traits = LeadTraits(
            attempt=history.attempts + 1,
            kind=history.kind if history.kind in (FIXED, MOBILE) else "unknown",
            hour=hour_band(call.attempt.created_at.astimezone(zone).hour),
            answered_before=history.answered_before,
        )
        call.odds = self._live.learned.of(call.run.id).lead_odds.of(call.traits)
        call.run.next_odds = lately(call.run.next_odds, call.odds)

    def claim_previewed(self, run: CampaignRun, preview_id: int, for_agent: str) -> tuple[LiveCall | None, str]:
        """Judge the lead on a desk again and durably write its attempt, to be placed; or none, and why not."""
        now = self._live.clock.now()
        assert run.rules is not None, "a campaign without rules is on hold"
        terms = Terms(
            campaign_id=run.id,
            trunk=run.settings.trunk,
            settings_version=run.settings_version,
            script_version=run.script_version,
            disposition_set=run.disposition_set,
            report_date=run.local_date(now),
            now=now,
        )
        judged = partial(verdict_of, rules=run.rules, now=now)
        dialled = self._live.store.previews.dial(preview_id, judged, terms, self._live.attempt_id)
        if dialled.attempt is None:
            return None, dialled.why_not
        self._book.wrote(run, 1, by_hand=True)
        return self._live_call(run, dialled.attempt, dialled.owner_id, for_agent), ""

    def _live_call(self, run: CampaignRun, attempt: Attempt, owner_id: int | None, for_agent: str) -> LiveCall:
        now_s = self._live.clock.monotonic()
        intent = AttemptEvent(attempt_id=attempt.id, seq=1, kind=EventKind.INTENT, at=attempt.created_at)
        call = LiveCall(
            attempt=attempt,
            run=run,
            settings=run.settings,
            placed_s=now_s,
            since_s=now_s,
            for_agent=for_agent,
            owner_id=owner_id,
            script=run.script,
            events=[intent],  # what the claim has just written; reading it back would cost a query per call
        )
        self._live.calls[attempt.id] = call
        tallies.count(call, Facts())
        return call

    def place(self, call: LiveCall) -> None:
        """Send one written attempt to the trunk. It is never sent again, whatever happens."""
        settings, now_s = call.settings, self._live.clock.monotonic()
        if call.for_agent in self._live.seats:
            self._live.seats[call.for_agent].line_kept = None  # he has got one, for whichever campaign
        line = self._live.trunks[call.attempt.trunk]
        call.run.bucket.take(now_s)
        call.run.started_lately += 1
        line.bucket.take(now_s)
        self._live.telephony.originate(
            CustomerCall(
                id=call.attempt.id,
                number=call.attempt.number,
                trunk=call.attempt.trunk,
                caller_id=settings.caller_id or line.trunk.caller_id,
                ring_timeout_s=settings.ring_timeout_s,
                safe_harbour_ms=settings.message_starts_ms,
                message=settings.message,
                opt_out_key=settings.opt_out_key,
                talk_limit_s=settings.talk_limit_s,
                # A call dialled by hand has its agent waiting for it: he hears who answers. And before an extension
                # is keyed a voice that answers is the switchboard's, which detection would hang up as a machine.
                detect=settings.clock_from.detects and not call.for_agent and not call.attempt.extension,
            )
        )


def verdict_of(candidate: Candidate, *, rules: Rules, now: datetime) -> Verdict:
    """`judge` with the candidate alone left to be given."""
    return judge(candidate, rules, now)
