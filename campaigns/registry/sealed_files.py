"""How does a file get onto the disk so that a power cut leaves all of it or none, and is it still what was written?"""

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

_PIECE = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFile:
    """A file as it was written: name within its folder, bytes, SHA-256 in hex."""

    name: str
    size: int
    sha256: str


def write_sealed(path: Path, pieces: Iterable[bytes | memoryview]) -> DataFile:
    """Writes a new file and waits for the disk. FileExistsError when it is there already."""
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
    # The checksum takes as long as the writing, and both leave Python to others meanwhile.
    with open(descriptor, "wb") as file, ThreadPoolExecutor(1) as beside:  # noqa: PTH123 - a descriptor, not a path
        for piece in pieces:
            summed = beside.submit(digest.update, piece)
            size += file.write(piece)
            summed.result()
        file.flush()
        os.fsync(file.fileno())
    return DataFile(name=path.name, size=size, sha256=digest.hexdigest())


def sync_folder(path: Path) -> None:
    """Waits until the names in a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """The file's SHA-256 as it is now; OSError when it cannot be read."""
    digest = hashlib.sha256()
    with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
