"""What did a look at a registry's files bring, and which generation is in force now?"""

from dataclasses import dataclass

from campaigns.importing.report import ImportStatus
from campaigns.registry.faults import RegistryFault


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far reading has come: bytes as they lie on the disk, and rows that were read."""

    file: str
    done: int
    total: int
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ListReport:
    """The answer of a check or an import.

    PARTIAL: rows could not be read, so the list is not active; REJECT: it is refused for another reason. `generation`
    is the new one when it came into force, else None. `count`: numbers of the new list; `added` and `removed` against
    the one in force. `faults` and `warnings` name at most `MAX_LISTED` rows a file; `faulty_rows` counts all.
    """

    status: ImportStatus
    list_id: str
    generation: int | None
    rows: int
    faulty_rows: int
    count: int
    added: int
    removed: int
    covered: tuple[str, ...]
    faults: tuple[RegistryFault, ...]
    warnings: tuple[RegistryFault, ...]
    message: str

    def as_json(self) -> dict[str, object]:
        return {
            "status": str(self.status),
            "list": self.list_id,
            "generation": self.generation,
            "rows": self.rows,
            "faulty_rows": self.faulty_rows,
            "count": self.count,
            "added": self.added,
            "removed": self.removed,
            "covered": list(self.covered),
            "faults": [fault.as_json() for fault in self.faults],
            "warnings": [warning.as_json() for warning in self.warnings],
            "message": self.message,
        }
