"""How is everything kept that must not be lost? The store and its faults; SQL stays behind this door."""

from __future__ import annotations

from campaigns.storage.errors import (
    SchemaMismatch,
    StoreError,
    StoreExists,
    StoreMissing,
    StoreRefused,
    StoreUnavailable,
)
from campaigns.storage.store import Store

__all__ = [
    "SchemaMismatch",
    "Store",
    "StoreError",
    "StoreExists",
    "StoreMissing",
    "StoreRefused",
    "StoreUnavailable",
]
