"""Is the packaged time zone data used and nothing else, and does dialling stop when it is too old to be believed?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from dialer import zones
from dialer.doctor import examine
from dialer.refusal import Refused
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CallCentre
from tests.dialer.office import Office

JUNE = datetime(2026, 6, 1, tzinfo=UTC)  # the third release of a year is taken for one of this day


def data_of(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(zones, "data_version", lambda: version)


def test_the_installed_data_is_fresh_enough() -> None:
    assert zones.require_fresh(datetime.now(UTC)) == zones.data_version()


@pytest.mark.parametrize("found", ["", "2025.2", "strange"])
def test_missing_and_old_data_are_refused(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data_of(monkeypatch, found)
    with pytest.raises(Refused, match="pip install"):
        zones.require_fresh(datetime(2026, 3, 1, tzinfo=UTC))


def test_data_is_good_for_400_days_and_not_a_day_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    data_of(monkeypatch, "2026.3")
    last = JUNE + timedelta(days=400, hours=23)
    assert zones.require_fresh(last) == "2026.3"
    assert zones.why_stale(last) == ""
    with pytest.raises(Refused, match=r"about 401 days old.*pip install --upgrade tzdata.*Nothing is dialled"):
        zones.require_fresh(last + timedelta(hours=1))


def test_100_days_before_its_end_it_is_told_that_dialling_will_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    data_of(monkeypatch, "2026.3")
    assert zones.ageing(JUNE + timedelta(days=300)) == ""
    assert "dialling stops in 99 days: pip install" in zones.ageing(JUNE + timedelta(days=301))
    assert "stops in 0 days" in zones.ageing(JUNE + timedelta(days=400))
    assert zones.ageing(JUNE + timedelta(days=401)) == ""


@pytest.mark.parametrize("version", ["2026.6", "2026.9", "2027.1"])
def test_data_newer_than_the_clock_is_fresh(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data_of(monkeypatch, version)
    assert zones.why_stale(JUNE) == zones.ageing(JUNE) == ""


def test_a_dialer_that_runs_on_stops_dialling_when_its_data_is_too_old_and_says_how_to_mend_it(
    centre: Furnish, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_of(monkeypatch, "2026.1")
    office = centre(leads=1)
    age = (office.clock.now().date() - datetime(2026, 2, 1, tzinfo=UTC).date()).days
    monkeypatch.setattr(zones, "STALE_DAYS", age)
    office.open()
    office.until(lambda: office.placed() == 1)
    monkeypatch.setattr(zones, "STALE_DAYS", age - 1)  # a day passes
    placed = office.placed()
    office.import_numbers("+12125550177")
    office.clock.advance(120.0)
    assert office.placed() == placed
    assert "pip install --upgrade tzdata" in _pace(office)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A list of zones of our own, believed to be the package's."""
    path = tmp_path / "zones"
    path.write_text("America/Vancouver\n")
    monkeypatch.setattr(zones, "LIST_OF_ZONES", path)
    zones._mark_at_first.cache_clear()
    yield path
    zones._mark_at_first.cache_clear()


def test_data_that_is_replaced_while_the_dialer_runs_stops_dialling_until_it_is_started_anew(
    centre: Furnish, installed: Path
) -> None:
    zones.pin()
    office = centre(leads=1)
    office.open()
    office.until(lambda: office.placed() == 1)
    upgraded = installed.with_name("new")
    upgraded.write_text("America/Vancouver\n")
    upgraded.replace(installed)
    placed = office.placed()
    office.import_numbers("+12125550177")
    office.clock.advance(120.0)
    assert office.placed() == placed
    assert "was replaced while the dialer runs" in _pace(office)
    assert "Start the dialer anew" in zones.why_stale(office.clock.now())
    zones._mark_at_first.cache_clear()  # as a new process begins
    office.until(lambda: office.placed("+12125550177") == 1)


def test_data_that_is_taken_away_while_the_dialer_runs_stops_dialling(installed: Path) -> None:
    zones.pin()
    assert zones.why_replaced() == ""
    installed.unlink()
    assert "Nothing is dialled until then" in zones.why_replaced()


def _pace(office: CallCentre) -> str:
    return str(office.engine.board()["campaigns"][0]["pace"])


def test_why_says_that_stale_data_holds_the_number(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.trunk()
    office.leads()
    office.campaign(lists=("autumn",))
    asked = {"number": "+12125550101", "campaign": "Autumn"}
    assert "TIME_ZONES" not in [gate["code"] for gate in office.do("why", asked)["gates"]]
    data_of(monkeypatch, "2024.1")
    told = office.do("why", asked)
    assert not told["dialable"]
    assert (told["gates"][0]["code"], told["ask_again_at"]) == ("TIME_ZONES", None)
    assert "pip install" in told["gates"][0]["reason"]


@pytest.mark.parametrize(("days", "good"), [(290, True), (310, True), (410, False)])
def test_the_doctor_warns_of_ageing_data_and_faults_stale_data(
    days: int, good: bool, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_of(monkeypatch, "2026.3")
    monkeypatch.setattr(zones, "_age_days", lambda *_: days)
    found = next(each for each in examine(office.home, {}) if each.check == "time zones")
    assert found.good is good
    assert ("pip install --upgrade tzdata" in found.line()) is (days > 300)


@pytest.mark.parametrize(("zone", "hours"), [("America/Vancouver", -7), ("America/Edmonton", -6)])
def test_the_data_knows_who_stopped_changing_the_clocks_in_2026(zone: str, hours: int) -> None:
    zones.pin()
    zoneinfo.ZoneInfo.clear_cache()
    assert zoneinfo.TZPATH == ()
    for month in (7, 12):
        moment = datetime(2026, month, 24, 12, tzinfo=UTC)
        assert moment.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("zone", ["Asia/Almaty", "Asia/Qostanay", "Asia/Qyzylorda", "Asia/Aqtobe", "Asia/Oral"])
def test_the_data_knows_that_kazakhstan_keeps_one_clock_since_2024(zone: str) -> None:
    zones.pin()
    zoneinfo.ZoneInfo.clear_cache()
    for month in (1, 7):
        moment = datetime(2026, month, 24, 12, tzinfo=UTC)
        assert moment.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset() == timedelta(hours=5)


@pytest.fixture
def old_system(tmp_path: Path) -> Iterator[Path]:
    """A machine's own zone files, of before British Columbia and Morocco changed their minds."""
    packaged = resources.files("tzdata").joinpath("zoneinfo")
    for zone, stands_for in (("America/Vancouver", "Etc/GMT+8"), ("Africa/Casablanca", "Etc/GMT-1")):
        (tmp_path / zone).parent.mkdir()
        with resources.as_file(packaged.joinpath(*stands_for.split("/"))) as file:
            shutil.copy(file, tmp_path / zone)
    kept = zoneinfo.TZPATH
    yield tmp_path
    zoneinfo.reset_tzpath(kept)
    zoneinfo.ZoneInfo.clear_cache()


DECEMBER = datetime(2026, 12, 24, 12, tzinfo=UTC)
SINCE_2026 = {"America/Vancouver": -7, "Africa/Casablanca": 0}


@pytest.mark.parametrize(("zone", "hours"), SINCE_2026.items())
def test_once_pinned_the_machines_own_zone_files_are_not_read(zone: str, hours: int, old_system: Path) -> None:
    zoneinfo.reset_tzpath([old_system])
    zoneinfo.ZoneInfo.clear_cache()
    old = DECEMBER.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset()
    zones.pin()
    zoneinfo.ZoneInfo.clear_cache()
    new = DECEMBER.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset()
    assert new == timedelta(hours=hours) != old


def test_a_command_pins_the_packaged_data_before_it_asks_for_any_zone(old_system: Path) -> None:
    asks = (
        "from dialer.cli import run; run(['rules', 'list'])\n"
        "from datetime import datetime, UTC; from campaigns.hours import zone_named\n"
        "print(datetime(2026, 12, 24, 12, tzinfo=UTC).astimezone(zone_named('America/Vancouver')).utcoffset())"
    )
    environment = os.environ | {"PYTHONTZPATH": str(old_system)}
    done = subprocess.run([sys.executable, "-c", asks], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(timedelta(hours=-7))
