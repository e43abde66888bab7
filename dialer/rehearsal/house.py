"""What does a made-up day begin with? A fresh store gets one practice campaign with its trunk, list and agents."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from campaigns.importing import LeadRow
from campaigns.phone import PhoneNumber, parse
from campaigns.settings import CampaignSettings
from campaigns.storage.store import Store
from telephony.practice import AREA_CODES

TRUNK, CAMPAIGN = "practice", "simulated"
MORNING = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)  # 09:00 in New York, a Monday
HELD_AREA = "808"  # the practice rules keep this one closed on purpose
FIRST_AGENT = 1001
BY_WHOM = "simulation"
OWN_NUMBER = "+12025550100"


def plain_settings(name: str = CAMPAIGN, **others: Any) -> CampaignSettings:
    """The campaign's settings: its name, seller, numbers and trunk, and what is given; all else at its default."""
    return CampaignSettings(
        name=name,
        seller_name="Simulated Seller",
        callback_number=OWN_NUMBER,
        caller_id=OWN_NUMBER,
        trunk=TRUNK,
        rule_profile="practice",
        **others,
    )


def furnish(
    store: Store,
    settings: CampaignSettings,
    *,
    at: datetime,
    lines: int,
    calls_per_second: float,
    leads: int,
    seed: int,
    agents: Iterable[tuple[str, str]],
) -> int:
    """Put it all into an empty store, as of `at`; `agents` are numbers and names. Returns the campaign's id."""
    store.trunks.add(
        name=TRUNK,
        exchange="sim",
        host="127.0.0.1",
        port=5060,
        caller_id=OWN_NUMBER,
        practice=True,
        rule_profile="practice",
        max_calls=lines,
        attempts_per_second=calls_per_second,
    )
    campaign = store.campaigns.create(settings, BY_WHOM, at)
    made = store.leads.import_batch("leads", practice_leads(leads), "synthetic", f"seed-{seed}", BY_WHOM, at)
    store.campaigns.attach_list(campaign.id, made.list_id, BY_WHOM, at)
    for number, name in agents:
        agent = store.agents.add(number=number, name=name, now=at)
        store.campaigns.attach_agent(campaign.id, agent.id, BY_WHOM, at)
    return campaign.id


def furnish_another(
    store: Store, settings: CampaignSettings, *, at: datetime, leads: int, after: int, seed: int
) -> int:
    """One more campaign for the same agents on the same trunk; its list begins after so many practice leads."""
    campaign = store.campaigns.create(settings, BY_WHOM, at)
    rows = itertools.islice(practice_leads(after + leads), after, None)
    made = store.leads.import_batch(settings.name, rows, "synthetic", f"seed-{seed}", BY_WHOM, at)
    store.campaigns.attach_list(campaign.id, made.list_id, BY_WHOM, at)
    for agent in store.agents.all():
        store.campaigns.attach_agent(campaign.id, agent.id, BY_WHOM, at)
    return campaign.id


def practice_leads(count: int) -> Iterator[LeadRow]:
    """So many leads with numbers reserved for fiction, each with one of its own."""
    endings = (f"55501{n:02d}" for n in range(100))
    numbers = (f"+1{area}{ending}" for ending in endings for area in AREA_CODES if area != HELD_AREA)
    for line, number in enumerate(itertools.islice(numbers, count), start=2):
        parsed = parse(number)
        assert isinstance(parsed, PhoneNumber), f"{number} is in the practice table but is no practice number"
        yield LeadRow(line=line, contact_points=(parsed,), first_name="Lead", last_name=str(line))
