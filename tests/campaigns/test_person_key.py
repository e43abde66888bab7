"""Is a person's key the same in whatever spelling it comes, and none where nothing is written?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.person_key import LONGEST_KEY, person_key


@pytest.mark.parametrize(
    "written", ["C-17", "c17", " c 17 ", "C.17", "\N{FULLWIDTH LATIN CAPITAL LETTER C}17", "00C17"]
)
def test_spellings_of_one_key_are_one(written: str) -> None:
    assert person_key(written) == "c17"


@pytest.mark.parametrize("written", ["", " ", "-", "0", "000", "N/A", "n.a.", "none", "NULL", "Unknown"])
def test_nothing_is_no_key(written: str) -> None:
    assert person_key(written) == ""


def test_a_long_key_becomes_a_short_one_that_tells_it_from_others() -> None:
    one, other = person_key("a" * 5_000), person_key("a" * 4_999 + "b")
    assert one != other
    assert len(one) <= LONGEST_KEY


@given(st.text(alphabet="aA1 -._0/"), st.text(alphabet=" -._/"))
def test_marks_at_either_end_change_no_key(written: str, marks: str) -> None:
    assert person_key(f"{marks}{written}{marks}") == person_key(written)
