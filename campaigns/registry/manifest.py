"""What is in a generation, where did it come from, and who brought it into force?"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from campaigns.registry.sealed_files import DataFile
from campaigns.registry.values import Form, Kind

FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFile:
    """A registry's file as it was given: its name made inert, bytes on the disk, SHA-256, rows that were read."""

    name: str
    size: int
    sha256: str
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """The record of one generation.

    `counts`: numbers by covered prefix. `added`, `removed`: against the generation `before`, None for the first.
    `accepted`: what a person took on himself, in words. Instants are aware UTC.
    """

    format: int = FORMAT
    list_id: str
    generation: int
    before: int | None
    kind: Kind
    source: str
    form: Form
    list_date: datetime
    since: datetime | None
    sequence: int | None
    built_at: datetime
    who: str
    accepted: tuple[str, ...]
    count: int
    added: int
    removed: int
    counts: Mapping[str, int]
    data: tuple[DataFile, ...]
    sources: tuple[SourceFile, ...]

    @property
    def covered(self) -> tuple[str, ...]:
        return tuple(sorted(self.counts))

    def to_bytes(self) -> bytes:
        """Readable JSON, the same bytes for the same record."""
        return json.dumps(asdict(self), default=_plain, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def from_bytes(cls, text: bytes) -> "Manifest":
        """ValueError when it is no manifest of this format."""
        try:
            return _manifest(json.loads(text))
        except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise ValueError(f"no manifest of format {FORMAT}: {type(error).__name__}") from None


def _manifest(found: dict[str, Any]) -> Manifest:
    if found["format"] != FORMAT:
        raise ValueError(f"format {found['format']!r:.20}, this version reads {FORMAT}")
    found["kind"], found["form"] = Kind(found["kind"]), Form(found["form"])
    for name in ("list_date", "since", "built_at"):
        found[name] = None if name == "since" and found[name] is None else _instant(found[name])
    found["accepted"] = tuple(found["accepted"])
    found["data"] = tuple(DataFile(**each) for each in found["data"])
    found["sources"] = tuple(SourceFile(**each) for each in found["sources"])
    manifest = Manifest(**found)
    if manifest.count != sum(manifest.counts.values()):
        raise ValueError("its counts do not add up")
    return manifest


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(type(value).__name__)


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant without zone")
    return moment
