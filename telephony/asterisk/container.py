"""Which files does the Asterisk of docker-compose.asterisk.yml need, and what does the dialer need to reach it?

`python -m telephony.asterisk.container FOLDER --trunk NAME=HOST[:PORT] --agent 1001` writes them: configuration,
own sounds, a folder for recordings, the secrets, and the variables of the compose file. Run again it keeps the
secrets, so phones and dialer stay as they are. Nothing is started.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from telephony.asterisk.configuration import (
    AgentPhone,
    ConfigurationError,
    ExchangeSettings,
    Folders,
    ManagerSecrets,
    Trunk,
    new_secret,
    render,
)
from telephony.asterisk.provisioning import default_cache, find_on_path, find_unpacked
from telephony.asterisk.sounds import OWN_SOUNDS, SoundError, furnish

INSIDE = Folders(root=Path("/srv/dialer"), run=Path("/srv/dialer/run"), modules=Path("/srv/dialer/modules"))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code. 2 with one plain sentence when something given cannot be used."""
    given = _parser().parse_args(arguments)
    folder: Path = given.folder.resolve()
    try:
        settings = _settings(given, folder)
        sounds = {name: Path(path) for name, path in map(_pair, given.sound)}
        write(folder, settings, sounds)
    except (ConfigurationError, SoundError) as fault:
        sys.stderr.write(f"{fault} Nothing was started.\n")
        return 2
    sys.stdout.write(_next_steps(folder, settings))
    return 0


def write(folder: Path, settings: ExchangeSettings, sounds: Mapping[str, Path]) -> None:
    """Write everything the container mounts, readable by this user only. SoundError for a sound it cannot play."""
    for name in ("etc", "sounds", "recordings"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _write_sounds(folder / "sounds", sounds)
    for name, text in render(settings).items():
        _write_private(folder / "etc" / name, text)
    variables = {"ASTERISK_FOLDER": folder, "ASTERISK_UID": os.getuid(), "ASTERISK_GID": os.getgid()}
    (folder / "compose.env").write_text("".join(f"{key}={value}\n" for key, value in variables.items()))


def kept_secret(folder: Path, name: str) -> str:
    """The secret of that name in the folder, made at the first time."""
    path = folder / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        _write_private(path, new_secret() + "\n")
    return path.read_text().strip()


def _write_sounds(place: Path, sounds: Mapping[str, Path]) -> None:
    """Only our own sounds: the core ones are in the image. Made of this machine's core sounds where not given."""
    install = find_on_path() or find_unpacked(default_cache())
    work = place / ".work"
    furnish(work, core_sounds=install.sounds_dir if install else None, documentation=None, own=sounds)
    for name in dict.fromkeys((*OWN_SOUNDS, *sounds)):
        (work / "sounds" / "en" / f"{name}.wav").rename(place / f"{name}.wav")
    for entry in (work / "sounds" / "en").iterdir():
        entry.unlink()
    for empty in (work / "sounds" / "en", work / "sounds", work):
        empty.rmdir()


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)


def _settings(given: argparse.Namespace, folder: Path) -> ExchangeSettings:
    return ExchangeSettings(
        folders=INSIDE,
        manager_secrets=ManagerSecrets(dialer=kept_secret(folder, "ami"), watch=kept_secret(folder, "ami-watch")),
        sip_host=given.sip_host,
        sip_port=given.sip_port,
        manager_host=given.manager_host,
        manager_port=given.manager_port,
        rtp_first=given.rtp_first,
        rtp_last=given.rtp_last,
        trunks=tuple(_trunk(text) for text in given.trunk),
        agents=tuple(
            AgentPhone(number=number, secret=kept_secret(folder, f"agent-{number}")) for number in _agents(given)
        ),
        custom_sounds=True,
    )


def _agents(given: argparse.Namespace) -> tuple[str, ...]:
    for number in given.agent:
        AgentPhone(number=number, secret=new_secret())  # before a file is named after it
    return tuple(given.agent)


def _trunk(text: str) -> Trunk:
    name, where = _pair(text)
    host, _colon, port = where.partition(":")
    if port and not port.isdigit():
        raise ConfigurationError(f"{port!r} in trunk {name} is not a port number.")
    return Trunk(name=name, host=host, port=int(port or 5060), practice=host.startswith("127."))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and name and value):
        raise ConfigurationError(f"{text[:60]!r} should be NAME=VALUE.")
    return name, value


def _next_steps(folder: Path, settings: ExchangeSettings) -> str:
    agents = "".join(
        f"  agent {agent.number}: user {agent.number} at {settings.sip_host}:{settings.sip_port}, "
        f"password in {folder / 'secrets' / f'agent-{agent.number}'}\n"
        for agent in settings.agents
    )
    return (
        f"Written to {folder}. Start it:\n"
        f"  docker compose -f docker-compose.asterisk.yml --env-file {folder / 'compose.env'} up --build -d\n"
        "Put into dialer.toml:\n"
        '  [exchange]\n  kind = "own"\n'
        f'  [ami]\n  host = "{settings.manager_host}"\n  port = {settings.manager_port}\n'
        f'  secret_file = "{folder / "secrets" / "ami"}"\n  watch_secret_file = "{folder / "secrets" / "ami-watch"}"\n'
        f"{agents}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m telephony.asterisk.container",
        description="Write what the Asterisk of docker-compose.asterisk.yml needs.",
        epilog="example: ... deploy/asterisk/run --trunk carrier=sip.example.com --agent 1001 --agent 1002",
    )
    parser.add_argument("folder", type=Path, help="where to write; keep it out of the repository")
    parser.add_argument("--trunk", action="append", default=[], metavar="NAME=HOST[:PORT]")
    parser.add_argument("--agent", action="append", default=[], metavar="NNNN", help="an agent's four digits")
    parser.add_argument("--sound", action="append", default=[], metavar="NAME=FILE", help="such as safe-harbour=my.wav")
    parser.add_argument("--sip-host", default="127.0.0.1", metavar="ADDRESS", help="this machine's address for phones")
    parser.add_argument("--sip-port", type=int, default=5060)
    parser.add_argument("--manager-host", default="127.0.0.1", metavar="ADDRESS")
    parser.add_argument("--manager-port", type=int, default=5038)
    parser.add_argument("--rtp-first", type=int, default=10000)
    parser.add_argument("--rtp-last", type=int, default=12999)
    return parser


if __name__ == "__main__":
    sys.exit(main())
