"""Are foreign words made harmless, numbers said as people read them, and reports laid out whatever they hold?"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from tests.tui import scenes
from tui import snapshot, wording
from tui.report_blocks import blocks_of
from tui.safe import joined, safe_str, safe_text, stacked
from tui.widgets.words import Words


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("\x1b]0;owned\x07x", "\ufffd]0;owned\ufffdx"),
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("\x9b31mred", "\ufffd31mred"),
        ("a\r\nb\tc\x85d\u2028e", "a b c d e"),
        ("del\x7f nul\x00", "del\ufffd nul\ufffd"),
        ("\u202egnp.exe\u2066 \u200f\u061cx\ufeff", "gnp.exe x"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("王小明 Олександр", "王小明 Олександр"),
        ("می\u200cخواهم 👩\u200d👧", "می\u200cخواهم 👩\u200d👧"),
        ("[bold]x[/] [@click=app.quit]hi[/]", "[bold]x[/] [@click=app.quit]hi[/]"),
        (None, ""),
        (42, "42"),
    ],
)
def test_foreign_words_become_harmless(foreign: object, shown: str) -> None:
    assert safe_str(foreign) == shown


def test_long_words_are_cut_and_say_so() -> None:
    assert safe_str("x" * 5000, limit=10) == "x" * 9 + "…"
    assert len(safe_str("x" * 5000)) == 400


def test_line_ends_stay_only_where_lines_are_meant() -> None:
    assert safe_str("a\r\nb\nc", lines=True) == "a\nb\nc"
    assert safe_str("a\nb") == "a b"


def test_marks_that_paint_over_the_next_line_are_limited() -> None:
    zalgo = "e" + "\u0301" * 50
    assert safe_str(zalgo) == "e" + "\u0301" * 4


@given(st.text(alphabet=st.characters(), max_size=200), st.booleans())
def test_nothing_a_terminal_obeys_is_left_in_any_text(foreign: str, lines: bool) -> None:
    for character in safe_str(foreign, lines=lines):
        assert unicodedata.category(character) not in ("Cc", "Cs", "Cn", "Co") or (lines and character == "\n")
        assert unicodedata.bidirectional(character) not in (
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        )


@given(st.text(max_size=100))
def test_the_text_is_never_markup(foreign: str) -> None:
    text = safe_text(foreign)
    assert text.spans == []
    assert text.plain == safe_str(foreign)


def test_pieces_are_joined_harmlessly_with_their_styles() -> None:
    line = joined(("a\n[b]\x1b", "bold"), "c\x00", safe_text("d"), between="|")
    assert line.plain == "a [b]\ufffd|c\ufffd|d"
    assert [str(span.style) for span in line.spans] == ["bold"]
    assert stacked(line, safe_text("e")).plain == "a [b]\ufffd|c\ufffd|d\ne"


def test_a_piece_of_text_takes_no_str() -> None:
    with pytest.raises(TypeError, match=r"made by tui\.safe"):
        Words("a str could be markup")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0:00"),
        (42.9, "0:42"),
        (725, "12:05"),
        (3723, "1:02:03"),
        (-3, "0:00"),
        (None, ""),
        (float("nan"), ""),
        (float("inf"), ""),
    ],
)
def test_lengths_of_time(seconds: object, told: str) -> None:
    assert wording.length(seconds) == told


def test_no_data_is_none_and_zero_is_zero() -> None:
    assert wording.share(scenes.figure(0, 0)) == "none"
    assert wording.share(scenes.figure(0, 7)) == "0.0 %"
    assert wording.share(None) == "none"
    assert wording.share_with_counts(scenes.figure(1, 8)) == "12.5 % (1 of 8)"


@pytest.mark.parametrize(
    ("share", "style"),
    [((0, 0), wording.DIM), ((1, 100), wording.GOOD), ((2, 100), wording.WARN), ((3, 100), wording.BAD)],
)
def test_abandonment_warns_before_its_cap(share: tuple[int, int], style: str) -> None:
    assert wording.abandon_style(scenes.figure(*share)) == style


def test_every_state_and_figure_has_words() -> None:
    from campaigns.model import AgentState, CampaignState
    from dialer.live import Stage

    assert set(wording.AGENT_STYLE) == {str(state) for state in AgentState}
    assert set(wording.CAMPAIGN_STYLE) == {str(state) for state in CampaignState}
    assert {str(stage) for stage in Stage} <= set(wording.CALL_STYLE)


def test_instants_are_read_only_with_a_zone() -> None:
    assert wording.instant("2026-11-24T15:00:00") is None
    assert wording.instant("yesterday") is None
    assert wording.instant(None) is None
    assert wording.clock("2026-11-24T15:00:00+02:00") == "2026-11-24 15:00 +02:00"
    assert wording.clock("2026-11-24T15:00:00+00:00") == "2026-11-24 15:00 UTC"


def test_odd_parts_of_a_snapshot_are_empty_ones() -> None:
    odd = {"a": 3, "b": [1, {"c": 2}, "d"], "e": True}
    assert snapshot.part(odd, "a") == snapshot.part(odd, "none") == {}
    assert snapshot.items(odd, "b") == ({"c": 2},)
    assert snapshot.items(odd, "a") == ()
    assert snapshot.texts(odd, "b") == ("d",)
    assert snapshot.count(odd, "e") == 0
    assert snapshot.words(odd, "a") == ""


def test_a_report_becomes_figures_rows_by_what_they_count_and_notes() -> None:
    blocks = blocks_of(scenes.REPORT)
    assert [block.name for block in blocks] == ["Figures", "By agent", "By step", "Notes"]
    assert blocks[0].rows == (("Call completion", "42.7 %", "41 of 96", "script completed / scripts started"),)
    assert blocks[1].titles == ("Agent", "Started", "Completion")  # columns without a value are left out
    assert blocks[1].rows == (("anna", "40", "50.0 %"), ("王小明", "56", "none"))
    assert [blocks[1].is_number(place) for place in range(3)] == [False, True, True]


def test_few_figures_stand_beside_each_other_and_many_below() -> None:
    def row(name: str, label: str, value: float | None, unit: str = "count") -> scenes.Data:
        made = {"by": "hour", "name": name, "figure": label, "label": label, "numerator": 1, "denominator": 2}
        return made | {"value": value, "unit": unit}

    few = [row("09", "Attempts", 40), row("09", "Hit rate", 0.25, "share"), row("10", "Attempts", 7)]
    (block,) = blocks_of({"rows": few})
    assert block.titles == ("Hour", "Attempts", "Hit rate")
    assert block.rows == (("09", "40", "25.0 %"), ("10", "7", ""))
    many = [row("09", f"Figure {number}", None) for number in range(9)]
    (block,) = blocks_of({"rows": many})
    assert block.rows[8] == ("09", "Figure 8", "none", "1 of 2")


def test_a_figure_in_another_unit_says_it() -> None:
    figure = {"label": "Talk time", "value": 61.25, "unit": "s", "numerator": 245, "denominator": 4, "formula": ""}
    assert blocks_of({"figures": [figure]})[0].rows == (("Talk time", "61.25 s", "245 of 4", ""),)


def test_parts_of_no_known_name_are_laid_out_by_their_shape() -> None:
    blocks = blocks_of(
        {"late": True, "split": {"sale": 3, "share": scenes.figure(1, 8)}, "seen": [{"a_b": 1}], "x": ["y"]}
    )
    assert [block.name for block in blocks] == ["More", "Split", "Seen", "X"]
    assert blocks[0].rows == (("Late", "yes"),)
    assert blocks[1].rows == (("Sale", "3"), ("Share", "12.5 % (1 of 8)"))
    assert (blocks[2].titles, blocks[2].rows) == (("A b",), (("1",),))


def test_colours_are_never_the_only_sign() -> None:
    plain = Console(no_color=True, width=40, file=None)
    with plain.capture() as captured:
        plain.print(
            wording.agent_state({"state": "PAUSE", "code": "lunch"}), Text(" "), wording.campaign_state("RUNNING")
        )
    assert "PAUSE lunch" in captured.get()
    assert "RUNNING" in captured.get()
