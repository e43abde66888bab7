"""Does `dialer simulate` show its figures like a report, and take a day as its user describes it?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialer.refusal import Refused
from dialer.rehearsal.made_up import rate_of
from dialer.use_cases.simulation import Asked, lines, play

SMALL = Asked(agents=3, leads=60, hours=0.5, talk_s=60.0)
WORLD = Asked(world="a", agents=4, hours=0.5, mode="power", ratio=3.0)


def day(folder: Path | None = None, **changes: Any) -> dict[str, Any]:
    return play(replace(SMALL, **changes), folder)


def test_every_share_is_shown_with_what_it_is_made_of() -> None:
    played = day(answer_rate="0.6")
    shown = dict(line.split("  ", 1) for line in lines(played))
    said = {label.strip(): words.strip() for label, words in shown.items()}
    assert said["hit rate"] == f"{100 * played['hit_rate']:.1f} % ({played['humans']}/{played['sent']})"
    assert played["hit_rate"] == pytest.approx(played["humans"] / played["sent"])
    assert said["abandonment"].endswith(f"({played['abandoned']}/{played['answered_by_person']})")
    assert said["talk share"].endswith(" h)")
    assert "plan" not in said


def test_a_day_without_an_answer_has_no_share_that_was_divided_by_nothing() -> None:
    said = "\n".join(lines(day(answer_rate="0", machine=0.0)))
    assert "hit rate                0.0 % (0/" in said
    assert "abandonment             none (0/0)" in said
    assert "wait per call           none" in said


def test_who_answers_and_how_long_is_the_users_to_say() -> None:
    few, many = day(answer_rate="0.1", machine=0.0), day(answer_rate="0.7", machine=0.0)
    assert few["hit_rate"] < 0.3 < 0.5 < many["hit_rate"]
    short, long = (day(answer_rate="0.6", leads=20, talk_s=s) for s in (20.0, 400.0))
    assert short["talk_s"] / short["joined"] < long["talk_s"] / long["joined"]
    fast, slow = (day(answer_rate="0.6", ring_s=s) for s in (2.0, 18.0))
    assert fast["wait_per_call_s"] < slow["wait_per_call_s"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": "guessing"}, "'guessing': one of manual, preview, progressive, power, predictive"),
        ({"ratio": 3.0}, "--ratio counts in power mode, and this is progressive: .* add --mode power"),
        ({"mode": "predictive", "ratio": 3.0}, "--ratio counts in power mode, and this is predictive"),
        ({"mode": "preview", "ratio": 3.0}, "--ratio counts in power mode, and this is preview"),
        ({"mode": "power", "ratio": float("nan")}, "ratio = nan: .* Nothing was simulated"),
        ({"preview_s": 20.0}, "--preview counts in preview and manual mode, and this is progressive"),
        ({"mode": "preview", "preview_s": 0.0}, "--preview 0: above 0, at most 3600 seconds"),
        ({"mode": "manual", "preview_s": float("inf")}, "--preview inf: above 0, at most 3600 seconds"),
        ({"agents": 0}, "--agents 0: 1 to 500 agents"),
        ({"agents": 501}, "--agents 501: 1 to 500 agents"),
        ({"leads": 0}, "--leads 0: 1 to 30000 leads"),
        ({"leads": 30_001}, "--leads 30001: 1 to 30000 leads"),
        ({"hours": float("nan")}, "--hours nan: above 0, at most 24 hours"),
        ({"hours": 25.0}, "--hours 25: above 0, at most 24 hours"),
        ({"answer_rate": "0.7", "machine": 0.2}, "together at most 0.84"),
        ({"answer_rate": "nan"}, "shares from 0 to 1"),
        ({"machine": -0.1}, "shares from 0 to 1"),
        ({"ring_s": float("nan")}, "above 0, at most 3600 seconds"),
        ({"talk_s": 0.0}, "--talk 0: above 0, at most 3600 seconds"),
        ({"wrap_up_s": float("nan")}, "--wrap-up nan: above 0, at most 3600 seconds"),
        ({"wrap_up_s": 1e300}, "--wrap-up 1e.300: above 0, at most 3600 seconds"),
        ({"wrap_up_s": 0.0}, "--wrap-up 0: above 0, at most 3600 seconds"),
        ({"wrap_up_s": -5.0}, "--wrap-up -5: above 0, at most 3600 seconds"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_what_may(change: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=words):
        day(**change, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_ratio_is_played_as_power(tmp_path: Path) -> None:
    assert day(tmp_path, mode="ratio")["plan"]["mode"] == "power"


def test_the_shares_of_a_plain_day_are_read_by_programs_as_numbers(tmp_path: Path) -> None:
    plan = json.loads(json.dumps(day(tmp_path, answer_rate="0.3", mode="power")["plan"]))
    assert plan["shares"]["human"] == 0.3
    assert plan["mode"] == "power"


def test_a_made_up_world_is_played_with_the_figures_of_a_report() -> None:
    played = play(WORLD, None)
    said = "\n".join(lines(played))
    assert played["plan"]["world"] == "a"
    assert played["abandoned"] / played["answered_by_person"] == played["abandonment"] > 0
    assert f"first hour              {100 * played['abandonment']:.1f} %" in said
    assert "sales" not in said
    shares = ("talk_share", "occupancy", "abandonment")
    assert all(0 < played[name] < 1 for name in shares)
    assert played["wait_per_call_s"] * played["joined"] == pytest.approx(played["ready_s"])


def test_the_same_seed_is_the_same_day_and_another_seed_is_another() -> None:
    one, two, other = (play(replace(WORLD, seed=seed), None) for seed in (1, 1, 2))
    for each in (one, two, other):
        each.pop("took_s")
    assert one == two
    assert one["talk_s"] != other["talk_s"]


def test_a_worlds_numbers_may_be_changed_one_by_one() -> None:
    usual = play(WORLD, None)
    long, slow = play(replace(WORLD, talk_s=600.0), None), play(replace(WORLD, wrap_up_s=90.0), None)
    nobody = play(replace(WORLD, answer_rate="0", machine=0.0), None)
    assert long["talk_s"] / long["joined"] > 1.5 * usual["talk_s"] / usual["joined"]
    assert slow["busy_s"] - slow["talk_s"] > 2 * (usual["busy_s"] - usual["talk_s"])
    assert nobody["joined"] == 0


@pytest.mark.parametrize(
    ("words", "profile"),
    [
        ("0.2", ((0.0, 0.2),)),
        ("9:0.2,12:0.3", ((0.0, 0.2), (3.0, 0.3))),
        ("8:0.1,12:0.3", ((0.0, 0.1), (3.0, 0.3))),
        ("7:0.1,8:0.2,10.5:0.3", ((0.0, 0.2), (1.5, 0.3))),
        ("12:0.2,14:0.3", ((0.0, 0.2), (3.0, 0.2), (5.0, 0.3))),
    ],
)
def test_hours_of_an_answer_rate_are_those_of_a_clock_on_a_day_that_begins_at_nine(
    words: str, profile: tuple[tuple[float, float], ...]
) -> None:
    assert rate_of(words).profile == profile


def test_an_answer_rate_follows_the_clock() -> None:
    later = play(replace(WORLD, answer_rate="9:0,9.25:0.9", machine=0.0), None)
    never = play(replace(WORLD, answer_rate="9:0,15:0.9", machine=0.0), None)
    assert later["joined"] > 5
    assert never["joined"] == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"world": "mars"}, "'mars': one of office, a, b, few-answers"),
        ({"answer_rate": "lots"}, "a share from 0 to 1, or hours and shares"),
        ({"answer_rate": "9:0.2,12"}, "a share from 0 to 1, or hours and shares"),
        ({"answer_rate": "1.5"}, "a share from 0 to 1"),
        ({"answer_rate": "12:0.2,10:0.3"}, "in order of time"),
        ({"answer_rate": "9:0.2,8:0.3"}, "in order of time"),
        ({"answer_rate": "9:0.1,14:0.5,11:0.3"}, "hours of the clock in order of time"),
        ({"answer_rate": "9:0.1,9:0.5"}, "each hour of the clock once"),
        ({"answer_rate": "25:0.2"}, "from 0 to below 24"),
        ({"answer_rate": "-1:0.2,9:0.3"}, "from 0 to below 24"),
        ({"answer_rate": "nan:0.2,9:0.3"}, "from 0 to below 24"),
        ({"machine": 0.99}, "--machine 0.99: a share"),
        ({"talk_s": 0.0}, "--talk 0: 1 to 3600 seconds"),
        ({"wrap_up_s": float("inf")}, "--wrap-up inf: 1 to 3600 seconds"),
        ({"hours": float("nan")}, "--hours nan"),
        ({"hours": 20.0}, "at most 15 hours"),
        ({"hours": -1.0}, "--hours -1: .* above 0"),
        ({"agents": 0}, "--agents 0: 1 to 500 agents"),
        ({"leads": 0}, "--leads 0: 1 to 30000 leads"),
        ({"mode": "guessing"}, "'guessing': one of manual, preview, progressive, power, predictive"),
        ({"mode": "preview", "ratio": None, "preview_s": 0.0}, "--preview 0: above 0, at most 3600 seconds"),
        ({"mode": "predictive", "ratio": 3.0}, "--ratio counts in power mode, and this is predictive"),
        ({"preview_s": 20.0}, "--preview counts in preview and manual mode, and this is power"),
        ({"lead_spread": -1.0}, "--lead-spread -1: 0 to 3"),
        ({"lead_spread": float("nan")}, "--lead-spread nan: 0 to 3"),
        ({"rest_s": 59.0}, "--rest 59: 60 to 86400 seconds"),
        ({"rest_s": float("inf")}, "--rest inf: 60 to 86400 seconds"),
    ],
)
def test_a_world_that_cannot_be_is_refused_with_what_may(change: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=words):
        play(replace(WORLD, **change), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_course_of_the_day_needs_a_world() -> None:
    with pytest.raises(Refused, match="needs a world"):
        day(answer_rate="9:0.2,12:0.3")


@pytest.mark.parametrize("change", [{"lead_spread": 1.0}, {"rest_s": 600.0}])
def test_leads_that_differ_or_rest_need_a_world(change: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="need a world"):
        day(**change)


def test_leads_that_differ_are_other_people_and_are_left_alone_for_an_hour() -> None:
    asked = replace(WORLD, hours=1.2, leads=150, mode="predictive", ratio=None)
    alike, unlike = play(asked, None), play(replace(asked, lead_spread=2.0), None)
    assert (alike["plan"]["lead_spread"], alike["plan"]["rest_s"]) == (0.0, 60)
    assert (unlike["plan"]["lead_spread"], unlike["plan"]["rest_s"]) == (2.0, 3600)
    assert unlike["attempts"] < alike["attempts"]
    said = "\n".join(lines(unlike))
    assert "leads                   150, differing by 2, called again after 3600 s" in said
    assert "differing" not in "\n".join(lines(alike))
    seldom = play(replace(asked, leads=60, rest_s=86_400.0), None)
    assert seldom["attempts"] == 60, "nobody is called twice"


def test_a_list_of_leads_that_rest_is_as_long_as_it_takes() -> None:
    asked = replace(WORLD, agents=10, hours=0.4, mode="predictive", ratio=None)
    assert play(replace(asked, rest_s=60.0, hours=0.1), None)["plan"]["leads"] == 500
    rested = play(replace(asked, lead_spread=1.0), None)
    assert rested["attempts"] < rested["plan"]["leads"] == 800
