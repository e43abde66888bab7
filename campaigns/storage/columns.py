"""How does a value become a column and come back the same on SQLite and PostgreSQL?

Instants are SQLModel's UTCDateTime (naive ones are refused). Enums are kept as their values, text is kept
as it came except for what no database takes, and JSON keeps its order.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """The text with NUL and lone surrogates replaced by U+FFFD: PostgreSQL and UTF-8 have no place for them."""
    if "\0" in text:
        text = text.replace("\0", _REPLACEMENT)
    if text.isascii():  # nearly all text, and it is asked for each cell of a million rows
        return text
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if _has_surrogate(text) else text


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


class Words(TypeDecorator[str]):
    """Any text, of any length."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else storable(value)


class Word(TypeDecorator[StrEnum]):
    """One word of an enum, kept as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        return None if value is None else self.words(value)


class Json(TypeDecorator[Any]):
    """Lists and objects of plain values, as JSON text (foreign text stays readable in it)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else json.loads(value)


def json_text(value: Any) -> str:
    """What a Json column holds for a value."""
    return _JSON.encode(_storable_json(value))


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _storable_json(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list | tuple):
        return [_storable_json(item) for item in value]
    if isinstance(value, dict):
        return {storable(str(key)): _storable_json(item) for key, item in value.items()}
    return value


def words(**options: Any) -> Any:
    """A text column."""
    return Field(sa_type=Words, **options)


def word(enum: type[StrEnum], **options: Any) -> Any:
    """A column holding one word of an enum."""
    return Field(sa_type=Word(enum), **options)  # type: ignore[call-overload,unused-ignore]


def plain_json(**options: Any) -> Any:
    """A column of plain JSON."""
    return Field(sa_type=Json, **options)
