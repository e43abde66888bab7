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


def looser_rules(candidate: Candidate, rules: Rules, now: datetime) -> tuple[tuple[Override, ...], Rules]:
    """The overrides that reach a candidate now, and the rules with them; the same rules when there are none."""
    settings = rules.settings
    need = ConsentNeed(seller=settings.seller_name, purpose=settings.purpose)
    number, consents = candidate.contact_point.number, candidate.consents
    found = tuple(each for each in rules.overrides if each.holds(now) and each.reaches(number, consents, need, now))
    read = tuple(each.loosening for each in found)
    if not found:
        return (), rules
    return found, replace(rules, profile=loosened(rules.profile, tuple(each for each in read if each is not None)))
