"""What is a refusal? The answer to a command that cannot be done now and that the person asking can mend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """A command was not done, for a reason the person asking can mend.

    `message` is one plain sentence: what, why, what now, and whether anything was stored or dialled.
    `data` holds plain JSON values for a program that asks (for example the faults of an import).
    """

    def __init__(self, message: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.data: Mapping[str, Any] = data or {}
