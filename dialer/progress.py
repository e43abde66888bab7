"""How far is a long piece of work? Whoever waits may watch it; the work itself does not care whether anybody does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")
Watcher = Callable[[str, int, float], None]
"""Told the step (`read`, `store`), how many rows of it are done, and the share of the step, from 0 to 1."""

_TOLD_EACH = 5_000
_WATCHER: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Tell `watcher` of all work that this thread does inside."""
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def tell(step: str, done: int, share: float) -> None:
    """Tell whoever watches."""
    watcher = _WATCHER.get()
    if watcher is not None:
        watcher(step, done, share)


def told(step: str, items: Iterable[Item], total: int) -> Iterator[Item]:
    """The same items, with every few thousand of them told."""
    for place, item in enumerate(items, start=1):
        yield item
        if place % _TOLD_EACH == 0 or place == total:
            tell(step, place, place / total)
