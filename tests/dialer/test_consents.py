"""Where consent is asked for, is a number called only on somebody's word, and never after it was taken back?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.consent import Consent, ConsentKind
from campaigns.model import CloseReason, LeadState, Network, Scope
from dialer.control import Command
from dialer.home import Home
from dialer.settings import Settings
from dialer.use_cases import Context, execute
from tests.dialer.conftest import Furnish
from tests.dialer.floor import RINGS_ON, CallCentre
from tests.dialer.office import Office

NUMBER = "+12125550123"


def agreed(office: CallCentre, number: str) -> None:
    now = office.clock.now()
    office.store.consents.add_many(
        [
            Consent(
                number=number,
                seller="Seller",
                purpose="sales",
                kind=ConsentKind.EXPRESS,
                given_at=now - timedelta(days=3),
                proof="form 4711",
                source="test",
                actor="anna",
                recorded_at=now,
            )
        ]
    )
    office.engine.leads_changed()


def test_only_the_number_with_a_consent_is_dialled_and_the_other_once_its_own_comes(centre: Furnish) -> None:
    office = centre(leads=2, consent="express", otherwise=RINGS_ON, agents=2)
    with_word, without = office.numbers
    agreed(office, with_word)
    office.open()
    office.until(lambda: office.placed(with_word) == 1)
    office.until(lambda: office.lead_state(without).hold_code == "CONSENT")
    assert office.placed(without) == 0
    agreed(office, without)
    office.until(lambda: office.placed(without) == 1, limit_s=5)


def test_a_consent_that_grows_too_old_between_two_tries_ends_them(centre: Furnish) -> None:
    office = centre(leads=1, consent="express", consent_max_age_days=4)
    agreed(office, office.numbers[0])
    office.clock.advance(24 * 3600.0)
    office.open()
    office.until(lambda: office.lead_state(office.numbers[0]).hold_code == "CONSENT")
    assert office.placed() == 0
    assert "older than 4 days" in office.lead_state(office.numbers[0]).hold_reason


# --- commands --------------------------------------------------------------------------------------------

GIVEN = {
    "number": NUMBER,
    "seller": "Acme",
    "given_at": "2026-02-20",
    "proof": "form 4711",
    "kind": "express_written",
}


@pytest.fixture
def desk(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_consent_is_recorded_checked_and_taken_back_and_then_the_seller_may_not_call(desk: Office) -> None:
    assert desk.ask("consent.add", GIVEN).done
    other = desk.ask("consent.add", {**GIVEN, "proof": "another form"})
    assert "with another proof or wording: those stay, and what was given now is not stored" in other.message
    (kept,) = desk.do("consent.check", {"number": NUMBER})["consents"]
    assert (kept["kind"], kept["purpose"], kept["actor"]) == ("express_written", "sales", "anna")
    assert kept["given_at"] == "2026-02-20T00:00:00+00:00"
    answer = desk.ask("consent.revoke", {"number": NUMBER, "seller": "Acme", "reason": "said so on the phone"})
    assert "1 consent of +12125550123 for Acme ended; Acme calls it no more" in answer.message
    (gone,) = desk.do("consent.check", {"number": NUMBER})["consents"]
    assert gone["revoked_reason"] == "said so on the phone"
    (entry,) = desk.do("dnc.check", {"number": NUMBER})["entries"]
    assert (entry["scope"], entry["value"]) == (Scope.SELLER, "Acme")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"given_at": "2026-03-09"}, "is not past"),
        ({"given_at": "2026-02-20T10:00:00"}, "has no zone"),
        ({"given_at": "last May"}, "a date such as"),
        ({"given_at": "0001-01-01"}, "is before 2000"),
        ({"proof": " "}, "where the proof is kept"),
        ({"seller": ""}, "given to a seller"),
        ({"kind": "oral"}, "one of express, express_written"),
        ({"number": "12"}, "is not a number"),
    ],
)
def test_what_cannot_be_proven_is_refused_in_words(desk: Office, change: Mapping[str, str], words: str) -> None:
    refused = desk.ask("consent.add", {**GIVEN, **change})
    assert not refused.done
    assert words in refused.message
    assert "Nothing was stored." in refused.message
    assert desk.do("consent.check", {"number": NUMBER})["consents"] == []


def test_a_file_of_consents_is_recorded_whole_or_not_at_all(desk: Office) -> None:
    good = "phone,Given at,proof,kind\n+12125550123,2026-02-01,form 1,express_written\n2125550124,2026-02-02,form 2,\n"
    bad = good + "2125550125,yesterday,form 3,\n2125550126,2026-02-02,,\n"
    refused = desk.ask("consent.import", {"path": desk.file("bad.csv", bad), "seller": "Acme"})
    assert not refused.done
    assert "line 4: given_at 'yesterday'" in refused.message
    assert "line 5: Say where the proof" in refused.message
    assert desk.do("consent.check", {"number": NUMBER})["consents"] == []
    told = desk.ask("consent.import", {"path": desk.file("good.csv", good), "seller": "Acme", "kind": "express"})
    assert "2 consents are on record now, 0 were already" in told.message
    kinds = [desk.do("consent.check", {"number": n})["consents"][0]["kind"] for n in (NUMBER, "+12125550124")]
    assert kinds == ["express_written", "express"]
    again = desk.ask("consent.import", {"path": desk.file("good.csv", good), "seller": "Acme", "kind": "express"})
    assert "0 consents are on record now, 2 were already" in again.message


def test_a_file_with_a_row_that_is_no_number_is_refused(desk: Office) -> None:
    text = "phone,given_at,proof\n+12125550123,2026-02-01,form 1\n911,2026-02-01,form 2\n"
    refused = desk.ask("consent.import", {"path": desk.file("c.csv", text), "seller": "Acme"})
    assert not refused.done
    assert "Nothing was stored. Mend the rows" in refused.message


def test_taking_back_while_it_rings_hangs_up_within_a_second(centre: Furnish, tmp_path: Path) -> None:
    office = centre(leads=1, consent="express", otherwise=RINGS_ON)
    number = office.numbers[0]
    agreed(office, number)
    office.open()
    office.until(lambda: office.engine.board()["campaigns"][0]["calls"]["ringing"] == 1)
    context = Context(
        store=office.store,
        home=Home(root=tmp_path / "home"),
        settings=Settings(),
        now=office.clock.now,
        engine=office.engine,
    )
    args = {"number": number, "seller": "Seller", "reason": "rang us"}
    command = Command(id="1", name="consent.revoke", args=args, actor="anna", reason="", at=office.clock.now())
    assert execute(context, command).done
    office.clock.advance(1.0)
    facts = office.attempt().facts
    assert (facts.network, facts.cancel_reason) == (Network.CANCELLED, "dnc")
    state = office.lead_state(number)
    assert (state.state, state.close_reason) == (LeadState.CLOSED, CloseReason.SUPPRESSED)


def test_a_consent_that_was_taken_back_is_not_put_on_record_again_by_its_old_date(desk: Office) -> None:
    desk.do("consent.add", GIVEN)
    desk.do("consent.revoke", {"number": NUMBER, "seller": "Acme", "reason": "said so"})
    refused = desk.ask("consent.add", GIVEN)
    assert not refused.done
    assert "was taken back on 2026-03-02. Give the date of the new one." in refused.message
    renewed = desk.ask("consent.add", {**GIVEN, "given_at": "2026-03-01"})
    assert "But the number is on do-not-call, which no consent lifts" in renewed.message


def test_a_seller_that_no_campaign_has_is_told_with_those_there_are(desk: Office) -> None:
    desk.trunk()
    desk.campaign()
    assert (
        "no campaign has the seller 'Acme', letter by letter; there are: Practice Ltd."
        in desk.ask("consent.add", GIVEN).message
    )
    told = desk.ask("consent.revoke", {"number": NUMBER, "seller": "practice ltd", "reason": "said so"}).message
    assert "no campaign has the seller 'practice ltd'" in told


def test_a_file_that_names_a_number_twice_loses_neither_consent_silently(desk: Office) -> None:
    text = "phone,given_at,proof,seller\n+12125550123,2026-02-01,f 1,Acme\n+12125550123,2026-02-01,f 2,Beta\n"
    refused = desk.ask("consent.import", {"path": desk.file("two.csv", text)})
    assert not refused.done
    assert "a file of its own" in refused.message
    assert desk.do("consent.check", {"number": NUMBER})["consents"] == []
