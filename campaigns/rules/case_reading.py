"""Which cases does a file bring along to be tested by?

No zone is opened here: profiles are read when modules are imported, before the dialer has pinned its zone data.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from campaigns.rules.cases import Case
from campaigns.rules.fields import Table

_LOCAL = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-2][0-9]:[0-5][0-9](:[0-5][0-9])?")
_UTC = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?Z")
A_MOMENT = 'local time such as "2026-11-21 08:00", or UTC such as "2026-11-21T13:00Z"'
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def read_cases(top: Table, kinds: tuple[str, ...]) -> tuple[Case, ...]:
    """The table `cases`: a zone, a number, its kind and region for all `rows`, which may say otherwise themselves."""
    if not top.has("cases"):
        top.raw("cases")
        return ()
    table = top.table("cases")
    usual = {
        "zone": table.text("zone"),
        "number": table.text("number"),
        "kind": table.word("kind", kinds, "mobile"),
        "region": table.text("region"),
    }
    found = tuple(_case(row, usual, kinds) for row in table.tables("rows"))
    table.end()
    return found


def _case(row: Table, usual: dict[str, str], kinds: tuple[str, ...]) -> Case:
    case = Case(
        at=_moment(row),
        zone=row.text("zone", usual["zone"]),
        number=row.text("number", usual["number"]),
        kind=row.word("kind", (*kinds, "unknown"), usual["kind"]),
        region=row.text("region", usual["region"]),
        allowed=row.word("expect", ("allow", "deny")) == "allow",
        because=row.text("because", ""),
        line=row.node.line,
    )
    row.end()
    return case


def _moment(row: Table) -> datetime:
    text = row.text("at")
    try:
        if _UTC.fullmatch(text) or _LOCAL.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    row.fault("at", f"{text[:40]!r}: expected {A_MOMENT}")
    return _EPOCH
