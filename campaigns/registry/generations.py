"""Which generation of a list is in force, what was before it, and how does a new one take its place?

`<root>/<list id>/<generation>/` holds the data and a manifest; the file `current` names one generation and the
checksum of its manifest. A new one is built under another name, made durable, renamed, and comes into force when
`current` is replaced: whatever dies at whatever moment, the old or the new one answers, never a mixture.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from campaigns.registry.faults import RegistryCode, refusal
from campaigns.registry.manifest import Manifest
from campaigns.registry.sealed_files import DataFile, sync_folder, write_sealed

KEPT = 3
_POINTER, _NEW_POINTER, _LOCK = "current", ".current-new", ".lock"
_MANIFEST, _HISTORY, _BUILDING = "manifest.json", "history", ".building-"
_MOST_POINTER = 1_000
_MOST_MANIFEST = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Pointer:
    """The contents of `current`, and a mark of the file that changes whenever it is replaced."""

    generation: int
    manifest_sha256: str
    mark: tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class PastGeneration:
    """A line of the history: `kept` when its data are still there."""

    manifest: Manifest
    in_force: bool
    kept: bool


class Generations:
    """The folder of one list. Reading never changes anything; writing happens inside `importing`."""

    def __init__(self, root: Path, list_id: str) -> None:
        self.list_id = list_id
        self.folder = root / list_id

    def mark(self) -> tuple[int, int, int, int] | None:
        """Changes when another generation came into force; None when none is. One look at the folder, no reading."""
        try:
            return _mark(os.stat(self.folder / _POINTER))  # noqa: PTH116 - asked at every look-up's refresh
        except OSError:
            return None

    def pointer(self) -> Pointer | None:
        """What is in force; None when nothing was imported yet. ValueError or OSError when it cannot be read."""
        try:
            text, status = _read(self.folder / _POINTER, _MOST_POINTER)
        except FileNotFoundError:
            return None
        try:
            found = json.loads(text)
            return Pointer(
                generation=int(found["generation"]), manifest_sha256=str(found["manifest"]), mark=_mark(status)
            )
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
            raise ValueError("the file `current` is damaged") from None

    def manifest_of(self, pointer: Pointer) -> Manifest:
        """The manifest that `pointer` means. ValueError or OSError when it is damaged or gone."""
        text, _ = _read(self.path(pointer.generation) / _MANIFEST, _MOST_MANIFEST)
        if hashlib.sha256(text).hexdigest() != pointer.manifest_sha256:
            raise ValueError("the manifest is not the one that came into force")
        manifest = Manifest.from_bytes(text)
        if (manifest.list_id, manifest.generation) != (self.list_id, pointer.generation):
            raise ValueError(f"the manifest belongs to {manifest.list_id}, generation {manifest.generation}")
        return manifest

    def path(self, generation: int) -> Path:
        return self.folder / f"{generation:07d}"

    def history(self) -> tuple[PastGeneration, ...]:
        """Every generation that came into force, newest first; manifests stay when data go.

        ValueError or OSError when a record is damaged.
        """
        pointer = self.pointer()
        newest = pointer.generation if pointer else 0
        found = []
        for path in sorted((self.folder / _HISTORY).glob("*.json"), reverse=True):
            if path.stem.isdecimal() and int(path.stem) <= newest:
                manifest = Manifest.from_bytes(_read(path, _MOST_MANIFEST)[0])
                kept = (self.path(manifest.generation) / _MANIFEST).exists()
                in_force = manifest.generation == newest
                found.append(PastGeneration(manifest=manifest, in_force=in_force, kept=kept))
        return tuple(found)

    def last_known(self) -> Manifest | None:
        """The newest record that can be read, when the generation in force cannot: what a new list is measured by."""
        for path in sorted((self.folder / _HISTORY).glob("*.json"), reverse=True):
            with suppress(OSError, ValueError):
                return Manifest.from_bytes(_read(path, _MOST_MANIFEST)[0])
        return None

    @contextmanager
    def importing(self) -> Iterator["NewGeneration"]:
        """The right to write, for one at a time; leftovers of a killed import are swept. RegistryRefused when busy."""
        try:
            (self.folder / _HISTORY).mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise _disk(self.list_id, error) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield self._swept()
        except BlockingIOError:
            raise refusal(RegistryCode.BUSY, f"Another import of {self.list_id} is running.") from None
        except OSError as error:
            raise _disk(self.list_id, error) from None
        finally:
            os.close(lock)

    def _swept(self) -> "NewGeneration":
        newest = self._newest()
        for path in self.folder.iterdir():
            never_in_force = path.name.isdecimal() and int(path.name) > newest
            if never_in_force or path.name.startswith(_BUILDING):
                shutil.rmtree(path)
            elif path.name == _NEW_POINTER:
                path.unlink()
        for path in (self.folder / _HISTORY).iterdir():
            if not path.stem.isdecimal() or int(path.stem) > newest:
                path.unlink()
        return NewGeneration(self, newest + 1)

    def _newest(self) -> int:
        """The generation in force. When `current` is damaged the highest that there is, so nothing is swept."""
        try:
            pointer = self.pointer()
            return pointer.generation if pointer else 0
        except ValueError:
            names = [path.stem for path in (*self.folder.iterdir(), *(self.folder / _HISTORY).iterdir())]
            return max((int(name) for name in names if name.isdecimal()), default=0)


class NewGeneration:
    """The generation that is being written; it is in force when `put_in_force` has returned."""

    def __init__(self, generations: Generations, number: int) -> None:
        self.number = number
        self._generations = generations
        self._building = generations.folder / f"{_BUILDING}{number:07d}"

    def write(
        self, data: Callable[[Path], tuple[DataFile, ...]], manifest: Callable[[tuple[DataFile, ...]], Manifest]
    ) -> Manifest:
        """Data, then the manifest about them, under a name that nobody reads; taken away again when it fails."""
        self._building.mkdir()
        try:
            written = manifest(data(self._building))
            write_sealed(self._building / _MANIFEST, [written.to_bytes()])
            sync_folder(self._building)
        except BaseException:
            shutil.rmtree(self._building, ignore_errors=True)
            raise
        return written

    def put_in_force(self, manifest: Manifest) -> None:
        """The swap. Up to the replacement of `current` the former generation answers."""
        folder, text = self._generations.folder, manifest.to_bytes()
        self._building.rename(self._generations.path(self.number))
        write_sealed(folder / _HISTORY / f"{self.number:07d}.json", [text])
        for changed in (folder / _HISTORY, folder, folder.parent):
            sync_folder(changed)
        pointer = {"generation": self.number, "manifest": hashlib.sha256(text).hexdigest()}
        write_sealed(folder / _NEW_POINTER, [json.dumps(pointer).encode()])
        (folder / _NEW_POINTER).replace(folder / _POINTER)
        # In force now. Should the disk fail here, a power cut may bring the former one back, whole.
        with suppress(OSError):
            sync_folder(folder)

    def forget_old_data(self) -> None:
        """Only the last `KEPT` generations before this one keep their data. Who has them mapped may read on."""
        for path in self._generations.folder.iterdir():
            if path.name.isdecimal() and int(path.name) < self.number - KEPT:
                shutil.rmtree(path, ignore_errors=True)


def _disk(list_id: str, error: OSError) -> Exception:
    words = f"{list_id} could not be written: {error.strerror}. Make room or mend the folder and import again."
    return refusal(RegistryCode.DISK, words)


def _mark(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _read(path: Path, most: int) -> tuple[bytes, os.stat_result]:
    with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        text = file.read(most + 1)
        if len(text) > most:
            raise ValueError(f"{path.name} is far too long")
        return text, os.fstat(file.fileno())
