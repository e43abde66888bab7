"""Which command tries pacing on a day that was dialled?"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example
from dialer.cli.options import CampaignOption, FormatOption, JsonOption
from dialer.cli.output import Format, complain, finish

_TRIALS = (
    "dialer replay --campaign Autumn --day 2026-11-20 --mode predictive --cap 2%",
    "dialer replay --campaign Autumn --day 2026-11-20 --mode power --ratio 1.5 --json",
)


def add_to(app: typer.Typer) -> None:
    """Put this command into the whole."""
    app.command("replay", epilog=example(*_TRIALS))(replay)


def replay(
    campaign: CampaignOption,
    day: Annotated[str, typer.Option("--day", "--date", help="A date in the campaign's zone.", metavar="DATE")],
    mode: Annotated[str | None, typer.Option("--mode", help="progressive, power or predictive.")] = None,
    ratio: Annotated[float | None, typer.Option("--ratio", help="Calls per ready agent, in power mode.")] = None,
    cap: Annotated[str | None, typer.Option("--cap", help="Abandonment that is allowed, such as 2%.")] = None,
    max_lines: Annotated[float | None, typer.Option("--max-lines", help="Calls for each agent at work.")] = None,
    seeds: Annotated[int, typer.Option("--seeds", help="How often the day is played; the interval is theirs.")] = 5,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Try pacing on a recorded day under other settings: what would have come of it, and how sure that is.

    What is not given stays as it was. The day is also replayed as it was, so that the replay's own error is seen.
    """
    json = as_json or fmt is Format.JSON
    answer = carry_out("replay.day", {"campaign": campaign, "date": day})
    if not answer.done:
        finish(answer, as_json=json)
    from dialer.use_cases.replayed import Wished, play
    from dialer.use_cases.replayed_text import lines, sentence

    wished = Wished(mode=mode, ratio=ratio, cap=cap, max_lines=max_lines)
    # Played in this process: the running service has calls to connect within two seconds.
    data = play(answer.data, wished, seeds, _quiet if json else complain)
    finish(replace(answer, message=sentence(data), data=data), as_json=json, lines=lines)


def _quiet(_words: str) -> None:
    return
