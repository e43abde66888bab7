"""Which time zone data is in force? Only the packaged one, pinned before any zone is used, and never a stale one.

A system's own files may be years behind, and calling hours would then be judged wrongly (British Columbia and
Alberta stopped changing their clocks in 2026).
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from dialer.refusal import Refused

LEAST_VERSION = (2026, 1)
OLDEST_MONTHS = 24  # a release of that age no longer knows what governments have decided since

_MEND = "Install a newer one: pip install --upgrade tzdata. Nothing is dialled until then."


def pin() -> None:
    """Use the packaged data only. Zones read before would keep the system's: call this first."""
    zoneinfo.reset_tzpath(())


def data_version() -> str:
    """The release in force, such as 2026.6; empty when the package is missing."""
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return ""


def require_fresh(now: datetime) -> str:
    """The release in force. Raises Refused when it is missing, too old for us, or older than two years."""
    found = data_version()
    read = re.match(r"(\d{4})\.(\d+)", found)
    if read is None:
        raise Refused(f"The time zone data (package tzdata) is missing. {_MEND}")
    year, number = int(read.group(1)), int(read.group(2))
    if (year, number) < LEAST_VERSION:
        raise Refused(f"The time zone data is of {found}; {LEAST_VERSION[0]}.{LEAST_VERSION[1]} is needed. {_MEND}")
    if (now.year - year) * 12 + now.month - number > OLDEST_MONTHS:  # about one release a month, at most
        raise Refused(f"The time zone data is of {found}, more than two years old. {_MEND}")
    return found
