"""Which options do many commands share? Each is named and explained once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.output import Format

FormatOption = Annotated[Format, typer.Option("--format", help="What standard output holds.")]
JsonOption = Annotated[bool, typer.Option("--json", help="The same as --format json: one object, nothing else.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept beside the command.")]
CampaignOption = Annotated[str, typer.Option("--campaign", help="The campaign's name.")]
OptionalCampaign = Annotated[str, typer.Option("--campaign", help="Only this campaign.")]
RegionOption = Annotated[str, typer.Option("--region", help="Country of numbers written without +, e.g. US.")]
EncodingOption = Annotated[
    str, typer.Option("--encoding", help="The file's encoding when it is not UTF-8, e.g. cp1252.")
]
MapOption = Annotated[list[str] | None, typer.Option("--map", help="Which column is which field: phone=Telephone.")]
CorrectOption = Annotated[
    str, typer.Option("--correct", help="Why earlier answers to the same questions were wrong: these take their place.")
]
ExistingFile = Annotated[Path, typer.Argument(help="The file.")]


def mapping(options: list[str] | None, *, of_leads: bool = False) -> dict[str, tuple[str, ...]]:
    """`["phone=Telephone"]` as field and columns. Raises BadParameter, a usage fault, for anything else.

    Only a file `of_leads` has other fields than the number.
    """
    from campaigns.importing import LEAD_FIELDS, NUMBER_FIELDS, parse_mapping

    try:
        return parse_mapping(options or [], LEAD_FIELDS if of_leads else NUMBER_FIELDS)
    except ValueError as fault:
        raise typer.BadParameter(str(fault)) from None
