"""Is every hostile text harmless in every sink? Each pair once; what harmless means is told by the sink itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sinks.hostile import HOSTILE
from tests.sinks.screen_sinks import PLACES, shown
from tests.sinks.sinks import SINKS, Bench, Sink


@pytest.mark.parametrize("sink", SINKS, ids=lambda sink: sink.__name__)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_harmless_in_every_sink(
    sink: Sink, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sink(text, Bench(folder=tmp_path, capsys=capsys))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_text_is_harmless_on_the_screens(place: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await shown(place, text, monkeypatch)


def test_every_sink_says_what_harmless_means_there() -> None:
    assert [sink.__name__ for sink in SINKS if not (sink.__doc__ or "").strip().endswith(".")] == []
