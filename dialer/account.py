"""Which account of the operating system gave a command? Asked of the kernel; no variable and no request can say it."""

from __future__ import annotations

import os
import pwd
import socket
import struct

from campaigns.account import account_words

_CREDENTIALS = struct.Struct("=iII")  # of the peer's process: its id, user and group (Linux: SO_PEERCRED)
_NOBODY_KNOWN = 2**32 - 1


def own_account() -> str:
    """The account that runs this process."""
    return account_words(os.getuid(), own_name())


def own_name() -> str:
    """The operating system's own name for this process' user. LOGNAME and USER are anybody's to set."""
    return _name_of(os.getuid())


def peer_account(link: socket.socket) -> str:
    """The account of the process that opened the other end of a local socket; empty where the kernel does not tell."""
    asked = getattr(socket, "SO_PEERCRED", None)
    if asked is None:
        return ""
    try:
        _, uid, _ = _CREDENTIALS.unpack(link.getsockopt(socket.SOL_SOCKET, asked, _CREDENTIALS.size))
    except OSError:
        return ""
    return account_words(uid, _name_of(uid)) if uid != _NOBODY_KNOWN else ""


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
