"""Which generation answers, how does a new one take its place, and what if one is damaged?"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from campaigns.registry import Generations, Kind, Manifest, RegistryList, import_list, open_list
from campaigns.registry import sealed_files as sealed_module
from campaigns.registry.nanp_bits import LOOK_EVERY
from tests.campaigns.registry.registry_builders import (
    NOW,
    ROARING,
    US,
    A,
    B,
    C,
    changes,
    flat,
    imported,
    order,
    refused,
    snapshot,
    with_list,
    written,
)

BOTH = pytest.mark.parametrize("registry", [US, ROARING], ids=["bits", "roaring"])


def test_a_list_that_was_never_imported_answers_unknown_and_says_why(tmp_path: Path) -> None:
    opened = open_list(tmp_path / "nowhere", "us-ftc")
    assert (opened.ask(A).name, opened.generation, opened.manifest) == ("UNKNOWN", None, None)
    assert opened.ask_many(np.array([12025550101, 12125550101])).tolist() == [0, 0]
    assert opened.fault == (
        "us-ftc cannot be read: no list was imported yet. Its numbers are held until a full list is imported."
    )
    assert opened.refreshed() is opened
    assert not (tmp_path / "nowhere").exists()


def test_the_manifest_tells_what_is_in_force_and_where_it_came_from(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, B, C)
    report = imported(root, changes(written(tmp_path, "202,5550102,D\n202,5550103,A\n202,5550104,A\n"), sequence=4))
    manifest = open_list(root, "us-ftc").manifest
    assert manifest is not None
    assert (manifest.generation, manifest.before, manifest.kind) == (2, 1, Kind.CHANGES)
    assert (manifest.count, manifest.added, manifest.removed) == (4, 2, 1) == (report.count, 2, 1)
    assert (manifest.counts, manifest.covered) == ({"1202": 3, "1212": 1}, ("1202", "1212"))
    assert (manifest.list_date, manifest.since, manifest.sequence) == (NOW, NOW - timedelta(days=1), 4)
    assert (manifest.built_at, manifest.who, manifest.accepted, manifest.source) == (NOW, "Ann", (), "ftc-flat")
    (source,) = manifest.sources
    assert (source.name, source.size, source.rows) == ("list.txt", 42, 3)
    assert source.sha256 == sealed_module.sha256_of(tmp_path / "list.txt")
    (data,) = manifest.data
    assert (data.name, data.size) == ("numbers.bits", 2_000_000)
    assert Manifest.from_bytes(manifest.to_bytes()) == manifest
    assert report.message == (
        "us-ftc: 4 numbers in 2 covered prefixes, 2 added and 1 removed. Generation 2 is in force."
    )


@BOTH
def test_an_opened_list_goes_on_answering_until_it_is_refreshed(tmp_path: Path, registry: RegistryList) -> None:
    root = with_list(tmp_path, A, C, registry=registry)
    old = open_list(root, registry.id)
    assert old.refreshed() is old
    imported(root, order(written(tmp_path, flat([B, C])), registry=registry))
    new = old.refreshed()
    assert [old.ask(n).name for n in (A, B, C)] == ["LISTED", "CLEAR", "LISTED"]
    assert [new.ask(n).name for n in (A, B, C)] == ["CLEAR", "LISTED", "LISTED"]
    assert (old.generation, new.generation, new.refreshed() is new) == (1, 2, True)


def test_a_list_is_found_as_soon_as_it_is_imported(tmp_path: Path) -> None:
    nothing = open_list(tmp_path / "registries", "us-ftc")
    assert with_list(tmp_path, A) == tmp_path / "registries"
    assert nothing.refreshed().ask(A).name == "LISTED"


def test_looking_for_a_new_generation_reads_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_list(with_list(tmp_path, A), "us-ftc")

    def no_reading(*_: object, **__: object) -> int:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(os, "open", no_reading)
    assert opened.refreshed() is opened


def test_the_last_three_generations_before_keep_their_data_and_all_their_manifests(tmp_path: Path) -> None:
    root = with_list(tmp_path, A)
    first = open_list(root, "us-ftc")
    for _ in range(5):
        imported(root, order(written(tmp_path, flat([A, B]))))
    history = Generations(root, "us-ftc").history()
    assert [(past.manifest.generation, past.in_force, past.kept) for past in history] == [
        *((6, True, True), (5, False, True), (4, False, True), (3, False, True)),
        *((2, False, False), (1, False, False)),
    ]
    assert first.ask(A).name == "LISTED"


def test_leftovers_of_a_killed_import_are_swept_by_the_next_one(tmp_path: Path) -> None:
    root = with_list(tmp_path, A)
    clean = set(snapshot(root))
    for name in (".building-0000002", "0000002"):
        (root / "us-ftc" / name).mkdir()
        (root / "us-ftc" / name / "numbers.bits").write_bytes(b"half")
    (root / "us-ftc" / ".current-new").write_bytes(b"{")
    (root / "us-ftc" / "history" / "0000002.json").write_bytes(b"{")
    assert [past.manifest.generation for past in Generations(root, "us-ftc").history()] == [1]
    assert open_list(root, "us-ftc").ask(A).name == "LISTED"
    imported(root, order(written(tmp_path, flat([B, *(A, C)]))))
    new = {name.replace("0000001", "0000002") for name in clean}
    assert set(snapshot(root)) == clean | new
    assert open_list(root, "us-ftc").verified().ask(B).name == "LISTED"


def test_a_second_import_at_the_same_time_is_refused(tmp_path: Path) -> None:
    root = with_list(tmp_path, A)
    with (root / "us-ftc" / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        report = import_list(root, order(written(tmp_path, flat([A, B]))), NOW)
    assert report.faults[0].code == "E-REG-BUSY"
    assert report.message.startswith("Another import of us-ftc is running.")
    imported(root, order(written(tmp_path, flat([A, B]))))


@BOTH
def test_a_full_disk_leaves_the_former_generation_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: RegistryList
) -> None:
    root = with_list(tmp_path, A, C, registry=registry)
    before = snapshot(root)
    fsync, calls = os.fsync, [0]

    def full(descriptor: int) -> None:
        calls[0] += 1
        if calls[0] == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    for failing in range(1, 10):  # noqa: B007 - `full` looks at it
        calls[0] = 0
        report = import_list(root, order(written(tmp_path, flat([A, B, C])), registry=registry), NOW)
        if report.generation is not None:
            break
        assert report.message == (
            f"{registry.id} could not be written: No space left on device. Make room or mend the folder and import"
            " again. Nothing was stored; the former generation stays in force."
        )
        assert open_list(root, registry.id).verified().ask(B).name == "CLEAR"
        assert before.items() <= snapshot(root).items()
    assert failing == 9
    assert open_list(root, registry.id).verified().ask(B).name == "LISTED"


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _alter_the_end(path: Path) -> None:
    """Of a compressed set: still a set, but of another number."""
    path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1]))


def _lose(path: Path) -> None:
    path.unlink()


def _lie(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"1202", b"1303"))


@BOTH
@pytest.mark.parametrize("harm", [_cut, _flip, _alter_the_end, _lose, _lie])
@pytest.mark.parametrize("what", ["current", "manifest.json", "numbers*"])
def test_a_damaged_generation_answers_unknown_until_a_full_list_is_imported(
    tmp_path: Path, registry: RegistryList, what: str, harm: Callable[[Path], None]
) -> None:
    root = with_list(tmp_path, A, C, registry=registry)
    (victim,) = (path for path in (root / registry.id).rglob(what) if "history" not in path.parts)
    before = victim.read_bytes()
    harm(victim)
    opened = open_list(root, registry.id)
    if registry is US and what == "numbers*":
        opened = opened.verified()
    if victim.exists() and victim.read_bytes() == before:
        assert opened.fault is None
        return
    assert [opened.ask(n).name for n in (A, B, C)] == ["UNKNOWN"] * 3
    assert opened.fault is not None
    assert opened.fault.startswith(f"{registry.id} cannot be read: ")
    imported(root, order(written(tmp_path, flat([A, B, C])), registry=registry))
    assert [opened.refreshed().ask(n).name for n in (A, B, C)] == ["LISTED"] * 3


def test_damage_inside_the_bits_is_found_when_they_are_opened_and_when_they_are_verified(tmp_path: Path) -> None:
    """A bit that fell over would answer CLEAR for somebody who is listed."""
    root = with_list(tmp_path, A)
    opened = open_list(root, "us-ftc")
    assert opened.verified() is opened
    _flip(root / "us-ftc" / "0000001" / "numbers.bits")
    found = open_list(root, "us-ftc")
    assert "numbers.bits has other contents than when it was written" in (found.fault or "")
    assert found.ask(A).name == "UNKNOWN"
    assert found.refreshed() is found, "damage does not mend itself: it is not read again at every question"
    assert opened.verified().fault == (
        "us-ftc cannot be read: damaged data (numbers.bits). Its numbers are held until a full list is imported."
    )


def test_a_file_that_is_cut_while_it_is_mapped_answers_unknown_and_ends_nobody(tmp_path: Path) -> None:
    """To read a page that a mapped file no longer has ends the process; here that would be the tests."""
    opened = open_list(with_list(tmp_path, A, C), "us-ftc")
    assert opened.ask(C).name == "LISTED"
    os.truncate(tmp_path / "registries" / "us-ftc" / "0000001" / "numbers.bits", 4096)
    assert opened.ask_many(np.array([int(A[1:]), int(C[1:])])).tolist() == [0, 0], "a batch always looks"
    assert [opened.ask(number).name for number in (A, C, C)] == ["UNKNOWN"] * 3, "once cut, each question looks"
    found = opened.refreshed()
    assert "numbers.bits has another size than when it was written" in (found.fault or "")
    assert (found.ask(A).name, found.refreshed() is found) == ("UNKNOWN", True)


def test_single_questions_look_at_the_size_of_the_file_every_64th_time(tmp_path: Path) -> None:
    """Asked of a number in the one page that is left, since any other would end the tests."""
    first = "+12022000000"
    opened = open_list(with_list(tmp_path, first, C), "us-ftc")
    answers = [opened.ask(first).name]
    os.truncate(tmp_path / "registries" / "us-ftc" / "0000001" / "numbers.bits", 4096)
    answers += [opened.ask(first).name for _ in range(2 * LOOK_EVERY)]
    assert answers == ["LISTED"] * LOOK_EVERY + ["UNKNOWN"] * (LOOK_EVERY + 1)


def test_a_file_that_was_cut_and_has_its_size_again_is_not_believed(tmp_path: Path) -> None:
    """Its pages come back as zeros: everybody would be clear."""
    opened = open_list(with_list(tmp_path, A), "us-ftc")
    bits = tmp_path / "registries" / "us-ftc" / "0000001" / "numbers.bits"
    size = bits.stat().st_size
    os.truncate(bits, 0)
    os.truncate(bits, size)
    found = opened.refreshed()
    assert "numbers.bits has other contents than when it was written" in (found.fault or "")
    assert found.ask(A).name == "UNKNOWN"


def test_a_file_that_was_written_to_and_holds_the_same_is_read_again(tmp_path: Path) -> None:
    opened = open_list(with_list(tmp_path, A), "us-ftc")
    os.utime(tmp_path / "registries" / "us-ftc" / "0000001" / "numbers.bits", ns=(1, 1))
    again = opened.refreshed()
    assert again is not opened
    assert (again.fault, again.ask(A).name, again.refreshed() is again) == (None, "LISTED", True)


@pytest.mark.parametrize("text", ['{"generation": Infinity, "manifest": "x"}', "[" * 5000, "nothing"])
def test_a_damaged_pointer_is_a_list_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    root = with_list(tmp_path, A)
    (root / "us-ftc" / "current").write_text(text)
    assert open_list(root, "us-ftc").ask(A).name == "UNKNOWN"


def test_a_stray_file_among_the_records_is_passed_over(tmp_path: Path) -> None:
    root = with_list(tmp_path, A)
    (root / "us-ftc" / "history" / "copy.json").write_text("{}")
    assert [each.manifest.generation for each in Generations(root, "us-ftc").history()] == [1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, "format 2, this version reads 1"),
        ({"list_id": "uk-tps"}, "the manifest belongs to uk-tps"),
        ({"generation": 7}, "the manifest belongs to us-ftc, generation 7"),
        ({"count": 9}, "its counts do not add up"),
        ({"data": [{"name": "../numbers.bits", "size": 1, "sha256": ""}]}, "a data file outside the generation"),
        ({"data": []}, "numbers.bits is missing"),
        ({"kind": "?"}, "is not a valid Kind"),
        ({"list_date": "2026-11-21T12:00:00"}, "an instant without zone"),
        ({"surprise": 1}, "no manifest of format 1"),
    ],
)
def test_a_manifest_that_is_not_ours_is_not_believed(tmp_path: Path, change: dict[str, object], words: str) -> None:
    """Even with the right checksum: a later version or a copied folder."""
    root = with_list(tmp_path, A)
    path = root / "us-ftc" / "0000001" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    pointer = {"generation": 1, "manifest": sealed_module.sha256_of(path)}
    (root / "us-ftc" / "current").write_text(json.dumps(pointer))
    assert words in (open_list(root, "us-ftc").fault or "")


@pytest.mark.parametrize("what", ["current", "manifest.json", "numbers.bits"])
def test_a_damaged_list_is_still_the_measure_of_the_one_that_replaces_it(tmp_path: Path, what: str) -> None:
    root = with_list(tmp_path, A, B, C)
    (victim,) = (path for path in (root / "us-ftc").rglob(what) if "history" not in path.parts)
    _cut(victim)
    assert refused(root, order(written(tmp_path, flat([A, B])))).faults[0].code == "E-REG-SMALL"
    older = order(written(tmp_path, flat([A, B, C])), list_date=NOW - timedelta(days=9))
    assert refused(root, older).faults[0].code == "E-REG-OLD"
    imported(root, order(written(tmp_path, flat([A, B, C]))))


def test_changes_are_not_applied_to_a_damaged_generation(tmp_path: Path) -> None:
    root = with_list(tmp_path, A)
    _cut(root / "us-ftc" / "0000001" / "numbers.bits")
    report = refused(root, changes(written(tmp_path, "202,5550102,A\n")))
    assert report.faults[0].code == "E-REG-BASE"


def test_changes_are_not_applied_to_bits_that_were_altered(tmp_path: Path) -> None:
    """Else the damage would get a new seal."""
    root = with_list(tmp_path, A)
    _flip(root / "us-ftc" / "0000001" / "numbers.bits")
    report = refused(root, changes(written(tmp_path, "202,5550102,A\n")))
    assert report.faults[0].code == "E-REG-BASE"
