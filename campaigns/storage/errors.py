"""What can go wrong with the store, sorted by whose move it is?

Every message says what happened, why, what to do, and that nothing was stored.
"""

from __future__ import annotations


class StoreError(Exception):
    """The root of all faults of the store; its text is meant to be shown to a person."""


class StoreMissing(StoreError):
    """There is no database where one was expected. It is never made silently: somebody runs `dialer init`."""


class StoreExists(StoreError):
    """A database stands where a new one was to be made; it was left as it is."""


class SchemaMismatch(StoreError):
    """The database was written by an older or newer version of the program; the text names the command to run."""


class StoreUnavailable(StoreError):
    """The database cannot be read or written now (locked, disk full, gone). Nothing may be dialled."""


class StoreRefused(StoreError):
    """What was asked would break a promise of the store. Nothing was stored; the text says why and what to do."""
