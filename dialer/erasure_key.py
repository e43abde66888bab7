"""Where is the key by which erased numbers are recognised, and when is it made?"""

from __future__ import annotations

import secrets

from dialer.home import Home, read_secret, write_secret
from dialer.refusal import Refused

KEY_NAME = "erasure-key"
_BYTES = 32


def erasure_key(home: Home) -> bytes | None:
    """The key; none while there is none that can be used: as long as numbers are erased, nothing is dialled then."""
    try:
        return _read(home) if _exists(home) else None
    except Refused:
        return None


def make_erasure_key(home: Home, *, any_erased: bool) -> None:
    """Make the key once, before the first number is erased. Raises Refused for one that cannot be used.

    One that is lost is never replaced: another would recognise nobody who was erased before.
    """
    if _exists(home):
        _read(home)
    elif not any_erased:
        write_secret(home, KEY_NAME, secrets.token_hex(_BYTES))


def _exists(home: Home) -> bool:
    path = home.secrets / KEY_NAME
    return path.exists() or path.is_symlink()


def _read(home: Home) -> bytes:
    path = home.secrets / KEY_NAME
    try:
        key = bytes.fromhex(read_secret(path))
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise Refused(f"{path} is no key of ours. Put it back from a backup of that folder. Nothing was done.")
    return key
