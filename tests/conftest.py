"""Which suites ran? Said at the end of every run, so that nothing is left out silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Property tests run without a clock's limit (the machine may be busy) and without a store of examples.
settings.register_profile("dialer", deadline=None, database=None, max_examples=40)
settings.load_profile("dialer")

_OUTCOMES = ("passed", "failed", "error", "skipped")
_SUITES: dict[str, str] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Remember the suite of every test that was chosen."""
    for item in items:
        _SUITES[item.nodeid] = "+".join(_suites_of(item))


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
                counts.setdefault(_SUITES.get(report.nodeid, "other"), Counter())[outcome] += 1
    terminalreporter.section("suites that ran")
    for suite, outcomes in sorted(counts.items()):
        told = ", ".join(f"{outcomes[o]} {o}" for o in _OUTCOMES if outcomes[o])
        terminalreporter.write_line(f"{suite:<32} {told}")
