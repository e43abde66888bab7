"""What did pacing decide in one minute, and why? Pure: one value per campaign and minute, small whatever happens.

A minute is a run of looks at the floor. Kept of it are sums, the time each cause held the campaign back, the spread
of the key figures, and the few sentences that tell most, whole; what does not fit is counted. So a day of one
campaign stays small, however often pacing changes its mind (bench/decision_log_size.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from dialer.held_by import HeldBy

MINUTE = timedelta(minutes=1)
MINUTE_MS = 60_000
KEY_FIGURES = ("idle", "busy", "expected_free", "ringing", "expected_answers", "risk", "budget")
LONGEST_WORDS = 500  # bytes of one sentence; the longest that pacing says has some 450
LONGEST_CAUSE = 50
LONGEST_ACTOR = 32
MOST_CAUSES = 4  # named one by one; the others are one
MOST_CHANGES = 4
MOST_MOVES = 4
LARGEST_FIGURE = 1e9
OTHER_CAUSES = "other causes"


class Telling(StrEnum):
    """Why a sentence was kept."""

    FIRST = "first"
    LARGEST = "largest"  # of the largest launch
    CHANGE = "change"  # the first under another cause
    MOVE = "move"  # somebody started, paused or stopped the campaign


@dataclass(frozen=True, kw_only=True)
class Said:
    """One sentence with its second in the minute."""

    second: int
    telling: Telling
    words: str
    cause: str = ""
    launched: int = 0


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Least, mean and most of one figure over the looks that had it."""

    looks: int
    least: float
    total: float
    most: float

    @property
    def mean(self) -> float:
        return self.total / self.looks

    def with_(self, value: float) -> Spread:
        return Spread(
            looks=self.looks + 1,
            least=min(self.least, value),
            total=self.total + value,
            most=max(self.most, value),
        )


@dataclass(frozen=True, kw_only=True)
class Look:
    """One decision as it was carried out. `launched` counts attempts that were written, not those that were wished."""

    words: str
    cause: str
    launched: int = 0
    cancelled: int = 0
    figures: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The campaign's state at the end of a minute, since when, and who brought it there."""

    state: str
    since: datetime
    actor: str


@dataclass(frozen=True, kw_only=True)
class MinuteOfDecisions:
    """All that is kept of one campaign's minute. `minute` is its first instant, aware UTC.

    `held_ms` is the time each cause stood, in order of appearance; together at most a minute, less when the campaign
    was not looked at all the time. `left_out` counts sentences that had no room.
    """

    minute: datetime
    standing: Standing | None = None
    looks: int = 0
    launched: int = 0
    by_hand: int = 0  # attempts that agents asked for themselves
    cancelled: int = 0
    held_ms: tuple[tuple[str, int], ...] = ()
    figures: tuple[tuple[str, Spread], ...] = ()
    said: tuple[Said, ...] = ()
    left_out: int = 0
    cause: str = ""  # the one that stands now; empty when nobody looks
    cause_since_ms: int = 0

    @property
    def attempts(self) -> int:
        """Attempts written in this minute, whoever asked for them."""
        return self.launched + self.by_hand

    @property
    def empty(self) -> bool:
        """Whether nothing happened that is worth a row."""
        return not (self.looks or self.attempts or self.said)

    @property
    def held(self) -> tuple[tuple[str, float], ...]:
        """Each cause with its share of the minute, the longest first."""
        longest = sorted(self.held_ms, key=lambda each: -each[1])
        return tuple((cause, ms / MINUTE_MS) for cause, ms in longest)

    # --- what happens in it ---------------------------------------------------------------------------

    def with_(self, look: Look, at: datetime) -> MinuteOfDecisions:
        """One more look. A look outside the minute counts at its nearer end."""
        cause = cut(look.cause, LONGEST_CAUSE)
        known = dict(self.figures)
        for name, value in look.figures:
            if name in KEY_FIGURES and abs(value) <= LARGEST_FIGURE:  # also none that is no number
                spread = known.get(name)
                known[name] = spread.with_(value) if spread else Spread(looks=1, least=value, total=value, most=value)
        return replace(
            self.until(at),
            looks=self.looks + 1,
            launched=self.launched + look.launched,
            cancelled=self.cancelled + look.cancelled,
            figures=tuple(known.items()),
            cause=cause,
        )._told(look, self.cause, self._second(at))

    def dialled_by_hand(self, attempts: int) -> MinuteOfDecisions:
        """Attempts that agents asked for."""
        return replace(self, by_hand=self.by_hand + attempts)

    def moved(self, words: str, standing: Standing) -> MinuteOfDecisions:
        """Somebody changed the campaign's state; what held it back before stands no longer."""
        said = Said(second=self._second(standing.since), telling=Telling.MOVE, words=cut(words, LONGEST_WORDS))
        standing = replace(standing, actor=cut(standing.actor, LONGEST_ACTOR))
        closed = replace(self.until(standing.since), standing=standing, cause="")
        moves = [each for each in closed.said if each.telling is Telling.MOVE]
        if len(moves) < MOST_MOVES:
            return replace(closed, said=(*closed.said, said))
        kept = tuple(each for each in closed.said if each is not moves[-1])  # the newest tells how it is left
        return replace(closed, said=(*kept, said), left_out=closed.left_out + 1)

    def until(self, at: datetime) -> MinuteOfDecisions:
        """As it stands at an instant: the time since the last look belongs to the cause that stood then."""
        now_ms = max(self._ms(at), self.cause_since_ms)
        if not self.cause:
            return replace(self, cause_since_ms=now_ms)
        held = _added(dict(self.held_ms), self.cause, now_ms - self.cause_since_ms)
        return replace(self, held_ms=tuple(held.items()), cause_since_ms=now_ms)

    def ended(self) -> MinuteOfDecisions:
        """As it is at its end."""
        return self.until(self.minute + MINUTE)

    def next(self, minute: datetime) -> MinuteOfDecisions:
        """A later minute, to begin with. What stands goes on into the very next one, not over a gap."""
        goes_on = minute == self.minute + MINUTE
        return MinuteOfDecisions(minute=minute, standing=self.standing, cause=self.cause if goes_on else "")

    def _ms(self, at: datetime) -> int:
        return min(max(round((at - self.minute) / timedelta(milliseconds=1)), 0), MINUTE_MS)

    def _second(self, at: datetime) -> int:
        return min(self._ms(at) // 1000, 59)

    # --- which sentences tell most --------------------------------------------------------------------

    def _told(self, look: Look, cause_before: str, second: int) -> MinuteOfDecisions:
        words = cut(look.words, LONGEST_WORDS)
        said = Said(second=second, telling=Telling.FIRST, words=words, cause=self.cause, launched=look.launched)
        told = replace(self, said=_with_largest(self.said, said))
        if not any(each.telling is Telling.FIRST for each in self.said):
            return replace(told, said=(*told.said, said))
        if cause_before == self.cause or self._tells_nothing(cause_before):
            return told
        return told._changed(replace(said, telling=Telling.CHANGE))

    def _tells_nothing(self, cause_before: str) -> bool:
        """Between causes that come and go with each call only the first sight of a limit or the budget tells."""
        if cause_before not in _COMES_AND_GOES or self.cause not in _COMES_AND_GOES:
            return False
        return self.cause in _OF_PACING or any(each.cause == self.cause for each in self.said)

    def _changed(self, said: Said) -> MinuteOfDecisions:
        """A cause not seen before takes the place of one that came back, when there is no room for both."""
        changes = [each for each in self.said if each.telling is Telling.CHANGE]
        if len(changes) < MOST_CHANGES:
            return replace(self, said=(*self.said, said))
        seen = {each.cause for each in self.said if each.cause}
        again = [each for place, each in enumerate(changes) if each.cause in {c.cause for c in changes[:place]}]
        if said.cause in seen or not again:
            return replace(self, left_out=self.left_out + 1)
        kept = tuple(each for each in self.said if each is not again[-1])
        return replace(self, said=(*kept, said), left_out=self.left_out + 1)


def cut(text: str, most_bytes: int) -> str:
    """The text, or as much of its beginning as that many bytes of UTF-8 hold."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= most_bytes:
        return encoded.decode()
    return encoded[: most_bytes - 3].decode("utf-8", "ignore") + "..."


def _added(held: dict[str, int], cause: str, ms: int) -> dict[str, int]:
    named = cause if cause in held or len(held) < MOST_CAUSES else OTHER_CAUSES
    return held | {named: held.get(named, 0) + ms} if ms else held


_COMES_AND_GOES = frozenset(each.value for each in HeldBy if each.comes_and_goes)
_OF_PACING = frozenset(each.value for each in HeldBy if each.of_pacing)


def _with_largest(kept: tuple[Said, ...], said: Said) -> tuple[Said, ...]:
    """The largest launch so far; the first of several alike."""
    before = next((each for each in kept if each.telling is Telling.LARGEST), None)
    first = next((each for each in kept if each.telling is Telling.FIRST), None)
    most = max(before.launched if before else 0, first.launched if first else 0)
    if first is None or said.launched <= most:
        return kept
    return (*(each for each in kept if each is not before), replace(said, telling=Telling.LARGEST))
