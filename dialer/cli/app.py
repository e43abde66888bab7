"""Which commands are there? One group per noun, put together here."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from dialer.cli import (
    agent_commands,
    campaign_commands,
    consent_commands,
    database_commands,
    dnc_commands,
    evidence_commands,
    lead_commands,
    outcome_commands,
    pace_commands,
    planning_commands,
    privacy_commands,
    reassigned_commands,
    replay_commands,
    report_commands,
    rule_commands,
    script_commands,
    service_commands,
    trunk_commands,
)
from dialer.cli.groups import group
from dialer.cli.output import say

app = group(
    "dialer",
    "An outbound campaign dialer: leads in, calls through Asterisk, reports out.",
    "dialer init",
    "dialer demo --simulated",
)


def _show_version(wanted: bool) -> None:
    if not wanted:
        return
    try:
        say(f"dialer {version('campaign-dialer')}")
    except PackageNotFoundError:
        say("dialer, not installed as a package")
    raise typer.Exit(0)


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    pass


service_commands.add_to(app)
report_commands.add_to(app)
planning_commands.add_to(app)
pace_commands.add_to(app)
replay_commands.add_to(app)
app.add_typer(lead_commands.leads)
app.add_typer(lead_commands.lists)
app.add_typer(campaign_commands.campaign)
app.add_typer(script_commands.script)
app.add_typer(dnc_commands.dnc)
app.add_typer(privacy_commands.privacy)
app.add_typer(consent_commands.consent)
app.add_typer(reassigned_commands.reassigned)
app.add_typer(agent_commands.agent)
app.add_typer(outcome_commands.outcome)
app.add_typer(trunk_commands.trunk)
app.add_typer(rule_commands.rules)
app.add_typer(evidence_commands.evidence)
app.add_typer(database_commands.db)
