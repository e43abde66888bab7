"""Which do-not-call lists do the rules of a campaign ask for, and may those kept here be relied on?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from campaigns.number_answers import WASHED
from campaigns.registry import Freshness, Registries, Standing
from campaigns.rules import ProfileFault, RuleProfile, lists_asked, parts_with_rules, rules_of_places
from campaigns.settings import CampaignSettings
from campaigns.storage.values import Trunk
from dialer.rules import rules_for

EVERY_LEAD = "every lead"
_NO_LISTS = Registries(lists=())


@dataclass(frozen=True, kw_only=True)
class ListNeed:
    """One list that leads of a campaign need. `where`: every lead, or those who may be in a part such as `US-FL`.

    `standing`: fresh, warns, too old, fault, missing (nothing imported yet, or damaged), not kept, or by number.
    `counts_until`: the last instant at which it counts, none when nothing is in force. `holds`: who needs it is not
    called.
    """

    campaign: str
    list_id: str
    max_age_days: int
    where: str
    standing: str
    counts_until: datetime | None
    holds: bool
    words: str

    def days_left(self, now: datetime) -> int | None:
        """Whole days until it counts no more; none when it does not count."""
        return None if self.counts_until is None or self.holds else (self.counts_until - now).days

    @property
    def told(self) -> str:
        """One sentence for an alarm; empty while nothing is to be done."""
        if self.holds:
            return f"Campaign {self.campaign}: {self.where} who needs the list {self.list_id} is held. {self.words}"
        return f"Campaign {self.campaign}: {self.words}" if self.standing == Freshness.WARNS.value else ""


def lists_needed(
    settings: CampaignSettings, trunks: Iterable[Trunk], kept: Registries | None, now: datetime
) -> tuple[ListNeed, ...]:
    """What every lead needs, then what those in parts of its countries need beside it; a consent on record may lift
    any of it. Nothing for a campaign that cannot dial at all."""
    rules, _ = rules_for(settings, trunks, lambda _message: "")
    return () if rules is None else tuple(_needs(settings, rules.profile, kept or _NO_LISTS, now))


def needs_of_every_lead(
    settings: CampaignSettings, profile: RuleProfile, kept: Registries | None, now: datetime
) -> Iterator[ListNeed]:
    """What the profile itself asks for, wherever a lead may be."""
    asked = lists_asked(profile, settings.purpose, None)
    for name, days in asked.wanted:
        yield _need(settings.name, name, days, EVERY_LEAD, (kept or _NO_LISTS).standing_for(name, days, now))


def _needs(settings: CampaignSettings, base: RuleProfile, kept: Registries, now: datetime) -> Iterator[ListNeed]:
    yield from needs_of_every_lead(settings, base, kept, now)
    told = dict(lists_asked(base, settings.purpose, None).wanted)
    for part in parts_with_rules(base):
        try:
            there = rules_of_places(base, (part,))
        except ProfileFault:
            continue  # nobody there is called, and the lead's own reason says why
        for name, days in lists_asked(there, settings.purpose, None).wanted:
            if told.get(name) != days:
                yield _need(settings.name, name, days, part, kept.standing_for(name, days, now))
                told |= {name: days} if "-" not in part else {}


def _need(campaign: str, name: str, days: int, where: str, found: Standing | str | None) -> ListNeed:
    standing, until, holds = "missing", None, True
    if name in WASHED:
        standing, holds = "by number", False
        words = f"Each number needs an answer of at most {days} days: 'dialer dnc import-washed {name}'."
    elif isinstance(found, Standing):
        standing, until, holds = found.freshness.value, found.counts_until, found.freshness.locks
        words = found.reason
    elif found is None:
        standing = "not kept"
        words = f"Name {name} in dialer.toml ([dnc] registries), start the service anew and import it."
    else:
        words = found
    return ListNeed(
        campaign=campaign,
        list_id=name,
        max_age_days=days,
        where=where,
        standing=standing,
        counts_until=until,
        holds=holds,
        words=words,
    )
