"""What do a campaign's rules ask that no software can check, and who declared it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from campaigns.declaration import Declaration, Declares
from campaigns.rules import RuleProfile
from campaigns.settings import CampaignSettings
from dialer.rules import verified
from dialer.use_cases.context import Context

InForce = Mapping[Declares, Mapping[str, Declaration]]


def checklist(context: Context, settings: CampaignSettings, whole: RuleProfile) -> list[dict[str, Any]]:
    """One row for each thing to be declared under these rules: what, and by whom it was, or that nobody did."""
    declared = {kind: context.store.declarations.in_force(kind) for kind in Declares}
    return [
        {"what": what, "kind": kind.value, "about": about, "declared": "" if found is None else found.words}
        for what, kind, about, found in _rows(context, settings, whole, declared)
    ]


def undeclared(rows: list[dict[str, Any]]) -> str:
    """One sentence about what nobody declared; empty when all is."""
    open_rows = [row["what"] for row in rows if not row["declared"]]
    return f"Declared by nobody ('dialer rules declare add'): {'; '.join(open_rows)}." if open_rows else ""


def _rows(
    context: Context, settings: CampaignSettings, whole: RuleProfile, declared: InForce
) -> Iterator[tuple[str, Declares, str, Declaration | None]]:
    duties, names = whole.duties, {each.name: each for each in context.store.trunks.all()}
    trunk = names.get(settings.trunk)
    if duties.messages:
        about = settings.message
        yield f"what message {about} says", Declares.MESSAGE, about, declared[Declares.MESSAGE].get(about)
    number = settings.caller_id or (trunk.caller_id if trunk else "")
    if number and any(rule.called_back for rule in duties.caller_ids):
        what = f"that {number} is answered when called back"
        yield what, Declares.CALLED_BACK, number, declared[Declares.CALLED_BACK].get(number)
    if duties.identify_within_s or duties.hang_up_within_s:
        found = declared[Declares.OPENING].get(settings.name)
        yield f"that agents {_opening(whole)}", Declares.OPENING, settings.name, found
    good = {each.profile for each in verified(declared[Declares.PROFILE])}
    for name in whole.made_of:
        found = declared[Declares.PROFILE].get(name) if name in good else None
        yield f"that rule profile {name} was confirmed", Declares.PROFILE, name, found


def _opening(whole: RuleProfile) -> str:
    duties = whole.duties
    said = f"say who calls within {duties.identify_within_s} s" if duties.identify_within_s else ""
    ends = f"end the call within {duties.hang_up_within_s} s when asked" if duties.hang_up_within_s else ""
    return " and ".join(filter(None, (said, ends)))
