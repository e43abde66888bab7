"""Which time zone data is in force? Only the packaged one, pinned before any zone is used, and never a stale one.

A system's own files may be years behind, and calling hours would then be judged wrongly (British Columbia and
Alberta stopped changing their clocks in 2026). A release does not say its day, only its year and its place in it;
IANA publishes about six a year, so the n-th is taken for one of the month 2n. That errs by a month or two at most.
"""

from __future__ import annotations

import importlib.util
import re
import zoneinfo
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dialer.refusal import Refused

LEAST_VERSION = (2026, 1)
WARN_DAYS = 300  # since 2014 no newest release was taken for older than this for more than a few weeks
STALE_DAYS = 400  # nor ever for older than this: a newer one has been there for long
MEND = "pip install --upgrade tzdata"

_MEND = f"Install a newer one: {MEND}, then start the dialer anew. Nothing is dialled until then."
_PACKAGE = importlib.util.find_spec("tzdata")
LIST_OF_ZONES = Path(_PACKAGE.origin).with_name("zones") if _PACKAGE and _PACKAGE.origin else None


def pin() -> None:
    """Use the packaged data only. Zones read before would keep the system's: call this first."""
    zoneinfo.reset_tzpath(())
    _mark_at_first()


def why_replaced() -> str:
    """That other data were installed since this process began, in a sentence with the mend; empty when none were.

    A zone that was used keeps its rules and one used later has the new ones, so two leads of one place might be judged
    differently; and receipts would name a release that was not used. Costs a look at one file.
    """
    if _mark() == _mark_at_first():
        return ""
    return (
        f"The time zone data ({data_version()}) was replaced while the dialer runs: zones would be judged partly by "
        "the old rules and partly by the new. Start the dialer anew. Nothing is dialled until then."
    )


def _mark() -> tuple[int, int, int] | None:
    """What tells one installation of the package from another; None when it is missing."""
    try:
        status = LIST_OF_ZONES.stat() if LIST_OF_ZONES is not None else None
    except OSError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns) if status is not None else None


@lru_cache(maxsize=1)
def _mark_at_first() -> tuple[int, int, int] | None:
    return _mark()


@lru_cache(maxsize=1)
def data_version() -> str:
    """The release in force, such as 2026.6, as this process found it first; empty when the package is missing."""
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return ""


def why_stale(now: datetime) -> str:
    """Why calling hours cannot be judged by this data, in a sentence with the mend; empty when they can.

    Asked at the start and, of the data that this process has, at every decision: a dialer may run for a year.
    """
    replaced = why_replaced()
    if replaced:
        return replaced
    found = data_version()
    read = _read(found)
    if read is None:
        return f"The time zone data (package tzdata) is missing. {_MEND}"
    if read < LEAST_VERSION:
        return f"The time zone data is of {found}; {LEAST_VERSION[0]}.{LEAST_VERSION[1]} is needed. {_MEND}"
    age = _age_days(read, now)
    if age > STALE_DAYS:
        return f"The time zone data is of {found}, about {age} days old; it may be {STALE_DAYS}. {_MEND}"
    return ""


def ageing(now: datetime) -> str:
    """That the data will soon be too old, in a sentence; empty when it will not, or is already."""
    read = _read(data_version())
    age = _age_days(read, now) if read is not None else 0
    if not WARN_DAYS < age <= STALE_DAYS:
        return ""
    left = STALE_DAYS - age
    return f"The time zone data is of {data_version()}, about {age} days old; dialling stops in {left} days: {MEND}."


def require_fresh(now: datetime) -> str:
    """The release in force. Raises Refused when it is missing, older than we need, or too old by now."""
    words = why_stale(now)
    if words:
        raise Refused(words)
    return data_version()


def _read(found: str) -> tuple[int, int] | None:
    read = re.match(r"(\d{4})\.(\d+)", found)
    return (int(read.group(1)), int(read.group(2))) if read else None


def _age_days(release: tuple[int, int], now: datetime) -> int:
    year, number = release
    return (now.astimezone(UTC).date() - date(year, min(max(2 * number, 1), 12), 1)).days
