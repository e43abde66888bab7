"""Does an erasure reach the words that were typed about a person, and take his other leads along when told to?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from campaigns.storage.tables.base import METADATA
from dialer.control import AnswerStatus
from tests.dialer.office import Office

ADA, ADAS_OTHER, BEN = "+12125550101", "+12125550177", "+12125550102"
SELLER = "Practice Ltd"
TYPED = ("PROOF-77", "her mother wrote", "asked at the door", "dialled by mistake", "KD-0042", "kd0042", "LOAN 99-17")
LEADS = f"""\
phone,first_name,last_name,debtor no,debt
{ADA},Ada,Lovelace,KD-0042,LOAN 99-17
{ADAS_OTHER},A.,Lovelace,kd 0042,LOAN 99-17
{BEN},Ben,Busy,KD-7,LOAN 12
911,Ada,L.,KD-0042,LOAN 99-17
"""


@pytest.fixture
def typed(office: Office) -> Office:
    """Ada is on a list with a key and a debt, agreed with a proof, took it back, and was barred and asked free."""
    office.trunk()
    path = office.file("leads.csv", LEADS)
    office.do("leads.import", {"path": path, "list": "autumn", "accept_faults": True}, reason="list of March")
    office.campaign(lists=("autumn",))
    given = {"number": ADA, "given_at": "2026-01-05", "proof": "recording PROOF-77", "seller": SELLER}
    office.do("consent.add", given)
    office.do("consent.revoke", {"number": ADA, "seller": SELLER}, reason="her mother wrote")
    office.do("dnc.add", {"number": ADA}, reason="asked at the door")
    office.do("dnc.remove", {"number": ADA}, reason="dialled by mistake")
    assert not office.ask("dnc.remove", {"number": ADA}, reason="dialled by mistake again").done
    office.do("dnc.add", {"number": BEN}, reason="asked by letter")
    return office


def kept(office: Office) -> str:
    """Every row of every table, and the file of rows that were not imported, as one text."""
    rows = (office.store._db.execute(select(each)).mappings().all() for each in METADATA.sorted_tables)
    return "".join(map(repr, rows)) + (office.folder / "leads.csv.rejected.csv").read_text()


def commands(office: Office) -> Mapping[str, Any]:
    return {each.name: each for each in office.store.commands.latest()}


def test_before_an_erasure_every_typed_word_is_kept(typed: Office) -> None:
    whole = kept(typed)
    assert [word for word in TYPED if word not in whole] == []


def test_after_it_none_of_them_is_left_and_the_commands_still_say_what_was_done(typed: Office) -> None:
    typed.do("privacy.erase", {"number": ADA, "reason": "asked", "with_same_key": 1})
    whole = kept(typed)
    assert [word for word in TYPED if word in whole] == []
    done = commands(typed)
    assert done["consent.add"].answer["message"] == f"The express consent of erased to sales by {SELLER} is on record."
    (consent,) = done["consent.revoke"].answer["data"]["consents"]
    assert (consent["proof"], consent["revoked_reason"], consent["revoked_by"]) == ("erased", "erased", "anna")
    assert done["consent.revoke"].reason == "erased"
    assert typed.ask("evidence.verify", {}).done


def test_words_about_others_and_about_whole_files_stay(typed: Office) -> None:
    typed.do("privacy.erase", {"number": ADA, "reason": "asked"})
    done = commands(typed)
    assert done["leads.import"].reason == "list of March"
    assert done["leads.import"].answer["data"]["report"]["numbers"] == ["erased", ADAS_OTHER, BEN]
    assert done["dnc.add"].reason in ("erased", "asked by letter")
    assert "asked by letter" in kept(typed)
    assert "LOAN 12" in kept(typed)


def test_words_that_an_earlier_erasure_left_go_with_the_next(typed: Office) -> None:
    """As a house has them that erased before free words were looked at: the number is gone, the proof is not."""
    answer = {"status": "done", "message": "", "data": {"consent": {"number": "erased", "proof": "recording PROOF-78"}}}
    typed.store.commands.remember("old", "consent.add", "anna", "", typed.now, answer)
    typed.do("privacy.erase", {"number": BEN, "reason": "asked"})
    assert "PROOF-78" not in kept(typed)
    assert "PROOF-77" in kept(typed)


def test_a_key_that_is_many_peoples_word_is_not_looked_for_in_texts(office: Office) -> None:
    """A day, a count and a name are in what is said of others, too."""
    office.leads(f"phone,debtor no,debt\n{ADA},20260302,10000\n{BEN},smith,x\n911,20260302,10000\n")
    log, report = office.home.logs / "dialer.log", office.home.root / "exports" / "calls.csv"
    told = '{"message": "10000 calls, smith of 2026-03-02 in 20260302.csv", "ms": 10000, "debt": "%s"}\n'
    log.write_text(told % "10000")
    report.parent.mkdir()
    report.write_text("talk_ms\n10000\n")
    for number in (ADA, BEN):
        office.do("privacy.erase", {"number": number, "reason": "asked"})
    assert log.read_text() == told % "xxxxx"
    assert report.read_text() == "talk_ms\n10000\n"
    assert "erased,erased" in (office.folder / "leads.csv.rejected.csv").read_text()


def test_a_preview_names_the_leads_with_the_same_key_and_erases_nobody(typed: Office) -> None:
    before = kept(typed)
    answer = typed.ask("privacy.preview", {"number": ADA})
    assert answer.data["same_key_leads"] == [{"name": "A. Lovelace", "numbers": [ADAS_OTHER]}]
    assert "--with-same-key 1" in answer.message
    assert "Nothing was erased." in answer.message
    assert kept(typed) == before


def test_they_are_erased_only_as_many_as_were_looked_at(typed: Office) -> None:
    for number in (2, 3):
        refused = typed.ask("privacy.erase", {"number": ADA, "reason": "asked", "with_same_key": number})
        assert refused.status is AnswerStatus.REFUSED
        assert "1 more lead with other numbers has the same person_key" in refused.message
    assert ADA in kept(typed)
    before = typed.do("privacy.preview", {"number": ADA})["persons"]
    assert typed.do("privacy.preview", {"number": ADA, "with_same_key": 1})["persons"] == before + 1
    answer = typed.ask("privacy.erase", {"number": ADA, "reason": "asked", "with_same_key": 1})
    assert answer.data["persons"] == 2
    assert "had the same person_key" not in answer.message
    assert ADAS_OTHER not in kept(typed)
    assert typed.do("dnc.check", {"number": ADAS_OTHER})["listed"]
    assert BEN in kept(typed)
