"""Which commands are there for people's consent to be called?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.checked_file import finish_import
from dialer.cli.groups import example, group
from dialer.cli.options import EncodingOption, ExistingFile, FormatOption, JsonOption, MapOption, RegionOption, mapping
from dialer.cli.output import Format, finish, table

consent = group(
    "consent", "Who agreed to be called: record, import, check and take back.", "dialer consent check +12025550123"
)

NumberArgument = Annotated[str, typer.Argument(help="The number, best as +<country><number>.")]
SellerOption = Annotated[str, typer.Option("--seller", help="Who may call: the campaigns' seller_name, exactly.")]
PurposeOption = Annotated[str, typer.Option("--purpose", help="What for: the campaigns' purpose. sales when left out.")]
KindOption = Annotated[str, typer.Option("--kind", help="express or express_written. express when left out.")]


@consent.command(
    "add",
    epilog=example(
        'dialer consent add +12025550123 --seller Acme --given 2026-11-02 --proof "form 4711, archive"',
    ),
)
def add(
    number: NumberArgument,
    seller: SellerOption,
    given: Annotated[str, typer.Option("--given", help="When: a date, or a time with its zone.")],
    proof: Annotated[str, typer.Option("--proof", help="Where the recording, form or signature is kept.")],
    kind: KindOption = "",
    purpose: PurposeOption = "",
    wording: Annotated[str, typer.Option("--wording", help="What the person was shown or told.")] = "",
    region: RegionOption = "US",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Put one consent on record; leads that waited for it are asked again."""
    args = {"number": number, "seller": seller, "given_at": given, "proof": proof, "region": region}
    args |= {"kind": kind, "purpose": purpose, "wording": wording}
    finish(carry_out("consent.add", args), as_json=as_json or fmt is Format.JSON)


@consent.command("import", epilog=example("dialer consent import consents.csv --seller Acme --kind express_written"))
def import_(
    file: ExistingFile,
    seller: Annotated[str, typer.Option("--seller", help="For rows without a column seller.")] = "",
    kind: KindOption = "",
    purpose: PurposeOption = "",
    proof: Annotated[str, typer.Option("--proof", help="For rows without a column proof.")] = "",
    region: RegionOption = "US",
    encoding: EncodingOption = "",
    map_: MapOption = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Record all consents of a file or none. Columns: phone, given_at, proof, wording, kind, purpose, seller."""
    args = {
        "path": str(file.absolute()),
        "seller": seller,
        "kind": kind,
        "purpose": purpose,
        "proof": proof,
        "region": region,
        "encoding": encoding or None,
        "map": mapping(map_),
    }
    answer = carry_out("consent.import", args)
    finish_import(answer, as_json=as_json or fmt is Format.JSON)


@consent.command(
    "revoke", epilog=example('dialer consent revoke +12025550123 --seller Acme --reason "said so on the phone"')
)
def revoke(
    number: NumberArgument,
    seller: SellerOption,
    reason: Annotated[str, typer.Option("--reason", help="How it was taken back; kept for ever.")],
    region: RegionOption = "US",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Take consent back: this seller calls the number no more, in force at once; calls that ring are hung up."""
    args = {"number": number, "seller": seller, "reason": reason, "region": region}
    finish(carry_out("consent.revoke", args, reason=reason), as_json=as_json or fmt is Format.JSON)


@consent.command("check", epilog=example("dialer consent check +12025550123 --json"))
def check(
    number: NumberArgument,
    region: RegionOption = "US",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Show everything on record for a number, consents that were taken back too."""
    answer = carry_out("consent.check", {"number": number, "region": region})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=_consents)


def _consents(data: Mapping[str, Any]) -> Iterable[str]:
    columns = {
        "seller": "seller",
        "purpose": "for",
        "kind": "kind",
        "given_at": "given",
        "proof": "proof",
        "source": "source",
        "revoked_at": "taken back",
        "revoked_reason": "how",
    }
    return table(data.get("consents", []), columns)
