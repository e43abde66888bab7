"""Is "why did we dial so slowly at 10:40?" answered, from the store and from memory, also when nothing was decided?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dialer.cli import run
from dialer.control import AnswerStatus
from dialer.decision_log import MINUTE, Look, MinuteOfDecisions, Standing
from dialer.decision_row import row_of
from dialer.held_by import HeldBy
from dialer.settings import DecisionSettings, Settings
from dialer.use_cases.pace import forget_old
from tests.dialer.office import NOON, Office

MORNING = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)  # 09:00 in New York
BY_ANNA = Standing(state="RUNNING", since=MORNING, actor="anna")


@pytest.fixture
def autumn(office: Office) -> Office:
    """An office at 12:00 with a campaign that was made at 8:00."""
    office.now = MORNING - timedelta(hours=1)
    office.trunk()
    office.campaign()
    office.now = NOON
    return office


def minute(
    number: int,
    launched: int = 2,
    cause: str = HeldBy.TRUNK_LINES,
    *,
    standing: Standing | None = BY_ANNA,
    words: str = "",
) -> MinuteOfDecisions:
    """The minute so many after 09:00, held by one cause from its second 17 on."""
    at = MORNING + number * MINUTE
    figures = (("idle", 3.0), ("risk", 0.024))
    fast = Look(words=words or f"launch {launched}", cause=HeldBy.NOTHING, launched=launched, figures=figures)
    held = Look(words=f"launch 0: {cause} full", cause=cause, figures=(("idle", 4.0), ("risk", 0.04)))
    made = MinuteOfDecisions(minute=at, standing=standing).with_(fast, at).with_(held, at + timedelta(seconds=17.4))
    return made.ended()


def keep(office: Office, *minutes: MinuteOfDecisions) -> None:
    campaign = office.store.campaigns.by_name("Autumn")
    assert campaign is not None
    office.store.decisions.write([row_of(campaign.id, each) for each in minutes])


def ask(office: Office, **args: Any) -> Mapping[str, Any]:
    return office.do("pace.explain", {"campaign": "Autumn", **args})


def refusal(office: Office, **args: Any) -> str:
    answer = office.ask("pace.explain", {"campaign": "Autumn", **args})
    assert answer.status is AnswerStatus.REFUSED, answer.message
    return answer.message


def test_a_minute_is_told_in_words_with_what_held_it_and_the_sentences_that_tell(autumn: Office) -> None:
    keep(autumn, minute(99, 6), minute(100))
    answer = autumn.ask("pace.explain", {"campaign": "Autumn", "at": "10:40"})
    assert answer.message == (
        "10:40-10:41: 2 calls launched in 2 looks. For 71 % of the minute held by: the trunk's lines."
    )
    data = answer.data
    assert data["meaning"] == HeldBy.TRUNK_LINES.meaning
    assert data["figures_said"] == "Least, mean, most: agents idle 3, 3.5, 4; risk of one too many 2.4, 3.2, 4 %."
    assert data["before"] == "In the hour before: 6.0 calls launched a minute, held most by the trunk's lines (71 %)."
    assert [(each["at"][11:19], each["words"]) for each in data["said"]] == [
        ("10:40:00", "launch 2"),
        ("10:40:17", "launch 0: the trunk's lines full"),
    ]
    assert data["state"] == {"state": "RUNNING", "since": "2026-03-02T09:00:00-05:00", "by": "anna"}


def test_settings_saved_shortly_before_are_part_of_the_answer(autumn: Office) -> None:
    keep(autumn, minute(100))
    autumn.now = MORNING + timedelta(minutes=91)
    autumn.do("campaign.set", {"name": "Autumn", "changes": {"max_calls": 3}})
    autumn.now = NOON
    assert ask(autumn, at="10:40")["settings_said"] == ["10:31: version 2 of the settings was saved by anna."]


def test_an_hour_is_a_row_per_minute_and_a_gap_says_how_the_campaign_stood(autumn: Office) -> None:
    paused = Standing(state="PAUSED", since=MORNING + 61 * MINUTE, actor="ben")
    keep(autumn, minute(60, 3), minute(61, 1, standing=paused), minute(70, 5))
    rows = ask(autumn, **{"from": "10:00", "to": "11:00"})["rows"]
    assert [(row["time"], row["launched"], row["held_by"], row["gap"]) for row in rows] == [
        ("10:00-10:01", 3, "the trunk's lines", ""),
        ("10:01-10:02", 1, "the trunk's lines", ""),
        ("10:02-10:10", 0, "", "the campaign was paused from 2026-03-02 10:01 by ben"),
        ("10:10-10:11", 5, "the trunk's lines", ""),
        ("10:11-11:00", 0, "", "the dialer was not running"),
    ]


def test_a_day_is_a_row_per_half_hour_and_its_launches_add_up(autumn: Office) -> None:
    autumn.now = NOON + timedelta(days=1)
    keep(autumn, *(minute(n, 1 + n % 3) for n in range(150)))
    data = ask(autumn, date="2026-03-02")
    rows = [row for row in data["rows"] if not row["gap"]]
    assert [row["time"] for row in rows] == ["09:00-09:30", "09:30-10:00", "10:00-10:30", "10:30-11:00", "11:00-11:30"]
    assert sum(row["launched"] for row in rows) == data["launched"] == sum(1 + n % 3 for n in range(150))
    assert rows[0]["share"] == pytest.approx(0.71, abs=0.001)
    assert [row["time"] for row in data["rows"] if row["gap"]] == ["00:00-09:00", "11:30-24:00"]
    assert data["said"] == []


def test_without_a_time_the_last_ten_minutes_are_told_with_the_one_going_on_from_memory(autumn: Office) -> None:
    keep(autumn, minute(179, 4))
    going_on = minute(180, 7).until(NOON + timedelta(seconds=30))

    class Running:
        def unwritten_decisions(self, _campaign_id: int) -> tuple[MinuteOfDecisions, ...]:
            return (going_on,)

    autumn.now = NOON + timedelta(seconds=30)
    autumn.context = replace(autumn.context, engine=Running())  # type: ignore[arg-type]
    data = ask(autumn)
    assert (data["launched"], data["to"]) == (11, "2026-03-02T12:00:30-05:00")
    assert ask(autumn, at="12:00")["launched"] == 7
    assert (data["time"], ask(autumn, at="12:00")["time"]) == ("11:51-12:01 so far", "12:00-12:01 so far")
    assert [row["time"] for row in data["rows"]] == ["11:51-11:59", "11:59-12:00", "12:00-12:01 so far"]
    told = autumn.ask("pace.explain", {"campaign": "Autumn", "at": "12:00"}).message
    assert told.startswith("12:00-12:01 so far: 7 calls launched in 2 looks.")
    autumn.context = replace(autumn.context, engine=None)
    assert " at 2026-03-02 12:00-12:01 so far: " in refusal(autumn, at="12:00")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"at": "10:4"}, "'10:4' is not a time of day such as 10:40"),
        ({"at": "25:00"}, "is not a time of day"),
        ({"at": "12:30"}, "2026-03-02 12:30 has not come yet in America/New_York"),
        ({"at": "10:40", "from": "10:00"}, "not both"),
        ({"from": "11:00", "to": "10:00"}, "--to 10:00 is not after --from 11:00"),
        ({"date": "2026-03-99"}, "a date such as"),
        ({"at": "02:30", "date": "2025-03-09"}, "did not exist on 2025-03-09"),
        ({"at": "07:00"}, "it was made at 2026-03-02 08:00 by anna"),
        ({"at": "10:40"}, "no decision is recorded before; the campaign is DRAFT now"),
    ],
)
def test_what_cannot_be_told_is_refused_with_the_reason(autumn: Office, args: dict[str, str], words: str) -> None:
    assert words in refusal(autumn, **args)


def test_a_minute_in_a_pause_names_who_paused_it_and_when_it_went_on(autumn: Office) -> None:
    paused = Standing(state="PAUSED", since=MORNING + 72 * MINUTE, actor="anna")
    keep(autumn, minute(72, standing=paused), minute(115))
    assert refusal(autumn, at="10:40") == (
        "Nothing was decided for Autumn at 2026-03-02 10:40-10:41: the campaign was paused from 2026-03-02 10:12 by "
        "anna; decisions go on at 2026-03-02 10:55."
    )


def test_a_minute_without_a_dialer_says_when_it_was_seen_last(autumn: Office) -> None:
    keep(autumn, minute(72))
    assert "the dialer was not running. Its last decision was at 2026-03-02 10:12." in refusal(autumn, at="10:40")


def test_what_may_be_forgotten_is_said_to_be(autumn: Office) -> None:
    keep(autumn, minute(72))
    autumn.now = NOON + timedelta(days=200)
    assert "decisions are kept for 90 days" in refusal(autumn, at="10:40", date="2026-03-02")


def test_a_time_that_clocks_going_back_show_twice_is_both(autumn: Office) -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 01:30 EDT, and an hour later 01:30 EST
    autumn.now = first + timedelta(days=1)
    shift = round((first - MORNING) / MINUTE)
    keep(autumn, minute(shift, 3), minute(shift + 60, 4))
    assert ask(autumn, at="01:30", date="2026-11-01")["launched"] == 7


def test_old_minutes_are_forgotten_a_day_at_a_time(autumn: Office) -> None:
    autumn.context = replace(autumn.context, settings=Settings(decisions=DecisionSettings(keep_days=10)))
    keep(autumn, *(minute(n * 60) for n in range(60)))
    autumn.now = MORNING + timedelta(days=10, hours=23)
    assert forget_old(autumn.context) == 0
    autumn.now = MORNING + timedelta(days=11, hours=1)
    assert forget_old(autumn.context) == 25
    assert forget_old(autumn.context) == 0


def test_the_shell_tells_it_in_words_and_as_one_object(
    autumn: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    keep(autumn, minute(100))
    autumn.store.close()
    monkeypatch.setenv("DIALER_HOME", str(tmp_path / "home"))
    asked = ["pace", "Autumn", "--at", "10:40", "--date", "2026-03-02"]
    assert run(asked) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("10:40-10:41: 2 calls launched in 2 looks.")
    assert lines[-1] == "10:40:17  launch 0: the trunk's lines full"
    assert run([*asked, "--json"]) == 0
    assert '"held_by": "the trunk\'s lines"' in capsys.readouterr().out
    assert run(["pace", "Autumn", "--date", "2026-03-02"]) == 0
    assert "(nothing was decided)" in capsys.readouterr().out
    assert run(["pace", "Autumn", "--at", "late"]) == 2
    assert "is not a time of day" in capsys.readouterr().err
    assert run(["pace", "Nobody"]) == 2
