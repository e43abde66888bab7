"""Is this a file that we can read at all, and what is in it: text, gzipped text or a workbook?

Judged by content, not by name. The name only has to agree, so that nobody imports a file that is not what
he believes it to be.
"""

import gzip
import io
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from typing import BinaryIO

from campaigns.importing.faults import Wording, wording_for
from campaigns.importing.magic import container_name, foreign_type, looks_binary
from campaigns.importing.report import Code, ImportRefused

MAX_BYTES = 200 * 1024 * 1024
HEAD_BYTES = 64 * 1024
_SPOKEN_WITH_VOWEL = ("Arrow", "ELF", "HTML", "MP3", "Ogg", "Open", "old", "RAR", "RTF", "SQL", "SVG", "X")


class Content(Enum):
    TEXT = auto()
    WORKBOOK = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """An open file. `stream` gives the unpacked bytes from the start and refuses beyond the size limit.

    `share`: how much of the file was read so far, from 0 to 1.
    """

    wording: Wording
    content: Content
    stream: BinaryIO
    share: Callable[[], float] = float


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[Source]:
    """The file at `path`, ready to read; ImportRefused when it cannot be or when it changed meanwhile."""
    wording = wording_for(os.fsdecode(os.path.basename(os.fspath(path))))  # noqa: PTH119 - bytes may be odd
    with _opened_file(path, wording) as file:
        before = os.fstat(file.fileno())
        if before.st_size == 0:
            raise wording.refuse(Code.EMPTY, "is empty (0 bytes). Nothing imported.")
        if before.st_size > MAX_BYTES:
            raise wording.refuse(Code.SIZE, f"has more than {_megabytes()} MB (limit). Split it. Not read.")
        yield replace(_source(file, wording), share=lambda: min(1.0, file.tell() / before.st_size))
        _refuse_if_changed(path, file, before, wording)


@contextmanager
def _opened_file(path: str | os.PathLike[str], wording: Wording) -> Iterator[BinaryIO]:
    try:
        # O_NONBLOCK: a pipe must be refused, not waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not a file name"
        raise wording.refuse(Code.FILE, f"cannot be read: {why}. Nothing imported.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise wording.refuse(Code.FILE, "is not a regular file (folder, pipe or device). Nothing imported.")
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        yield file


def _source(file: BinaryIO, wording: Wording) -> Source:
    head = _head(file, wording)
    container = container_name(head, file)
    file.seek(0)
    suffix = Path(wording.file.lower()).suffix
    if container == "gzip":
        return _gzipped(file, suffix, wording)
    if container == "XLSX workbook":
        _agree(suffix in (".xlsx", ".xlsm", ""), "an Excel workbook; name it .xlsx", wording)
        return Source(wording=wording, content=Content.WORKBOOK, stream=file)
    if container is not None:
        raise _wrong_type(container, suffix, wording)
    _agree(suffix not in (".xlsx", ".xlsm", ".xls", ".ods"), "plain text or damaged, not a workbook", wording)
    _agree(suffix != ".gz", "not gzip data", wording)
    _refuse_foreign(head, wording)
    return Source(wording=wording, content=Content.TEXT, stream=file)


def _gzipped(file: BinaryIO, suffix: str, wording: Wording) -> Source:
    _agree(suffix in (".gz", ".gzip", ""), "a gzip file; name it .csv.gz", wording)
    head = _unpack_once(file, wording)
    container = container_name(head, None)
    if container is not None:
        raise _wrong_type(f"{container} inside gzip", suffix, wording)
    if not head:
        raise wording.refuse(Code.EMPTY, "is empty once unpacked (0 bytes). Nothing imported.")
    _refuse_foreign(head, wording)
    file.seek(0)
    return Source(wording=wording, content=Content.TEXT, stream=io.BufferedReader(_Unpacked(file, wording)))


def _unpack_once(file: BinaryIO, wording: Wording) -> bytes:
    """The first bytes, after a whole pass that keeps nothing: a bomb or a cut file is told before any row."""
    unpacked = _Unpacked(file, wording)
    head = unpacked.read(HEAD_BYTES) or b""
    while unpacked.read(1024 * 1024):
        pass
    return head


class _Unpacked(io.RawIOBase):
    """Gunzips while it is read, never more than the limit, and words every damage."""

    def __init__(self, file: BinaryIO, wording: Wording) -> None:
        self._gzip = gzip.GzipFile(fileobj=file, mode="rb")
        self._wording = wording
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._gzip.read(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise self._wording.refuse(Code.TYPE, "is a damaged gzip file. Nothing imported.") from None
        self._given += len(data)
        if self._given > MAX_BYTES:
            words = f"would unpack to more than {_megabytes()} MB (limit). Refused before unpacking further."
            raise self._wording.refuse(Code.SIZE, words)
        buffer[: len(data)] = data
        return len(data)


def _head(file: BinaryIO, wording: Wording) -> bytes:
    try:
        return file.read(HEAD_BYTES)
    except OSError as error:
        raise wording.refuse(Code.FILE, f"cannot be read: {error.strerror}. Nothing imported.") from None


def _agree(agrees: bool, found: str, wording: Wording) -> None:
    if not agrees:
        raise wording.refuse(Code.TYPE, f"is {found}. Nothing imported.")


def _wrong_type(container: str, suffix: str, wording: Wording) -> ImportRefused:
    if container == "protected workbook":
        return wording.refuse(Code.XLSX, "is password protected; not read. Save it without a password.")
    if suffix in (".xlsx", ".xlsm"):
        return wording.refuse(Code.XLSX, f"is damaged or no workbook ({container}); not read.")
    return wording.refuse(Code.TYPE, f"is {_a(container)} file, not CSV. Nothing imported.")


def _a(kind: str) -> str:
    return f"an {kind}" if kind.startswith(_SPOKEN_WITH_VOWEL) else f"a {kind}"


def _refuse_foreign(head: bytes, wording: Wording) -> None:
    kind = foreign_type(head)
    if kind is None and looks_binary(head):
        kind = "binary"
    if kind is not None:
        raise wording.refuse(Code.TYPE, f"is {_a(kind)} file, not CSV. Nothing imported.")


def _refuse_if_changed(path: str | os.PathLike[str], file: BinaryIO, before: os.stat_result, wording: Wording) -> None:
    same = _mark(os.fstat(file.fileno())) == _mark(before)
    try:
        same = same and _mark(os.stat(path)) == _mark(before)  # noqa: PTH116 - path may be bytes
    except OSError:
        same = False
    if not same:
        raise wording.refuse(Code.FILE, "changed while it was read. Nothing imported; run it again.")


def _mark(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _megabytes() -> int:
    return MAX_BYTES // (1024 * 1024)
