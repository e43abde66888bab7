"""Is foreign text harmless after it passed these functions?"""

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.foreign_text import csv_cell, from_csv_cell, inert, mask_digits

ANY = st.text(max_size=60) | st.text(alphabet="\x00\t\r\n\x1b\x7f\x9b\u202e\u2066\u200f\ufeff\ud800a=+'", max_size=20)


@given(text=ANY)
def test_inert_text_has_no_control_bidi_or_line_break(text: str) -> None:
    for character in inert(text):
        assert unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
        assert character not in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


@given(text=ANY, limit=st.integers(1, 50))
def test_inert_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(inert(text, limit)) <= limit


@given(text=ANY)
def test_inert_text_stays_as_it_is_the_second_time(text: str) -> None:
    assert inert(inert(text)) == inert(text)


@pytest.mark.parametrize("name", ["Zoë O'Brien", "王小明", "محمد", "نام\u200cخانوادگی", "Łukasz", "👩\u200d🚀", "-"])
def test_names_of_every_script_are_left_as_they_are(name: str) -> None:
    assert inert(name) == name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nAction: x", "a  Action: x"),
        ("\x1b[31mred", "\ufffd[31mred"),
        ("a\u202eb", "ab"),
        ("a\u2028b", "a b"),
        ("a\x00b", "a\ufffdb"),
        ("\ud800", "\ufffd"),
    ],
)
def test_controls_are_replaced_so_that_one_sees_that_something_was_there(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_a_cut_text_says_so() -> None:
    assert inert("x" * 5000, 10) == "x" * 9 + "…"
    assert inert("x" * 10, 10) == "x" * 10


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " =", "'=", "''+", "\n="])
def test_no_cell_begins_like_a_formula(start: str) -> None:
    assert not re.match("[=+@＝＋－＠\t\r\n-]", csv_cell(start + "1+1"))
    assert not csv_cell(start + "1+1").strip().startswith(("=", "+", "-", "@"))


@given(text=st.text(alphabet="=+-@＝'ab1 \n\"", max_size=12))
def test_a_cell_comes_back_as_it_was_through_a_csv_file(text: str) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerow([csv_cell(text), "end"])
    cell, end = next(csv.reader(io.StringIO(stream.getvalue(), newline="")))
    assert (from_csv_cell(cell), end) == (text, "end")


@given(text=ANY)
def test_a_cell_has_no_control_but_line_feeds(text: str) -> None:
    for character in csv_cell(text):
        assert character == "\n" or unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")


def test_an_ordinary_cell_gets_no_apostrophe() -> None:
    assert [csv_cell(text) for text in ("Ann", "O'Brien", "'tis", "2+2", "")] == ["Ann", "O'Brien", "'tis", "2+2", ""]


@given(text=ANY | st.text(alphabet="0123456789 -+٣", max_size=40))
def test_a_masked_text_has_at_most_six_digits(text: str) -> None:
    assert sum(map(str.isdigit, mask_digits(text))) <= 6


def test_a_short_text_is_not_masked() -> None:
    assert mask_digits("555010") == "555010"
    assert mask_digits("212-555-0101") == "212-555…"
