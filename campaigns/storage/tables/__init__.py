"""Which tables are there? Classes define them; the statements of the store use their tables directly.

Row objects are never made on the way of a call: reading and writing go through SQLAlchemy Core.
"""

from __future__ import annotations

from campaigns.storage.tables import (
    agents,
    attempts,
    caller_ids,
    campaigns,
    consents,
    decisions,
    declarations,
    emergencies,
    leads,
    number_answers,
    overrides,
    previews,
    receipts,
    records,
    removals,
)
from campaigns.storage.tables.base import METADATA

__all__ = [
    "METADATA",
    "agents",
    "attempts",
    "caller_ids",
    "campaigns",
    "consents",
    "decisions",
    "declarations",
    "emergencies",
    "leads",
    "number_answers",
    "overrides",
    "previews",
    "receipts",
    "records",
    "removals",
]
