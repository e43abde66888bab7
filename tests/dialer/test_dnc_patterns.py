"""Can area codes and other beginnings of numbers be listed, and only those that somebody can have meant?"""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.importing import check_dnc_file
from campaigns.model import LeadState, Scope, Suppression
from campaigns.phone import parse_pattern
from tests.dialer.conftest import Furnish
from tests.dialer.floor import RINGS_ON
from tests.dialer.office import NOON, Office

BERLIN, HAMBURG = "+493023125001", "+494066969001"


@pytest.mark.parametrize("text", ["+4930*", "+49 30 *", "+49 (30)*", " +49-30* "])
def test_any_spelling_of_a_pattern_bars_its_numbers_and_no_other(office: Office, text: str) -> None:
    entry = office.do("dnc.add", {"number": text, "reason": "customer of a partner"})["entry"]
    assert entry["number"] == "+4930*"
    answer = office.ask("dnc.check", {"number": BERLIN})
    assert answer.data["listed"]
    assert "by the pattern +4930*" in answer.message
    assert not office.do("dnc.check", {"number": HAMBURG})["listed"]


@pytest.mark.parametrize("text", ["4930*", "030*", "+49*30", "+4930**", "+*", "+(*", "1900*"])
def test_a_pattern_that_nobody_can_read_is_refused(office: Office, text: str) -> None:
    answer = office.ask("dnc.add", {"number": text, "reason": "x", "accept_wide": True})
    assert not answer.done
    assert "Nothing was stored." in answer.message


@pytest.mark.parametrize("text", ["+1*", "+12*", "+4*", "+49*", "+493*"])
def test_a_country_or_a_good_part_of_one_needs_a_word_more(office: Office, text: str) -> None:
    refused = office.ask("dnc.add", {"number": text, "reason": "x"})
    assert not refused.done
    assert "--accept-wide" in refused.message
    assert office.do("dnc.list")["total"] == 0
    assert office.do("dnc.add", {"number": text, "reason": "x", "accept_wide": True})["entry"]["number"] == text


def test_two_digits_after_the_country_are_enough() -> None:
    found = [parse_pattern(text) for text in ("+1212*", "+1900*", "+4930*", "+35312*")]
    assert [each.wide for each in found if each is not None] == [False] * 4


def test_a_file_with_patterns_is_imported_exported_and_the_same_again(office: Office) -> None:
    path = office.file("dnc.txt", f"+1 900*\n{BERLIN}\n+4940*\n")
    assert office.do("dnc.import", {"path": path, "reason": "list"})["added"] == 3
    out = str(office.folder / "out.csv")
    office.do("dnc.export", {"path": out})
    diff = office.do("dnc.diff", {"path": out})
    assert (diff["would_add"], diff["known"], diff["not_in_file"]) == (0, 3, 0)
    assert office.do("dnc.check", {"number": HAMBURG})["listed"]


def test_a_file_with_too_wide_a_pattern_is_not_active_until_mended(tmp_path: Path) -> None:
    path = tmp_path / "dnc.csv"
    path.write_text(f"phone\n{BERLIN}\n+49*\n")
    report = check_dnc_file(path)
    assert report.status == "PARTIAL"
    assert "bars a whole country" in report.rejected[0].reason


def test_an_import_of_leads_counts_those_that_a_pattern_bars(office: Office) -> None:
    office.do("dnc.add", {"number": "+4930*", "reason": "x"})
    found = office.leads(f"phone\n{BERLIN}\n{HAMBURG}\n")["do_not_call"]
    assert (found["own_list"], found["clear"]) == (1, 1)


def test_a_pattern_is_removed_by_two_and_its_numbers_may_be_called_again(office: Office) -> None:
    office.do("dnc.add", {"number": "+4930*", "reason": "x"})
    assert "the pattern +4930* bars it" in office.ask("dnc.remove", {"number": BERLIN, "reason": "y"}).message
    office.do("dnc.remove", {"number": "+49 30*", "reason": "contract ended"})
    told = office.ask("dnc.confirm_removal", {"number": "+4930*"}, actor="boris").message
    assert told.startswith("+4930* may be called again.")
    assert not office.do("dnc.check", {"number": BERLIN})["listed"]


def test_a_number_taken_off_that_a_pattern_bars_too_says_so(office: Office) -> None:
    office.do("dnc.add", {"number": "+4930*", "reason": "x"})
    office.do("dnc.add", {"number": BERLIN, "reason": "x"})
    office.do("dnc.remove", {"number": BERLIN, "reason": "y"})
    told = office.ask("dnc.confirm_removal", {"number": BERLIN}, actor="boris").message
    assert f"{BERLIN} is still not called: the pattern +4930* bars it." in told


@pytest.mark.parametrize(("digits", "ended"), [(5, True), (11, True), (0, False)])
def test_a_call_that_rings_to_a_number_of_a_new_pattern_is_hung_up_and_no_other(
    centre: Furnish, digits: int, ended: bool
) -> None:
    office = centre(leads=1, otherwise=RINGS_ON)
    office.open()
    office.until(lambda: office.engine.board()["campaigns"][0]["calls"]["ringing"] == 1)
    pattern = f"{office.numbers[0][: digits + 1]}*" if digits else "+4930*"
    entry = Suppression(number=pattern, reason="x", source="t", actor="t", added_at=office.clock.now())
    office.engine.number_suppressed(office.store.suppressions.add(entry))
    office.clock.advance(1.0)
    assert (office.attempt().facts.cancel_reason == "dnc") is ended


def test_no_call_is_made_to_a_number_of_a_pattern_and_its_lead_says_which(centre: Furnish) -> None:
    office = centre(leads=0, agents=3, otherwise=RINGS_ON)
    inside, outside = "+12125550101", "+13125550101"
    entry = Suppression(number="+1212*", scope=Scope.EVERYTHING, reason="x", source="t", actor="t", added_at=NOON)
    office.store.suppressions.add(entry)
    office.import_numbers(inside, outside)
    office.open()
    office.until(lambda: office.placed(outside) == 1 and office.lead_state(inside).state is LeadState.CLOSED)
    assert office.placed(inside) == 0
    assert "by the pattern +1212*" in office.lead_state(inside).hold_reason
