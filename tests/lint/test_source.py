"""Does the source keep the habits that faults come from breaking? Read as syntax trees, one habit a test.

Exceptions are listed by file, each with its reason; one that is not needed any more is a fault too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = {
    str(path.relative_to(ROOT)): path
    for package in ("dialer", "campaigns", "telephony", "tui")
    for path in sorted((ROOT / package).rglob("*.py"))
}
Habit = Callable[[ast.AST], Iterator[ast.expr]]

CLOCKS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.monotonic"),
    *("time.perf_counter", "time.sleep", "asyncio.sleep", "time.localtime", "loop.time"),
}
OUTSIDE_EVERY_RULE = {
    "telephony/clock.py": "the clock itself",
    "dialer/bootstrap.py": "gives the machine's instant to commands that run without a service",
    "dialer/control_client.py": "stamps a person's command and limits how long he waits for its answer",
    "dialer/control_server.py": "the pace of snapshots on a socket; nothing is decided by it",
    "dialer/service.py": "the watch over the loop itself must not use the loop's own clock",
    "dialer/schedule.py": "APScheduler's first tick; what is due is decided by the engine's clock",
    "dialer/doctor.py": "looks at the machine as it is",
    "dialer/trunk_probe.py": "measures a real answer on the network",
    "dialer/simulation.py": "tells how long a simulated day took in real seconds",
    "dialer/demo/far_end.py": "waits for the far end of the demo to write its log",
    "dialer/demo/practice_day.py": "waits for real processes of the demo",
    "dialer/demo/run.py": "waits for real processes of the demo and prints how long it has run",
    "dialer/demo/scripted_agent.py": "plays a person, who has a wall clock",
    "dialer/cli/carrying.py": "stamps a person's command and waits for a service that is starting",
    "dialer/cli/database_commands.py": "stamps a person's command",
    "dialer/cli/dnc_commands.py": "tells a time to come in a file, with no set-up",
    "dialer/cli/service_commands.py": "stamps a person's command",
    "telephony/asterisk/process.py": "waits for a real Asterisk to start and to end",
    "telephony/asterisk/ami.py": "limits a real connection; the package's threads know no other clock",
    "telephony/softphone/ear.py": "a phone runs in real time; its tests hand in another clock",
    "telephony/softphone/media.py": "a phone runs in real time; its tests hand in another clock",
    "telephony/softphone/phone.py": "a phone runs in real time; its tests hand in another clock",
    "telephony/softphone/signalling.py": "a phone runs in real time; its tests hand in another clock",
    "tui/feed.py": "the pace of drawing and of trying again; nothing is decided by it",
}
SQL_OF_CONSTANTS = {"campaigns/storage/database.py": "an advisory lock's key and pragmas; constants of that module"}
PRINTS = {"tui/__main__.py": "no terminal to draw on, so the sentence goes to standard error"}
READS_ITS_OWN = {"campaigns/importing/spooled.py": "a temporary file without a name, which this process made"}
OPENS = {
    "campaigns/evidence/reading.py": "the door for a folder of evidence: no links, no pipes, regular files, a limit",
    "campaigns/exporting.py": "names made by us in a folder of the settings; synced folder",
    "campaigns/importing/opening.py": "the door for lists: no waiting for pipes, only regular files, limits",
    "campaigns/importing/rejected.py": "a temporary file of ours",
    "campaigns/importing/rows.py": "zone names of the tzdata package",
    "campaigns/importing/xlsx.py": "parts of a workbook that was opened and measured before",
    "campaigns/place/tables.py": "tables of this package and of the tzdata package",
    "campaigns/registry/generations.py": "pointer and manifests that we wrote, with a limit",
    "campaigns/registry/mapped_file.py": "a generation's own file, its size compared before",
    "campaigns/registry/opening.py": "the door for registries' lists, gigabytes long: no waiting for pipes, limits",
    "campaigns/registry/roaring.py": "a generation's own file, its checksum compared before",
    "campaigns/registry/sealed_files.py": "a generation's own files, made with O_EXCL",
    "campaigns/rules/shipped.py": "profiles that come with the dialer",
    "campaigns/storage/backup.py": "the copy that we have just written",
    "campaigns/storage/database.py": "made with O_EXCL, for its owner only",
    "dialer/bootstrap.py": "the settings file in our own home",
    "dialer/cli/__init__.py": "the null device",
    "dialer/cli/rule_commands.py": "through the door of dialer/cli/text_file.py",
    "dialer/cli/script_commands.py": "through the door of dialer/cli/text_file.py",
    "dialer/cli/text_file.py": "the door for settings and scripts: no waiting for pipes, only regular files, a limit",
    "dialer/control_socket.py": "the folder of our own socket",
    "dialer/demo/practice_day.py": "the demo's own files",
    "dialer/recorded.py": "a recording in our own home, for its digest",
    "dialer/home.py": "our own home; secrets with O_NOFOLLOW and O_EXCL",
    "dialer/privacy_files.py": "files of our own making, regular ones only, no links followed",
    "dialer/settings_file.py": "the settings file in our own home",
    "dialer/use_cases/exports.py": "an export that we have written",
    "dialer/use_cases/leads.py": "the digest of a list: no waiting for pipes, only regular files",
    "dialer/use_cases/privacy.py": "made with O_EXCL in a folder that we have just made",
    "dialer/use_cases/retention.py": "a small file of our own in our own home",
    "telephony/asterisk/container.py": "the container's own folder",
    "telephony/asterisk/process.py": "Asterisk's own folders, and /proc",
    "telephony/asterisk/provisioning.py": "the provisioned folder and the system's own files",
    "telephony/asterisk/sounds.py": "recordings, checked as RIFF before they are used",
    "telephony/asterisk/unpacking.py": "the package manager's private folders",
    "telephony/call_log.py": "our own log, mode 0600",
    "telephony/practice_exchange.py": "the practice exchange's own folder",
    "telephony/practice_log.py": "the practice exchange's own log",
    "tui/picture.py": "the picture somebody asked for, at the place he named",
}


def name_of(node: ast.expr) -> str:
    """`datetime.now` for `datetime.now(UTC)`; only the last two words."""
    if isinstance(node, ast.Attribute):
        owner = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "?")
        return f"{owner}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def asks_a_clock(tree: ast.AST) -> Iterator[ast.expr]:
    """Reading it, sleeping by it, or handing it on."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and name_of(node) in CLOCKS)


def prints(tree: ast.AST) -> Iterator[ast.expr]:
    return (call for call in calls(tree) if name_of(call.func) in ("print", "pprint", "input", "breakpoint"))


def opens_a_file(tree: ast.AST) -> Iterator[ast.expr]:
    """By a path; what is opened by name in other ways is a store, a line or an outbox of ours."""
    for call in calls(tree):
        owner, _, verb = name_of(call.func).rpartition(".")
        ours = verb == "open" and owner in ("Store", "cls", "_outbox", "connection", "attempts")
        if verb in ("open", "read_text", "read_bytes", "write_text", "write_bytes") and not ours:
            yield call


def makes_sql_of_words(tree: ast.AST) -> Iterator[ast.expr]:
    """SQL put together from strings: `text(f"...")`, `execute("..." + x)`, `.format`, `%`."""
    for call in calls(tree):
        if name_of(call.func).split(".")[-1] in ("text", "execute", "executemany", "exec_driver_sql", "executescript"):
            yield from (given for given in call.args[:1] if is_put_together(given))


def is_put_together(given: ast.expr) -> bool:
    if isinstance(given, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in given.values)
    if isinstance(given, ast.BinOp):
        return isinstance(given.op, ast.Add | ast.Mod)
    return isinstance(given, ast.Call) and name_of(given.func).endswith((".format", ".join", ".replace"))


def runs_words(tree: ast.AST) -> Iterator[ast.expr]:
    """Text carried out as a program: a shell, eval, pickle."""
    forbidden = ("eval", "exec", "compile", "os.system", "os.popen", "pickle.loads", "pickle.load", "marshal.loads")
    for call in calls(tree):
        shell = [k.value for k in call.keywords if k.arg == "shell"]
        if name_of(call.func) in forbidden or any(not isinstance(v, ast.Constant) or v.value for v in shell):
            yield call


@cache
def tree_of(name: str) -> ast.AST:
    return ast.parse(MODULES[name].read_text())


def found(habit: Habit) -> dict[str, list[str]]:
    """File -> the lines where it does that, as `line 12: datetime.now(UTC)`."""
    seen = {}
    for name in MODULES:
        lines = [f"line {node.lineno}: {ast.unparse(node)[:80]}" for node in habit(tree_of(name))]
        if lines:
            seen[name] = lines
    return seen


def no_faults(habit: Habit, allowed: dict[str, str], mend: str) -> None:
    seen = found(habit)
    new = [f"{name} {line} -> {mend}" for name, lines in seen.items() if name not in allowed for line in lines]
    stale = [f"{name} does it no more: take it from the list" for name in allowed if name not in seen]
    assert not new + stale, "\n" + "\n".join(new + stale)


def test_time_comes_from_the_one_clock() -> None:
    no_faults(asks_a_clock, OUTSIDE_EVERY_RULE, "ask the Clock that is handed in (telephony/clock.py)")


def test_pure_rules_hold_no_clock_at_all() -> None:
    """Not even the one clock: they are given `now`."""
    for name in MODULES:
        if name.startswith("campaigns/"):
            assert "telephony.clock" not in (ROOT / name).read_text(), name
    assert not [
        name for name in OUTSIDE_EVERY_RULE if name.startswith(("campaigns/", "dialer/pacing", "dialer/agents"))
    ]


def test_nothing_is_printed_past_the_one_output() -> None:
    no_faults(prints, PRINTS, "use say or complain of dialer.cli.output, or a log")


def test_files_are_opened_where_it_is_done_with_care() -> None:
    mend = (
        "a name a person gave goes through campaigns.importing.opening or dialer.cli.text_file; list ours with a reason"
    )
    no_faults(opens_a_file, OPENS, mend)


def test_sql_is_never_put_together_from_words() -> None:
    no_faults(makes_sql_of_words, SQL_OF_CONSTANTS, "bind it: select(...).where(column == value), or text with :names")


def test_no_words_are_carried_out_as_a_program() -> None:
    no_faults(runs_words, READS_ITS_OWN, "give a list of arguments to subprocess; there is no need for eval or pickle")


@pytest.mark.parametrize(
    ("habit", "bad", "good"),
    [
        (asks_a_clock, "x = datetime.now(UTC)", "x = clock.now()"),
        (asks_a_clock, "await asyncio.sleep(1)", "await clock.sleep(1)"),
        (asks_a_clock, "f(default=time.monotonic)", "f(default=clock.monotonic)"),
        (prints, "print('x')", "say('x')"),
        (opens_a_file, "Path(name).open()", "Store.open(url)"),
        (opens_a_file, "data = path.read_bytes()", "text = text_of(path)"),
        (makes_sql_of_words, "text(f'SELECT {x}')", "text('SELECT :x')"),
        (makes_sql_of_words, "link.execute('SELECT ' + x)", "link.execute(query, (x,))"),
        (makes_sql_of_words, "link.execute('SELECT %s' % x)", "link.execute(select(x))"),
        (runs_words, "subprocess.run(x, shell=True)", "subprocess.run([x], shell=False)"),
        (runs_words, "eval(x)", "ast.literal_eval(x)"),
    ],
)
def test_each_habit_is_seen_where_it_is_and_only_there(habit: Habit, bad: str, good: str) -> None:
    assert list(habit(ast.parse(bad, mode="exec")))
    assert not list(habit(ast.parse(good)))
