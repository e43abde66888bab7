"""Is every setting that could not work told with its reason, before anything is stored or dialled?"""

from __future__ import annotations

import pytest

from campaigns.model import ClockFrom, DialMode
from campaigns.script import ScriptFault, parse_script
from campaigns.settings import SettingsFault, settings_as_dict, settings_from

CALLABLE = {"seller_name": "Autumn Ltd", "callback_number": "+12025550100", "caller_id": "+12025550100"}


def faults_of(**values: object) -> tuple[str, ...]:
    with pytest.raises(SettingsFault) as told:
        settings_from({"name": "Autumn"} | values)
    return told.value.faults


@pytest.mark.parametrize("key", ["*", "#", "", "12", "٣"])
def test_only_a_digit_can_opt_out_since_the_exchange_reads_nothing_else(key: str) -> None:
    (fault,) = faults_of(opt_out_key=key, message="autumn-message")
    assert "one digit, 0 to 9" in fault


@pytest.mark.parametrize("message", ["", "safe-harbour"])
def test_the_built_in_message_says_nine_so_no_other_key_goes_with_it(message: str) -> None:
    (fault,) = faults_of(opt_out_key="5", message=message)
    assert "says 9" in fault
    assert settings_from({"name": "Autumn", "opt_out_key": "5", "message": "autumn-message"}).opt_out_key == "5"


@pytest.mark.parametrize("region", ["XX", "us", "", "United States"])
def test_a_region_that_is_none_is_told(region: str) -> None:
    (fault,) = faults_of(region=region)
    assert "by two letters" in fault


def test_a_preview_lasts_at_least_a_second() -> None:
    assert faults_of(preview_limit_s=0) == ("preview_limit_s = 0: must be at least 1",)


@pytest.mark.parametrize("script", ["../offer", "offer\u202e", "x" * 65, " offer"])
def test_a_scripts_name_is_plain_in_the_campaign_and_in_the_script(script: str) -> None:
    assert any(fault.startswith("script = ") for fault in faults_of(script=script))
    text = f'name = "{script}"\n[[steps]]\nkey = "a"\ntext = "Hello"\nend = true\n'
    with pytest.raises(ScriptFault, match="letters, digits, spaces"):
        parse_script(text)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("max_tries", 2.5, "max_tries = 2.5: expected a whole number"),
        ("ratio", "much", "ratio = 'much': expected a number"),
        ("trunk", 5, "trunk = 5: expected a text in quotes"),
    ],
)
def test_a_value_of_the_wrong_kind_says_which_is_expected(name: str, value: object, words: str) -> None:
    assert faults_of(**{name: value}) == (words,)


def test_ratio_is_read_as_power_and_written_as_power() -> None:
    settings = settings_from({"name": "Autumn", "mode": "ratio", "ratio": 2.0} | CALLABLE)
    assert settings.mode is DialMode.POWER
    assert settings_as_dict(settings)["mode"] == "power"


@pytest.mark.parametrize("mode", DialMode)
def test_a_mode_that_may_abandon_needs_a_seller_and_a_number(mode: DialMode) -> None:
    if mode.may_abandon:
        (fault,) = faults_of(mode=mode.value)
        assert fault.startswith(f"mode = '{mode}' needs seller_name, callback_number, caller_id:")
    else:
        assert settings_from({"name": "Autumn", "mode": mode.value}).mode is mode


def test_where_the_clock_starts_is_the_answer_unless_it_is_set_to_the_greeting() -> None:
    assert settings_from({"name": "Autumn"}).clock_from is ClockFrom.ANSWER
    greeting = settings_from({"name": "Autumn", "clock_from": "greeting"})
    assert greeting.clock_from is ClockFrom.GREETING
    assert greeting.clock_from.detects
    assert settings_from(settings_as_dict(greeting)) == greeting
    assert faults_of(clock_from="ring") == ("clock_from = 'ring': one of answer, greeting",)


def test_an_estimate_of_a_detectors_errors_is_a_share_with_its_reason() -> None:
    (without,) = faults_of(machine_false_positives="0.8%")
    assert without.startswith("machine_false_positives needs machine_false_positives_basis")
    (too_much,) = faults_of(machine_false_positives=2, machine_false_positives_basis="20 recordings")
    assert too_much == "machine_false_positives = 2.0: a share from 0 to 1; write 0.02 or 2%"
    estimate = {"machine_false_positives": "0.8%", "machine_false_positives_basis": "3 of 375 recordings"}
    assert settings_from({"name": "Autumn"} | estimate).machine_false_positives == 0.008
