"""Is this text fit to name a stored thing?"""

from __future__ import annotations

from campaigns.storage.errors import StoreRefused

LONGEST = 200  # an index of PostgreSQL takes at most 2,704 bytes


def must_be_a_name(of_what: str, name: str) -> None:
    """Raises StoreRefused for nothing but spaces and for more than 200 characters."""
    if not name.strip():
        raise StoreRefused(f"A {of_what} needs a name. Nothing was stored.")
    if len(name) > LONGEST:
        raise StoreRefused(f"A name of {len(name)} characters for a {of_what}: at most {LONGEST}. Nothing was stored.")
