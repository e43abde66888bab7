"""How does a step's text get the lead's name in? By looking names up, never by evaluating anything."""

from __future__ import annotations

import re
from collections.abc import Mapping

from campaigns.foreign_text import inert
from campaigns.model import Lead

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
LEAD_FIELDS = (
    *("first_name", "last_name", "display_name", "external_id", "timezone", "region", "postal_code"),
    *("country", "email", "language", "note"),
)
CALL_FIELDS = ("agent_name", "seller_name", "callback_number")
CUSTOM = "custom."
ANSWER = "answer."


def fill(
    text: str, lead: Lead, *, answers: Mapping[str, str] | None = None, call: Mapping[str, str] | None = None
) -> str:
    """`text` with its placeholders replaced, in one pass: braces inside a lead's own words stay as they are.

    `answers` by field name, `call` by the names of CALL_FIELDS. What is not known is left empty. The words
    put in are inert (one line, no control characters); a screen must still show the result as plain text.
    """
    custom = dict(lead.custom)

    def value(match: re.Match[str]) -> str:
        name = match.group(1).strip()
        if name in LEAD_FIELDS:
            return inert(str(getattr(lead, name)))
        if name in CALL_FIELDS:
            return inert((call or {}).get(name, ""))
        if name.startswith(CUSTOM):
            return inert(custom.get(name.removeprefix(CUSTOM), ""))
        return inert((answers or {}).get(name.removeprefix(ANSWER), "")) if name.startswith(ANSWER) else ""

    return PLACEHOLDER.sub(value, text)
