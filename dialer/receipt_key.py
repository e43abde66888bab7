"""With which key are the days of receipts sealed? One secret of this installation, made once, outside the database."""

from __future__ import annotations

import secrets
from pathlib import Path

from dialer.home import Home, read_secret, write_secret
from dialer.refusal import Refused

NAME = "receipt-seal"
_BYTES = 32


def key_file(home: Home) -> Path:
    """Where it is kept, mode 0600."""
    return home.secrets / NAME


def key_of(home: Home) -> bytes | None:
    """The key, or none when nothing was sealed here yet. Raises Refused when others may read it or it is damaged."""
    path = key_file(home)
    if not path.exists() and not path.is_symlink():
        return None
    try:
        key = bytes.fromhex(read_secret(path))
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise Refused(
            f"{path} holds no key of {_BYTES} bytes: put it back from a copy of the folder. Nothing was done."
        )
    return key


def key_for_sealing(home: Home, *, sealed_before: bool) -> bytes:
    """The key, made on first use. Raises Refused when days were sealed with one that is gone: a new one hides that."""
    key = key_of(home)
    if key is not None:
        return key
    if sealed_before:
        raise Refused(
            f"The key of the receipts' seals is gone: {key_file(home)}. Put it back from a copy of the folder. Until "
            "then no day is sealed; calls go on and have their receipts."
        )
    write_secret(home, NAME, secrets.token_hex(_BYTES))
    made = key_of(home)
    assert made is not None, "it was just written"
    return made
