"""What does the generation in force answer, and is it whole?"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from campaigns.registry.answers import Answer, Answers, Digits, NothingKnown, NumberSet
from campaigns.registry.generations import Generations, Pointer
from campaigns.registry.manifest import Manifest
from campaigns.registry.nanp_bits import FILE, NanpBits
from campaigns.registry.roaring import RoaringSet
from campaigns.registry.sealed_files import sha256_of
from campaigns.registry.values import Form

_TRIES = 3


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class OpenList:
    """One generation, opened for asking. It never changes; `refreshed` gives the one in force now.

    `fault` is a sentence when nothing can be read: then there is no manifest and every number is UNKNOWN.
    """

    generations: Generations
    numbers: NumberSet
    manifest: Manifest | None = None
    fault: str | None = None
    damaged: bool = False  # what lies there will not mend itself; a folder that cannot be read might
    _mark: tuple[int, int, int, int] | None = field(default=None, repr=False)

    @property
    def list_id(self) -> str:
        return self.generations.list_id

    @property
    def generation(self) -> int | None:
        return self.manifest.generation if self.manifest else None

    def ask(self, number: str) -> Answer:
        return self.numbers.ask(number)

    def ask_many(self, numbers: Digits) -> Answers:
        return self.numbers.ask_many(numbers)

    def refreshed(self) -> "OpenList":
        """The list in force: this very object as long as nothing changed, which costs a look at folder and file."""
        changed = isinstance(self.numbers, NanpBits) and self.numbers.changed()
        if (self.fault is None or self.damaged) and self.generations.mark() == self._mark and not changed:
            return self
        found = _opened(self.generations)
        return self if self.fault is not None and found.fault == self.fault else found

    def verified(self) -> "OpenList":
        """This list when every byte is what the manifest says, else one that knows nothing. Reads all data."""
        if self.manifest is None:
            return self
        folder = self.generations.path(self.manifest.generation)
        try:
            damaged = [file.name for file in self.manifest.data if sha256_of(folder / file.name) != file.sha256]
        except OSError as error:
            damaged = [str(error.strerror)]
        if not damaged:
            return self
        return replace(
            _broken(self.generations, f"damaged data ({', '.join(damaged)})"),
            _mark=self._mark,
        )


def open_list(root: Path, list_id: str) -> OpenList:
    """The generation in force of a list in `root`; never raises for what is missing or damaged."""
    return _opened(Generations(root, list_id))


def _opened(generations: Generations) -> OpenList:
    """Reads again when another generation came into force meanwhile."""
    found = _broken(generations, "no attempt was made")
    for _ in range(_TRIES):
        mark = generations.mark()
        found = replace(_once(generations), _mark=mark)
        if found.fault is None or generations.mark() == mark:
            return found
    return found


def _once(generations: Generations) -> OpenList:
    try:
        pointer = generations.pointer()
        if pointer is None:
            return _broken(generations, "no list was imported yet")
        manifest = generations.manifest_of(pointer)
        return OpenList(generations=generations, numbers=_numbers(generations, pointer, manifest), manifest=manifest)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return _broken(generations, why, damaged=isinstance(error, ValueError))


def _numbers(generations: Generations, pointer: Pointer, manifest: Manifest) -> NumberSet:
    folder = generations.path(pointer.generation)
    for file in manifest.data:
        if Path(file.name).name != file.name:
            raise ValueError("a data file outside the generation")
        if (folder / file.name).stat().st_size != file.size:
            raise ValueError(f"{file.name} has another size than when it was written")
    for file in manifest.data:
        if sha256_of(folder / file.name) != file.sha256:
            raise ValueError(f"{file.name} has other contents than when it was written")
    if manifest.form is Form.NANP_BITS:
        if [file.name for file in manifest.data] != [FILE]:
            raise ValueError(f"{FILE} is missing")
        return NanpBits.mapped(folder, manifest.counts)
    return RoaringSet.loaded(folder, manifest.covered, [file.name for file in manifest.data])


def _broken(generations: Generations, why: str, *, damaged: bool = False) -> OpenList:
    fault = f"{generations.list_id} cannot be read: {why}. Its numbers are held until a full list is imported."
    return OpenList(generations=generations, numbers=NothingKnown(), fault=fault, damaged=damaged)
