"""Does the service start, answer, stop and come back as it promises? On the simulated exchange, as its own process."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigns.storage.store import Store
from campaigns.storage.values import DecisionMinute
from dialer.cli import run
from dialer.control_client import running
from dialer.doctor import examine
from dialer.due import ExportKind
from dialer.home import Home, running_pid
from tests.dialer.office import LEADS, Office
from tests.dialer.running_service import RunningService, wait_until

TALKERS = "phone\n" + "".join(f"+1{area}5550104\n" for area in (305, 503, 801))  # by the practice table: they talk

Serve = Callable[..., RunningService]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a practice campaign of people who talk, and one agent."""
    office = Office(tmp_path)
    office.trunk()
    office.leads(TALKERS)
    office.campaign(lists=("autumn",))
    office.do("agent.add", {"name": "anna", "number": "1001"})
    office.do("agent.assign", {"agent": "anna", "campaigns": ["Autumn"]})
    office.store.close()
    return office.home


@pytest.fixture
def serve(home: Home) -> Iterator[Serve]:
    made: list[RunningService] = []

    def start(*, more: dict[str, str] | None = None, wait: bool = True) -> RunningService:
        made.append(RunningService(home, more=more, wait=wait))
        return made[-1]

    yield start
    for one in made:
        one.end()


def talking(service: RunningService) -> bool:
    return bool(service.do("campaign.show", {"name": "Autumn"})["calls"]["talking"])


def in_a_conversation(service: RunningService) -> None:
    service.do("campaign.start", {"name": "Autumn"})
    service.do("agent.login", {"agent": "anna"})
    assert wait_until(lambda: talking(service))


def test_it_answers_then_ends_with_0_on_sigterm_and_leaves_nothing_behind(serve: Serve, home: Home) -> None:
    service = serve()
    assert service.do("engine.status")["running"]
    assert running_pid(home) == service.process.pid
    service.signal(signal.SIGTERM)
    assert service.ended() == 0
    assert not running(service.socket)
    assert not home.pid_file.exists()
    assert "Traceback" not in "".join(service.end())


def test_a_second_service_on_the_same_home_is_refused_and_the_first_goes_on(serve: Serve) -> None:
    first = serve()
    second = serve(wait=False)
    assert second.ended() == 2
    assert f"process {first.process.pid}" in second.end()[1]
    assert first.do("engine.status")["running"]


def test_a_whole_call_goes_from_lead_to_report_while_commands_come_in(serve: Serve, home: Home) -> None:
    service = serve()
    in_a_conversation(service)
    assert service.do("agent.list")["agents"][0]["state"] == "TALK"
    path = home.root.parent / "more.csv"
    path.write_text(LEADS)
    assert service.do("leads.import", {"path": str(path), "list": "more"})["added"] == 2
    service.do("desk.dispose", {"agent": "anna", "disposition": "sale"})
    service.do("desk.hang_up", {"agent": "anna"})
    assert wait_until(lambda: not talking(service))
    days = {"from": "2020-01-01", "to": "2099-12-31"}
    report = service.do("report.get", {"kind": "campaign", "campaign": "Autumn", **days})
    sales = {row["name"]: row["value"] for row in report["rows"] if row["by"] == "disposition"}
    assert sales["sale"] >= 1
    over = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    written = service.do("export.run", {"date": over, "campaign": "Autumn"})
    assert [each["intact"] for each in written["exports"]] == [True] * len(ExportKind)


def test_sigterm_lets_a_conversation_end_and_dials_nobody_meanwhile(serve: Serve) -> None:
    service = serve(more={"DIALER_SERVICE_DRAIN_S": "20"})
    in_a_conversation(service)
    service.signal(signal.SIGTERM)
    assert wait_until(lambda: service.do("campaign.show", {"name": "Autumn"})["state"] == "PAUSED")
    service.do("desk.dispose", {"agent": "anna", "disposition": "sale"})
    service.do("desk.hang_up", {"agent": "anna"})
    assert service.ended() == 0


def test_the_wait_for_conversations_is_bounded(serve: Serve) -> None:
    service = serve(more={"DIALER_SERVICE_DRAIN_S": "1"})
    in_a_conversation(service)
    service.signal(signal.SIGTERM)
    assert service.ended(10) == 0


def test_a_second_signal_ends_at_once(serve: Serve) -> None:
    service = serve(more={"DIALER_SERVICE_DRAIN_S": "600"})
    in_a_conversation(service)
    service.signal(signal.SIGTERM)
    assert wait_until(lambda: service.do("campaign.show", {"name": "Autumn"})["state"] == "PAUSED")
    service.signal(signal.SIGTERM)
    assert service.ended(10) == 0


def test_a_campaign_that_ran_goes_on_after_a_stop_and_a_start(serve: Serve) -> None:
    service = serve()
    service.do("campaign.start", {"name": "Autumn"})
    service.signal(signal.SIGTERM)
    assert service.ended() == 0
    assert serve().do("campaign.show", {"name": "Autumn"})["state"] == "RUNNING"


def test_after_kill_9_the_home_is_free_and_a_command_keeps_its_answer(serve: Serve) -> None:
    service = serve()
    first = service.ask("dnc.add", {"number": "+12125550177", "reason": "asked"}, id_="one")
    service.process.kill()
    service.ended()
    again = serve()
    assert again.ask("dnc.add", {"number": "+12125550177", "reason": "asked"}, id_="one") == first
    assert again.do("dnc.list")["total"] == 1


def test_after_kill_9_in_a_conversation_the_attempt_is_recorded_and_its_lead_not_dialled_again(serve: Serve) -> None:
    service = serve()
    in_a_conversation(service)
    service.process.kill()
    service.ended()
    after = serve()
    days = {"from": "2020-01-01", "to": "2099-12-31"}
    report = after.do("report.get", {"kind": "calls", "campaign": "Autumn", **days})
    numbers = [row["number"] for row in report["rows"]]
    assert numbers
    assert len(numbers) == len(set(numbers))


def test_a_missing_or_damaged_database_is_refused_and_nothing_is_dialled(serve: Serve, home: Home) -> None:
    whole = home.database_file.read_bytes()
    home.database_file.unlink()
    missing = serve(wait=False)
    assert missing.ended() == 2
    assert "dialer init" in missing.end()[1]
    page = 4096
    home.database_file.write_bytes(whole[: 2 * page] + b"\xff" * 6 * page + whole[8 * page :])
    damaged = serve(wait=False)
    assert damaged.ended() == 2
    assert "Traceback" not in damaged.end()[1]


def test_faulty_settings_are_told_all_at_once_and_nothing_starts(serve: Serve, home: Home) -> None:
    home.settings_file.write_text('[ami]\nhots = "x"\n[log]\nlevle = "y"\n')
    service = serve(wait=False)
    assert service.ended() == 2
    told = service.end()[1]
    assert "ami.hots (did you mean ami.host?)" in told
    assert "log.levle (did you mean log.level?)" in told


def test_the_log_is_json_in_utc_and_private(serve: Serve, home: Home) -> None:
    service = serve()
    service.do("campaign.start", {"name": "Autumn"})
    service.signal(signal.SIGTERM)
    service.ended()
    path = home.logs / "dialer.log"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert {"at", "level", "logger", "message"} <= set(lines[0])
    assert all(line["at"].endswith("+00:00") for line in lines)
    assert path.stat().st_mode & 0o077 == 0


def test_a_screen_that_watches_neither_stops_nor_slows_the_end(serve: Serve) -> None:
    service = serve()
    from dialer.control import Subscribe, encode
    from dialer.control_socket import connected_socket

    with connected_socket(service.socket, 5.0) as screen:
        screen.sendall(encode(Subscribe(topic="board", every_ms=100)))
        assert b"snapshot" in screen.recv(65536)
        service.signal(signal.SIGTERM)
        assert service.ended(10) == 0


def test_why_it_dialled_so_is_told_while_it_runs_and_after_it_has_ended(serve: Serve, home: Home) -> None:
    service = serve(more={"DIALER_SERVICE_DRAIN_S": "0"})
    in_a_conversation(service)
    told = service.do("pace.explain", {"campaign": "Autumn"})
    assert told["launched"] >= 1
    assert any(each["words"].startswith("started by anna") for each in told["said"])
    service.signal(signal.SIGTERM)
    assert service.ended() == 0
    store = Store.open(f"sqlite:///{home.database_file}")
    minutes = store.decisions.between(1, datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    store.close()
    said = [words for each in minutes for _, _, words, *_ in each.body["said"]]  # type: ignore[index]
    assert "paused by service: the campaign is PAUSED" in said


def test_decisions_older_than_the_settings_keep_are_forgotten_when_it_starts(serve: Serve, home: Home) -> None:
    store = Store.open(f"sqlite:///{home.database_file}")
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    old = [now - timedelta(days=days) for days in (93, 91, 89)]
    store.decisions.write(DecisionMinute(campaign_id=1, minute=each, body={"looks": 1}) for each in old)
    serve()
    long_ago, soon = now - timedelta(days=200), now - timedelta(days=1)
    assert wait_until(lambda: [each.minute for each in store.decisions.between(1, long_ago, soon)] == old[2:])
    store.close()


def test_doctor_says_that_a_running_service_asks_other_registries_than_its_settings_name(
    serve: Serve, home: Home
) -> None:
    serve()
    environment = {"DIALER_EXCHANGE_KIND": "simulated"}

    def told() -> list[str]:
        found = examine(home, environment)
        return [each.words for each in found if "start the service anew" in each.words]

    assert told() == []
    written = home.settings_file.read_text()
    home.settings_file.write_text(written.replace('# registries = ["us-ftc"]', 'registries = ["uk-tps"]'))
    assert told()[0].startswith("dialer.toml says otherwise by now (registries: uk-tps")


BEYOND = "9" * 400  # more than a number of the machine holds
TO_MIAMI = ("trunk", "add", "miami", "--host", "127.0.0.8", "--practice", "--caller-id", "+12025550100")
OF_AUTUMN = ("staffing", "--campaign", "Autumn", "--aht", "180")
ENDLESS = {
    "--max-occupancy 'nan'": (*OF_AUTUMN, "--max-occupancy", "nan"),
    "--shrinkage 'inf'": (*OF_AUTUMN, "--shrinkage", "inf"),
    "--shrinkage '-inf%'": (*OF_AUTUMN, "--shrinkage=-inf%"),
    "--aht '99999": ("staffing", "--campaign", "Autumn", "--aht", BEYOND),
    "--service-level '80/99999": (*OF_AUTUMN, "--service-level", f"80/{BEYOND}"),
    "attempts per second = 'inf'": (*TO_MIAMI, "--attempts-per-second", BEYOND),
}


def test_a_number_that_json_cannot_say_is_refused_in_the_same_words_with_and_without_the_service(
    serve: Serve, home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIALER_HOME", str(home.root))
    monkeypatch.setenv("DIALER_EXCHANGE_KIND", "simulated")

    def said() -> dict[str, tuple[int, str]]:
        return {words: (run(argv), capsys.readouterr().err) for words, argv in ENDLESS.items()}

    before = said()
    assert [words for words, (_, err) in before.items() if words not in " ".join(err.split())] == []
    assert {code for code, _ in before.values()} == {2}
    serve()
    assert said() == before
