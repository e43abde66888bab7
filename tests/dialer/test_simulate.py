"""Does `dialer simulate` show its figures like a report, and take a day as its user describes it?"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from dialer.refusal import Refused
from dialer.use_cases.simulation import lines, play

SMALL = {"agents": 3, "leads": 60, "hours": 0.5, "ratio": 1.0, "seed": 1, "ring_s": 12.0, "talk_s": 60.0}


def day(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"mode": "progressive", "answer": 0.28, "machine": 0.18, "folder": None}
    return play(**(usual | SMALL | changes))


def test_every_share_is_shown_with_what_it_is_made_of() -> None:
    played = day(answer=0.6)
    shown = dict(line.split("  ", 1) for line in lines(played))
    said = {label.strip(): words.strip() for label, words in shown.items()}
    assert said["hit rate"] == f"{100 * played['hit_rate']:.1f} % ({played['humans']}/{played['sent']})"
    assert played["hit_rate"] == pytest.approx(played["humans"] / played["sent"])
    assert said["abandonment"].endswith(f"({played['abandoned']}/{played['answered_by_person']})")
    assert said["talk share"].endswith(" h)")
    assert "plan" not in said


def test_a_day_without_an_answer_has_no_share_that_was_divided_by_nothing() -> None:
    said = "\n".join(lines(day(answer=0.0, machine=0.0)))
    assert "hit rate                0.0 % (0/" in said
    assert "abandonment             none (0/0)" in said
    assert "wait per call           none" in said


def test_who_answers_and_how_long_is_the_users_to_say() -> None:
    few, many = day(answer=0.1, machine=0.0), day(answer=0.7, machine=0.0)
    assert few["hit_rate"] < 0.3 < 0.5 < many["hit_rate"]
    short, long = (day(answer=0.6, leads=20, talk_s=s) for s in (20.0, 400.0))
    assert short["talk_s"] / short["joined"] < long["talk_s"] / long["joined"]
    fast, slow = (day(answer=0.6, ring_s=s) for s in (2.0, 18.0))
    assert fast["wait_per_call_s"] < slow["wait_per_call_s"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": "guessing"}, "'guessing': one of progressive, power, predictive"),
        ({"mode": "manual"}, "one of progressive, power, predictive"),
        ({"answer": 0.7, "machine": 0.2}, "together at most 0.84"),
        ({"answer": math.nan}, "shares from 0 to 1"),
        ({"machine": -0.1}, "shares from 0 to 1"),
        ({"ring_s": math.nan}, "above 0, at most 3600 seconds"),
        ({"talk_s": 0.0}, "above 0, at most 3600 seconds"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_what_may(change: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=words):
        day(**change, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_ratio_is_played_as_power(tmp_path: Path) -> None:
    played = play(mode="ratio", answer=0.28, machine=0.18, folder=tmp_path, **SMALL)
    assert played["plan"]["mode"] == "power"
