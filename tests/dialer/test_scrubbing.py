"""Does an import tell how many of its numbers the do-not-call lists bar, and does that change nothing else?"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from campaigns.importing import SpooledRows, read_leads, spooled
from campaigns.registry import Kind, ListImport, import_list
from dialer.bootstrap import make_home
from dialer.cli import run
from dialer.home import Home
from dialer.progress import watched
from dialer.registries import registry_folder, registry_list
from dialer.settings import DncSettings, Settings
from tests.dialer.office import NOON, Office

US = Settings(dnc=DncSettings(registries=("us-ftc",)))
FREE, OWN, REGISTERED, BOTH, ELSEWHERE = (f"+1{area}5560101" for area in (212, 213, 214, 215, 310))
LEADS = "phone\n" + "".join(f"{number}\n" for number in (FREE, OWN, REGISTERED, BOTH, ELSEWHERE, FREE))


def full_list(home: Home, *numbers: str, now: datetime = NOON) -> None:
    """A registry's list with these numbers, in force; it covers 212 to 215."""
    file = home.root / "list.txt"
    listed = (*numbers, *(f"+1{area}5560199" for area in (212, 213, 214, 215)))
    file.write_text("".join(f"{number[2:5]},{number[5:]}\n" for number in listed))
    registry = registry_list(US, "us-ftc")
    day_old = now - timedelta(days=1)
    order = ListImport(registry=registry, kind=Kind.FULL, files=(file,), list_date=day_old, who="Ann")
    assert import_list(registry_folder(home, US), order, now).generation is not None


def listed(office: Office, *numbers: str, **scope: str) -> None:
    for number in numbers:
        office.do("dnc.add", {"number": number, "reason": "asked", **scope})


@pytest.fixture
def us(tmp_path: Path) -> Any:
    office = Office(tmp_path, settings=US)
    full_list(office.home, REGISTERED, BOTH)
    listed(office, OWN, BOTH)
    yield office
    office.close()


def test_an_import_counts_the_numbers_of_every_list_and_stores_them_all(us: Office) -> None:
    answer = us.ask("leads.import", {"path": us.file("leads.csv", LEADS), "list": "autumn"})
    assert answer.data["do_not_call"] == {
        "numbers": 5,
        "clear": 1,
        "own_list": 2,
        "own_list_elsewhere": 0,
        "registries": ["us-ftc"],
        "registry_listed": 2,
        "registry_unknown": 1,
        "repeated_in_file": 1,
        "erased_before": 0,
    }
    assert "4 of its numbers are not called" in answer.message
    assert answer.data["added"] == 5


def test_a_check_counts_the_same_and_stores_nothing(us: Office) -> None:
    path = us.file("leads.csv", LEADS)
    checked = us.do("leads.check", {"path": path})["do_not_call"]
    assert us.store.leads.lists() == ()
    assert us.do("leads.import", {"path": path, "list": "autumn"})["do_not_call"] == checked


def test_a_list_too_old_makes_every_number_of_its_country_unknown_and_not_clear(us: Office) -> None:
    us.now = NOON + timedelta(days=40)
    found = us.leads(LEADS)["do_not_call"]
    assert (found["registry_listed"], found["registry_unknown"], found["clear"]) == (2, 3, 0)


def test_an_entry_for_one_campaign_bars_in_its_own_import_only(office: Office) -> None:
    office.trunk()
    office.campaign()
    listed(office, FREE, scope="campaign", value="Autumn")
    listed(office, OWN, scope="seller", value="Somebody else")
    elsewhere = office.do("leads.check", {"path": office.file("leads.csv", LEADS)})["do_not_call"]
    assert (elsewhere["own_list"], elsewhere["own_list_elsewhere"]) == (0, 2)
    here = office.leads(LEADS, campaign="Autumn")["do_not_call"]
    assert (here["own_list"], here["own_list_elsewhere"], here["clear"], here["registries"]) == (1, 1, 4, [])


def test_an_entry_for_a_seller_bars_in_his_import_however_his_name_is_written(office: Office) -> None:
    office.trunk()
    office.campaign(seller_name="Acme Ltd")
    listed(office, FREE, scope="seller", value="acme  LTD")
    here = office.leads(LEADS, campaign="Autumn")["do_not_call"]
    assert (here["own_list"], here["own_list_elsewhere"]) == (1, 0)


def test_a_removed_entry_is_not_counted_and_nothing_is_said(office: Office) -> None:
    assert office.leads(LEADS)["do_not_call"]["clear"] == 5
    assert "do-not-call" not in office.ask("leads.check", {"path": office.file("l.csv", LEADS)}).message


class TestInAShell:
    def test_a_check_needs_no_dialer_and_counts_where_there_is_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("DIALER_HOME", str(tmp_path / "home"))
        (tmp_path / "leads.csv").write_text(LEADS)
        assert "do_not_call" not in self.asked(tmp_path, capsys, "leads", "check")
        home = Home(root=tmp_path / "home")
        make_home(home, os.environ, datetime.now(UTC))
        home.settings_file.write_text('[dnc]\nregistries = ["us-ftc"]\n')
        full_list(home, REGISTERED, now=datetime.now(UTC))
        found = self.asked(tmp_path, capsys, "leads", "check")["do_not_call"]
        assert (found["numbers"], found["registry_listed"], found["registry_unknown"]) == (5, 1, 1)
        assert run(["leads", "check", str(tmp_path / "leads.csv")]) == 0
        assert "unknown to the registry: not called        1\n" in capsys.readouterr().out

    def test_lists_that_cannot_be_asked_are_told_and_the_check_goes_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("DIALER_HOME", str(tmp_path / "home"))
        home = Home(root=tmp_path / "home")
        home.create()
        home.settings_file.write_text("")  # set up, but its database is gone
        (tmp_path / "leads.csv").write_text(LEADS)
        said = self.asked(tmp_path, capsys, "leads", "check")
        assert (said["accepted"], said["do_not_call"]) == (5, None)
        assert "were not asked" in said["not_asked"]

    def asked(self, folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Mapping[str, Any]:
        run([*words, str(folder / "leads.csv"), "--json"])
        said: Mapping[str, Any] = json.loads(capsys.readouterr().out)
        return said


def test_whoever_watches_an_import_is_told_how_far_it_is(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.importing.leads._TOLD_EACH", 2)
    told: list[tuple[str, int, float]] = []
    with watched(lambda *step: told.append(step)):
        office.leads(LEADS)
    assert [each[:2] for each in told] == [("read", 2), ("read", 4), ("read", 6), ("store", 5)]
    assert all(0 <= share <= 1 for *_, share in told)


@pytest.mark.parametrize("in_memory", [1, 10_000_000])
def test_rows_that_wait_on_the_disk_or_in_memory_come_back_as_they_were_as_often_as_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr(spooled, "IN_MEMORY_BYTES", in_memory)
    monkeypatch.setattr(spooled, "_CHUNK", 2)
    path = tmp_path / "leads.csv"
    path.write_text('phone,name,"a ""b"""\n' + "".join(f'{n},Ünï {n},"x\ny"\n' for n in (FREE, OWN, ELSEWHERE)))
    rows, kept = list(read_leads(path)), SpooledRows()
    for row in rows:
        kept.add(row)
    assert len(kept) == 3
    for _ in range(2):
        again = list(kept)
        assert [(r.line, r.display_name, [tuple(c) for c in r.custom]) for r in again] == [
            (r.line, r.display_name, list(r.custom)) for r in rows
        ]
        assert [(p.e164, p.kind, tuple(p.zones)) for r in again for p in r.contact_points] == [
            (p.e164, p.kind.value, p.zones) for r in rows for p in r.contact_points
        ]
    kept.close()
