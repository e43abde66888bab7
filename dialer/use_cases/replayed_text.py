"""How is a replayed day told to somebody at a shell?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dialer.use_cases.replayed import NUMBERS, SHARES


def sentence(data: Mapping[str, Any]) -> str:
    """The answer in one or two sentences."""
    talk, lost = data["figures"]["talk_share"], data["figures"]["abandonment"]
    begin = f"{data['campaign']} on {data['date']}, {data['from'][11:16]} to {data['to'][11:16]}"
    if not data["changed"]:
        error = f"talk share {_points(talk['error'])}, abandonment {_points(lost['error'])}"
        return f"{begin}, replayed as it was. The replay's own error: {error}. No call was placed."
    return (
        f"{begin}, with {_differences(data['settings'])}: talk share {_percents(talk['replayed'])} instead of "
        f"{_percents(talk['as_it_was'])}, abandonment {_percents(lost['replayed'])} instead of "
        f"{_percents(lost['as_it_was'])}, both replayed. No call was placed."
    )


def lines(data: Mapping[str, Any]) -> Iterator[str]:
    """A table of the figures, then what they do not tell."""
    heads = ("", "recorded", "replayed as it was", "its error")
    yield _row((*heads, "with these settings", "change") if data["changed"] else heads)
    for name, label in (SHARES | NUMBERS).items():
        yield _row((label, *_cells(name, data["figures"][name], changed=data["changed"])))
    yield from data["not_known"]


def _cells(name: str, figure: Mapping[str, Any], *, changed: bool) -> Iterator[str]:
    between, plain, signed = (_percents, _percent, _points) if name in SHARES else (_numbers, _number, _more)
    yield plain(figure["recorded"])
    yield between(figure["as_it_was"])
    yield signed(figure["error"])
    if changed:
        yield between(figure["replayed"])
        yield _change(figure["change"], signed)


def _row(cells: Sequence[str]) -> str:
    first, second, *rest = cells
    return (f"{first:<20}  {second:>8}" + "".join(f"  {cell:>{width}}" for cell, width in zip(rest, _WIDTHS))).rstrip()  # noqa: B905


_WIDTHS = (21, 9, 21, 23)


def _differences(settings: Mapping[str, Mapping[str, Any]]) -> str:
    was, new = settings["as_it_was"], settings["replayed"]
    words = {
        "mode": f"mode {new['mode']}",
        "ratio": f"ratio {new['ratio']:g}",
        "cap": f"cap {100 * new['cap']:g} %",
        "lines_per_agent": f"{new['lines_per_agent']:g} lines per agent",
    }
    return ", ".join(each for name, each in words.items() if new[name] != was[name])


def _percent(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:.1f} %"


def _percents(given: Mapping[str, float] | None) -> str:
    if given is None:
        return "none"
    return f"{100 * given['mean']:.1f} % ({100 * given['low']:.1f}-{100 * given['high']:.1f})"


def _points(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:+.1f} pp"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.1f}".removesuffix(".0")


def _numbers(given: Mapping[str, float] | None) -> str:
    if given is None:
        return "none"
    return f"{_number(given['mean'])} ({_number(given['low'])}-{_number(given['high'])})"


def _more(value: float | None) -> str:
    return "none" if value is None else f"{value:+.1f}".removesuffix(".0")


def _change(given: Mapping[str, float] | None, signed: Callable[[float | None], str]) -> str:
    if given is None:
        return "none"
    low, high = (signed(given[end]).removesuffix(" pp") for end in ("low", "high"))
    return f"{signed(given['mean'])} ({low} to {high})"
