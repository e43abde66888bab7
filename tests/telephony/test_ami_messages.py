"""What a manager message may hold, and what is read from one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.asterisk.messages import ActionLike, UnsafeMessageError, build_action, read_event, read_response

CONTROLS = [*map(chr, range(0x20)), "\x7f"]
HOSTILE_NAME = "Ann\r\n\r\nAction: Originate\r\nChannel: Local/evil\r\n"


def sent(action: ActionLike) -> str:
    return str(build_action(action, "id-1")) + "\r\n"


@pytest.mark.parametrize("control", CONTROLS, ids=lambda text: f"0x{ord(text):02x}")
def test_a_control_character_in_a_value_is_refused(control: str) -> None:
    with pytest.raises(UnsafeMessageError, match="Nothing was sent"):
        build_action({"Action": "Originate", "CallerID": f"Ann{control}Exten: 911"}, "id-1")


@pytest.mark.parametrize("key", ["Caller\r\nExten", "Caller ID", "", "Caller:", "9lives", "K\u0130y", "Key\x00"])
def test_a_key_that_is_no_header_name_is_refused(key: str) -> None:
    with pytest.raises(UnsafeMessageError, match="no header name"):
        build_action([("Action", "Ping"), (key, "x")], "id-1")


@pytest.mark.parametrize("value", ["a,X=1", "${ENV(HOME)}", "$[1+1]", HOSTILE_NAME])
def test_a_variable_that_could_become_two_or_be_evaluated_is_refused(value: str) -> None:
    with pytest.raises(UnsafeMessageError, match="Variable"):
        build_action([("Action", "Originate"), ("Variable", f"CALL={value}")], "id-1")


@pytest.mark.parametrize("name", ["CALL,X", "${X}", "A B", "", "SHELL(rm -rf)"])
def test_a_variable_name_that_could_run_something_is_refused(name: str) -> None:
    with pytest.raises(UnsafeMessageError, match="no variable name"):
        build_action([("Action", "Originate"), ("Variable", f"{name}=1")], "id-1")


def test_several_variables_are_each_sent_on_a_line_of_their_own() -> None:
    text = sent([("Action", "Originate"), ("Variable", "CALL=a-1"), ("Variable", "PJSIP_HEADER(add,X-Id)=a-1")])
    assert "Variable: CALL=a-1\r\nVariable: PJSIP_HEADER(add,X-Id)=a-1\r\n" in text


@pytest.mark.parametrize("twice", [("Channel", "channel"), ("ActionID", "ActionID"), ("Action", "Action")])
def test_a_header_given_twice_or_an_own_action_id_is_refused(twice: tuple[str, str]) -> None:
    pairs = [("Action", "Ping"), *((key, "x") for key in twice)]
    with pytest.raises(UnsafeMessageError):
        build_action(pairs, "id-1")


@pytest.mark.parametrize("value", [True, None, 1.5, b"x", ["a"]])
def test_a_value_that_is_neither_text_nor_a_whole_number_is_refused(value: object) -> None:
    with pytest.raises(UnsafeMessageError, match="text or a whole number"):
        build_action({"Action": "Ping", "Timeout": value}, "id-1")  # type: ignore[arg-type]


def test_half_a_character_is_refused_and_not_replaced() -> None:
    with pytest.raises(UnsafeMessageError, match="half a character"):
        build_action({"Action": "Originate", "CallerID": "Ann \ud800"}, "id-1")


def test_a_line_fits_into_1024_bytes_with_its_end_or_is_refused() -> None:
    fits = 1024 - len("CallerID: \r\n")
    build_action({"Action": "Originate", "CallerID": "x" * fits}, "id-1")
    for text in ("x" * (fits + 1), "\u4f60" * (fits // 3 + 1)):
        with pytest.raises(UnsafeMessageError, match="CallerID is longer"):
            build_action({"Action": "Originate", "CallerID": text}, "id-1")


def test_a_message_of_more_than_128_lines_is_refused() -> None:
    most = [("Variable", f"V{number}=1") for number in range(126)]
    build_action([("Action", "Originate"), *most], "id-1")
    with pytest.raises(UnsafeMessageError, match="More than 128"):
        build_action([("Action", "Originate"), *most, ("Variable", "LAST=1")], "id-1")


def test_a_refusal_does_not_repeat_the_refused_value() -> None:
    with pytest.raises(UnsafeMessageError) as refused:
        build_action({"Action": "Login", "Secret": "hush\r\nhush"}, "id-1")
    assert "hush" not in str(refused.value)


@given(st.text(), st.text())
def test_whatever_a_lead_holds_one_message_stays_one_message(name: str, variable: str) -> None:
    try:
        text = sent([("Action", "Originate"), ("CallerID", name), ("Variable", f"CALL={variable}")])
    except UnsafeMessageError:
        return
    lines = text.encode().split(b"\r\n")
    assert [line.partition(b":")[0] for line in lines] == [b"Action", b"ActionID", b"CallerID", b"Variable", b"", b""]
    assert b"\n" not in b"".join(lines)


def test_an_event_keeps_repeated_headers_and_their_order() -> None:
    event = read_event("Event: Status\r\nVariable: CALL=a\r\nUniqueid: 7\r\nVariable: AG=1001", at_s=4.0)
    assert event.name == "Status"
    assert event.all("Variable") == ("CALL=a", "AG=1001")
    assert event.variables("Variable") == {"CALL": "a", "AG": "1001"}
    assert (event.get("Uniqueid"), event.get("Nothing", "none"), event.at_s) == ("7", "none", 4.0)


@pytest.mark.parametrize("inside", ["\u0085", "\u2028", "\x1d", "\x0b", ": ", "\n"])
def test_a_value_is_not_cut_at_what_only_python_takes_for_a_line_end(inside: str) -> None:
    event = read_event(f"Event: Newstate\r\nCallerIDName: Ann{inside}Lee\r\nUniqueid: 7")
    assert event.get("CallerIDName") == f"Ann{inside}Lee"
    assert event.get("Uniqueid") == "7"


def test_a_response_is_not_cut_either() -> None:
    response = read_response("Response: Error\r\nMessage: No\u2028such\u0085channel")
    assert (response.message, response.output) == ("No\u2028such\u0085channel", ())


def test_a_response_gives_status_message_and_output() -> None:
    response = read_response("Response: Success\r\nMessage: Command output follows\r\nOutput: one\r\nOutput: two: 2")
    assert (response.is_error, response.message) == (False, "Command output follows")
    assert response.output == ("one", "two: 2")
    assert read_response("Response: Error\r\nMessage: No Contacts found\n").message == "No Contacts found"


def test_a_variable_may_only_be_read_to_ask_whether_a_module_is_loaded() -> None:
    asked = build_action([("Action", "Getvar"), ("Variable", "IFMODULE(app_amd.so)")], "id-1")
    assert "Variable: IFMODULE(app_amd.so)" in str(asked)
    for text in ("ENV(HOME)", "IFMODULE(app_amd.so)${X}", "SHELL(id)", "IFMODULE(../x.so)", "CALL"):
        with pytest.raises(UnsafeMessageError):
            build_action([("Action", "Getvar"), ("Variable", text)], "id-1")
