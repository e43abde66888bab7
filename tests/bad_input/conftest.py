"""A set-up home, a shell to ask in, and every stored row as one value to compare."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dialer.cli import run
from dialer.home import Home
from tests.dialer.office import LEADS, SCRIPT

CAMPAIGN = 'trunk = "practice"\nrule_profile = "practice"\nseller_name = "Practice Ltd"\n'


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output; fails when anything else is there or on standard error."""
        assert self.err == ""
        assert self.out.count("\n") == 1
        read: dict[str, Any] = json.loads(self.out)
        return read


@dataclass(frozen=True, kw_only=True)
class Shell:
    """`dialer`, in this process, in a folder of its own."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *argv: str) -> Said:
        self.capsys.readouterr()
        code = run(argv)
        said = self.capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(code=code, out=said.out, err=said.err)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def done(self, *argv: str) -> Said:
        said = self(*argv)
        assert said.code == 0, said.err
        return said

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def stored(self) -> dict[str, list[Any]]:
        """Every row of every table, but for the record of who asked what: a refusal is kept there on purpose."""
        link = sqlite3.connect(f"file:{self.home / 'dialer.sqlite3'}?mode=ro", uri=True)
        names = [row[0] for row in link.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: link.execute(f'SELECT * FROM "{name}"').fetchall() for name in names if name != "command"}  # noqa: S608
        link.close()
        return rows

    def files(self) -> set[str]:
        """All files of home and folder, but for the log and what the database itself keeps beside it."""
        kept = (path for path in self.folder.rglob("*") if path.parent.name != "log" and path.stem != "dialer")
        return {str(path.relative_to(self.folder)) for path in kept}


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """No home yet."""
    monkeypatch.setenv("DIALER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DIALER_ACTOR", "anna")
    monkeypatch.chdir(tmp_path)
    return Shell(folder=tmp_path, capsys=capsys)


_MADE: dict[str, bytes] = {}


@pytest.fixture
def shell(empty: Shell) -> Shell:
    """After `dialer init`, with a trunk, a list of two leads, a script, a campaign and one do-not-call number."""
    empty.write("leads.csv", LEADS)
    empty.write("offer.toml", SCRIPT)
    empty.write("autumn.toml", CAMPAIGN)
    if not _MADE:
        _MADE.update(_made(empty))
    Home(root=empty.home).create()
    for name, content in _MADE.items():
        (empty.home / name).write_bytes(content)
        (empty.home / name).chmod(0o600)
    return empty


def _made(shell: Shell) -> dict[str, bytes]:
    """The files of such a home, made once in a test run by the commands that people use."""
    shell.done("init")
    shell.done("trunk", "add", "practice", "--host", "127.0.0.9", "--caller-id", "+12025550100", "--practice")
    shell.done("leads", "import", "leads.csv", "--list", "autumn")
    shell.done("script", "import", "offer.toml")
    shell.done("campaign", "create", "Autumn", "--from", "autumn.toml", "--list", "autumn")
    shell.done("dnc", "add", "+12125550199", "--reason", "asked")
    (shell.folder / "leads.csv.rejected.csv").unlink()
    made = {name: (shell.home / name).read_bytes() for name in ("dialer.sqlite3", "dialer.toml")}
    shutil.rmtree(shell.home)
    return made
