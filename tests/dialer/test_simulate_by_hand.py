"""Does `dialer simulate` play the modes in which agents dial themselves, and does it say when its list runs dry?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from campaigns.model import DialMode
from dialer.rehearsal.engine_day import EngineDay
from dialer.rehearsal.engine_day import settings_of as settings_of_world
from dialer.rehearsal.world import WORLDS
from dialer.simulation import SimulationPlan, settings_of
from dialer.use_cases.simulation import Asked, lines, play

BY_HAND = Asked(agents=3, leads=200, hours=0.5, talk_s=60.0, mode="preview")


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "simulated.sqlite3")) as link:
        return link.execute(sql).fetchall()


def said(played: dict[str, Any]) -> str:
    return "\n".join(lines(played))


def test_in_preview_mode_agents_read_each_lead_then_dial_it_or_now_and_then_skip_it(tmp_path: Path) -> None:
    played = play(replace(BY_HAND, hours=2.0, agents=4), tmp_path)
    ends = dict(rows(tmp_path, "SELECT end, count(*) FROM preview GROUP BY end"))
    assert ends["dialled"] == played["attempts"] > 60
    assert ends["skipped"] == played["skipped"] > 0
    assert 0.01 < played["skipped"] / (played["skipped"] + played["attempts"]) < 0.12
    assert f"skipped by agents       {played['skipped']}" in said(played)
    assert played["joined"] > 20
    assert (played["abandoned"], played["cancelled"]) == (0, 0)


def test_in_manual_mode_agents_ask_for_the_next_lead_themselves(tmp_path: Path) -> None:
    played = play(replace(BY_HAND, mode="manual"), tmp_path)
    assert played["plan"]["mode"] == "manual"
    assert played["joined"] > 5
    assert not rows(tmp_path, "SELECT 1 FROM preview")
    assert "skipped" not in said(played)
    assert rows(tmp_path, "SELECT count(*) FROM attempt") == [(played["attempts"],)]


@pytest.mark.parametrize("mode", ["preview", "manual"])
def test_who_looks_longer_at_a_lead_dials_fewer(mode: str) -> None:
    short, long = (play(replace(BY_HAND, mode=mode, preview_s=s), None) for s in (5.0, 90.0))
    assert short["attempts"] > 1.5 * long["attempts"] > 0


def test_looking_at_a_lead_is_work_in_preview_mode_and_deciding_to_dial_is_waiting_in_manual_mode() -> None:
    preview, manual = (play(replace(BY_HAND, mode=mode, preview_s=60.0), None) for mode in ("preview", "manual"))
    assert preview["occupancy"] > 0.85 > manual["occupancy"]


def test_agents_who_look_or_write_for_long_are_not_cut_short_by_the_campaigns_limits() -> None:
    usual = settings_of(SimulationPlan())
    assert (usual.preview_limit_s, usual.wrap_up_limit_s) == (60, 60)
    slow = settings_of(SimulationPlan(mode=DialMode.PREVIEW, preview_s=90.0, wrap_up_s=100.0))
    assert (slow.preview_limit_s, slow.wrap_up_limit_s) == (270, 300)
    made_up = EngineDay(world=WORLDS["a"](3, 1, 0.5), mode=DialMode.PREVIEW, preview_s=90.0)
    assert settings_of_world(made_up).preview_limit_s == 270


# --- in the made-up worlds ------------------------------------------------------------------------------

MADE_UP = Asked(world="a", agents=4, hours=0.5, mode="preview", preview_s=10.0)


def test_agents_of_made_up_worlds_read_each_lead_and_skip_some_too(tmp_path: Path) -> None:
    played = play(replace(MADE_UP, hours=1.0), tmp_path)
    ends = dict(rows(tmp_path, "SELECT end, count(*) FROM preview GROUP BY end"))
    assert ends["dialled"] == played["attempts"] > 50
    assert ends["skipped"] == played["skipped"] > 0
    assert f"skipped by agents       {played['skipped']}" in said(played)
    assert (played["abandoned"], played["cancelled"]) == (0, 0)


def test_in_manual_mode_the_answer_rate_of_the_hour_is_met_by_whoever_dials() -> None:
    asked = replace(MADE_UP, mode="manual", machine=0.0)
    early, never = (play(replace(asked, answer_rate=rate), None) for rate in ("9:0.6", "9:0,15:0.6"))
    assert early["joined"] > 10
    assert (never["joined"], never["attempts"] > 20) == (0, True)


def test_nobody_listens_before_an_agent_who_dials_himself_so_that_he_hears_every_machine() -> None:
    asked = replace(MADE_UP, answer_rate="0", machine=0.88)
    by_hand, by_itself = (play(each, None) for each in (asked, replace(asked, mode="progressive", preview_s=None)))
    assert by_hand["joined"] > 0.5 * by_hand["attempts"] > 0
    assert by_itself["joined"] < 0.2 * by_itself["attempts"]


def test_whoever_wants_a_pause_while_he_dials_himself_takes_it_and_comes_back(tmp_path: Path) -> None:
    play(replace(MADE_UP, agents=3, hours=1.5, answer_rate="0", machine=0.0), tmp_path)
    pauses = "SELECT (julianday(ended_at) - julianday(began_at)) * 86400 FROM agent_span WHERE state = 'PAUSE'"
    lengths = [length_s for (length_s,) in rows(tmp_path, pauses)]
    assert len(lengths) >= 3
    assert max(lengths) < 400


@pytest.mark.parametrize("world", ["office", "a"])
def test_the_same_seed_is_the_same_day_by_hand_too(world: str) -> None:
    asked = replace(BY_HAND, world=world)
    one, two = play(asked, None), play(asked, None)
    assert {**one, "took_s": 0} == {**two, "took_s": 0}


@pytest.mark.parametrize("mode", ["progressive", "preview", "manual"])
def test_a_list_that_runs_dry_is_said_with_the_time_of_day(mode: str, tmp_path: Path) -> None:
    played = play(replace(BY_HAND, mode=mode, leads=10, answer_rate="0", machine=0.0), tmp_path)
    dry = datetime.fromisoformat(played["list_dry_at"])
    ((first,),) = rows(tmp_path, "SELECT max(created_at) FROM (SELECT created_at FROM attempt ORDER BY id LIMIT 10)")
    assert 0 <= (dry - datetime.fromisoformat(first).replace(tzinfo=UTC)).total_seconds() < 120
    assert played["list_dry_at"].startswith("2026-03-02T09:")
    assert 60 < played["list_dry_s"] < 1800
    assert f"list ran dry            at {dry:%H:%M}, for {played['list_dry_s'] / 60:.0f} min in all" in said(played)


def test_a_list_that_lasts_is_not_said_to_run_dry() -> None:
    played = play(replace(BY_HAND, leads=None), None)
    assert (played["list_dry_at"], played["list_dry_s"]) == (None, 0.0)
    assert "dry" not in said(played)


def test_the_list_of_a_made_up_world_may_run_dry_as_well() -> None:
    asked = Asked(world="a", agents=4, hours=0.5, mode="predictive")
    dry, lasting = play(replace(asked, leads=20, rest_s=3600.0), None), play(asked, None)
    assert dry["list_dry_at"].startswith("2026-03-02T09:0")
    assert "list ran dry            at 09:0" in said(dry)
    assert (lasting["list_dry_at"], lasting["list_dry_s"]) == (None, 0.0)


def test_a_list_is_as_long_as_it_takes_if_nobody_says_how_long() -> None:
    assert SimulationPlan(agents=1, hours=0.5).leads_in_list == 500
    assert 10_000 < SimulationPlan().leads_in_list < 13_000
    assert SimulationPlan(talk_s=30.0).leads_in_list > SimulationPlan().leads_in_list
    assert SimulationPlan(agents=500, hours=24.0).leads_in_list == 30_000
    assert SimulationPlan(leads=77).leads_in_list == 77
    assert play(replace(BY_HAND, leads=None, hours=0.1), None)["plan"]["leads"] == 500
