"""How fast is a list of leads checked, beside a loop that only parses its numbers with phonenumbers?

    python bench/import_speed.py [rows]

Both run in one process on the same numbers, so the ratio says more than the seconds of a busy machine.
"""

import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import phonenumbers

from campaigns.importing import check_leads

SEED = 20261121
AREAS = ("212", "305", "312", "415", "602", "617", "713", "720")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    numbers = _numbers(count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.csv"
        _write(path, numbers)
        megabytes = _memory_megabytes()
        ours = _rows_per_second(count, lambda: _check(path, count))
        grown = _memory_megabytes() - megabytes
    theirs = _rows_per_second(count, lambda: _plain_loop(numbers))
    print(f"{count} rows, seed {SEED}")
    print(f"check_leads, the whole file:   {ours:9,.0f} rows/s, memory grew by {grown:.0f} MB")
    print(f"phonenumbers, the number only: {theirs:9,.0f} rows/s")
    print(f"ratio: {ours / theirs:.1f}")


def _numbers(count: int) -> list[str]:
    source = random.Random(SEED)
    lines = source.sample(range(2_120_000, 9_100_000), count)
    shapes = ("+1{}{}{}", "({}) {}-{}", "{}-{}-{}", "1{}{}{}")
    return [source.choice(shapes).format(source.choice(AREAS), f"{line:07d}"[:3], f"{line:07d}"[3:]) for line in lines]


def _write(path: Path, numbers: list[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("id,first_name,last_name,phone,zip,notes\n")
        for place, number in enumerate(numbers):
            file.write(f'{place},Ann,Lee,{number},10001,"asked, politely"\n')


def _check(path: Path, count: int) -> None:
    report = check_leads(path)
    assert report.rows == count, report.message


def _plain_loop(numbers: list[str]) -> None:
    for text in numbers:
        number = phonenumbers.parse(text, "US")
        phonenumbers.is_valid_number(number)
        phonenumbers.number_type(number)
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _rows_per_second(count: int, run: Callable[[], None]) -> float:
    """The median of three runs."""
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return count / statistics.median(taken)


def _memory_megabytes() -> float:
    """The process's peak so far, in MB (Linux counts in kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
