"""Does a number leave our own do-not-call list only by two persons' word, and is all of it kept?"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaigns.model import CloseReason, LeadState
from dialer.settings import DncSettings, Settings
from dialer.settings_file import load
from tests.builders.stored import entry
from tests.dialer.conftest import Furnish
from tests.dialer.floor import TALKS
from tests.dialer.office import Office, account_of

NUMBER, OTHER = "+12125550101", "+12125550102"
DAY = timedelta(days=1)


@pytest.fixture
def house(office: Office) -> Office:
    """The number is listed by anna, who has asked for its removal."""
    office.do("dnc.add", {"number": NUMBER, "reason": "asked by letter"})
    office.do("dnc.remove", {"number": NUMBER, "reason": "wrong person"})
    return office


@pytest.fixture
def of_one(tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "one").mkdir()
    made = Office(tmp_path / "one", settings=Settings(dnc=DncSettings(second_person=False)))
    yield made
    made.close()


def barred(office: Office) -> bool:
    return bool(office.do("dnc.check", {"number": NUMBER})["listed"])


def standings(office: Office) -> list[str]:
    return [each["standing"] for each in office.do("dnc.removals", {"all": True})["removals"]]


def entry_of(office: Office) -> Mapping[str, Any]:
    (entry,) = office.do("dnc.check", {"number": NUMBER})["entries"]
    return entry  # type: ignore[no-any-return]


def test_a_request_bars_on_until_another_person_confirms_it(house: Office) -> None:
    assert barred(house)
    told = house.ask("dnc.check", {"number": NUMBER}).message
    assert told.endswith("Removal 1 waits for another person than anna.")
    answer = house.ask("dnc.confirm_removal", {"removal": 1}, actor="boris")
    assert answer.message == f"{NUMBER} may be called again. Its entry was taken out of force and kept on record."
    assert not barred(house)


def test_who_asked_who_confirmed_when_and_why_stay(house: Office) -> None:
    asked = house.now
    house.now += DAY
    house.ask("dnc.confirm_removal", {"removal": 1}, actor="boris")
    entry = entry_of(house)
    assert (entry["removed_by"], entry["removed_reason"]) == ("anna, confirmed by boris", "wrong person")
    (removal,) = house.do("dnc.removals", {"all": True})["removals"]
    kept = {key: removal[key] for key in ("asked_by", "asked_at", "settled_by", "settled_at", "reason", "standing")}
    assert kept == {
        "asked_by": "anna",
        "asked_at": asked.isoformat(),
        "settled_by": "boris",
        "settled_at": house.now.isoformat(),
        "reason": "wrong person",
        "standing": "confirmed",
    }


@pytest.mark.parametrize("name", ["anna", "Anna", " anna ", ""])
def test_nobody_confirms_his_own_request(house: Office, name: str) -> None:
    answer = house.ask("dnc.confirm_removal", {"removal": 1}, actor=name)
    assert not answer.done
    assert "another person than anna" in answer.message
    assert barred(house)


def test_nobody_confirms_his_own_request_by_another_name(house: Office) -> None:
    """DIALER_ACTOR and a program that speaks to the socket may say any name; the account is the kernel's word."""
    for account in (account_of("anna"), ""):
        answer = house.ask("dnc.confirm_removal", {"removal": 1}, actor="boris", account=account)
        assert not answer.done
        assert "account of the operating system" in answer.message
    assert barred(house)
    (asked,) = house.do("dnc.removals")["removals"]
    assert asked["asked_account"] == account_of("anna")
    asked_and_confirmed = [each for each in house.store.commands.latest() if "remov" in each.name]
    assert {each.account for each in asked_and_confirmed} == {account_of("anna"), ""}


def test_a_new_opt_out_makes_the_request_void(house: Office) -> None:
    house.do("dnc.add", {"number": NUMBER, "reason": "asked again"})
    answer = house.ask("dnc.confirm_removal", {"removal": 1}, actor="boris")
    assert not answer.done
    assert "listed anew" in answer.message
    assert (barred(house), standings(house)) == (True, ["void"])


def test_a_file_with_the_number_makes_the_request_void_and_no_other(house: Office) -> None:
    house.do("dnc.add", {"number": OTHER, "reason": "asked"})
    house.do("dnc.remove", {"number": OTHER, "reason": "mistake"})
    house.do("dnc.import", {"path": house.file("dnc.txt", f"{NUMBER}\n"), "reason": "list"})
    assert standings(house) == ["pending", "void"]


def test_a_request_expires_after_thirty_days_to_the_second(house: Office) -> None:
    house.now += 30 * DAY
    assert house.do("dnc.removals")["removals"] == []
    answer = house.ask("dnc.confirm_removal", {"removal": 1}, actor="boris")
    assert "expired" in answer.message
    assert barred(house)
    house.do("dnc.remove", {"number": NUMBER, "reason": "still the wrong person"})
    assert standings(house) == ["pending", "expired"]
    assert house.ask("dnc.confirm_removal", {"number": NUMBER}, actor="boris").done


def test_a_second_before_it_expires_it_can_be_confirmed(house: Office) -> None:
    house.now += 30 * DAY - timedelta(seconds=1)
    assert house.ask("dnc.confirm_removal", {"removal": 1}, actor="boris").done


@pytest.mark.parametrize(
    ("name", "args", "words"),
    [
        ("dnc.remove", {"number": OTHER, "reason": "x"}, "is not listed"),
        ("dnc.remove", {"number": NUMBER}, "Say why"),
        ("dnc.remove", {"number": NUMBER, "reason": "again"}, "Removal 1"),
        ("dnc.confirm_removal", {"removal": 9}, "There is no removal 9"),
        ("dnc.confirm_removal", {"number": OTHER}, "Nobody has asked"),
        ("dnc.confirm_removal", {}, "a text is needed"),
    ],
)
def test_what_cannot_be_is_refused_and_the_number_stays_barred(
    house: Office, name: str, args: dict[str, Any], words: str
) -> None:
    answer = house.ask(name, args, actor="boris")
    assert not answer.done
    assert words in answer.message
    assert barred(house)


def test_a_request_that_was_carried_out_is_not_carried_out_again(house: Office) -> None:
    house.ask("dnc.confirm_removal", {"removal": 1}, actor="boris")
    house.do("dnc.add", {"number": NUMBER, "reason": "asked anew"})
    answer = house.ask("dnc.confirm_removal", {"removal": 1}, actor="carla")
    assert not answer.done
    assert barred(house)


def test_an_entry_that_came_in_another_scope_meanwhile_voids_it_too(house: Office) -> None:
    house.do("dnc.add", {"number": NUMBER, "reason": "asked", "scope": "seller", "value": "Acme"})
    assert not house.ask("dnc.confirm_removal", {"removal": 1}, actor="boris").done


class TestAHouseOfOne:
    def test_one_person_removes_alone_and_the_entry_says_so(self, of_one: Office) -> None:
        of_one.do("dnc.add", {"number": NUMBER, "reason": "asked"})
        assert of_one.ask("dnc.remove", {"number": NUMBER, "reason": "mistake"}).message.startswith(
            f"{NUMBER} may be called again."
        )
        assert entry_of(of_one)["removed_by"] == "anna, alone: no second person is needed here"
        assert standings(of_one) == ["alone"]

    def test_it_is_a_setting_of_true_or_false(self, of_one: Office) -> None:
        assert load(of_one.home, {}).dnc.second_person
        of_one.home.settings_file.write_text("[dnc]\nsecond_person = false\n")
        assert not load(of_one.home, {}).dnc.second_person
        assert load(of_one.home, {"DIALER_DNC_SECOND_PERSON": "true"}).dnc.second_person
        of_one.home.settings_file.write_text("[dnc]\nsecond_person = 0\n")
        with pytest.raises(Exception, match="expected true or false"):
            load(of_one.home, {})


def test_former_entries_are_in_an_export_when_asked_and_never_come_back_from_it(house: Office) -> None:
    house.ask("dnc.confirm_removal", {"removal": 1}, actor="boris")
    path = str(house.folder / "out.csv")
    assert house.do("dnc.export", {"path": path})["entries"] == 0
    assert house.do("dnc.export", {"path": path, "removed": True})["entries"] == 1
    (row,) = csv.DictReader(Path(path).read_text("utf-8").splitlines())
    assert (row["removed_by"], row["removed_reason"]) == ("anna, confirmed by boris", "wrong person")
    house.do("dnc.add", {"number": OTHER, "reason": "asked"})
    house.do("dnc.export", {"path": path, "removed": True})
    assert house.do("dnc.import", {"path": path, "reason": "moved"})["known"] == 1
    assert not barred(house)


def test_leads_are_called_again_only_once_it_is_confirmed(centre: Furnish) -> None:
    office = centre(leads=0, agents=1, otherwise=TALKS)
    office.import_numbers(NUMBER)
    store = office.store
    assert store.suppressions.count() == 0
    store.suppressions.add(entry(NUMBER))
    office.open()
    office.until(lambda: office.lead_state(NUMBER).state is LeadState.CLOSED)
    assert office.lead_state(NUMBER).close_reason is CloseReason.SUPPRESSED
    removal = store.removals.ask(NUMBER, "anna", "mistake", office.clock.now(), account=account_of("anna"))
    assert office.lead_state(NUMBER).state is LeadState.CLOSED
    store.removals.confirm(removal.id, "boris", office.clock.now(), account=account_of("boris"))
    office.until(lambda: office.placed(NUMBER) == 1, limit_s=30)
