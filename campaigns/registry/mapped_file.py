"""A file mapped into memory: are its bytes still those that were mapped?

Whoever reads a mapped page that the file no longer has is ended by the system (SIGBUS). Nobody of ours ever changes a
file in its place; this is for a disk tool or a hand that does.
"""

import mmap
import os
import weakref
from pathlib import Path


class MappedFile:
    """The file at a path, mapped for reading as `data`. ValueError or OSError when it is not there or empty.

    `size_now`: bytes that the file has at this moment; fewer than `data`, and to read them all would end the process.
    It is one call of the system.
    """

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, descriptor)
        self._descriptor = descriptor
        self._mark = self._seen()
        mapped = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
        self.data = memoryview(mapped)
        self.size_now = mapped.size

    def changed(self) -> bool:
        """Whether it was written to since, or cut, even if it has its size again. To be removed is no change."""
        return self._seen() != self._mark

    def _seen(self) -> tuple[int, int]:
        status = os.fstat(self._descriptor)
        return status.st_size, status.st_mtime_ns
