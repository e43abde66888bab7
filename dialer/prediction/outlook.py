"""What will the next half minute bring? Each call's chance to land and each busy agent's to be free, by horizon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from campaigns.model import AgentState
from dialer.floor import LAWFUL_RING_S, AgentSeat, CallInFlight
from dialer.prediction.answering import HORIZON_S, AnswerTables, rows_of
from dialer.prediction.freeing import FreeTables
from dialer.prediction.histogram import Array, Ints
from dialer.prediction.learned import CampaignLearned
from dialer.prediction.rate import with_odds

HORIZONS = np.array([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 21, 24, 28])
WAITS_S = 2  # how long a person may wait and still be in time
IN_TIME = np.minimum(HORIZONS + WAITS_S, HORIZON_S)
SHOWN_HORIZON_S = 9
_FREE_AT = np.append(IN_TIME, SHOWN_HORIZON_S)
_WRITES = AgentState.WRAP_UP
NO_CALLS = np.zeros((0, len(HORIZONS)))


@dataclass(frozen=True)
class Share:
    """The agents one campaign may count on: how many are idle, and the busy ones with the share that is its own."""

    idle: int
    busy: tuple[tuple[AgentSeat, float], ...]


@dataclass(frozen=True)
class Outlook:
    """What the next seconds bring: one row for each call and each busy agent, one column for each horizon."""

    p: float
    landing: Array
    freed: Array
    fresh: Array  # of a call started now
    when: Array  # weights of the horizons at which that call would land
    ringing: int
    expected_answers: float
    expected_free: float
    ripe: tuple[tuple[int, CallInFlight], ...]  # rows of calls that have rung long enough, the oldest first
    remaining: Array  # by row: landing within each horizon, given that it lands
    beside: Array = field(default_factory=lambda: NO_CALLS)  # calls of others for the same agents, as `landing`

    def among(self, others: Iterable[Outlook], started: Iterable[tuple[Outlook, int]]) -> Outlook:
        """With the calls of others for the same agents; `started`: theirs that go out in this very look."""
        fresh = [np.repeat(other.fresh[None], calls, axis=0) for other, calls in started]
        return replace(self, beside=np.concatenate([NO_CALLS, *(other.landing for other in others), *fresh]))


def outlook(
    now_s: float,
    calls: Sequence[CallInFlight],
    share: Share,
    learned: CampaignLearned,
    odds: float = 1.0,
    doubt: float = 0.0,
) -> Outlook:
    """What is to be expected of these calls and agents; `doubt`: see `LandingRate.reckoned`."""
    learned = learned if learned.shape is not None else learned.shaped()
    assert learned.shape is not None
    tables, rate = learned.shape.answers, learned.rate
    ringing, dialled, heard = _phases(calls)
    open_calls = [*ringing, *dialled, *heard]
    rows = _rows(now_s, ringing, dialled, heard)
    remaining = tables.at(HORIZONS)[rows]
    silent = _silent(rows, heard, tables)
    cohorts = rate.cohorts_of([call.placed_s for call in open_calls])
    own_odds = _own_odds(open_calls)

    def chances(rates: Array) -> Array:
        own = rates[cohorts] if own_odds is None else with_odds(rates[cohorts], own_odds)
        return _given(own, silent)

    freed = _freed(now_s, share.busy, learned.shape.frees)
    reckoned = rate.reckoned(doubt)
    fresh = float(reckoned[-1])
    if odds != 1.0:
        fresh = float(with_odds(np.array([fresh]), odds)[0])
    ripe = [(row, c) for row, c in enumerate(ringing) if now_s - (c.ringing_s or 0.0) >= LAWFUL_RING_S]
    return Outlook(
        p=rate.mean,
        landing=chances(reckoned)[:, None] * remaining,
        freed=freed[:, :-1],
        fresh=fresh * tables.fresh[HORIZONS],
        when=tables.when(HORIZONS),
        ringing=len(ringing) + len(dialled),
        expected_answers=float(chances(rate.means).sum()),
        expected_free=float(freed[:, -1].sum()),
        ripe=tuple(sorted(ripe, key=lambda each: each[1].ringing_s or 0.0)),
        remaining=remaining,
    )


# --- calls -----------------------------------------------------------------------------------------------


def _phases(
    calls: Sequence[CallInFlight],
) -> tuple[list[CallInFlight], list[CallInFlight], list[CallInFlight]]:
    """Those that ring, those that do not ring yet, those that are listened to; who has landed is in none."""
    ringing: list[CallInFlight] = []
    dialled: list[CallInFlight] = []
    heard: list[CallInFlight] = []
    for call in calls:
        if call.person or call.lost:
            continue  # it has landed
        if call.answered_s is not None:
            heard.append(call)
        elif call.ringing_s is not None:
            ringing.append(call)
        else:
            dialled.append(call)
    return ringing, dialled, heard


def _rows(now_s: float, ringing: list[CallInFlight], dialled: list[CallInFlight], heard: list[CallInFlight]) -> Ints:
    """Where the tables of answers speak of each call, by its phase and its age in it."""
    began = [c.ringing_s for c in ringing] + [c.placed_s for c in dialled] + [c.answered_s for c in heard]
    return rows_of(now_s - np.array(began, dtype=float), len(ringing), len(dialled), len(heard))


def _silent(rows: Ints, heard: list[CallInFlight], tables: AnswerTables) -> tuple[Array, Array]:
    """How likely it is to be where it is for a call that lands, and for one that does not."""
    lands, other = tables.silence[:, rows]
    if heard and tables.screened:
        rang = [(c.answered_s or 0.0) - (c.ringing_s if c.ringing_s is not None else c.placed_s) for c in heard]
        lands[-len(heard) :] *= tables.person_odds(np.array(rang))
    return lands, other


def _own_odds(calls: Sequence[CallInFlight]) -> Array | None:
    """The odds of each call's lead, none when all have the campaign's middle."""
    odds = [call.odds for call in calls]
    return None if odds.count(1.0) == len(odds) else np.array(odds)


def _given(chances: Array, seen: tuple[Array, Array]) -> Array:
    """The chances after something was seen that was so likely of those who land, and of the others (Bayes)."""
    lands, other = chances * seen[0], (1 - chances) * seen[1]
    return np.asarray(lands / (lands + other + 1e-12))


# --- agents ----------------------------------------------------------------------------------------------


def _freed(now_s: float, busy: Sequence[tuple[AgentSeat, float]], frees: FreeTables) -> Array:
    """A row for each busy agent: those who talk first, then those who write. The last column is the shown horizon's."""
    writing = [each for each in busy if each[0].state is _WRITES]
    talking = [each for each in busy if each[0].state is not _WRITES] if writing else busy
    rows = frees.rows(
        [now_s - seat.since_s for seat, _ in talking],
        [now_s - seat.since_s for seat, _ in writing],
        [seat.talked_s for seat, _ in writing],
    )
    freed = frees.at(_FREE_AT)[rows]
    shares = [share for _, share in (*talking, *writing)]
    return freed if shares.count(1.0) == len(shares) else freed * np.array(shares)[:, None]
