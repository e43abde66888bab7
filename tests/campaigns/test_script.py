"""Is a script read as it was meant, and every fault in it told at once?"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.model import Lead
from campaigns.script import (
    Field,
    FieldKind,
    ScriptFault,
    answer_fault,
    fill,
    leave_fault,
    parse_script,
)

AUTUMN = (Path(__file__).parent / "data" / "autumn.toml").read_text(encoding="utf-8")
LEAD = Lead(person_id=1, first_name="Ana", region="TX", custom=(("plan", "Basic 10"),))


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(ScriptFault) as caught:
        parse_script(text)
    return caught.value.faults


def autumn(old: str, new: str) -> str:
    assert old in AUTUMN
    return AUTUMN.replace(old, new)


def one_step(**changes: str) -> str:
    lines = {"key": '"only"', "text": '"Hello"', "end": "true"} | changes
    return 'name = "x"\n[[steps]]\n' + "\n".join(f"{key} = {value}" for key, value in lines.items())


def test_the_example_script_is_read_with_its_branches_fields_and_ends() -> None:
    script = parse_script(AUTUMN)
    assert (script.name, script.title, script.start, len(script.steps)) == ("autumn", "Autumn offer", "greeting", 5)
    greeting, offer = script.steps[:2]
    assert (greeting.follow("1"), greeting.follow("2"), greeting.follow("9")) == ("offer", "goodbye", None)
    assert offer.follow() == "agree"
    assert offer.fields[1] == Field(name="interest", label="Interest", kind=FieldKind.CHOICE, choices=("high", "low"))
    assert [step.key for step in script.steps if step.end] == ["sold", "goodbye"]
    assert script.step("nowhere") is None


def test_the_example_in_the_documentation_is_this_script() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "scripts.md").read_text(encoding="utf-8")
    assert page.split("```toml\n")[1].split("```")[0] == AUTUMN


def test_the_first_step_is_the_start_when_none_is_named() -> None:
    assert parse_script(autumn('start = "greeting"\n', "")).start == "greeting"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            autumn('next = "agree"', 'next = "agre"'),
            "line 14, step offer: leads to step 'agre', which does not exist (did",
        ),
        (autumn('start = "greeting"', 'start = "greting"'), "start = 'greting' is no step (did you mean greeting?)"),
        (autumn('key = "sold"', 'key = "agree"'), "line 33, step agree: the key is used twice"),
        (autumn('key = "3"', 'key = "1"'), "step agree: choice key '1' is used twice"),
        (autumn("{first_name}, this", "{frist_name}, this"), "nothing fills {frist_name} (did you mean first_name?)"),
        (
            autumn("{answer.interest}", "{answer.intrest}"),
            "nothing fills {answer.intrest} (did you mean answer.interest?)",
        ),
        (autumn("Good bye.", "Good bye }."), "a brace without its partner"),
        (autumn('"Age", kind = "number"', '"Age", kind = "numbr"'), "kind 'numbr'; one of text, number"),
        (autumn('"Age", kind = "number"', '"Age", kind = "choice"'), 'needs both kind = "choice" and its choices'),
        (autumn('name = "interest"', 'name = "age"'), "field age is captured twice"),
        (autumn("may_leave = true", 'may_leave = "yes"'), "may_leave must be true or false"),
        (autumn("may_leave = true", "may_leaf = true"), "unknown key 'may_leaf' (did you mean may_leave?)"),
        (autumn('title = "Autumn offer"', "title = 7"), "title must be a text in quotes"),
        (autumn('name = "autumn"', ""), "script: name is missing"),
        (autumn('key = "goodbye"', 'key = "Good Bye"'), "key must be 1 to 40 of a-z"),
        (
            autumn('label = "Yes", next = "sold"', 'label = "Yes", next = "goodbye"'),
            "step sold: no way from greeting leads",
        ),
        (autumn('key = "2", label = "Not now"', 'key = "22", label = "Not now"'), "must be one letter or digit"),
        (one_step(end="false"), "step only: leads nowhere; give it next, choices or end = true"),
        (one_step(end="false", next='"only"'), "step only: no end can be reached from here"),
        (one_step(next='"only"'), "is an end and still leads on"),
        (one_step(text='""'), "step only: text is missing"),
        (one_step(fields="[1]"), "fields must be a list of tables"),
        ('name = "x"', "0 steps; write 1 to 500"),
        ('name = "x"\nsteps = "all"', "steps must be a list of tables"),
        ('name = "x"\n[[steps\n', "not TOML"),
        ("\x00\x01", "not TOML"),
    ],
)
def test_each_fault_is_named_with_its_place_and_mend(text: str, words: str) -> None:
    assert any(words in fault for fault in faults(text)), faults(text)


def test_all_faults_are_told_at_once() -> None:
    broken = AUTUMN.replace('next = "agree"', 'next = "agre"').replace("{first_name}", "{frist_name}")
    assert len(faults(broken)) == 4


def test_both_next_and_choices_are_too_much() -> None:
    text = one_step(end="false", next='"only"', choices='[{key = "1", next = "only"}]')
    assert any("both next and choices" in fault for fault in faults(text))


def test_the_leads_words_fill_the_text() -> None:
    script = parse_script(AUTUMN)
    filled = fill(script.steps[0].text, LEAD, call={"agent_name": "Bo", "seller_name": "Acme"})
    assert filled == "Good day Ana, this is Bo of Acme. Do you have two minutes?"
    assert fill("{custom.plan}/{region}/{answer.age}/{custom.none}", LEAD, answers={"age": "42"}) == "Basic 10/TX/42/"


@pytest.mark.parametrize(
    "name",
    ["{first_name.__class__}", "{0}", "{custom.plan}", "%s ${EXTEN} [/x]", "{{last_name}}", "{answer.x!r:>99999}"],
)
def test_a_hostile_name_stays_a_name(name: str) -> None:
    assert fill("Dear {first_name}!", Lead(person_id=1, first_name=name, custom=(("plan", "P"),))) == f"Dear {name}!"


def test_line_breaks_and_escape_sequences_in_a_name_become_harmless() -> None:
    filled = fill("{first_name}", Lead(person_id=1, first_name="A\r\nAction: Hangup\x1b[2J"))
    assert not any(c in filled for c in "\r\n\x1b")


@given(st.text(), st.text())
def test_filling_never_fails_and_never_fills_what_was_filled_in(text: str, name: str) -> None:
    fill(text, Lead(person_id=1, first_name=name), answers={name: text})
    told = fill("{first_name}", Lead(person_id=1, first_name=f"{{last_name}}{name}", last_name="SECRET"))
    assert told.startswith("{last_name}"), "braces in a lead's own words stay as they are"


@given(st.text(max_size=200))
def test_any_text_is_a_script_or_a_script_fault(text: str) -> None:
    try:
        script = parse_script(text)
    except ScriptFault as fault:
        told = fault.faults
    else:
        told = tuple(step.key for step in script.steps)
    assert told


def test_an_agent_may_leave_only_where_the_script_allows_it_and_with_a_reason() -> None:
    script = parse_script(AUTUMN)
    assert leave_fault(script, "greeting", "in a hurry") is None
    assert "needs a reason" in (leave_fault(script, "greeting", "  ") or "")
    assert "may not be left" in (leave_fault(script, "agree", "in a hurry") or "")
    assert "is an end" in (leave_fault(script, "sold", "in a hurry") or "")
    assert "has no step" in (leave_fault(script, "nowhere", "in a hurry") or "")
    assert "limit is 200" in (leave_fault(script, "greeting", "x" * 201) or "")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (FieldKind.TEXT, "anything", " "),
        (FieldKind.NUMBER, "-3.5", "1e9"),
        (FieldKind.NUMBER, "42", "\N{ARABIC-INDIC DIGIT FOUR}"),
        (FieldKind.YES_NO, "yes", "maybe"),
        (FieldKind.CHOICE, "high", "middle"),
        (FieldKind.DATE, "2026-02-28", "2026-02-30"),
        (FieldKind.DATE, "2026-02-28", "20260228"),
        (FieldKind.TEXT, "x" * 1000, "x" * 1001),
    ],
)
def test_an_answer_must_fit_its_field(kind: FieldKind, good: str, bad: str) -> None:
    field = Field(name="f", label="F", kind=kind, choices=("high", "low"))
    assert answer_fault(field, good) is None
    assert answer_fault(field, bad) is not None
