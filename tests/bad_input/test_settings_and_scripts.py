"""Do faulty settings and scripts get every fault with its line and a mend, and change nothing?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dialer.cli.text_file import read_toml
from dialer.control import decode_request, encode, new_command
from tests.bad_input.conftest import CAMPAIGN, Shell

DIALER_TOML = {
    "an unknown key": ('[ami]\nhots = "x"\n', ("dialer.toml line 2", "unknown key ami.hots", "did you mean ami.host?")),
    "an unknown section": ('[amy]\nhost = "x"\n', ("dialer.toml line 2", "unknown key amy.host", "ami.host")),
    "a port too high": ("[ami]\n\nport = 99999\n", ("dialer.toml line 3", "ami.port = 99999", "1 to 65535")),
    "a port in words": ('[ami]\nport = "five"\n', ("dialer.toml line 2", "ami.port", "whole number")),
    "no kind of exchange": ('[exchange]\nkind = "magic"\n', ("dialer.toml line 2", "managed, own, simulated")),
    "a wrong host": ('[exchange]\nsip_host = "a;b"\n', ("dialer.toml line 2", "sip_host", "host name")),
    "no time": ('[exports]\nat = "25:00"\n', ("dialer.toml line 2", "exports.at", '"04:10"')),
    "a secret in the open": ('[ami]\nsecret = "hunter2"\n', ("dialer.toml line 2", "ami.secret", "mode 0600")),
    "a section twice": (
        "[log]\n[dnc]\n[log]\n",
        ("dialer.toml has the section [log] twice", "line 3", "below the first"),
    ),
    "no TOML": ("[exchange\n", ("dialer.toml", "line 1")),
    "not UTF-8": ('[log]\nlevel = "\udcff"\n', ("dialer.toml", "UTF-8")),
    "nested without end": ("x = " + "[" * 5000, ("dialer.toml", "not TOML")),
    "a level that is none": ('[log]\nlevel = "LOUD"\n', ("dialer.toml line 2", "log.level", "DEBUG, INFO")),
}

CAMPAIGNS = {
    "an unknown key": ("rato = 1.5\n", ("line 4", "unknown key 'rato'", "did you mean ratio?")),
    "no such mode": ('mode = "magic"\n', ("line 4", "manual, preview, progressive, power, predictive")),
    "a ratio too high": ("ratio = 9\n", ("line 4", "between 1.0 and 5.0")),
    "power without what it needs": ('mode = "power"\n', ("line 4", "callback_number, caller_id")),
    "a weight of nothing": ("weight = 0\n", ("line 4", "between 0.1 and 10.0")),
    "too many lines": ("max_lines_per_agent = 50\n", ("line 4", "between 1.0 and 10.0")),
    "no such end of a preview": ('preview_then = "wait"\n', ("line 4", "'wait': one of dial, skip")),
    "a reason that is no list": ('preview_skip_reasons = "no"\n', ("line 4", 'such as ["wrong time", "not a fit"]')),
    "reasons that repeat": ('preview_skip_reasons = ["a", "a"]\n', ("line 4", "different texts")),
    "a rest too short": ("preview_skip_rest_s = 5\n", ("line 4", "at least 60 s")),
    "a ring too short": ("ring_timeout_s = 5\n", ("line 4", "at least 15 s")),
    "an unknown zone": ('zone = "Mars/Olympus"\n', ("line 4", "'Mars/Olympus'", "America/New_York")),
    "a cap in per cent": ("abandon_cap = 3\n", ("line 4", "means 300 %", '0.03 or "3%"')),
    "an address as caller id": ('caller_id = "sip:x@host"\n', ("line 4", "+<country><number>")),
    "a number in words": ('max_tries = "many"\n', ("line 4", "max_tries = 'many'", "number")),
    "a number without sense": (f"max_tries = {10**30}\n", ("line 4", "max_tries", "at most")),
    "a line break in a text": ('message = "a\\nb"\n', ("line 4", "message")),
    "a path as recording": ('message = "../../secret"\n', ("line 4", "recording")),
    "a date": ("region = 2026-01-01\n", ("line 4", "region = '2026-01-01'")),
    "not a number": ("ratio = nan\n", ("line 4", "ratio")),
    "an unknown outcome key": (
        '[[dispositions]]\ncode = "sale"\nlabel = "Sale"\nsails = true\n', ("line 4", "'sails'", "did you mean sale?"),
    ),
    "an outcome flag in words": (
        '[[dispositions]]\ncode = "sale"\nlabel = "Sale"\nsale = "yes"\n', ("line 4", "true or false"),
    ),
    "an outcome by nobody": (
        '[[dispositions]]\ncode = "x"\nlabel = "X"\nanswered_by = "CAT"\n', ("line 4", "HUMAN, MACHINE"),
    ),
    "no TOML": ("seller = 'open\n", ("line 4",)),
    "a list of leads": ("phone,first_name\n", ("line 4",)),
    "nested without end": ("x = " + "[" * 5000, ("not TOML",)),
}  # fmt: skip

STEP = '[[steps]]\nkey = "greet"\n'
SCRIPTS = {
    "no TOML": ('name = "x\n', ("line 1",)),
    "no name": (f'{STEP}text = "Hello"\nend = true\n', ("name is missing",)),
    "no steps": ('name = "x"\n', ("steps",)),
    "a way to nowhere": (f'name = "x"\n{STEP}text = "Hello"\nnext = "greer"\n', ("line 2, step greet", "greer")),
    "no end": (f'name = "x"\n{STEP}text = "Hello"\nnext = "greet"\n', ("line 2, step greet", "end = true")),
    "an unknown placeholder": (
        f'name = "x"\n{STEP}text = "Hello {{frist_name}}"\nend = true\n', ("line 2", "did you mean first_name?"),
    ),
    "an unknown key": (f'name = "x"\n{STEP}txt = "Hello"\nend = true\n', ("line 2", "'txt'", "did you mean text?")),
    "a key twice": (
        f'name = "x"\n{STEP}text = "a"\nnext = "greet"\n{STEP}text = "b"\nend = true\n', ("line 6", "used twice"),
    ),
    "nested without end": ("x = " + "[" * 5000, ("not TOML",)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), DIALER_TOML.values(), ids=DIALER_TOML.keys())
def test_faulty_settings_of_the_house_refuse_every_command(shell: Shell, text: str, words: tuple[str, ...]) -> None:
    (shell.home / "dialer.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    before = shell.stored()
    for argv in (("campaign", "list"), ("leads", "import", "leads.csv", "--list", "new"), ("serve",), ("tui",)):
        said = shell(*argv)
        assert (said.code, said.out) == (2, "")
        assert [word for word in words if word not in said.err] == []
        assert "hunter2" not in said.err
    answer = shell("campaign", "list", "--json").json
    assert answer["status"] == "refused"
    assert len(answer["faults"]) == 1
    assert shell.stored() == before


def test_every_fault_of_the_settings_is_told_at_once(shell: Shell) -> None:
    (shell.home / "dialer.toml").write_text('[ami]\nhots = "x"\nport = 0\n[log]\nlevel = "LOUD"\n')
    said = shell("campaign", "list")
    assert [line.split(":")[0] for line in said.err.splitlines()] == [
        f"dialer.toml line {number}" for number in (2, 3, 5)
    ]


def test_a_fault_in_the_environment_names_its_variable(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALER_AMI_PORT", "0")
    assert "environment DIALER_AMI_PORT: ami.port = 0" in shell("campaign", "list").err


@pytest.mark.parametrize(("text", "words"), CAMPAIGNS.values(), ids=CAMPAIGNS.keys())
def test_a_faulty_campaign_is_not_made(shell: Shell, text: str, words: tuple[str, ...]) -> None:
    shell.write("winter.toml", CAMPAIGN + text)
    before = shell.stored()
    said = shell("campaign", "create", "Winter", "--from", "winter.toml", "--list", "autumn")
    assert (said.code, said.out) == (2, "")
    assert "winter.toml" in said.err
    assert [word for word in words if word not in said.err] == []
    assert "othing was stored" in said.err
    assert shell("campaign", "create", "Winter", "--from", "winter.toml", "--json").json["status"] == "refused"
    assert shell.stored() == before


@pytest.mark.parametrize(
    "change",
    [
        "ratio=9",
        "rato=1",
        "name=Other",
        "zone=Mars/Olympus",
        "mode=magic",
        "max_tries=0",
        "ratio=inf",
        "region=2026-01-01",
    ],
)
def test_a_faulty_change_leaves_the_campaign_as_it_was(shell: Shell, change: str) -> None:
    before = shell.stored()
    said = shell("campaign", "set", "Autumn", "seller_name=New", change)
    assert (said.code, said.out) == (2, "")
    assert "othing was" in said.err
    assert shell.stored() == before


def test_what_json_cannot_say_reaches_a_running_service_as_text(shell: Shell) -> None:
    """inf, nan and dates of TOML were a fault of ours while a service ran, whose socket speaks JSON."""
    path = shell.write("odd.toml", "a = inf\nb = [nan, 2026-01-01]\nc = { d = 07:30:00 }\ne = 1\nf = true\n")
    table, _ = read_toml(path)
    command = new_command("campaign.create", {"settings": table}, actor="anna", at=datetime.now(UTC))
    assert decode_request(encode(command)) == command
    assert table == {"a": "inf", "b": ["nan", "2026-01-01"], "c": {"d": "07:30:00"}, "e": 1, "f": True}


@pytest.mark.parametrize(("text", "words"), SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_faulty_script_is_not_stored(shell: Shell, text: str, words: tuple[str, ...]) -> None:
    shell.write("bad.toml", text)
    before = shell.stored()
    for verb in ("check", "import"):
        said = shell("script", verb, "bad.toml")
        assert (said.code, said.out) == (2, "")
        assert [word for word in words if word not in said.err] == []
        assert "nothing was stored" in said.err
    answer = shell("script", "import", "bad.toml", "--json").json
    assert answer["faults"]
    assert shell.stored() == before
