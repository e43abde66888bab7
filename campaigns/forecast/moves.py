"""Where does a called lead go? As past calls ended, by the very rules that move leads after a call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.forecast.chances import Chances
from campaigns.forecast.values import History, Outcome
from campaigns.model import AnsweredBy, DiallingState, Facts, LeadState, Network
from campaigns.retry import next_state
from campaigns.settings import CampaignSettings

_POINT = 1  # one number: which others a lead may have is not followed
UNANSWERED = Outcome(facts=Facts(network=Network.NO_ANSWER), disposition=None, calls=1)


@dataclass(frozen=True, slots=True)
class Move:
    """The next dialling state. `rests` none: the lead is closed."""

    state: LeadState
    tries: int
    rests: timedelta | None


class Moves:
    """The moves after a call, each with its share; a person's answer is as likely as hour and try make it.

    Without past calls every call is taken for one that nobody answers: whoever answers is not known, and so the list
    lasts no longer than it can.
    """

    def __init__(self, history: History, chances: Chances, settings: CampaignSettings, at: datetime) -> None:
        self._chances, self._settings, self._at = chances, settings, at
        self._human = tuple(o for o in history.outcomes if is_human(o.facts))
        others = tuple(o for o in history.outcomes if not is_human(o.facts))
        self._others = others or (() if self._human else (UNANSWERED,))
        self._known: dict[tuple[LeadState, int, bool], tuple[tuple[Move, float], ...]] = {}

    def after(self, state: LeadState, tries: int, hour: int) -> tuple[tuple[Move, float], ...]:
        """Moves with their shares, which sum to 1."""
        chance = self._chances.of(hour, tries + 1)
        share = chance.value if chance is not None else 0.0
        if not self._human or not self._others:
            share = 1.0 if self._human else 0.0
        return tuple(
            (move, part * weight)
            for part, human in ((share, True), (1.0 - share, False))
            if part > 0
            for move, weight in self._shares(state, tries, human)
        )

    def _shares(self, state: LeadState, tries: int, human: bool) -> tuple[tuple[Move, float], ...]:
        key = (state, tries, human)
        if key not in self._known:
            self._known[key] = self._weighed(state, tries, self._human if human else self._others)
        return self._known[key]

    def _weighed(self, state: LeadState, tries: int, ends: Iterable[Outcome]) -> tuple[tuple[Move, float], ...]:
        counted: dict[Move, int] = defaultdict(int)
        for outcome in ends:
            counted[self._move(state, tries, outcome)] += outcome.calls
        total = sum(counted.values())
        return tuple((move, calls / total) for move, calls in counted.items())

    def _move(self, state: LeadState, tries: int, outcome: Outcome) -> Move:
        before = DiallingState(
            campaign_id=0, person_id=0, list_id=0, state=state, contact_point_id=_POINT, tries=tries, attempts=tries
        )
        after = next_state(before, outcome.facts, outcome.disposition, self._settings, self._at, (_POINT,))
        rests = after.ask_again_at - self._at if after.ask_again_at is not None else None
        return Move(after.state, after.tries, rests)


def is_human(facts: Facts) -> bool:
    """Answered by a person, as the hit rate counts it."""
    return facts.network is Network.ANSWERED and facts.answered_by is AnsweredBy.HUMAN
