"""What stands in a snapshot? Reading that never fails: a missing or odd part is an empty one.

A screen of one version may meet a service of another; it then shows less, and never falls over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def part(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under this key, or an empty one."""
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def items(data: Mapping[str, Any], key: str) -> tuple[Mapping[str, Any], ...]:
    """The objects of the list under this key; anything else in it is left out."""
    value = data.get(key)
    return tuple(item for item in value if isinstance(item, Mapping)) if isinstance(value, list | tuple) else ()


def words(data: Mapping[str, Any], key: str) -> str:
    """The text under this key, or an empty one."""
    value = data.get(key)
    return value if isinstance(value, str) else ""


def count(data: Mapping[str, Any], key: str) -> int:
    """The whole number under this key, or 0."""
    value = data.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def texts(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The texts of the list under this key."""
    value = data.get(key)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()
