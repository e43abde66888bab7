"""The cases are judged by the packaged time zone data, as the dialer does, not by the machine's."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator

import pytest

from campaigns import hours


@pytest.fixture(autouse=True, scope="module")
def _packaged_zones() -> Iterator[None]:
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(())
    _forget()
    yield
    zoneinfo.reset_tzpath(before)
    _forget()


def _forget() -> None:
    zoneinfo.ZoneInfo.clear_cache()
    hours.zone_named.cache_clear()
    hours._judged.cache_clear()
