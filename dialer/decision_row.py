"""How does a minute of decisions become a row of the store, and back?

A row has a limit. What has no room is left out, the least telling first, and counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from campaigns.storage.values import DecisionMinute
from dialer.decision_log import MinuteOfDecisions, Said, Spread, Standing, Telling, cut

MOST_BYTES = 1200  # of a row's text; two of the longest sentences fit
_MARKS = {"f": Telling.FIRST, "l": Telling.LARGEST, "c": Telling.CHANGE, "m": Telling.MOVE}
_MARK_OF = {telling: mark for mark, telling in _MARKS.items()}


def row_of(campaign_id: int, minute: MinuteOfDecisions) -> DecisionMinute:
    """The row to be stored: at most MOST_BYTES of text whatever happened."""
    fitting, plain = minute, _plain(minute)
    while _bytes(plain) > MOST_BYTES:
        fitting = _lighter(fitting)
        plain = _plain(fitting)
    return DecisionMinute(campaign_id=campaign_id, minute=minute.minute, body=plain)


def minute_of(row: DecisionMinute) -> MinuteOfDecisions:
    """The minute as it was stored; something in it that this program does not know is passed over."""
    body: Any = row.body if isinstance(row.body, Mapping) else {}
    looks = int(body.get("looks", 0))
    return MinuteOfDecisions(
        minute=row.minute,
        standing=_standing(body.get("state")),
        looks=looks,
        launched=int(body.get("launched", 0)),
        by_hand=int(body.get("by_hand", 0)),
        cancelled=int(body.get("cancelled", 0)),
        held_ms=tuple((str(cause), int(ms)) for cause, ms in body.get("held", {}).items()),
        figures=tuple((str(name), _spread(values, looks)) for name, values in body.get("figures", {}).items()),
        said=tuple(_said(each) for each in body.get("said", ()) if each[1] in _MARKS),
        left_out=int(body.get("left_out", 0)),
    )


def _plain(minute: MinuteOfDecisions) -> dict[str, Any]:
    counts = {name: getattr(minute, name) for name in ("looks", "launched", "by_hand", "cancelled", "left_out")}
    parts = {
        "held": dict(minute.held_ms),
        "figures": {name: _numbers(spread, minute.looks) for name, spread in minute.figures},
        "said": [_words(each) for each in sorted(minute.said, key=lambda each: each.second)],
        "state": _state(minute.standing),
    }
    return {name: value for name, value in (counts | parts).items() if value}


def _lighter(minute: MinuteOfDecisions) -> MinuteOfDecisions:
    """The same without its least telling sentence; without sentences, without a figure."""
    least = _least_telling(minute.said)
    if least is not None:
        kept = tuple(each for each in minute.said if each is not least)
        return replace(minute, said=kept, left_out=minute.left_out + 1)
    return replace(minute, figures=minute.figures[:-1], held_ms=minute.held_ms if minute.figures else ())


def _least_telling(said: tuple[Said, ...]) -> Said | None:
    """A cause that came back, then the latest changes, then the first, then the largest launch, then moves."""
    causes = [each.cause for each in said]
    again = [each for place, each in enumerate(said) if each.telling is Telling.CHANGE and each.cause in causes[:place]]
    for candidates in (again, *([e for e in said if e.telling is kind] for kind in _LEAST_FIRST)):
        if candidates:
            return candidates[-1]
    return None


_LEAST_FIRST = (Telling.CHANGE, Telling.FIRST, Telling.LARGEST, Telling.MOVE)


def _words(said: Said) -> list[Any]:
    plain: list[Any] = [said.second, _MARK_OF[said.telling], said.words]
    return [*plain, said.launched] if said.launched else plain


def _said(plain: Any) -> Said:
    second, mark, words = plain[:3]
    launched = int(plain[3]) if len(plain) > 3 else 0
    return Said(second=int(second), telling=_MARKS[mark], words=str(words), launched=launched)


def _numbers(spread: Spread, looks: int) -> list[float]:
    """Least, mean, most, and how many looks had it unless all did; three digits are enough."""
    numbers = [_short(spread.least), _short(spread.mean), _short(spread.most)]
    return numbers if spread.looks == looks else [*numbers, spread.looks]


def _spread(values: Any, looks: int) -> Spread:
    least, mean, most = (float(value) for value in values[:3])
    counted = int(values[3]) if len(values) > 3 else max(looks, 1)
    return Spread(looks=counted, least=least, total=mean * counted, most=most)


def _short(value: float) -> float:
    rounded = float(f"{value:.3g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 10**9 else rounded


def _state(standing: Standing | None) -> list[str] | None:
    if standing is None:
        return None
    return [standing.state, standing.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), cut(standing.actor, 32)]


def _standing(plain: Any) -> Standing | None:
    if not plain:
        return None
    state, since, actor = plain
    return Standing(state=str(state), since=datetime.fromisoformat(since), actor=str(actor))


def _bytes(plain: Mapping[str, Any]) -> int:
    return len(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
