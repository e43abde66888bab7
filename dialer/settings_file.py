"""What stands in `dialer.toml` and in the environment? Every fault is told at once, with its line.

DIALER_<SECTION>_<KEY> in the environment wins over the file. Secrets come from files of mode 0600 or
from the environment, never from an argument and never from `dialer.toml`.
"""

from __future__ import annotations

import difflib
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import time
from pathlib import Path
from typing import Any

from dialer.home import Home, read_secret
from dialer.refusal import Refused
from dialer.settings import HINTS, PASSWORD_IN_URL, SECTIONS, ExchangeKind, Secret, Settings, SettingsFault
from dialer.settings_faults import faults_of

PREFIX = "DIALER_"
OUR_OTHER_VARIABLES = frozenset({"DIALER_HOME", "DIALER_ACTOR", "DIALER_SOCKET"})

_KNOWN = tuple(f"{section}.{key}" for section, hints in HINTS.items() for key in hints)
_ONLY_FROM_ENVIRONMENT = frozenset({"ami.secret", "ami.watch_secret"})

# Python's words for a table that stands twice; other words are shown as they are.
_TWICE = re.compile(r"declare \('(?P<section>\w+)',\) twice \((?P<where>[^)]*)\)")


def load(home: Home, environ: Mapping[str, str]) -> Settings:
    """The settings in force. Raises SettingsFault with every fault at once; nothing is done with half of them."""
    faults: list[str] = []
    places: dict[str, str] = {}
    values = _from_file(home.settings_file, faults, places) | _from_environment(environ, faults, places)
    settings = _built(values)
    faults += [_placed(words, places) for words in faults_of(settings)]
    if settings.exchange.kind is ExchangeKind.OWN:
        settings = _with_secrets(home, settings, faults)
    if faults:
        raise SettingsFault(tuple(faults))
    return settings


def _from_file(path: Path, faults: list[str], places: dict[str, str]) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except OSError as fault:
        faults.append(f"{path.name} cannot be read: {fault.strerror}")
        return {}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as fault:
        faults.append(_why_not_toml(path.name, fault))
        return {}
    values: dict[str, Any] = {}
    for section, table in tables.items():
        for key, value in table.items() if isinstance(table, dict) else [("", table)]:
            where = f"{path.name} line {_line_of(text, section, key)}"
            full = f"{section}.{key}" if key else section
            places[full] = where
            _take(full, value, where, values, faults)
    if "database.url" in values and PASSWORD_IN_URL.search(values["database.url"].reveal()):
        _require_private(path, faults)
    return values


def _why_not_toml(name: str, fault: Exception) -> str:
    twice = _TWICE.search(str(fault))
    if twice is None:
        return f"{name} is not TOML in UTF-8: {fault}"
    return f"{name} has the section [{twice['section']}] twice ({twice['where']}): put its keys below the first one"


def _from_environment(environ: Mapping[str, str], faults: list[str], places: dict[str, str]) -> dict[str, Any]:
    names = {PREFIX + full.replace(".", "_").upper(): full for full in _KNOWN}
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or variable in OUR_OTHER_VARIABLES:
            continue
        if variable in names:
            places[names[variable]] = f"environment {variable}"
            _convert_into(names[variable], text, f"environment {variable}", values, faults)
            continue
        near = difflib.get_close_matches(variable, [*names, *OUR_OTHER_VARIABLES], n=1, cutoff=0.6)
        faults.append(
            f"environment: unknown variable {variable[:60]}" + (f" (did you mean {near[0]}?)" if near else "")
        )
    return values


def _placed(words: str, places: Mapping[str, str]) -> str:
    """The fault with the place of the setting it begins with."""
    where = places.get(words.split(maxsplit=1)[0])
    return f"{where}: {words}" if where else words


def _take(full: str, value: object, where: str, values: dict[str, Any], faults: list[str]) -> None:
    if full in _ONLY_FROM_ENVIRONMENT:
        section, key = full.split(".")
        faults.append(
            f"{where}: {full} is not read from this file; keep it in a file of mode 0600 named by "
            f"{full}_file, or in the environment as {PREFIX}{section.upper()}_{key.upper()}"
        )
    elif full not in _KNOWN:
        near = difflib.get_close_matches(full, _KNOWN, n=1, cutoff=0.5)
        faults.append(f"{where}: unknown key {full[:60]}" + (f" (did you mean {near[0]}?)" if near else ""))
    else:
        _convert_into(full, value, where, values, faults)


def _convert_into(full: str, value: object, where: str, values: dict[str, Any], faults: list[str]) -> None:
    section, key = full.split(".")
    try:
        values[full] = _converted(value, HINTS[section][key])
    except ValueError as fault:
        shown_value = "***" if HINTS[section][key] is Secret else repr(value)[:60]
        faults.append(f"{where}: {full} = {shown_value}: {fault}")


def _converted(value: object, hint: Any) -> object:
    if hint is ExchangeKind:
        try:
            return ExchangeKind(str(value))
        except ValueError:
            raise ValueError(f"one of {', '.join(ExchangeKind)}") from None
    if hint is time:
        return _time(value)
    if hint is bool:
        if value in ("true", "false"):  # as the environment writes them
            return value == "true"
        if not isinstance(value, bool):
            raise ValueError("expected true or false")
        return value
    if hint is int:
        text = value if isinstance(value, str) else repr(value)
        if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,9}", text):
            raise ValueError("expected a whole number")
        return int(text)
    if hint == tuple[str, ...]:
        return _texts(value)
    if not isinstance(value, str):
        raise ValueError("expected a text in quotes")
    if any(ord(character) < 0x20 for character in value):
        raise ValueError("holds a control character")
    return hint(value)


def _texts(value: object) -> tuple[str, ...]:
    """A TOML list of texts; in the environment, which knows none, texts between commas."""
    if isinstance(value, str):
        return tuple(text.strip() for text in value.split(",") if text.strip())
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError('expected a list of texts such as ["autumn-message"]')
    return tuple(value)


def _time(value: object) -> time:
    if isinstance(value, time):
        return value.replace(tzinfo=None)
    try:
        return time.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        raise ValueError('write a local time such as "04:10"') from None


def _built(values: Mapping[str, Any]) -> Settings:
    made: dict[str, Any] = {}
    for section, kind in SECTIONS.items():
        known = {f.name: values[f"{section}.{f.name}"] for f in fields(kind) if f"{section}.{f.name}" in values}
        made[section] = kind(**known)
    return Settings(**made)


def _with_secrets(home: Home, settings: Settings, faults: list[str]) -> Settings:
    ami = settings.ami
    secret = ami.secret or _kept(home, "secret", ami.secret_file, faults)
    watch_secret = ami.watch_secret or _kept(home, "watch_secret", ami.watch_secret_file, faults)
    return replace(settings, ami=replace(ami, secret=secret, watch_secret=watch_secret))


def _kept(home: Home, key: str, file: str, faults: list[str]) -> Secret:
    try:
        return Secret(read_secret(home.below(file)))
    except Refused as refusal:
        faults.append(f"ami.{key}_file: {refusal.message} Or set {PREFIX}AMI_{key.upper()}.")
        return Secret()


def _require_private(path: Path, faults: list[str]) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        faults.append(f"{path.name} holds a password in database.url but others may read it: run 'chmod 600 {path}'")


def _line_of(text: str, section: str, key: str) -> int:
    """The line a key stands in; for dotted or inline keys the line its section begins at."""
    current, began = "", 1
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\s*\"?([^\]\"]+?)\"?\s*\]", line)
        if header:
            current = header.group(1)
            began = number if current == section else began
        elif current == section and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return number
        elif not current and re.match(rf"\s*\"?{re.escape(section)}\"?\s*[.=]", line):
            began = number
            if not key or re.match(rf"\s*{re.escape(section)}\s*\.\s*{re.escape(key)}\b", line):
                return number
    return began
