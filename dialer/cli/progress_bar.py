"""How is long work shown in a terminal? As a bar on standard error; a pipe, a file and a program see nothing of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_WORDS = {"read": "Reading", "store": "Storing"}


@contextmanager
def progress_bar(*, as_json: bool) -> Iterator[None]:
    """A bar while the work inside goes on, only for a person at a terminal; a running service's work only moves it."""
    if as_json or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from dialer.progress import watched

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Working", total=None, rows="")

        def show(step: str, done: int, share: float) -> None:
            bar.update(task, description=_WORDS.get(step, step), total=1.0, completed=share, rows=f"{done:,} rows")

        with watched(show):
            yield


def told_read(rows: int, share: float) -> None:
    """So many rows of a file are read: for whoever watches."""
    from dialer.progress import tell

    tell("read", rows, share)
