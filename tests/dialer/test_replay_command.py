"""Does `dialer replay` show what was, what would have been and its own error, and refuse what says nothing?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaigns.model import DialMode
from campaigns.storage.store import Store
from dialer.cli import run
from dialer.control import AnswerStatus
from dialer.refusal import Refused
from dialer.rehearsal.engine_day import EngineDay, play
from dialer.rehearsal.house import MORNING
from dialer.rehearsal.recorded_day import Terms
from dialer.rehearsal.world import world_b
from dialer.use_cases.replayed import Wished, wished_terms
from tests.dialer.office import Office
from tests.dialer.running_service import RunningService
from tests.rehearsal.days import steady

DAY = ("replay", "--campaign", "simulated", "--day", "2026-03-02", "--seeds", "2")
OWN = Terms(
    mode=DialMode.PROGRESSIVE,
    ratio=1.0,
    cap=0.03,
    lines=30,
    rate=5.0,
    lines_per_agent=3.0,
    detects=False,
    ring_timeout_s=22,
    message_starts_ms=1800,
)


@pytest.fixture(scope="module")
def dialled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a short day that the real engine has dialled."""
    folder = tmp_path_factory.mktemp("dialled")
    play(EngineDay(world=steady(world_b(5, 3, 0.75))), folder)
    return folder / "simulated.sqlite3"


@pytest.fixture
def after_it(office: Office, dialled: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The evening of that day; commands in a shell find its home."""
    office.store.close()
    shutil.copy(dialled, office.home.database_file)
    office.store = office.context.store = Store.open(f"sqlite:///{office.home.database_file}")
    office.now = MORNING + timedelta(hours=10)
    monkeypatch.setenv("DIALER_HOME", str(office.home.root))
    return office


Shell = Callable[..., dict[str, Any]]


@pytest.fixture
def shell(after_it: Office, capsys: pytest.CaptureFixture[str]) -> Shell:
    def ask(*options: str, code: int = 0) -> dict[str, Any]:
        assert run([*DAY, *options, "--json"]) == code
        said: dict[str, Any] = json.loads(capsys.readouterr().out)
        return said

    return ask


def test_a_day_is_shown_as_recorded_as_it_was_replayed_and_as_wished(shell: Shell) -> None:
    said = shell("--mode", "power", "--ratio", "3")
    assert said["status"] == "done"
    assert said["settings"]["as_it_was"]["mode"] == "progressive"
    assert (said["settings"]["replayed"]["mode"], said["settings"]["replayed"]["ratio"]) == ("power", 3.0)
    talk = said["figures"]["talk_share"]
    assert talk["as_it_was"]["low"] <= talk["as_it_was"]["mean"] <= talk["as_it_was"]["high"]
    assert talk["error"] == pytest.approx(talk["as_it_was"]["mean"] - talk["recorded"])
    change = talk["replayed"]["mean"] - talk["as_it_was"]["mean"]
    assert talk["change"]["mean"] == pytest.approx(change)
    assert talk["replayed"] != talk["as_it_was"]
    assert said["interval"] == "lowest to highest of 2 seeds"
    assert any("cannot know whether other people would have answered" in words for words in said["not_known"])
    assert "with mode power, ratio 3: talk share" in said["message"]
    assert said == shell("--mode", "power", "--ratio", "3")  # the same seeds, the same days


def test_in_a_shell_it_is_a_table_and_the_sentences_under_it(
    after_it: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(list(DAY)) == 0
    out, told = capsys.readouterr()
    first, heads, talk, *_ = out.splitlines()
    assert "replayed as it was. The replay's own error: talk share" in first
    assert heads.split("  ")[-1].strip() == "its error"
    assert talk.startswith("talk share")
    assert talk.endswith("pp")
    assert "about 33 % of days drawn alike" in out
    assert told.splitlines()[-1] == "2 of 2 days replayed"


def test_the_records_are_read_without_an_engine_and_change_nothing(after_it: Office) -> None:
    before = after_it.store.commands.latest()
    data = after_it.do("replay.day", {"campaign": "simulated", "date": "2026-03-02"})
    assert data["from"].startswith("2026-03-02T09:0")
    assert len(data["day"]["shifts"]) == 5
    assert after_it.store.commands.latest() == before


def test_while_the_service_runs_it_is_asked_for_the_records_and_the_answer_is_the_same(
    after_it: Office, shell: Shell
) -> None:
    alone = shell()
    after_it.store.close()
    service = RunningService(after_it.home)
    try:
        assert shell() == alone
    finally:
        service.end()


def refusal(office: Office, **args: Any) -> str:
    answer = office.ask("replay.day", {"campaign": "simulated", "date": "2026-03-02", **args})
    assert answer.status is AnswerStatus.REFUSED, answer.message
    return answer.message


def test_a_day_without_calls_is_refused(after_it: Office) -> None:
    assert refusal(after_it, date="2026-03-03").startswith("No call of simulated was made on 2026-03-03.")
    assert "there is no campaign" in refusal(after_it, campaign="Winter").lower()
    assert "a date such as" in refusal(after_it, date="yesterday")


def test_too_few_calls_are_refused_with_their_number(after_it: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.use_cases.replay.FEWEST_CALLS", 100_000)
    assert "finished calls say too little, at least 100000 are needed. Nothing was replayed." in refusal(after_it)


def test_too_few_talks_are_refused(after_it: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.use_cases.replay.FEWEST_JOINED", 100_000)
    assert "calls reached an agent; to know how long talks are takes 100000" in refusal(after_it)


def test_a_day_without_agents_hours_is_refused(after_it: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.use_cases.replay._spans", lambda *_: [])
    assert "no agent's hours are on record" in refusal(after_it)


def test_a_refused_day_ends_with_exit_code_2(shell: Shell) -> None:
    assert shell("--day", "2026-03-03", code=2)["status"] == "refused"
    assert "'preview': one of progressive, power, predictive" in shell("--mode", "preview", code=2)["message"]
    assert "one seed alone has no interval" in shell("--seeds", "1", code=2)["message"]


@pytest.mark.parametrize(
    ("wished", "words"),
    [
        (Wished(mode="manual"), "one of progressive, power, predictive"),
        (Wished(ratio=2.0), "add --mode power"),
        (Wished(mode="power", ratio=9.0), "ratio = 9.0: must be between 1.0 and 5.0"),
        (Wished(cap="5%"), "at most 0.03"),
        (Wished(cap="2"), "write 0.03"),
        (Wished(cap="little"), "a share such as 2% or 0.02"),
        (Wished(max_lines=20.0), "max_lines_per_agent = 20.0"),
    ],
)
def test_what_no_campaign_may_be_set_to_is_not_replayed(wished: Wished, words: str) -> None:
    with pytest.raises(Refused, match=words):
        wished_terms(OWN, wished)


def test_what_is_not_wished_stays_as_it_was() -> None:
    assert wished_terms(OWN, Wished()) == OWN
    assert wished_terms(OWN, Wished(cap="2%")).cap == wished_terms(OWN, Wished(cap="0.02")).cap == 0.02
    assert wished_terms(OWN, Wished(max_lines=1.5)).lines_per_agent == 1.5
