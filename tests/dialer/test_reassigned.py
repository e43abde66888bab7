"""Do answers about single numbers come in whole or not at all, and is what must be asked written down?"""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from tests.dialer.office import NOON, Office

DAY = timedelta(days=1)
SAFE, GONE, NEW = "+12122000001", "+12122000002", "+12122000003"
ANSWERS = "phone,date,answer\n2122000001,2026-02-27,no\n(212) 200-0002,02/27/2026,Yes\n+12122000003,20260227,no data\n"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    made.trunk("carrier", host="192.0.2.1", practice=False, rule_profile="us-federal")
    made.leads(f"phone\n{SAFE}\n{GONE}\n{NEW}\n+12122000004\n+447400123456\n")
    settings = {"trunk": "carrier", "rule_profile": "us-federal", "purpose": "research", "reassigned": "ask"}
    made.campaign(lists=("autumn",), seller_name="Acme", **settings)
    for number in (SAFE, GONE, NEW):
        given = {"seller": "Acme", "purpose": "research", "given_at": "2026-02-28", "proof": "form"}
        made.do("consent.add", {"number": number, **given})
    return made


def brought(office: Office, text: str = ANSWERS, **more: object) -> dict[str, object]:
    return {"path": office.file("answers.csv", text), "asked": "2026-03-01"} | more


def shut(office: Office, number: str) -> list[str]:
    data = office.do("why", {"number": number, "campaign": "Autumn"})
    return [gate["reason"] for gate in data["gates"] if gate["code"] == "REASSIGNED" and not gate["passed"]]


def test_what_must_be_asked_is_written_with_the_day_of_the_consent(office: Office, tmp_path: Path) -> None:
    told = office.ask("reassigned.export", {"campaign": "Autumn", "path": str(tmp_path / "ask.csv")})
    assert "3 numbers are to be asked" in told.message
    assert told.data["left_out"] == {"answered": 0, "reassigned": 0, "without a consent": 1, "elsewhere": 1}
    with (tmp_path / "ask.csv").open() as file:
        assert list(csv.reader(file)) == [
            ["phone", "date"],
            *([number[2:], "2026-02-27"] for number in (SAFE, GONE, NEW)),
        ]
    assert office.ask("reassigned.import", brought(office)).done
    again = office.ask("reassigned.export", {"campaign": "Autumn", "path": str(tmp_path / "ask.csv")})
    assert (again.data["asked"], again.data["left_out"]["answered"], again.data["left_out"]["reassigned"]) == (1, 1, 1)


def test_answers_are_kept_and_the_gate_heeds_them(office: Office) -> None:
    assert "was not asked about 2026-02-27" in shut(office, SAFE)[0]
    done = office.ask("reassigned.import", brought(office, account="company 7"))
    assert "3 answers are kept now (1 no, 1 no data, 1 yes), 0 were already." in done.message
    assert shut(office, SAFE) == []
    assert "given to somebody else since 2026-02-27" in shut(office, GONE)[0]
    assert "no data about 2026-02-27" in shut(office, NEW)[0]
    (kept,) = office.store.number_answers.of(SAFE)
    assert (kept.account, kept.source, kept.actor) == ("company 7", "answers.csv", "anna")
    office.now = NOON + 29 * DAY
    assert "counted for 30 days" in shut(office, SAFE)[0]


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        (ANSWERS.replace("no data", "perhaps"), {}, "answer 'perhaps': one of yes, no, no data"),
        (ANSWERS.replace("20260227", ""), {}, "the date that was asked about is needed"),
        (ANSWERS.replace("20260227", "2026-02-30"), {}, "date '2026-02-30'"),
        (ANSWERS.replace("20260227", "2026-03-02"), {}, "is after 2026-03-01, when it was asked"),
        (ANSWERS.replace("+12122000003", "12"), {}, "Mend the rows"),
        (ANSWERS + f"{SAFE},2026-01-01,no\n", {}, "stands once in a file of answers"),
        ("phone,answer\n2122000001,no\n", {}, "the date that was asked about is needed"),
        ("<html><body>Please log in</body></html>\n", {}, ""),
        ("", {}, ""),
        (ANSWERS, {"asked": "2026-03-04"}, "that is not past"),
        (ANSWERS, {"asked": "1999-03-04"}, "more than ten years ago"),
        (ANSWERS, {"asked": "yesterday"}, "the day it was asked"),
        (ANSWERS, {"asked": "2026-03-01T10:00:00"}, "the day it was asked"),
        (ANSWERS, {"asked": None}, "asked"),
    ],
)
def test_a_file_that_is_odd_anywhere_leaves_nothing_stored(
    office: Office, text: str, more: dict[str, object], words: str
) -> None:
    answer = office.ask("reassigned.import", brought(office, text, **more))
    assert not answer.done
    assert "Nothing was" in answer.message
    assert words in answer.message
    assert "fault of the dialer" not in answer.message
    assert not office.store.number_answers.any


def test_the_same_file_again_changes_nothing_and_one_that_contradicts_it_is_refused(office: Office) -> None:
    assert office.ask("reassigned.import", brought(office)).done
    assert office.do("reassigned.import", brought(office))["known"] == 3
    refused = office.ask("reassigned.import", brought(office, ANSWERS.replace(",Yes", ",no")))
    assert "answered yes to the very same question" in refused.message
    assert "given to somebody else" in shut(office, GONE)[0]


def test_an_answer_given_wrongly_is_corrected_for_the_same_day_with_who_and_why(office: Office) -> None:
    assert office.ask("reassigned.import", brought(office)).done
    refused = office.ask("reassigned.import", brought(office, ANSWERS.replace(",Yes", ",no")))
    assert "import it with --correct" in refused.message
    right = brought(office, ANSWERS.replace(",Yes", ",no"), correct="columns were mixed up")
    answer = office.ask("reassigned.import", right, actor="boris")
    assert answer.message.endswith("2 were already. 1 earlier answer was corrected and kept on record.")
    assert shut(office, GONE) == []
    wrong = [each for each in office.store.number_answers.of(GONE) if each.corrected_at]
    assert [(each.answer, each.actor, each.corrected_by) for each in wrong] == [("yes", "anna", "boris")]
    assert [each.corrected_reason for each in wrong] == ["columns were mixed up"]
    assert office.do("reassigned.import", brought(office, correct="no, they were right"))["corrected"] == 1
    assert "given to somebody else" in shut(office, GONE)[0]
    assert len(office.store.number_answers.of(GONE)) == 3


def test_a_washed_list_is_kept_by_its_column_or_whole_and_only_where_there_is_such_a_list(office: Office) -> None:
    text = "phone,answer\n+393123456789,clear\n+393123456788,listed\n"
    args = brought(office, text, list="it-rpo", region="IT")
    assert "(1 clear, 1 listed)" in office.ask("washed.import", args).message
    cleaned = brought(office, "phone\n+61412345678\n", list="au-dncr", region="AU", all_are="clear")
    assert office.do("washed.import", cleaned)["answers"] == {"clear": 1}
    for wrong in ({"list": "us-ftc"}, {"list": "au-dncr", "all_are": ""}, {"list": "au-dncr", "all_are": "yes"}):
        assert not office.ask("washed.import", cleaned | wrong).done


def test_a_campaign_that_asks_needs_a_seller_and_a_bearable_age(office: Office) -> None:
    for changes in ({"seller_name": ""}, {"reassigned": "perhaps"}, {"reassigned_max_age_days": 0}):
        answer = office.ask("campaign.set", {"name": "Autumn", "changes": changes})
        assert not answer.done
        assert next(iter(changes)).split("_")[0] in answer.message
