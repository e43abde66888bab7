"""What do the national registries say of a number, asked for every list that the rules of its places want?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from campaigns.consent import ConsentNeed, judge_consent, kinds_enough
from campaigns.dialable.values import Candidate, RegistryLists, Rules
from campaigns.rules import ListsAsked, lists_asked

if TYPE_CHECKING:
    from campaigns.registry import RegistryVerdict


class AskedOnce:
    """Two gates ask about a number: both must hear of the same generation, even if another comes into force between."""

    def __init__(self, lists: RegistryLists | None) -> None:
        self._lists = lists
        self._said: RegistryVerdict | None = None

    @property
    def kept(self) -> bool:
        """Whether any registry is kept here."""
        return self._lists is not None

    def ask(self, number: str, now: datetime, asked: ListsAsked) -> RegistryVerdict:
        if self._said is None:
            self._said = (no_registry() if self._lists is None else self._lists).ask(number, now, asked)
        return self._said

    @property
    def said(self) -> RegistryVerdict | None:
        """The answer; None when no gate asked, or no answer came."""
        return self._said


def keeps_registries(rules: Rules) -> bool:
    """Whether any registry is kept here."""
    lists = rules.registries
    return lists.kept if isinstance(lists, AskedOnce) else lists is not None


def no_registry() -> RegistryLists:
    """The lists of a house that keeps none: whatever is asked for is not known."""
    from campaigns.registry import Registries

    return Registries(lists=())


def asked_of(candidate: Candidate, rules: Rules, now: datetime) -> ListsAsked:
    """Which lists the rules ask for this number, by the campaign's purpose and the consents on record."""
    settings, consents = rules.settings, candidate.consents

    def agreed(needed: str) -> str:
        need = ConsentNeed(seller=settings.seller_name, purpose=settings.purpose, kinds=kinds_enough(needed))
        verdict = judge_consent(consents, need, now)
        return verdict.reason if verdict.given else ""

    known = bool(consents) and bool(settings.seller_name)
    return lists_asked(rules.profile, settings.purpose, agreed if known else None)


def registries_say(candidate: Candidate, rules: Rules, now: datetime) -> RegistryVerdict | None:
    """None when no registry is to be asked. A practice number is fictional wherever it is dialled."""
    point, lists = candidate.contact_point, rules.registries
    if point.practice:
        return None
    asked = asked_of(candidate, rules, now)
    if not asked.wanted and not keeps_registries(rules):
        return None
    return (no_registry() if lists is None else lists).ask(point.number, now, asked)
