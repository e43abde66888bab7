"""Is one of several people behind a line brought out or erased alone, and is the line never called for him again?"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from campaigns.model import CloseReason, LeadState, Scope
from campaigns.removal import RemovalEnd
from dialer.control import AnswerStatus
from tests.builders.stored import NO_ANSWER, claimed, closed_as, entry
from tests.dialer.office import Office

LINE, HERS = "+12125550101", "+12125550109"
LEADS = f"""\
phone,phone 2,first_name,last_name,email,pet
{LINE} ext. 45,{HERS},Ada,Lovelace,ada@example.org,Byron the cat
{LINE} ext. 46,,Ben,Busy,ben@example.org,none
+12125550102,,Cy,Cole,,none
212 555 0101 x45 / 9,,Dee,Dull,,none
"""


@pytest.fixture
def house(office: Office) -> Office:
    """Ada and Ben share a line, each behind an extension; the line has an answer, and Ada has a number of her own."""
    office.trunk()
    office.do("leads.import", {"path": office.file("leads.csv", LEADS), "list": "autumn", "accept_faults": True})
    office.campaign(lists=("autumn",))
    office.do(
        "consent.add",
        {
            "number": LINE,
            "seller": "Acme",
            "purpose": "sales",
            "kind": "express_written",
            "given_at": "2026-01-05T12:00:00Z",
            "proof": "form 7",
        },
    )
    return office


def exported(house: Office, number: str, out: Path) -> dict[str, Any]:
    house.do("privacy.export", {"number": number, "out": str(out)})
    return {path.stem: json.loads(path.read_text()) for path in out.glob("*.json")}


def barred(house: Office, number: str) -> bool:
    return bool(house.do("dnc.check", {"number": number})["listed"])


def test_an_export_of_one_tells_nothing_of_the_others_on_his_line(house: Office, tmp_path: Path) -> None:
    rows = exported(house, f"{LINE} ext. 45", tmp_path / "ada")
    assert [row["last_name"] for row in rows["persons"]] == ["Lovelace"]
    assert {row["number"] for row in rows["numbers"]} == {LINE, HERS}
    assert rows["consents"] == []
    assert "Busy" not in json.dumps(rows)
    both = exported(house, LINE, tmp_path / "both")
    assert [row["last_name"] for row in both["persons"]] == ["Lovelace", "Busy"]
    assert len(both["consents"]) == 1


def test_erasing_one_leaves_the_others_and_bars_the_line_they_share(house: Office) -> None:
    seen = house.ask("privacy.preview", {"number": f"{LINE} ext. 45"})
    assert [each["name"] for each in seen.data["whom"]] == ["Ada Lovelace"]
    assert "It would bar the line for 1 other behind it too" in seen.message
    answer = house.ask("privacy.erase", {"number": f"{LINE};ext=45", "reason": "asked"})
    assert answer.done, answer.message
    assert "It bars the line for 1 other behind it too" in answer.message
    ada, ben = house.store.leads.lead(1), house.store.leads.lead(2)
    assert (ada.last_name, ben.last_name) == ("", "Busy")
    assert all(point.number.startswith("#") and not point.extension for point in ada.contact_points)
    assert [point.shown for point in ben.contact_points] == [f"{LINE} ext. 46"]
    assert [barred(house, each) for each in (LINE, HERS, "+12125550102")] == [True, True, False]
    (consent,) = house.do("consent.check", {"number": LINE})["consents"]
    assert (consent["number"], consent["proof"]) == (LINE, "form 7")
    assert house.store.check_consistency() == ()
    assert house.store.check_integrity() == ()


def test_words_about_her_go_from_what_is_kept_by_the_line_and_are_in_her_export(house: Office, tmp_path: Path) -> None:
    """Else no later command could find her name: it is known from her own row only."""
    house.do("dnc.add", {"number": LINE, "reason": "Ada Lovelace ext 45 asked", "scope": "seller", "value": "Other"})
    house.do("dnc.add", {"number": LINE, "reason": "Ben Busy asked", "scope": "seller", "value": "Third"})
    removal = house.do("dnc.remove", {"number": LINE, "reason": "Ada Lovelace says so"})["removal"]
    rows = exported(house, f"{LINE} ext. 45", tmp_path / "ada")
    assert [row["reason"] for row in rows["do_not_call"]] == ["Ada Lovelace ext 45 asked"]
    assert LINE in json.dumps(rows["commands"])
    answer = house.ask("privacy.erase", {"number": f"{LINE} ext. 45", "reason": "asked"})
    assert "1 waiting request to take a number off the list ended by it" in answer.message
    (ended,) = house.store.removals.latest()
    assert (ended.id, ended.end) == (removal["id"], RemovalEnd.VOID)
    kept = [entry["reason"] for entry in house.do("dnc.check", {"number": LINE})["entries"]]
    assert kept == ["erased ext 45 asked", "Ben Busy asked", "erased"]
    with closing(sqlite3.connect(house.home.database_file)) as database:
        whole = "".join(database.iterdump())
    assert "Lovelace" not in whole
    assert "Ben Busy asked" in whole


def test_who_was_erased_before_is_not_counted_again(house: Office) -> None:
    house.do("privacy.erase", {"number": f"{LINE} ext. 45", "reason": "asked"})
    seen = house.do("privacy.preview", {"number": LINE})
    assert (seen["persons"], [each["name"] for each in seen["whom"]]) == (1, ["Ben Busy"])


def test_a_rejected_row_with_her_extension_is_made_unreadable_and_the_line_itself_is_not(house: Office) -> None:
    file = house.home.root / "leads.csv.rejected.csv"
    rejected = next(iter([file] if file.exists() else house.home.root.parent.rglob("*.rejected.csv")))
    split = f"9,tz,E-TZ,bad,(212) 555-0101 ext 45,A.,Love\n10,tz,E-TZ,bad,none,Ada,Lovelace\n11,,,,{LINE},Ben,\n"
    rejected.write_text(rejected.read_text() + split)
    house.do("privacy.erase", {"number": f"{LINE} ext. 45", "reason": "asked"})
    text = rejected.read_text()
    assert "9,tz,E-TZ,bad,erased,erased,erased\n10,tz,E-TZ,bad,erased,erased,erased\n" in text
    assert f"11,,,,{LINE},Ben,\n" in text


def test_her_calls_on_the_line_lose_its_number_and_his_keep_it(house: Office) -> None:
    campaign = house.store.campaigns.by_name("Autumn")
    assert campaign is not None
    for _ in range(2):
        attempt = claimed(house.store, campaign, now=house.now, report_date=house.now.date())
        move = closed_as(attempt, CloseReason.EXHAUSTED)
        house.store.attempts.close(attempt.id, NO_ANSWER, move, None, house.now)
    house.do("privacy.erase", {"number": f"{LINE} ext. 45", "reason": "asked"})
    day = house.now.date()
    numbers = {call.person_id: call.number for call in house.store.attempts.attempts(campaign.id, day, day)}
    assert numbers[1].startswith("#")
    assert numbers[2] == LINE


def test_while_the_line_rings_nobody_behind_it_is_erased(house: Office) -> None:
    campaign = house.store.campaigns.by_name("Autumn")
    assert campaign is not None
    claimed(house.store, campaign, now=house.now, report_date=house.now.date())
    answer = house.ask("privacy.erase", {"number": f"{LINE} ext. 46", "reason": "asked"})
    assert answer.status is AnswerStatus.REFUSED
    assert "A call to this person runs now" in answer.message


def test_an_entry_of_the_line_taken_off_later_does_not_free_whom_was_erased(house: Office) -> None:
    house.store.suppressions.add(entry(LINE, scope=Scope.EVERYTHING))
    house.do("privacy.erase", {"number": f"{LINE} ext. 45", "reason": "asked"})
    found = house.store.suppressions.matching(LINE)
    assert sorted(each.number == LINE for each in found) == [False, True]


def test_the_last_one_behind_a_line_takes_its_number_along(house: Office) -> None:
    house.do("privacy.erase", {"number": f"{LINE} ext. 45", "reason": "asked"})
    answer = house.ask("privacy.erase", {"number": f"{LINE} ext. 46", "reason": "asked"})
    assert answer.data["others_on_the_line"] == 0
    assert [each["number"] for each in house.do("consent.check", {"number": LINE})["consents"]] != [LINE]
    assert barred(house, LINE)
    state = house.store.queue.state(1, 2)
    assert state is not None
    assert state.state is LeadState.CLOSED
