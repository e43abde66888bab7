"""Which commands are there for the whole: set up, run, watch, try out, check?"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.carrying import actor
from dialer.cli.groups import example
from dialer.cli.options import FormatOption, JsonOption
from dialer.cli.output import Format, finish, refused
from dialer.control import Answer, AnswerStatus
from dialer.home import find_home

_WORLD = (
    "Whose people: office (plain), a (with detection), b (without), few-answers, short-refusals, few-trunks, "
    "half-leave, rate-dip, cold-start."
)
_RATE = (
    "Share of calls that a person answers, 0 to 1; but for office also over the day, by hours of the clock "
    "(it begins at 9): 9:0.2,12:0.3"
)
_MODE = "manual, preview, progressive, power or predictive."
_LEADS = "How many leads; usually as many as it takes, at most 30000. If they run dry, it says when."
_PREVIEW = "Seconds an agent looks at a lead, or decides to dial, on average; in preview and manual mode; usually 20."
_SPREAD = "How much leads differ in their odds to answer: standard deviation of the logarithm, 0 to 3; not office."
_REST = "Seconds between two calls to one lead, 60 and more; 60, or 3600 if leads differ; not office."

_DAYS = (
    "dialer simulate --agents 20 --leads 5000 --mode power --ratio 1.5",
    "dialer simulate --world b --mode preview --preview 30",
    "dialer simulate --world a --mode predictive --answer-rate 9:0.2,12:0.3 --json",
    "dialer simulate --world a --mode predictive --leads 4000 --lead-spread 1 --rest 3600",
)


def add_to(app: typer.Typer) -> None:
    """Put these commands into the whole."""
    app.command("init", epilog=example("dialer init", "DIALER_HOME=/srv/dialer dialer init"))(init)
    app.command("serve", epilog=example("dialer serve"))(serve)
    app.command("tui", epilog=example("dialer tui"))(tui)
    app.command("desk", epilog=example("dialer desk anna"))(desk)
    app.command("demo", epilog=example("dialer demo", "dialer demo --headless", "dialer demo --simulated"))(demo)
    app.command("doctor", epilog=example("dialer doctor", "dialer doctor --json"))(doctor)
    app.command("simulate", epilog=example(*_DAYS))(simulate)


def init(fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Make the dialer's folder, settings and database; what is there stays as it is."""
    from dialer.bootstrap import make_home

    home = find_home(os.environ)
    message = make_home(home, os.environ, datetime.now(UTC))
    data = {"home": str(home.root), "settings": str(home.settings_file)}
    answer = Answer(id="", status=AnswerStatus.DONE, message=message, data=data)
    finish(answer, as_json=as_json or fmt is Format.JSON)


def serve() -> None:
    """Run the dialer without a screen, until Ctrl-C or SIGTERM; a second one ends it at once."""
    from dialer.service import serve as run

    run(find_home(os.environ), os.environ)


def tui() -> None:
    """Show campaigns, calls and agents; closing it changes nothing of what runs."""
    _replace_by_screen()


def desk(agent: Annotated[str, typer.Argument(help="The agent's name or four-digit number.")]) -> None:
    """An agent's desk: lead, script, outcome. Closing it does not end the call."""
    _replace_by_screen("desk", "--agent", agent)


def _replace_by_screen(*arguments: str) -> None:
    """The screens are another program: this process becomes it, and nothing of it is imported here."""
    from dialer.settings_file import load

    home = find_home(os.environ)
    home.require()
    socket = home.below(load(home, os.environ).control.socket)
    screen = arguments[:1] or ("board",)
    rest = (*arguments[1:], "--socket", str(socket), "--actor", actor())
    sys.stdout.flush()
    # -P: a folder named tui where somebody happens to stand is not our screen
    os.execv(sys.executable, [sys.executable, "-P", "-m", "tui", *screen, *rest])  # noqa: S606 (no shell on purpose)


def demo(
    simulated: Annotated[bool, typer.Option("--simulated", help="Without Asterisk: the simulated exchange.")] = False,
    headless: Annotated[bool, typer.Option("--headless", help="Without a screen; prints outcomes and report.")] = False,
) -> None:
    """Run a practice campaign: real calls on a private Asterisk to a practice exchange on this machine."""
    from dialer.demo import run

    raise typer.Exit(run(simulated=simulated, headless=headless) or 0)


def doctor(fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Check everything the dialer needs; each fault with its mend. Exit code 2 when there is a fault."""
    from dialer.doctor import examine

    findings = examine(find_home(os.environ), os.environ, trying_out=True)
    faults = sum(not each.good for each in findings)
    data = {"findings": [each.as_json() for each in findings]}
    words = f"{faults} of {len(findings)} checks found a fault." if faults else f"All {len(findings)} checks are good."
    if as_json or fmt is Format.JSON:
        answer = Answer(id="", status=AnswerStatus.DONE, message=words, data=data)
        finish(answer if not faults else refused(words, data), as_json=True)
    for each in findings:
        typer.echo(each.line())
    finish(Answer(id="", status=AnswerStatus.DONE, message=words) if not faults else refused(words), as_json=False)


def simulate(
    agents: Annotated[int, typer.Option("--agents", help="How many agents.")] = 20,
    leads: Annotated[int | None, typer.Option("--leads", help=_LEADS)] = None,
    hours: Annotated[float, typer.Option("--hours", help="How long the day is.")] = 8.0,
    mode: Annotated[str, typer.Option("--mode", help=_MODE)] = "progressive",
    ratio: Annotated[
        float | None, typer.Option("--ratio", help="Calls per ready agent, in power mode; usually 1.")
    ] = None,
    world: Annotated[str, typer.Option("--world", help=_WORLD)] = "office",
    answer: Annotated[str | None, typer.Option("--answer", "--answer-rate", help=_RATE)] = None,
    machine: Annotated[float | None, typer.Option("--machine", help="Share that an answering machine takes.")] = None,
    ring: Annotated[float | None, typer.Option("--ring", help="Seconds it rings on average before an answer.")] = None,
    talk: Annotated[float | None, typer.Option("--talk", help="Seconds a conversation lasts on average.")] = None,
    wrap_up: Annotated[float | None, typer.Option("--wrap-up", help="Seconds of writing after it, on average.")] = None,
    preview: Annotated[float | None, typer.Option("--preview", help=_PREVIEW)] = None,
    lead_spread: Annotated[float | None, typer.Option("--lead-spread", help=_SPREAD)] = None,
    rest: Annotated[float | None, typer.Option("--rest", help=_REST)] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same day.")] = 1,
    folder: Annotated[Path | None, typer.Option("--folder", help="Keep the day's database there.")] = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Play a synthetic day with the real engine on a clock that runs fast; no call is placed."""
    from dialer.use_cases.simulation import Asked, lines, play

    asked = Asked(
        world=world,
        agents=agents,
        hours=hours,
        seed=seed,
        mode=mode,
        ratio=ratio,
        leads=leads,
        answer_rate=answer,
        machine=machine,
        ring_s=ring,
        talk_s=talk,
        wrap_up_s=wrap_up,
        preview_s=preview,
        lead_spread=lead_spread,
        rest_s=rest,
    )
    data = play(asked, folder)
    leads = data["plan"]["leads"]
    length, people = _counted(hours, "hour"), _counted(agents, "agent")
    message = f"Simulated {length} with {people} and {leads} leads in {data['took_s']:.1f} s; no call."
    finish(
        Answer(id="", status=AnswerStatus.DONE, message=message, data=data),
        as_json=as_json or fmt is Format.JSON,
        lines=lines,
    )


def _counted(number: float, one: str) -> str:
    return f"{number:g} {one}" if number == 1 else f"{number:g} {one}s"
