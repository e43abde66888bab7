"""Which overrides are for this lead now, and by which rules is he judged with them?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from campaigns.consent import ConsentNeed
from campaigns.dialable.values import Candidate, GateCode, Rules
from campaigns.override import Override
from campaigns.rules.loosening import Loosens, loosened

# Only these gates are ever asked by looser rules; numbers, lists, registries and consent are not among them.
LOOSENED = {GateCode.ATTEMPTS: Loosens.ATTEMPTS, GateCode.CALLING_HOURS: Loosens.HOURS}


def in_force(candidate: Candidate, rules: Rules, now: datetime) -> tuple[Override, ...]:
    """The overrides that reach a candidate now."""
    settings = rules.settings
    need = ConsentNeed(seller=settings.seller_name, purpose=settings.purpose)
    number, consents = candidate.contact_point.number, candidate.consents
    return tuple(each for each in rules.overrides if each.holds(now) and each.reaches(number, consents, need, now))


def looser_rules(rules: Rules, overrides: tuple[Override, ...]) -> Rules:
    """The rules with these overrides; the same rules when there are none."""
    if not overrides:
        return rules
    read = tuple(loosening for each in overrides if (loosening := each.loosening) is not None)
    return replace(rules, profile=loosened(rules.profile, read))
