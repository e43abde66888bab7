"""Does a campaign's setting name something that is there: trunk, rule profile, script, message?

A new campaign may be made before its trunk or script is: it says what is still needed, and is not started without.
A change must name what is there, and none may halt a campaign that runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from campaigns.declaration import Declares
from campaigns.hours import PROFILES
from campaigns.model import CampaignState
from campaigns.settings import CampaignSettings
from campaigns.storage.values import Campaign
from dialer.refusal import Refused
from dialer.rules import LIST_PROFILES, OnRecord, rules_for, unknown
from dialer.use_cases.context import Context

NAMES = ("trunk", "rule_profile", "script", "message")


def still_needed(context: Context, settings: CampaignSettings) -> str:
    """A sentence on what would keep it from starting, as far as the store knows; empty when nothing would."""
    needed = list(_not_there(context, settings, NAMES))
    if not settings.trunk:
        needed.insert(0, "it names no trunk yet")
    return f" Still needed: {'; '.join(needed)}." if needed else ""


def require_known(context: Context, settings: CampaignSettings, keys: Collection[str]) -> None:
    """Raises Refused when one of these settings names what is not there."""
    faults = list(_not_there(context, settings, keys))
    if faults:
        raise Refused(f"The settings cannot be used: {'; '.join(faults)}. Nothing was stored.", {"faults": faults})


def require_dialling_goes_on(
    context: Context, campaign: Campaign, former: CampaignSettings, settings: CampaignSettings
) -> None:
    """Raises Refused when a running campaign that dials would dial no more with the new settings."""
    if campaign.state is not CampaignState.RUNNING or halted(context, former):
        return
    why = halted(context, settings)
    if why:
        words = f"Campaign {campaign.name} is running and would dial no more: missing {why}."
        raise Refused(f"{words} Pause it first, or change it otherwise. Nothing was stored.")


def halted(context: Context, settings: CampaignSettings) -> str:
    """What is missing for a campaign with these settings to dial; empty when nothing is."""
    known = OnRecord(
        rights=context.store.caller_ids.in_force(),
        messages=context.store.declarations.in_force(Declares.MESSAGE),
        fingerprint=context.fingerprint(settings.message),
    )
    _, missing = rules_for(settings, context.store.trunks.all(), context.why_not_played, known=known)
    return missing


def _not_there(context: Context, settings: CampaignSettings, keys: Collection[str]) -> Iterator[str]:
    trunks = {trunk.name: trunk for trunk in context.store.trunks.all()}
    if "trunk" in keys and settings.trunk and settings.trunk not in trunks:
        yield f"trunk {unknown(settings.trunk, trunks, 'dialer trunk add')}"
    if "rule_profile" in keys and settings.rule_profile not in PROFILES:
        yield f"rule profile {unknown(settings.rule_profile, PROFILES, lister=LIST_PROFILES)}"
    if "script" in keys and settings.script and context.store.scripts.script(settings.script) is None:
        scripts = [script.name for script in context.store.scripts.all()]
        yield f"script {unknown(settings.script, scripts, 'dialer script import')}"
    trunk = trunks.get(settings.trunk)
    if "message" in keys and trunk is not None and not trunk.practice:
        silent = context.why_not_played(settings.message)
        if silent:
            yield f"message {settings.message!r}: {silent}"
