"""The container's folder: whole, private, the same secrets every time; image and compose file agree with it."""

import os
import re
from pathlib import Path

import pytest

from telephony.asterisk.configuration.system import asterisk_conf
from telephony.asterisk.container import INSIDE, main

HERE = Path(__file__).parents[2]
COMPOSE = (HERE / "docker-compose.asterisk.yml").read_text()
DOCKERFILE = (HERE / "deploy" / "asterisk" / "Dockerfile").read_text()
GIVEN = ("--trunk", "carrier=sip.example.com:5080", "--agent", "1001", "--agent", "1002")


def test_the_folder_holds_what_the_compose_file_mounts(tmp_path: Path) -> None:
    assert main([str(tmp_path), *GIVEN]) == 0
    mounted = re.findall(r"\$\{ASTERISK_FOLDER:-[^}]*\}/(\w+):", COMPOSE)
    assert mounted == ["etc", "sounds", "recordings"]
    assert all((tmp_path / name).is_dir() for name in mounted)
    assert "sip:sip.example.com:5080" in (tmp_path / "etc" / "pjsip.conf").read_text()
    assert (tmp_path / "sounds" / "safe-harbour.wav").stat().st_size > 1000
    assert sorted(path.name for path in (tmp_path / "sounds").iterdir()) == [
        "holding.wav", "join-beep.wav", "safe-harbour.wav",
    ]  # fmt: skip


def test_the_compose_variables_name_the_folder_and_its_owner(tmp_path: Path) -> None:
    main([str(tmp_path), *GIVEN])
    variables = dict(line.split("=") for line in (tmp_path / "compose.env").read_text().splitlines())
    assert variables == {
        "ASTERISK_FOLDER": str(tmp_path), "ASTERISK_UID": str(os.getuid()), "ASTERISK_GID": str(os.getgid()),
    }  # fmt: skip
    assert set(variables) <= set(re.findall(r"\$\{(\w+):-", COMPOSE))


def test_nobody_else_can_read_a_secret(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    main([str(folder), *GIVEN])
    private = [folder, *(folder / "secrets").iterdir(), *(folder / "etc").iterdir()]
    assert {path.stat().st_mode & 0o077 for path in private} == {0}


def test_a_second_run_keeps_every_secret(tmp_path: Path) -> None:
    main([str(tmp_path), *GIVEN])
    before = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    main([str(tmp_path), *GIVEN])
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == before
    assert set(before) == {"ami", "ami-watch", "agent-1001", "agent-1002"}
    assert before["agent-1001"].strip() in (tmp_path / "etc" / "pjsip.conf").read_text()


def test_it_says_what_to_put_into_the_settings_and_shows_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(tmp_path), *GIVEN])
    said = capsys.readouterr().out
    assert 'kind = "own"' in said
    assert f'secret_file = "{tmp_path}/secrets/ami"' in said
    assert not [path for path in (tmp_path / "secrets").iterdir() if path.read_text().strip() in said]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--trunk", "carrier"), ("--trunk", "Carrier=host"), ("--trunk", "carrier=host:sip"), ("--agent", "100"),
        ("--agent", "../x"), ("--sound", "safe-harbour=/nowhere.wav"), ("--manager-host", "0.0.0.0"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_one_plain_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, str]
) -> None:
    assert main([str(tmp_path / "run"), *arguments]) == 2
    assert "Nothing was started." in capsys.readouterr().err


def test_image_and_configuration_name_the_same_folders() -> None:
    text = asterisk_conf(INSIDE, max_calls=1, custom_sounds=True)
    places = re.findall(r"=> (\S+)", text)
    assert places
    for place in places:
        assert place in DOCKERFILE, place
    assert "sounds_search_custom_dir = yes" in text
    assert "/srv/dialer/data/sounds/custom" in DOCKERFILE
    assert "/srv/dialer/etc/asterisk.conf" in DOCKERFILE
