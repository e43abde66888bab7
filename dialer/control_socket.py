"""Where is the service's local socket, and how is it opened however long its folder's name is?

A Unix socket's address holds about 100 bytes; a longer path is reached through its folder's descriptor.
"""

from __future__ import annotations

import grp
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dialer.refusal import Refused

NOT_STARTED = "The dialer does not start; nothing is dialled."
LONGEST_ADDRESS = 100  # bytes; the kernel's limit is 108 with its ending, elsewhere 104


def bound_socket(path: Path, group: str = "") -> socket.socket:
    """A listening-ready socket at `path`, for its owner only (0600), or for a group of the system too (0660).

    Raises OSError, and Refused for a group that is not there or not the owner's to share with.
    """
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(path) as address:
            before = os.umask(0o177)
            try:
                made.bind(address)
            finally:
                os.umask(before)
            if group:
                _share(address, group)
    except (OSError, Refused):
        made.close()
        raise
    return made


def _share(address: str, group: str) -> None:
    try:
        os.chown(address, -1, grp.getgrnam(group).gr_gid)
        os.chmod(address, 0o660)  # noqa: PTH101
    except KeyError:
        words = f"control.group = {group[:40]!r}: the operating system has no such group"
        raise Refused(f"{words}. {NOT_STARTED}") from None
    except PermissionError:
        words = f"control.group = {group[:40]!r}: the account that runs the dialer is no member of it"
        raise Refused(f"{words}. {NOT_STARTED}") from None


def connected_socket(path: Path, timeout_s: float) -> socket.socket:
    """A socket connected to the service at `path`. Raises OSError when nobody listens."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.settimeout(timeout_s)
    try:
        with _address(path) as address:
            made.connect(address)
    except OSError:
        made.close()
        raise
    return made


@contextmanager
def _address(path: Path) -> Iterator[str]:
    if len(os.fsencode(path)) <= LONGEST_ADDRESS:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
