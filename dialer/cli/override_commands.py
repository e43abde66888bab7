"""Which commands make a rule looser by role and reason, and end that?"""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example, group
from dialer.cli.options import FormatOption, JsonOption, OptionalCampaign, RegionOption
from dialer.cli.output import Format, finish, table

override = group(
    "override",
    "Make a rule looser by role and reason, for a while: ask, confirm, revoke.",
    "dialer rules override list",
)
OverrideArgument = Annotated[int, typer.Argument(help="Its id, as 'dialer rules override list' shows it.", min=1)]


@override.command(
    "add",
    epilog=example(
        "dialer rules override add --campaign Autumn --key hours.fri --value 20:00-21:30 --number +12125550123"
        ' --reason "asked for Friday 21:00, call of 12 May" --until 2026-12-01',
        'dialer rules override add --campaign Autumn --key attempts.24h --value 5 --reason "consents of form 7"'
        " --until 2026-12-01",
    ),
)
def add(
    campaign: Annotated[str, typer.Option("--campaign", help="The campaign's name.")],
    key: Annotated[str, typer.Option("--key", help="hours.mon-fri, attempts.24h, cooldowns.abandoned ...")],
    value: Annotated[str, typer.Option("--value", help="Windows 20:00-21:30; a number of calls; a length 24h.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept for ever and shown in evidence.")],
    until: Annotated[str, typer.Option("--until", help="The last day (ISO 8601), at most 90 days from now.")],
    number: Annotated[str, typer.Option("--number", help="For this number only, whose owner asked for it.")] = "",
    region: RegionOption = "US",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Ask for a looser rule; nothing is looser until another person confirms.

    Only a compliance officer may ask: an account of the operating system named under [compliance] in dialer.toml, not
    what DIALER_ACTOR says; where none is named, whoever owns the database, while no service runs. Without --number it
    is for numbers whose owners' consent for the campaign's seller and purpose is on record.
    """
    args = {"campaign": campaign, "key": key, "value": value, "reason": reason, "until": until}
    answer = carry_out("rules.override.add", args | {"number": number, "region": region}, reason=reason)
    finish(answer, as_json=as_json or fmt is Format.JSON)


@override.command("confirm", epilog=example("dialer rules override confirm 3"))
def confirm(override_id: OverrideArgument, fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Put in force what another person asked for; needs another account than his."""
    finish(carry_out("rules.override.confirm", {"override": override_id}), as_json=as_json or fmt is Format.JSON)


@override.command("revoke", epilog=example('dialer rules override revoke 3 --reason "he changed his mind"'))
def revoke(
    override_id: OverrideArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why it ends; kept for ever.")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """End a looser rule now; anybody may."""
    answer = carry_out("rules.override.revoke", {"override": override_id, "reason": reason}, reason=reason)
    finish(answer, as_json=as_json or fmt is Format.JSON)


@override.command("list", epilog=example("dialer rules override list", "dialer rules override list --all --json"))
def list_(
    campaign: OptionalCampaign = "",
    everything: Annotated[bool, typer.Option("--all", help="Ended and revoked ones too.")] = False,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Show looser rules: who asked, who confirmed, why, and until when."""
    columns = {"id": "id", "campaign": "campaign", "number": "number", "key": "rule", "value": "now"}
    columns |= {"standing": "standing", "until": "until", "asked_by": "asked by", "asked_account": "account"}
    columns |= {"confirmed_by": "confirmed by", "confirmed_account": "account", "reason": "reason"}
    answer = carry_out("rules.override.list", {"campaign": campaign, "all": everything})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=lambda data: table(data.get("overrides", []), columns))
