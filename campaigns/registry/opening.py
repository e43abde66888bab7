"""Is this a file that a registry may have sent, and what are its bytes once unpacked?

Judged by content, not by name: plain, gzip, or a ZIP archive with one file. A web page (a log-in form, an error)
saved as a list is told. Memory stays bounded, however much a file unpacks to.
"""

import gzip
import hashlib
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from campaigns.importing.magic import container_name, foreign_type, looks_binary
from campaigns.registry.faults import RegistryCode, refusal, shown_name

MAX_UNPACKED = 32 << 30
_HEAD = 64 * 1024
_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError, RuntimeError)


class ForeignFile:
    """An open file: `read` gives unpacked bytes, `done` the bytes of the file behind them, of `size`."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self._raw = _Counted(file)
        self.size = os.fstat(file.fileno()).st_size
        self._given = 0
        try:
            self._stream = _unpacked(file, self._raw, self.name)
            self.head = self._read(_HEAD)
        except _DAMAGED:
            raise self._damaged() from None
        self._left = self.head

    @property
    def done(self) -> int:
        return min(self._raw.given, self.size)

    def read(self, size: int) -> bytes:
        """The next bytes, fewer than `size` only when there are no more at once; empty at the end."""
        if self._left:
            piece, self._left = self._left[:size], self._left[size:]
            return piece
        try:
            return self._read(size)
        except _DAMAGED:
            raise self._damaged() from None

    def digest(self) -> str:
        """SHA-256 of the whole file as it lies on the disk, once everything was read."""
        return self._raw.digest()

    def _read(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self._given += len(piece)
        if self._given > MAX_UNPACKED:
            raise refusal(RegistryCode.FILE, f"{self.name} unpacks to more than {MAX_UNPACKED >> 30} GB (limit).")
        return piece

    def _damaged(self) -> Exception:
        return refusal(RegistryCode.FILE, f"{self.name} is damaged or cut short and cannot be unpacked.")


@contextmanager
def opened(path: Path, *, markup: bool = False) -> Iterator[ForeignFile]:
    """The file at `path`. `markup`: the list is XML. RegistryRefused when it cannot be read, is empty or a page."""
    name = shown_name(path.name)
    with _regular(path, name) as file:
        before = os.fstat(file.fileno())
        if before.st_size == 0:
            raise refusal(RegistryCode.EMPTY, f"{name} is empty (0 bytes).")
        try:
            foreign = ForeignFile(file, name)
            _refuse_other_kinds(foreign, markup=markup)
            yield foreign
        except OSError as error:
            raise refusal(RegistryCode.FILE, f"{name} cannot be read: {error.strerror}.") from None
        if _mark(os.fstat(file.fileno())) != _mark(before):
            raise refusal(RegistryCode.FILE, f"{name} changed while it was read; import it again.")


@contextmanager
def _regular(path: Path, name: str) -> Iterator[BinaryIO]:
    try:
        # O_NONBLOCK: a pipe must be refused, not waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not a file name"
        raise refusal(RegistryCode.FILE, f"{name} cannot be read: {why}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise refusal(RegistryCode.FILE, f"{name} is not a regular file (folder, pipe or device).")
    with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 - a descriptor, not a path
        yield file


class _Counted(io.RawIOBase):
    """The bytes of a file as they lie on the disk, hashed on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._file.read(len(buffer))
        self._digest.update(piece)
        self.given += len(piece)
        buffer[: len(piece)] = piece
        return len(piece)

    def digest(self) -> str:
        while self.read(1 << 20):
            pass
        return self._digest.hexdigest()

    def digest_all(self) -> None:
        """Of a file that is not read from its beginning to its end."""
        self._file.seek(0)
        self.digest()


class _InArchive(io.RawIOBase):
    """The one file of a ZIP archive. An archive is read out of order, so it is hashed before."""

    def __init__(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, whole: _Counted) -> None:
        whole.digest_all()
        self._stream = archive.open(entry)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _unpacked(file: BinaryIO, raw: _Counted, name: str) -> BinaryIO:
    head = os.pread(file.fileno(), _HEAD, 0)
    if head.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=io.BufferedReader(raw, 1 << 20))  # type: ignore[return-value]
    if head.startswith(b"PK\x03\x04"):
        return _only_entry(file, raw, name)
    if (container := container_name(head, None)) is not None:
        raise refusal(RegistryCode.TYPE, f"{name} is a {container} file, not a list.")
    return io.BufferedReader(raw, 1 << 20)


def _only_entry(file: BinaryIO, raw: _Counted, name: str) -> BinaryIO:
    archive = zipfile.ZipFile(file)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) != 1 or entries[0].filename.lower().endswith(".zip"):
        words = f"{name} is an archive of {len(entries)} files; unpack it and give the lists themselves."
        raise refusal(RegistryCode.TYPE, words)
    return io.BufferedReader(_InArchive(archive, entries[0], raw), 1 << 20)


def _refuse_other_kinds(foreign: ForeignFile, *, markup: bool) -> None:
    if not foreign.head:
        raise refusal(RegistryCode.EMPTY, f"{foreign.name} is empty once unpacked (0 bytes).")
    kind = foreign_type(foreign.head)
    if kind == "XML" and b"<html" in foreign.head[:1024].lower():
        kind = "HTML"
    if kind == "HTML":
        words = f"{foreign.name} is a web page, not a list; the download probably met a log-in or an error."
        raise refusal(RegistryCode.TYPE, f"{words} Fetch it again.")
    if markup and kind in ("XML", "markup"):
        return
    if kind is None and looks_binary(foreign.head):
        kind = "binary"
    if kind is not None or markup:
        raise refusal(RegistryCode.TYPE, f"{foreign.name} holds {kind or 'plain text'}, not this kind of list.")


def _mark(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
