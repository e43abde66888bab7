"""Does only the machine's own standstill stretch a limit, and never the program that is tested?"""

from __future__ import annotations

import time

from tests import patience
from tests.patience import LONGEST_LOOK_S, Patience, within


def test_a_limit_is_used_up_by_looks_that_come_in_time() -> None:
    clock = iter([0.0, *(0.05 * n for n in range(1, 100))])
    limit = Patience(1.0, lambda: next(clock))
    assert sum(1 for _ in iter(lambda: limit.gone, True)) in (19, 20)


def test_a_look_that_comes_late_uses_up_little() -> None:
    clock = iter([0.0, 60.0, 120.0])
    limit = Patience(1.5 * LONGEST_LOOK_S, lambda: next(clock))
    assert not limit.gone
    assert limit.gone


def test_an_upper_limit_grows_by_what_the_machine_stood_still_lately_and_no_more() -> None:
    before = within(2.0)
    assert before >= 2.0
    patience._watch._late.append((time.monotonic(), 0.5))
    patience._watch._late.append((time.monotonic() - 100.0, 5.0))
    assert 2.5 <= within(2.0) < before + 3.0
