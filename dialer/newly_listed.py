"""Does a list that just came into force bar a number that rings, by the rules of that call?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from campaigns.dialable import GateCode, judge
from campaigns.registry import Registries
from campaigns.storage.store import Store
from dialer.live import LiveCall


def newly_listed(store: Store, call: LiveCall, changed: Registries, now: datetime) -> bool:
    """A list that the profile lifts for this purpose or by a consent bars nobody; of whom nothing is known any more,
    every list bars."""
    rules, attempt = call.run.rules, call.attempt
    if rules is None:
        return changed.ask(attempt.number, now).listed
    for candidate in store.queue.candidates_of(attempt.campaign_id, attempt.person_id, now):
        if candidate.contact_point.number == attempt.number:
            gates = judge(candidate, replace(rules, registries=changed), now).gates
            return any(gate.code is GateCode.REGISTRY and not gate.passed for gate in gates)
    return not rules.trunk.practice and changed.ask(attempt.number, now).listed
