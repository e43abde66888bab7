"""How fast and how small is a national registry, and how much better than a database or a sorted array?

Run: python -m bench.registry_speed [--numbers 5000000] [--dir DIR]
Makes a list in the FTC's flat form (area codes of varying size, numbers clustered by exchange), then every step runs in
a process of its own, so that its memory is its own. The named alternatives in the same run, with the same numbers, are
SQLite (INTEGER PRIMARY KEY) and a sorted numpy array with searchsorted; a compressed set of a fifteenth of the numbers,
as for Britain, is measured beside. Goals: 250 million numbers built in 60 s with 1 GB, in use 500 MB; one look-up 2 us,
1 M in 0.1 s, 10 M in 1 s; a change list of 100,000 in 2 s. Exit code 1 when one is missed. 250 million
(--numbers 250000000) take about ten minutes and 15 GB of disk, which are given back. Look-ups and the change lists of
bits and array are the best of three.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from campaigns.phone import nanp_area_codes
from campaigns.registry import (
    Answer,
    Kind,
    ListImport,
    RegistryList,
    import_list,
    open_list,
    united_kingdom,
    united_states,
)
from campaigns.registry.full_lists import FLAT_SHAPES

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WHOLE = 250_000_000
LEADS, SINGLE, CHANGES = 10_000_000, 200_000, 100_000
LISTED_SHARE = 0.3
BRITISH_SHARE = 15
NATIONAL, AREA, FIRST, LINES = 10_000_000_000, 10_000_000, 2_000_000, 8_000_000
BRITAIN = 440_000_000_000
GIGABYTE, MEGABYTE = 1e9, 1e6
Figures = dict[str, float]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--numbers", type=int, default=5_000_000)
    options.add_argument("--dir", type=Path)
    options.add_argument("--step", choices=sorted(STEPS), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.step:
        print(json.dumps(STEPS[given.step](given.dir)))
        return 0
    with tempfile.TemporaryDirectory(dir=given.dir) as folder:
        return measured(Path(folder), given.numbers)


def measured(folder: Path, wanted: int) -> int:
    began = time.perf_counter()
    count = make_files(folder, wanted)
    text = (folder / "full.txt").stat().st_size
    made = time.perf_counter() - began
    print(f"{count:,} numbers, {text / GIGABYTE:.2f} GB of text, made in {made:.0f} s; load {os.getloadavg()[0]:.1f}")
    found: dict[str, Figures] = {}
    for name in ("bits", "roaring", "array", "sqlite"):
        found[name] = {}
        for step in ("build", "look-up", "change"):
            found[name] |= in_a_process_of_its_own(f"{name} {step}", folder)
        print(shown(name, found[name]))
    for rival in ("array", "sqlite"):
        print(f"{rival} / bits: " + ", ".join(ratios(found[rival], found["bits"])))
    for figure in ("hits", "count"):
        assert len({found[name][figure] for name in ("bits", "array", "sqlite")}) == 1, f"they disagree: {figure}"
    return judged(found["bits"], count)


def shown(name: str, figures: Figures) -> str:
    return (
        f"{name:8} build {figures['build_s']:.2f} s (peak {figures['build_mb']:.0f} MB), "
        f"in use {figures['use_mb']:.0f} MB, disk {figures['disk_mb']:.0f} MB, one {figures['one_us']:.2f} us, "
        f"1 M {figures['million_s']:.3f} s, 10 M {figures['ten_s']:.3f} s, "
        f"change list {figures['change_s']:.2f} s"
    )


def ratios(rival: Figures, ours: Figures) -> Iterator[str]:
    words = {"build_s": "build", "use_mb": "memory", "one_us": "one", "million_s": "1 M", "ten_s": "10 M"}
    for figure, word in (words | {"change_s": "change list"}).items():
        yield f"{word} x{rival[figure] / ours[figure]:.1f}"


def judged(figures: Figures, count: int) -> int:
    goals = {
        "build_s": max(60.0 * count / WHOLE, 1.0),
        "build_mb": 1000.0,
        "use_mb": 500.0,
        "one_us": 2.0,
        "million_s": 0.1,
        "ten_s": 1.0,
        "change_s": 2.0,
    }
    missed = {name: goal for name, goal in goals.items() if figures[name] > goal}
    for name, goal in goals.items():
        word = "MISSED" if name in missed else "OK"
        print(f"goal {name:10} at most {goal:8.2f}: {figures[name]:8.2f} {word}")
    return 1 if missed else 0


def in_a_process_of_its_own(step: str, folder: Path) -> Figures:
    # What the bench itself has written must not stand in the way of a step that waits for the disk.
    os.sync()
    command = [sys.executable, "-m", "bench.registry_speed", "--step", step, "--dir", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: Figures = json.loads(done.stdout)
    return figures


# -- the made-up list -----------------------------------------------------------------------------------------------


def make_files(folder: Path, wanted: int) -> int:
    """The full list, the change list, the leads and Britain's list; the count of the full list."""
    dice = np.random.default_rng(2026)
    areas = sorted(nanp_area_codes("US"))[: max(4, min(359, round(wanted / WHOLE * 359)))]
    weights = dice.lognormal(0.0, 0.8, len(areas))
    sizes = shared_out(weights, wanted, 0.6 * LINES)
    listed: list[Ints] = []
    with (folder / "full.txt").open("wb") as file:
        for area, size in zip(areas, sizes.tolist(), strict=True):
            numbers = int(area) * AREA + clustered(dice, size)
            file.write(flat_text(numbers))
            listed.append(numbers)
    everything = np.concatenate(listed)
    leads = leads_among(dice, everything, areas)
    np.save(folder / "leads.npy", leads + NATIONAL)
    adds, deletes = leads[leads % 5 == 0][: CHANGES * 6 // 10], dice.choice(everything, CHANGES * 4 // 10)
    rows = [f"{n // AREA:03},{n % AREA:07},2026-11-22,A\n" for n in adds.tolist()]
    rows += [f"{n // AREA:03},{n % AREA:07},2026-11-22,D\n" for n in deletes.tolist()]
    (folder / "changes.txt").write_text("".join(rows))
    make_british_files(folder, dice, len(everything) // BRITISH_SHARE)
    return len(everything)


def clustered(dice: np.random.Generator, size: float) -> Ints:
    """About so many lines of an area code: some exchanges are full, many nearly empty."""
    share = shared_out(dice.gamma(0.7, 1.0, 800), 800 * size / LINES, 0.97)
    thresholds = np.repeat(np.ceil(share * 65_536).astype(np.uint16), 10_000)
    return np.flatnonzero(dice.integers(0, 65_536, LINES, np.uint16) < thresholds) + FIRST


def shared_out(weights: Floats, total: float, most: float) -> Floats:
    """The total by weight, with none above `most`: what is cut off goes to the others."""
    assert total < most * len(weights), "more than they can hold"
    shares = np.minimum(weights / weights.sum() * total, most)
    while total - shares.sum() > 1e-6 * total:
        free = np.where(shares < most, shares, 0.0)
        shares = np.minimum(shares + free / free.sum() * (total - shares.sum()), most)
    return shares


def flat_text(numbers: Ints) -> bytes:
    rows = np.empty((len(numbers), 12), np.uint8)
    rows[:, 3], rows[:, 11] = ord(","), ord("\n")
    rest = numbers.copy()
    for column in (10, 9, 8, 7, 6, 5, 4, 2, 1, 0):
        rest, digit = np.divmod(rest, 10)
        rows[:, column] = digit + ord("0")
    return rows.tobytes()


def leads_among(dice: np.random.Generator, everything: Ints, areas: list[str]) -> Ints:
    """Ten million in random order, three in ten of them from the list."""
    known = dice.choice(everything, int(LEADS * LISTED_SHARE))
    codes = np.array([int(area) for area in areas])
    others = dice.choice(codes, LEADS - len(known)) * AREA + dice.integers(FIRST, AREA, LEADS - len(known))
    leads = np.concatenate([known, others])
    dice.shuffle(leads)
    return leads


def make_british_files(folder: Path, dice: np.random.Generator, count: int) -> None:
    """Half geographic, half mobile, in blocks of ten thousand as they are given out."""
    blocks = dice.choice(70_000, max(count // 2_500, 1)) + 10_000
    starts = np.where(blocks < 40_000, 2_000_000_000, 7_100_000_000) + (blocks - 10_000) * 10_000
    numbers = np.unique(np.repeat(starts, 3_000) + dice.integers(0, 10_000, 3_000 * len(starts)))[:count]
    (folder / "uk.txt").write_text("".join(f"0{number}\n" for number in numbers.tolist()))
    known = dice.choice(numbers, int(LEADS * LISTED_SHARE))
    others = dice.choice(starts, LEADS - len(known)) + dice.integers(0, 10_000, LEADS - len(known))
    leads = np.concatenate([known, others])
    dice.shuffle(leads)
    np.save(folder / "uk-leads.npy", leads + BRITAIN)
    some = leads[:CHANGES].tolist()
    rows = (f"0{n},2026-11-22,{'A' if place % 5 < 3 else 'D'}\n" for place, n in enumerate(some))
    (folder / "uk-changes.txt").write_text("".join(rows))


# -- the steps, each in a process of its own ------------------------------------------------------------------------


def build_of(registry: RegistryList, file: str) -> Callable[[Path], Figures]:
    def build(folder: Path) -> Figures:
        order = ListImport(
            registry=registry,
            kind=Kind.FULL,
            files=(folder / file,),
            list_date=NOW - timedelta(days=1),
            who="bench",
        )
        began = time.perf_counter()
        report = import_list(folder / "registries", order, NOW)
        seconds = time.perf_counter() - began
        assert report.generation == 1, report.message
        data = sum(path.stat().st_size for path in (folder / "registries" / registry.id / "0000001").iterdir())
        return {"build_s": seconds, "build_mb": peak_mb(), "disk_mb": data / MEGABYTE, "count": report.count}

    return build


def look_up_of(registry: RegistryList, leads_file: str) -> Callable[[Path], Figures]:
    def look_up(folder: Path) -> Figures:
        leads = np.load(folder / leads_file)
        before = now_mb()
        opened = open_list(folder / "registries", registry.id)
        answers = opened.ask_many(leads)
        memory = now_mb() - before - len(answers) / MEGABYTE
        hits = int((answers == Answer.LISTED).sum())
        del answers
        ask = opened.numbers.ask
        return {
            "hits": hits,
            "use_mb": memory,
            "million_s": best(lambda: opened.ask_many(leads[:1_000_000])),
            "ten_s": best(lambda: opened.ask_many(leads)),
            "one_us": one_us([f"+{lead}" for lead in leads[:SINGLE].tolist()], ask),
        }

    return look_up


def change_of(registry: RegistryList, file: str) -> Callable[[Path], Figures]:
    def change(folder: Path) -> Figures:
        order = ListImport(
            registry=registry,
            kind=Kind.CHANGES,
            files=(folder / file,),
            list_date=NOW,
            since=NOW - timedelta(days=1),
            who="bench",
        )

        def change_once() -> None:
            report = import_list(folder / "registries", order, NOW)
            assert report.generation is not None, report.message

        # Every repeat copies, changes and seals the whole list again.
        seconds = best(change_once)
        manifest = open_list(folder / "registries", registry.id).manifest
        return {"change_s": seconds, "change_mb": peak_mb(), "count": manifest.count if manifest else 0}

    return change


def array_build(folder: Path) -> Figures:
    began = time.perf_counter()
    numbers = numbers_of(folder)
    numbers.sort()
    np.save(folder / "array.npy", numbers)
    with (folder / "array.npy").open("rb") as file:
        os.fsync(file.fileno())
    size = (folder / "array.npy").stat().st_size / MEGABYTE
    return {"build_s": time.perf_counter() - began, "build_mb": peak_mb(), "disk_mb": size}


def array_look_up(folder: Path) -> Figures:
    leads = np.load(folder / "leads.npy")
    before = now_mb()
    numbers = np.load(folder / "array.npy")

    def ask_many(asked: Ints) -> npt.NDArray[np.bool_]:
        places = np.minimum(np.searchsorted(numbers, asked), len(numbers) - 1)
        found: npt.NDArray[np.bool_] = numbers[places] == asked
        return found

    def ask(asked: str) -> bool:
        number = int(asked)
        place = int(np.searchsorted(numbers, number))
        return place < len(numbers) and int(numbers[place]) == number

    return {
        "use_mb": now_mb() - before,
        "hits": int(ask_many(leads).sum()),
        "million_s": best(lambda: ask_many(leads[:1_000_000])),
        "ten_s": best(lambda: ask_many(leads), 1),
        "one_us": one_us([str(lead) for lead in leads[:SINGLE].tolist()], ask),
    }


def array_change(folder: Path) -> Figures:
    def change_once() -> None:
        adds, deletes = change_numbers(folder)
        numbers = np.load(folder / "array.npy")
        numbers = np.delete(numbers, places_of(numbers, deletes))
        new = np.setdiff1d(adds, numbers[places_of(numbers, adds)], assume_unique=True)
        np.save(folder / "array2.npy", np.insert(numbers, np.searchsorted(numbers, new), new))

    return {"change_s": best(change_once), "count": len(np.load(folder / "array2.npy", mmap_mode="r"))}


def places_of(numbers: Ints, wanted: Ints) -> Ints:
    """Where those of `wanted` stand that are there."""
    places = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    return places[numbers[places] == wanted]


def sqlite_build(folder: Path) -> Figures:
    numbers = numbers_of(folder)
    began = time.perf_counter()
    link = sqlite3.connect(folder / "rival.sqlite")
    link.execute("PRAGMA journal_mode=OFF")
    link.execute("PRAGMA synchronous=OFF")
    link.execute("CREATE TABLE listed (n INTEGER PRIMARY KEY)")
    for begin in range(0, len(numbers), 1_000_000):
        part = numbers[begin : begin + 1_000_000].tolist()
        link.executemany("INSERT OR IGNORE INTO listed VALUES (?)", ((n,) for n in part))
    link.commit()
    link.close()
    size = (folder / "rival.sqlite").stat().st_size / MEGABYTE
    return {"build_s": time.perf_counter() - began, "build_mb": peak_mb(), "disk_mb": size}


def sqlite_look_up(folder: Path) -> Figures:
    leads = np.load(folder / "leads.npy")
    before = now_mb()
    link = sqlite3.connect(folder / "rival.sqlite")
    link.execute("PRAGMA mmap_size=8000000000")
    link.execute("PRAGMA cache_size=-500000")

    def ask_many(asked: Ints) -> int:
        """Into a table beside, and joined: faster than one question each."""
        link.execute("CREATE TEMP TABLE asked (n INTEGER)")
        link.executemany("INSERT INTO asked VALUES (?)", ((n,) for n in asked.tolist()))
        (found,) = link.execute("SELECT count(*) FROM asked JOIN listed USING (n)").fetchone()
        link.execute("DROP TABLE asked")
        return int(found)

    def ask(asked: str) -> bool:
        return link.execute("SELECT 1 FROM listed WHERE n = ?", (int(asked),)).fetchone() is not None

    one = one_us([str(lead) for lead in leads[:SINGLE].tolist()], ask)
    memory = now_mb() - before
    million = best(lambda: ask_many(leads[:1_000_000]), 1)
    began = time.perf_counter()
    hits = ask_many(leads)
    return {
        "use_mb": memory,
        "hits": hits,
        "million_s": million,
        "ten_s": time.perf_counter() - began,
        "one_us": one,
    }


def sqlite_change(folder: Path) -> Figures:
    began = time.perf_counter()
    adds, deletes = change_numbers(folder)
    link = sqlite3.connect(folder / "rival.sqlite")
    link.execute("PRAGMA journal_mode=WAL")
    link.executemany("INSERT OR IGNORE INTO listed VALUES (?)", ((n,) for n in adds.tolist()))
    link.executemany("DELETE FROM listed WHERE n = ?", ((n,) for n in deletes.tolist()))
    link.commit()
    seconds = time.perf_counter() - began
    (count,) = link.execute("SELECT count(*) FROM listed").fetchone()
    link.close()
    return {"change_s": seconds, "count": count}


def numbers_of(folder: Path) -> Ints:
    """The full list by the same reading of columns."""
    rows = np.memmap(folder / "full.txt", np.uint8, "r").reshape(-1, 12)
    parts = [FLAT_SHAPES[0].columns(rows[begin : begin + 32_768]) for begin in range(0, len(rows), 32_768)]
    return np.concatenate([part for part in parts if part is not None])


def change_numbers(folder: Path) -> tuple[Ints, Ints]:
    rows = [line.split(",") for line in (folder / "changes.txt").read_text().splitlines()]
    adds = [int(area + line) + NATIONAL for area, line, _, kind in rows if kind == "A"]
    deletes = [int(area + line) + NATIONAL for area, line, _, kind in rows if kind == "D"]
    # Deletions stand behind the additions, so they have the last word.
    return np.setdiff1d(adds, deletes), np.unique(deletes)


def best(act: Callable[[], object], times: int = 3) -> float:
    return min(timed(act) for _ in range(times))


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def one_us(texts: list[str], ask: Callable[[str], object]) -> float:
    def all_of_them() -> None:
        for text in texts:
            ask(text)

    return best(all_of_them) / len(texts) * 1e6


def peak_mb() -> float:
    return status_mb("VmHWM")


def now_mb() -> float:
    return status_mb("VmRSS")


def status_mb(field: str) -> float:
    """Of this process alone; the high-water mark of `getrusage` may be that of the process that started it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024 / MEGABYTE
    raise LookupError(field)


US, UK = united_states(), united_kingdom()
STEPS: dict[str, Callable[[Path], Figures]] = {
    "bits build": build_of(US, "full.txt"),
    "bits look-up": look_up_of(US, "leads.npy"),
    "bits change": change_of(US, "changes.txt"),
    "roaring build": build_of(UK, "uk.txt"),
    "roaring look-up": look_up_of(UK, "uk-leads.npy"),
    "roaring change": change_of(UK, "uk-changes.txt"),
    "array build": array_build,
    "array look-up": array_look_up,
    "array change": array_change,
    "sqlite build": sqlite_build,
    "sqlite look-up": sqlite_look_up,
    "sqlite change": sqlite_change,
}

if __name__ == "__main__":
    sys.exit(main())
