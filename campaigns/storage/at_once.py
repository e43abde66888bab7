"""How is the database asked for thousands of texts at once?

As one value, a JSON array that it takes apart itself: to prepare a parameter for each takes longer than to look it up.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import JSON, Select, Text, bindparam, cast, func, select

from campaigns.storage.columns import json_text
from campaigns.storage.database import Database

AT_ONCE = 5_000
_GIVEN = bindparam("texts", type_=Text())
_SQLITE = select(func.json_each(_GIVEN).table_valued("value").c.value)
_POSTGRESQL = select(func.json_array_elements_text(cast(_GIVEN, JSON)).table_valued("value").c.value)


def given_texts(database: Database) -> Select[Any]:
    """What stands right of `in_` for the texts of `given`."""
    return _SQLITE if database.is_sqlite else _POSTGRESQL


def given(texts: Iterable[str]) -> dict[str, str]:
    """The values of a statement with `given_texts` in it."""
    return {"texts": json_text(list(texts))}


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """As many as are asked for at once, until there are none."""
    rest = iter(texts)
    while some := list(itertools.islice(rest, AT_ONCE)):
        yield some
