"""Does a message say what profiles ask, as far as somebody who heard it declared?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from campaigns.declaration import Declaration, Declares, why_not_said
from campaigns.rules import PROFILES
from campaigns.rules.duties import AbandonMessage
from campaigns.settings import CampaignSettings

SETTINGS = CampaignSettings(
    name="Autumn", seller_name="Acme", callback_number="+12025550101", message="autumn", opt_out_key="8"
)
ALL = {
    "seller_name": "ACME",
    "callback_number": "+12025550101",
    "opt_out_key": "8",
    "telemarketing": "yes",
    "no_sales": "yes",
}
HEARD = Declaration(
    kind=Declares.MESSAGE,
    about="autumn",
    says=ALL,
    checked_by="Jane Roe, counsel",
    recorded_by="anna",
    recorded_at=datetime(2026, 11, 20, tzinfo=UTC),
    fingerprint="ab",
)
ASKED = PROFILES["us-federal"].duties.messages


def test_a_message_that_says_all_that_is_asked_with_the_campaigns_own_names_may_be_played() -> None:
    assert why_not_said(SETTINGS, ASKED, HEARD, "ab") == ""


@pytest.mark.parametrize("word", sorted(ALL))
def test_a_message_that_leaves_one_thing_out_may_not(word: str) -> None:
    left_out = replace(HEARD, says={name: said for name, said in ALL.items() if name != word})
    assert "as declared by Jane Roe, counsel on 2026-11-20, it does not say" in why_not_said(
        SETTINGS, ASKED, left_out, "ab"
    )
    asked = (AbandonMessage(within_ms=2000, says=tuple(each for each in ALL if each != word)),)
    assert why_not_said(SETTINGS, asked, left_out, "ab") == "", "nobody asks for it"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seller_name": "Other"}, "the seller's name is ACME in it and Other in the campaign"),
        ({"callback_number": ""}, "the number to call back is +12025550101 in it and not set in the campaign"),
        ({"opt_out_key": "7"}, "the key that ends all calls is 8 in it and 7 in the campaign"),
    ],
)
def test_a_message_that_names_others_than_the_campaign_may_not(change: dict[str, str], words: str) -> None:
    assert words in why_not_said(replace(SETTINGS, **change), ASKED, HEARD, "ab")  # type: ignore[arg-type]


def test_a_message_that_nobody_heard_or_that_was_recorded_anew_may_not() -> None:
    assert "nobody has declared that it says the seller's name, the number" in why_not_said(SETTINGS, ASKED, None, "ab")
    for other in ("cd", ""):
        assert "another recording than the one that was declared by" in why_not_said(SETTINGS, ASKED, HEARD, other)


def test_where_no_profile_asks_what_it_says_nobody_need_have_heard_it() -> None:
    assert why_not_said(SETTINGS, (), None, "") == ""
