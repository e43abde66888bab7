"""How fast is a list of leads checked and imported, beside a loop that only parses its numbers with phonenumbers?

    python -m bench.import_speed [rows]

All run in one process on the same numbers, so the ratio says more than the seconds of a busy machine. The import is
the whole command: digest, CSV, numbers, zones, repeats, our own do-not-call list, a national registry, SQLite's commit.
"""

import random
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import phonenumbers

from campaigns.importing import check_leads
from campaigns.model import Scope, Suppression
from campaigns.phone import PhoneNumber, parse
from campaigns.phone.library import quick_library
from campaigns.registry import Kind, ListImport, import_list
from campaigns.storage.store import Store
from dialer.control import Command
from dialer.home import Home
from dialer.registries import registry_folder, registry_list
from dialer.settings import DncSettings, Settings
from dialer.use_cases import Context, execute

SEED = 20261121
SETTINGS = Settings(dnc=DncSettings(registries=("us-ftc",)))
GOAL_S, GOAL_MB, MILLION = 60, 500, 1_000_000
ABROAD = 20_000
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
        seconds, private, barred = _imported(Path(folder), path, numbers)
    theirs = _rows_per_second(count, lambda: _plain_loop(numbers))
    _abroad()
    print(f"{count} rows, seed {SEED}")
    print(f"check_leads, the whole file:   {ours:9,.0f} rows/s, memory grew by {grown:.0f} MB")
    print(f"phonenumbers, the number only: {theirs:9,.0f} rows/s")
    print(f"ratio: {ours / theirs:.1f}")
    print(f"the whole import: {seconds:.1f} s of CPU, {count / seconds:,.0f} rows/s; {barred} numbers are barred")
    print(f"  ratio to phonenumbers alone: {count / seconds / theirs:.2f}")
    print(f"  a million rows: {seconds / count * MILLION:.0f} s (goal {GOAL_S} s)")
    print(f"  private memory at most {private:.0f} MB (goal {GOAL_MB} MB for a million rows)")


def _abroad() -> None:
    """Numbers of countries without a fast path of their own: the library in use, and the loop with the reference."""
    source = random.Random(SEED)
    homes = ("GB", "FR", "IT", "BR", "NL", "BE", "CH", "AT", "SE", "PL", "MX", "JP")
    samples = [phonenumbers.example_number_for_type(home, phonenumbers.PhoneNumberType.MOBILE) for home in homes]
    stems = [phonenumbers.format_number(each, phonenumbers.PhoneNumberFormat.E164)[:-3] for each in samples if each]
    texts = [f"{source.choice(stems)}{source.randrange(1000):03d}" for _ in range(ABROAD)]
    ours = _rows_per_second(ABROAD, lambda: [parse(text) for text in texts])
    theirs = _rows_per_second(ABROAD, lambda: _plain_loop(texts))
    name = getattr(quick_library(), "__name__", "phonenumbers")
    print(f"{ABROAD} numbers of {len(stems)} other countries, read, judged and placed in time zones:")
    print(f"  with {name}: {ours:,.0f} a second; phonenumbers: {theirs:,.0f}; ratio {ours / theirs:.1f}")


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


def _imported(folder: Path, path: Path, numbers: list[str]) -> tuple[float, float, int]:
    """Seconds of CPU, most private memory in MB while it ran, and numbers barred by a list."""
    now = datetime.now(UTC)
    home = Home(root=folder / "home")
    home.create()
    with_lists = _lists_with(home, numbers, now)
    context = Context(store=with_lists, home=home, settings=SETTINGS, now=lambda: now)
    args = {"path": str(path), "list": "autumn"}
    command = Command(id="one", name="leads.import", args=args, actor="bench", reason="", at=now)
    with _private_megabytes() as most:
        begun = time.process_time()
        answer = execute(context, command)
        seconds = time.process_time() - begun
    assert answer.done, answer.message
    with_lists.close()
    found = answer.data["do_not_call"]
    return seconds, max(most), found["numbers"] - found["clear"]


def _lists_with(home: Home, numbers: list[str], now: datetime) -> Store:
    """A store with every hundredth number on our own list, and a registry with every fourth."""
    parsed = [found for found in map(parse, numbers[::4]) if isinstance(found, PhoneNumber)]
    file = home.root / "registry.txt"
    file.write_text("".join(f"{number.e164[2:5]},{number.e164[5:]}\n" for number in parsed))
    registry = registry_list(SETTINGS, "us-ftc")
    order = ListImport(registry=registry, kind=Kind.FULL, files=(file,), list_date=now, who="bench")
    assert import_list(registry_folder(home, SETTINGS), order, now).generation is not None
    store = Store.create(f"sqlite:///{home.database_file}", now=now)
    store.suppressions.add_many(
        Suppression(number=n.e164, scope=Scope.EVERYTHING, reason="asked", source="bench", actor="bench", added_at=now)
        for n in parsed[::25]
    )
    return store


@contextmanager
def _private_megabytes() -> Iterator[list[float]]:
    """The process's memory that it shares with nobody (Linux), looked at twenty times a second."""
    seen, over = [_anonymous_megabytes()], threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            seen.append(_anonymous_megabytes())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _anonymous_megabytes() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / 1024


def _plain_loop(numbers: list[str]) -> None:
    for text in numbers:
        number = phonenumbers.parse(text, "US")
        phonenumbers.is_valid_number(number)
        phonenumbers.number_type(number)
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _rows_per_second(count: int, run: Callable[[], None]) -> float:
    """Of CPU, as the machine may be shared; the median of three runs."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
    return count / statistics.median(taken)


def _memory_megabytes() -> float:
    """The process's peak so far, in MB (Linux counts in kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
