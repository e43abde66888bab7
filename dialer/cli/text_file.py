"""What stands in a text file that a user named? Read with care: he may name a pipe, a device or a gigabyte."""

from __future__ import annotations

import math
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dialer.control import Answer
from dialer.refusal import Refused

LARGEST_BYTES = 512 * 1024
NOTHING = "Nothing was stored."


def read_text(path: Path) -> str:
    """The file's text, UTF-8 with or without a byte order mark. Raises Refused; never waits for a pipe or device."""
    raw = _bytes(path)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw[: fault.start].count(b"\n") + 1
        words = f"byte {fault.start + 1} (line {line}) is not UTF-8; save it as UTF-8"
        raise Refused(f"{path}: {words}. {NOTHING}") from None


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """The file's table in JSON's values, and its text, which tells lines. Raises Refused."""
    text = read_text(path)
    try:
        return {key: plain(value) for key, value in tomllib.loads(text).items()}, text
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        last = f"at line {len(text.splitlines())}, the end of the file"
        words = str(fault).replace("at end of document", last)
        raise Refused(f"{path} is not TOML: {words}. Mend that line; {NOTHING.lower()}") from None


def plain(value: Any) -> Any:
    """A TOML value as a service is told it: dates, inf and nan have no place in JSON and become texts."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    unsaid = isinstance(value, float) and not math.isfinite(value)
    return value if isinstance(value, str | int | float) and not unsaid else str(value)


def with_lines(answer: Answer, text: str, file: str) -> Answer:
    """A refusal of settings with the file and line beside each fault that names a key of this TOML text."""
    faults = answer.data.get("faults")
    if answer.done or not faults:
        return answer
    placed = [f"{_place(fault, text, file)}{fault}" for fault in faults]
    message = f"The settings cannot be used: {'; '.join(placed)}. {NOTHING}"
    return replace(answer, message=message, data={**answer.data, "faults": placed})


def _place(fault: str, text: str, file: str) -> str:
    named = re.match(r"(?:unknown key ')?([A-Za-z0-9_]+)", fault)
    if named is None:
        return ""
    key = re.compile(rf"\s*(\[\[?\s*)?\"?{named.group(1)}\"?\s*[=\].]")
    line = next((number for number, row in enumerate(text.splitlines(), 1) if key.match(row)), None)
    return f"{file} line {line}: " if line else ""


def _bytes(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Refused(f"{path} is not a regular file (folder, pipe or device). {NOTHING}")
            raw = file.read(LARGEST_BYTES + 1)
    except OSError as fault:
        raise Refused(f"{path} cannot be read: {fault.strerror}. {NOTHING}") from None
    if len(raw) > LARGEST_BYTES:
        raise Refused(f"{path} is larger than {LARGEST_BYTES // 1024} kB. {NOTHING}")
    return raw
