"""Which suites ran? Said at the end of every run, so that nothing is left out silently."""

from __future__ import annotations

import zoneinfo
from collections import Counter
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

# The zones of the package, as the product pins them: the machine's own may be years old (Vancouver in December 2026).
zoneinfo.reset_tzpath(())

# Property tests run without a clock's limit (the machine may be busy) and without a store of examples.
settings.register_profile("dialer", deadline=None, database=None, max_examples=40)
settings.load_profile("dialer")

_OUTCOMES = ("passed", "failed", "error", "skipped")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test's report tells its suite, from whichever process it comes."""
    for item in items:
        item.user_properties.append(("suite", "+".join(_suites_of(item))))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hostile text may be half a character; reports go from process to process as UTF-8, which cannot hold that."""
    report = yield
    report.sections = [(name, _sendable(text)) for name, text in report.sections]
    if report.longrepr is not None and not isinstance(report.longrepr, tuple):
        told = str(report.longrepr)
        report.longrepr = report.longrepr if told == _sendable(told) else _sendable(told)
    return report


def _sendable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _suites_of(item: pytest.Item) -> Iterator[str]:
    folder = item.nodeid.split("/")[1] if item.nodeid.count("/") > 1 else "whole"
    yield folder
    for marker, shown in (("asterisk", "real Asterisk"), ("postgres", "real PostgreSQL")):
        if item.get_closest_marker(marker) is not None:
            yield shown


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line per suite with what became of its tests."""
    counts: dict[str, Counter[str]] = {}
    for outcome in _OUTCOMES:
        for report in terminalreporter.stats.get(outcome, ()):
            if getattr(report, "when", "call") in ("call", "setup") and hasattr(report, "nodeid"):
                suite = dict(report.user_properties).get("suite", "other")
                counts.setdefault(suite, Counter())[outcome] += 1
    terminalreporter.section("suites that ran")
    for suite, outcomes in sorted(counts.items()):
        told = ", ".join(f"{outcomes[o]} {o}" for o in _OUTCOMES if outcomes[o])
        terminalreporter.write_line(f"{suite:<32} {told}")
