"""Is a campaign held until somebody declared what its message says, and is that kept with who, when and which file?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.declaration import Declaration, Declares
from campaigns.dialable import judge
from campaigns.receipts import Issue, canonical, private, receipt_from
from campaigns.receipts.making import receipt_of
from campaigns.rules import PROFILES
from dialer.refusal import Refused
from dialer.rules import on_record, rules_for, verified
from tests.campaigns.rule_builders import candidate, contact_point
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN
from tests.dialer.office import Office, record

SAYS = {
    "seller": "Acme",
    "callback": "+12025550101",
    "opt_out_key": "9",
    "telemarketing": True,
    "no_sales": True,
}
HEARD = {"kind": "message", "about": "autumn", "by": "Jane Roe, counsel", "proof": "memo 7", **SAYS}


def real(office: Office) -> None:
    """A campaign on a carrier's trunk; its message is recorded, nobody has heard it."""
    office.trunk("carrier", host="192.0.2.1", practice=False, rule_profile="us-federal")
    record(office.home, "autumn")
    office.leads("phone\n+12122000001\n")
    named = {"seller_name": "Acme", "callback_number": "+12025550101", "message": "autumn", "purpose": "research"}
    office.campaign(lists=("autumn",), trunk="carrier", rule_profile="us-federal", **named)


def missing(office: Office) -> str:
    gates = office.do("why", {"number": "+12122000001", "campaign": "Autumn"})["gates"]
    return next((gate["reason"] for gate in gates if gate["code"] == "RULES"), "")


def test_a_real_campaign_cannot_dial_until_somebody_declared_what_its_message_says(office: Office) -> None:
    real(office)
    assert "nobody has declared that it says the seller's name" in missing(office)
    told = office.ask("rules.declare.add", HEARD)
    assert told.message.startswith("message autumn was declared by Jane Roe, counsel on 20")
    assert missing(office) == ""


def test_a_message_that_is_recorded_anew_must_be_heard_anew(office: Office) -> None:
    real(office)
    office.do("rules.declare.add", HEARD)
    record(office.home, "autumn", seconds=6.0)
    assert "another recording than the one" in missing(office)
    office.do("rules.declare.add", HEARD)
    assert missing(office) == ""
    kept = office.do("rules.declare.list", {"all": True})["declarations"]
    assert [(each["checked_by"], each["ended_reason"]) for each in kept] == [
        ("Jane Roe, counsel", "declared anew"),
        ("Jane Roe, counsel", ""),
    ]


def test_a_declaration_about_a_recording_that_is_not_there_says_so(office: Office) -> None:
    told = office.ask("rules.declare.add", HEARD | {"about": "spring"})
    assert "No recording of that name is kept here; one that is put here later has to be declared anew." in told.message


def test_a_declaration_that_ends_holds_the_campaign_again(office: Office) -> None:
    real(office)
    kept = office.do("rules.declare.add", HEARD)["declaration"]
    assert "Say why it counts no more" in office.ask("rules.declare.end", {"declaration": kept["id"]}).message
    office.do("rules.declare.end", {"declaration": kept["id"]}, reason="a new seller")
    assert "nobody has declared" in missing(office)
    assert office.do("rules.declare.list")["declarations"] == []


def test_nonsense_is_refused_and_nothing_is_kept(office: Office) -> None:
    for change, words in (
        ({"kind": "song"}, "one of message, called-back, opening, profile"),
        ({"about": "../x"}, "a recording's name of a-z, 0-9 and -"),
        ({"by": " "}, "a text is needed"),
        ({"callback": "0202"}, "write it as +<country><number>"),
        ({"opt_out_key": "99"}, "one digit, 0 to 9"),
        ({"kind": "profile", "about": "us-fedral"}, "did you mean us-federal?"),
        ({"kind": "called-back", "about": "0202"}, "write it as +<country><number>"),
        ({"kind": "opening", "about": "Winter"}, "There is no campaign 'Winter'"),
    ):
        refused = office.ask("rules.declare.add", HEARD | change)
        assert not refused.done
        assert words in refused.message, refused.message
    assert office.do("rules.declare.list", {"all": True})["declarations"] == []


def test_the_engine_starts_no_campaign_on_a_real_trunk_before_it_is_declared(centre: Furnish) -> None:
    named = {"rule_profile": "us-federal", "purpose": "research", "message": "autumn"}
    office = centre(leads=0, agents=1, trunk={"practice": False, "rule_profile": "us-federal"}, **named)
    office.fingerprint = "ab"
    office.import_numbers("+16142000001")
    with pytest.raises(Refused, match="nobody has declared that it says the seller's name"):
        office.open()
    says = {"seller_name": "Seller", "callback_number": "+12025550101", "opt_out_key": "9"}
    heard = Declaration(
        kind=Declares.MESSAGE,
        about="autumn",
        says=says | dict.fromkeys(("telemarketing", "no_sales"), "yes"),
        checked_by="Jane Roe, counsel",
        recorded_by="anna",
        recorded_at=office.clock.now(),
        fingerprint="ab",
    )
    office.store.declarations.add(heard)
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(lambda: office.placed() == 1)


def test_what_no_software_checks_is_on_the_campaigns_checklist_with_who_declared_it(office: Office) -> None:
    real(office)
    asked = {"campaign": "Autumn", "regions": ["us-wa"]}
    before = office.ask("rules.show", asked)
    assert (
        "Declared by nobody ('dialer rules declare add'): what message autumn says; that +12025550100" in before.message
    )
    assert "agents say who calls within 30 s and end the call within 10 s when asked" in before.message
    office.do("rules.declare.add", HEARD)
    office.do("rules.declare.add", {"kind": "called-back", "about": "+12025550100", "by": "Max, front desk"})
    office.do("rules.declare.add", {"kind": "opening", "about": "Autumn", "by": "Eva, trainer"})
    for name in ("us-federal", "us-wa"):
        office.do("rules.declare.add", {"kind": "profile", "about": name, "by": "Jane Roe, counsel"})
    after = office.ask("rules.show", asked)
    assert "Declared by nobody" not in after.message
    told = {row["kind"]: row["declared"] for row in after.data["checklist"]}
    assert told["opening"].startswith("declared by Eva, trainer on ")
    assert set(told) == {"message", "called-back", "opening", "profile"}


def test_receipts_name_who_confirmed_the_profiles_in_their_present_version(office: Office) -> None:
    real(office)
    office.do("rules.declare.add", {"kind": "profile", "about": "us-federal", "by": "Jane Roe, counsel"})
    settings, trunks = office.store.campaigns.settings(1), office.store.trunks.all()
    known = on_record(office.store, 1, None)
    rules, _ = rules_for(settings, trunks, lambda _: "", None, known)
    assert rules is not None
    lead = candidate(contact_point=contact_point(number="+16142000001"))
    verdict = judge(lead, rules, office.now)
    issue = Issue(at=office.now, campaign_id=1, campaign="Autumn", settings_version=1)
    made = receipt_of(lead, verdict, issue, "abcdef-1")
    (named,) = made.verified
    assert (named.profile, named.version, named.by) == (
        "us-federal",
        PROFILES["us-federal"].version,
        "Jane Roe, counsel",
    )
    assert receipt_from(canonical(made), private(made)) == made
    old = {"us-federal": replace(known.profiles["us-federal"], says={"version": "1"})}
    assert verified(old) == (), "it was another version that was confirmed"
