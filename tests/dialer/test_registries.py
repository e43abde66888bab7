"""Is a national registry asked before every call, and is a new list in force at the next decision?"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from campaigns.dialable import judge
from campaigns.importing.report import ImportStatus
from campaigns.model import CloseReason, LeadState, Scope, Suppression
from campaigns.registry import Answer, Kind, ListImport, RegistryVerdict, import_list
from campaigns.rules import ListsAsked
from campaigns.storage.errors import StoreUnavailable
from dialer.doctor import examine
from dialer.home import Home
from dialer.registries import KeptRegistries, kept_registries, registry_list
from dialer.settings import DncSettings, Settings
from dialer.settings_faults import faults_of
from tests.campaigns.rule_builders import NOON as RULES_NOON
from tests.campaigns.rule_builders import candidate, contact_point, rules
from tests.dialer.conftest import Furnish
from tests.dialer.floor import NOON, RINGS_ON, TALKS, CallCentre
from tests.dialer.office import Office

US = Settings(dnc=DncSettings(registries=("us-ftc",)))
REAL = {"practice": False, "host": "192.0.2.1", "rule_profile": "us-federal"}
FREE, LISTED, ELSEWHERE = "+12125560101", "+12125560102", "+13105560103"
DAY = timedelta(days=1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(root=tmp_path / "lists")


@pytest.fixture
def kept(home: Home) -> KeptRegistries:
    found = kept_registries(home, US)
    assert found is not None
    return found


def flat(*numbers: str) -> str:
    return "".join(f"{number[2:5]},{number[5:]}\n" for number in numbers)


def bring_in(home: Home, *numbers: str, dated: datetime = NOON - DAY, now: datetime = NOON, count: int = -1) -> None:
    """A full list of the FTC with these numbers, in force when this returns."""
    home.root.mkdir(exist_ok=True)
    file = home.root / "list.txt"
    file.write_text(flat(*numbers))
    order = ListImport(registry=registry_list(US, "us-ftc"), kind=Kind.FULL, files=(file,), list_date=dated, who="Ann")
    report = import_list(home.below(US.dnc.folder), order, now)
    assert report.status in (ImportStatus.OK, ImportStatus.OK_WARN), report.message


def at_work(centre: Furnish, kept: KeptRegistries, *numbers: str, otherwise: object = TALKS) -> CallCentre:
    office = centre(
        leads=0, agents=2, otherwise=otherwise, trunk=REAL, registries=kept, rule_profile="us-federal", detects=True
    )
    office.import_numbers(*numbers)
    office.open()
    return office


def test_a_list_whose_file_is_cut_is_noticed_before_the_next_number_is_asked(home: Home, kept: KeptRegistries) -> None:
    """Else that question would read a page that is gone, and end the dialer; here, the tests."""
    bring_in(home, LISTED)
    assert kept.ask(LISTED, NOON).answer is Answer.LISTED
    os.truncate(home.below(US.dnc.folder) / "us-ftc" / "0000001" / "numbers.bits", 4096)
    assert kept.ask(LISTED, NOON).answer is Answer.UNKNOWN
    assert "has another size" in kept.ask(FREE, NOON).reason


def test_a_listed_number_is_never_dialled_and_its_lead_is_closed_as_suppressed(
    centre: Furnish, home: Home, kept: KeptRegistries
) -> None:
    bring_in(home, LISTED)
    office = at_work(centre, kept, LISTED, FREE)
    office.until(lambda: office.placed(FREE) == 1)
    office.until(lambda: office.lead_state(LISTED).state is LeadState.CLOSED)
    state = office.lead_state(LISTED)
    assert (state.close_reason, state.hold_code, office.placed(LISTED)) == (CloseReason.SUPPRESSED, "REGISTRY", 0)
    assert "US National Do Not Call Registry" in state.hold_reason


def test_a_number_outside_the_subscription_waits_and_is_called_once_a_list_covers_it(
    centre: Furnish, home: Home, kept: KeptRegistries
) -> None:
    bring_in(home, LISTED)
    office = at_work(centre, kept, ELSEWHERE)
    office.until(lambda: office.lead_state(ELSEWHERE).hold_code == "REGISTRY_KNOWN")
    assert (office.placed(), office.lead_state(ELSEWHERE).state) == (0, LeadState.NEW)
    bring_in(home, LISTED, "+13105560199", dated=NOON, now=office.clock.now())
    office.until(lambda: office.placed(ELSEWHERE) == 1, limit_s=10)


def test_a_list_that_is_missing_or_too_old_holds_every_call(centre: Furnish, home: Home, kept: KeptRegistries) -> None:
    office = at_work(centre, kept, FREE)
    office.until(lambda: office.lead_state(FREE).hold_code == "REGISTRY_KNOWN")
    assert "no list was imported yet" in office.lead_state(FREE).hold_reason
    bring_in(home, LISTED, dated=NOON - 31 * DAY - timedelta(seconds=1), now=office.clock.now())
    office.until(lambda: "too old" in office.lead_state(FREE).hold_reason, limit_s=10)
    bring_in(home, LISTED, dated=NOON - 30 * DAY, now=office.clock.now())
    office.until(lambda: office.placed(FREE) == 1, limit_s=10)


def test_a_number_that_a_new_list_has_stops_ringing_within_a_second(
    centre: Furnish, home: Home, kept: KeptRegistries
) -> None:
    bring_in(home, LISTED)
    office = at_work(centre, kept, FREE, otherwise=replace(RINGS_ON))
    office.until(lambda: office.placed(FREE) == 1)
    office.clock.advance(3.0)
    bring_in(home, LISTED, FREE, dated=NOON, now=office.clock.now())
    began = office.clock.now()
    office.until(lambda: not office.engine._live.calls, limit_s=5)
    assert office.clock.now() - began <= timedelta(seconds=1)
    office.clock.advance(3600.0)
    assert office.placed(FREE) == 1


def test_a_number_that_leaves_the_list_may_be_called_again(centre: Furnish, home: Home, kept: KeptRegistries) -> None:
    bring_in(home, LISTED, FREE)
    office = at_work(centre, kept, FREE)
    office.until(lambda: office.lead_state(FREE).state is LeadState.CLOSED)
    bring_in(home, LISTED, "+12125560177", dated=NOON, now=office.clock.now())
    office.until(lambda: office.placed(FREE) == 1, limit_s=10)


class _Swapped:
    """Another list comes into force between two questions."""

    def __init__(self) -> None:
        self.answers = iter((Answer.UNKNOWN, Answer.LISTED))

    def ask(self, _number: str, _now: datetime, _asked: ListsAsked) -> RegistryVerdict:
        return RegistryVerdict(answer=next(self.answers), reason="as of now")


def test_a_list_that_changes_between_two_gates_lets_nobody_through() -> None:
    someone = candidate(contact_point=contact_point(number=FREE))
    assert not judge(someone, rules(registries=_Swapped()), RULES_NOON).dialable


def test_a_lead_with_two_numbers_waits_for_the_one_that_a_newer_list_may_set_free(
    centre: Furnish, home: Home, kept: KeptRegistries
) -> None:
    bring_in(home, LISTED)
    office = at_work(centre, kept)
    for barred, later in ((FREE, ELSEWHERE), ("+12125560108", "+13105560109")):
        listed = Suppression(
            number=barred, scope=Scope.EVERYTHING, reason="asked", source="t", actor="t", added_at=NOON, value=""
        )
        office.store.suppressions.add(listed)
        office.import_person(barred, later)
    office.engine.leads_changed()
    office.until(lambda: office.lead_state(FREE).hold_code == "REGISTRY_KNOWN")
    assert office.lead_state(FREE).state is LeadState.NEW
    bring_in(home, LISTED, "+13105560199", dated=NOON, now=office.clock.now())
    office.until(lambda: office.placed(ELSEWHERE) + office.placed("+13105560109") == 2, limit_s=60)
    assert office.placed(FREE) == 0


def test_a_list_that_changed_while_no_service_ran_is_heeded_at_its_start(
    centre: Furnish, home: Home, kept: KeptRegistries
) -> None:
    bring_in(home, LISTED, FREE)
    office = at_work(centre, kept, FREE)
    office.until(lambda: office.lead_state(FREE).state is LeadState.CLOSED)
    office.kill_engine()
    bring_in(home, LISTED, "+12125560177", dated=NOON, now=office.clock.now())
    office._registries = kept_registries(home, US)
    office.restart()
    office.until(lambda: office.placed(FREE) == 1, limit_s=60)


def test_a_store_that_fails_while_a_new_list_comes_into_force_is_asked_again(
    centre: Furnish, home: Home, kept: KeptRegistries, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(home, LISTED, FREE)
    office = at_work(centre, kept, FREE)
    office.until(lambda: office.lead_state(FREE).state is LeadState.CLOSED)
    suppressions = office.engine._live.store.suppressions
    real = suppressions.registries_changed
    failed: list[datetime] = []

    def fails_once(now: datetime) -> int:
        if not failed:
            failed.append(now)
            raise StoreUnavailable("the disk is away")
        return real(now)

    monkeypatch.setattr(suppressions, "registries_changed", fails_once)
    bring_in(home, LISTED, "+12125560177", dated=NOON, now=office.clock.now())
    office.until(lambda: office.placed(FREE) == 1, limit_s=60)
    assert failed


def test_a_lead_on_a_wrong_trunk_is_not_closed_because_a_registry_lists_it(
    centre: Furnish, home: Home, kept: KeptRegistries
) -> None:
    bring_in(home, LISTED)
    office = centre(leads=0, agents=1, registries=kept)  # a practice trunk
    office.import_numbers(LISTED)
    office.open()
    office.until(lambda: office.lead_state(LISTED).hold_code == "PRACTICE")
    assert office.lead_state(LISTED).state is LeadState.NEW


# --- commands --------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Office:
    return Office(tmp_path, settings=US)


def asked(desk: Office, *numbers: str, **more: object) -> dict[str, object]:
    path = desk.file("ftc.txt", flat(*numbers))
    return {"list": "us-ftc", "paths": [path], "list_date": (desk.now - DAY).isoformat()} | more


def test_a_list_is_looked_at_first_then_brought_into_force_and_told(desk: Office) -> None:
    looked = desk.ask("registry.import", asked(desk, LISTED, check=True))
    assert looked.done
    assert "Nothing was stored" in looked.message
    assert desk.do("registry.status")["lists"][0]["standing"] == "missing"
    done = desk.ask("registry.import", asked(desk, LISTED))
    assert "Generation 1 is in force" in done.message
    (shown,) = desk.do("registry.status")["lists"]
    assert (shown["list"], shown["generation"], shown["count"], shown["standing"], shown["by"]) == (
        *("us-ftc", 1, 1, "fresh"),
        "anna",
    )
    assert "is on the US National Do Not Call Registry" in desk.ask("dnc.check", {"number": LISTED}).message
    assert desk.do("dnc.check", {"number": FREE})["registry"]["answer"] == "clear"
    assert desk.do("dnc.check", {"number": ELSEWHERE})["registry"]["answer"] == "unknown"


def test_a_list_with_a_faulty_row_stays_out_of_force_until_it_is_accepted_by_count(desk: Office) -> None:
    args = asked(desk, LISTED, *(f"+1212556{n:04}" for n in range(200, 230)))
    Path(str(args["paths"][0])).write_text(flat(LISTED) + "212,55x0000\n" + flat(FREE))  # type: ignore[index]
    refused = desk.ask("registry.import", args)
    assert not refused.done
    assert "--accept-rows 1" in refused.message
    assert desk.do("registry.status")["lists"][0]["standing"] == "missing"
    assert desk.ask("registry.import", args | {"accept_rows": 1}).done


def test_a_far_smaller_list_is_refused_until_its_count_is_named(desk: Office) -> None:
    assert desk.ask("registry.import", asked(desk, *(f"+1212556{n:04}" for n in range(200, 230)))).done
    smaller = asked(desk, LISTED, list_date=desk.now.isoformat())
    refused = desk.ask("registry.import", smaller)
    assert not refused.done
    assert "the former generation stays in force. Here that is --accept-count 1." in refused.message
    assert desk.do("registry.status")["lists"][0]["count"] == 30
    assert desk.ask("registry.import", smaller | {"accept_count": 1}).done


def test_a_small_list_with_faulty_rows_is_told_both_words_that_would_take_it(desk: Office) -> None:
    assert desk.ask("registry.import", asked(desk, *(f"+1212556{n:04}" for n in range(200, 230)))).done
    smaller = asked(desk, LISTED, list_date=desk.now.isoformat())
    Path(str(smaller["paths"][0])).write_text(flat(LISTED) + "212,23\nxx\n")  # type: ignore[index]
    refused = desk.ask("registry.import", smaller)
    assert not refused.done
    assert "say --accept-rows 2 --accept-count 1." in refused.message
    assert desk.do("registry.status")["lists"][0]["count"] == 30
    assert desk.ask("registry.import", smaller | {"accept_rows": 2, "accept_count": 1}).done


def test_an_area_of_the_subscription_without_a_number_must_be_accepted_by_name(tmp_path: Path) -> None:
    two = Settings(dnc=DncSettings(registries=("us-ftc",), us_area_codes=("212", "310")))
    desk = Office(tmp_path, settings=two)
    refused = desk.ask("registry.import", asked(desk, LISTED))
    assert not refused.done
    assert "310" in refused.message
    assert desk.ask("registry.import", asked(desk, LISTED, accept_empty=["+1310"])).done
    assert desk.do("dnc.check", {"number": ELSEWHERE})["registry"]["answer"] == "clear"


def test_an_unknown_registry_a_missing_date_and_a_date_without_zone_are_refused(desk: Office) -> None:
    for change in ({"list": "mars"}, {"list_date": None}, {"list_date": "2026-03-01T06:00:00"}):
        answer = desk.ask("registry.import", asked(desk, LISTED, **change))
        assert not answer.done
        assert "fault of the dialer" not in answer.message


def test_taking_a_number_off_our_own_list_says_when_a_registry_still_bars_it(desk: Office) -> None:
    assert desk.ask("registry.import", asked(desk, LISTED)).done
    desk.do("dnc.add", {"number": LISTED, "reason": "asked"})
    desk.do("dnc.remove", {"number": LISTED, "reason": "asked us to call"})
    told = desk.ask("dnc.confirm_removal", {"number": LISTED}, actor="boris").message
    assert "is still not called: The number is on the US National Do Not Call Registry" in told
    assert desk.do("dnc.check", {"number": LISTED})["barred"]
    assert not desk.do("dnc.check", {"number": FREE})["barred"]


def test_an_area_code_that_stands_twice_in_the_settings_counts_once(tmp_path: Path) -> None:
    twice = Settings(dnc=DncSettings(registries=("us-ftc",), us_area_codes=("212", "212")))
    assert Office(tmp_path, settings=twice).do("registry.status")["lists"][0]["standing"] == "missing"


def test_a_registry_that_is_not_set_can_be_imported_and_says_that_nobody_asks_it(tmp_path: Path) -> None:
    desk = Office(tmp_path)
    assert "No national registry is kept here" in desk.ask("registry.status").message
    assert "It is not asked yet" in desk.ask("registry.import", asked(desk, LISTED)).message


def test_settings_name_registries_and_area_codes_that_there_are() -> None:
    wrong = Settings(dnc=DncSettings(registries=("us-ftc", "mars"), us_area_codes=("212", "12")))
    assert [words.split(":")[0] for words in faults_of(wrong)] == [
        "dnc.registries = 'mars'",
        "dnc.us_area_codes = '12'",
    ]


def test_the_doctor_names_a_registry_that_holds_calls(desk: Office) -> None:
    found = [each for each in examine(desk.home, _ENVIRONMENT) if each.check == "registries"]
    assert [(each.good, "no list was imported yet" in each.words) for each in found] == [(False, True)]


_ENVIRONMENT = {"DIALER_EXCHANGE_KIND": "simulated", "DIALER_DNC_REGISTRIES": "us-ftc"}


def test_settings_changed_since_the_service_began_are_told_until_it_is_started_anew(desk: Office) -> None:
    desk.home.settings_file.write_text('[dnc]\nregistries = ["us-ftc"]\n')
    assert desk.do("registry.status")["settings_differ"] == ""
    desk.home.settings_file.write_text('[dnc]\nregistries = ["us-ftc", "uk-tps"]\n')
    answer = desk.ask("registry.status")
    assert answer.message.endswith("start the service anew.")
    assert "uk-tps" in answer.data["settings_differ"]
    desk.home.settings_file.write_text("[dnc\n")  # not readable: nobody can say
    assert desk.do("registry.status")["settings_differ"] == ""


def test_an_import_tells_that_the_running_service_does_not_ask_the_registry_yet(tmp_path: Path) -> None:
    desk = Office(tmp_path)
    desk.home.settings_file.write_text('[dnc]\nregistries = ["us-ftc"]\n')
    told = desk.ask("registry.import", asked(desk, LISTED)).message
    assert "the service began before that" in told


def test_one_file_given_twice_is_refused_whatever_its_name(desk: Office) -> None:
    once = desk.file("one.txt", flat(LISTED))
    order = asked(desk, LISTED) | {"paths": [once, desk.file("copy.txt", flat(LISTED))]}
    answer = desk.ask("registry.import", order)
    assert not answer.done
    assert answer.message.startswith("one.txt and copy.txt are the very same file.")
    assert answer.data["report"]["faults"][0]["code"] == "E-REG-TWICE"
