"""Short ways to a registry's files and lists; every test names only what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from campaigns.registry import (
    Coverage,
    Form,
    Kind,
    ListImport,
    ListReport,
    RegistryList,
    Source,
    check_list,
    import_list,
    united_kingdom,
    united_states,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
A, B, C = "+12025550101", "+12025550102", "+12125550103"
US, UK = united_states(), united_kingdom()
ROARING = replace(US, id="us-roaring", form=Form.ROARING, covered=("1202", "1212"))
FRENCH = RegistryList(
    id="fr",
    name="a French list",
    source=Source.PLAIN,
    form=Form.ROARING,
    region="FR",
    covered=("33",),
    required_for=Coverage(["33"]),
    max_age_days=15,
)


def written(folder: Path, content: str | bytes, name: str = "list.txt") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def flat(numbers: Iterable[str]) -> str:
    """The FTC's rows for numbers in E.164."""
    return "".join(f"{number[2:5]},{number[5:]}\n" for number in numbers)


def order(*files: Path, registry: RegistryList = US, **fields: Any) -> ListImport:
    """A full list of yesterday by Ann."""
    given: dict[str, Any] = {"kind": Kind.FULL, "list_date": NOW - timedelta(days=1), "who": "Ann"} | fields
    return ListImport(registry=registry, files=files, **given)


def changes(*files: Path, since: datetime | None = None, **fields: Any) -> ListImport:
    """Changes from yesterday until now."""
    given: dict[str, Any] = {"kind": Kind.CHANGES, "list_date": NOW, "since": since or NOW - timedelta(days=1)} | fields
    return order(*files, **given)


def imported(root: Path, given: ListImport, now: datetime = NOW) -> ListReport:
    """Imported, and known to be in force."""
    report = import_list(root, given, now)
    assert report.generation is not None, report.message
    return report


def with_list(folder: Path, *numbers: str, registry: RegistryList = US, **fields: Any) -> Path:
    """A root in which these numbers are in force; the folder also takes the files of the test."""
    folder.mkdir(exist_ok=True)
    source = written(folder, flat(numbers), "first.txt")
    imported(folder / "registries", order(source, registry=registry, **fields))
    return folder / "registries"


def refused(root: Path, given: ListImport, now: datetime = NOW) -> ListReport:
    """Import and check agree that it is refused, and neither stores anything."""
    before = snapshot(root)
    checked, report = check_list(root, given, now), import_list(root, given, now)
    assert report.generation is None
    assert checked == report
    assert snapshot(root) == before
    return report


def snapshot(root: Path) -> dict[str, bytes]:
    """Every file with its contents, locks left out."""
    files = (path for path in root.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(root)): path.read_bytes() for path in files}
