"""What do the national registries say of a number, asked for every list that the rules of its places want?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from campaigns.consent import ConsentNeed, judge_consent, kinds_enough
from campaigns.dialable.values import Candidate, RegistryLists, Rules
from campaigns.number_answers import WASHED, Answered, judge_washed
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

    @property
    def said(self) -> RegistryVerdict | None:
        """The answer; None when no gate asked, or no answer came."""
        return self._said

    def ask(self, number: str, now: datetime, asked: ListsAsked) -> RegistryVerdict:
        return (no_registry() if self._lists is None else self._lists).ask(number, now, asked)

    def about(self, candidate: Candidate, rules: Rules, now: datetime) -> RegistryVerdict | None:
        """What all lists say of this candidate. None when no registry is to be asked: none is kept and none asked for,
        or the number is a practice one, which is fictional wherever it is dialled."""
        if self._said is None and not candidate.contact_point.practice:
            asked = asked_of(candidate, rules, now)
            if self.kept or asked.wanted:
                self._said = self._together(candidate, asked, now)
        return self._said

    def _together(self, candidate: Candidate, asked: ListsAsked, now: datetime) -> RegistryVerdict:
        single = tuple(each for each in asked.wanted if each[0] in WASHED)
        whole = asked if not single else replace(asked, wanted=tuple(set(asked.wanted) - set(single)))
        verdict = self.ask(candidate.contact_point.number, now, whole)
        for other in _washed(candidate, single, now):
            verdict = verdict.with_(other)
        return verdict


def registries_say(candidate: Candidate, rules: Rules, now: datetime) -> RegistryVerdict | None:
    """What all lists say of a candidate; None when no registry is to be asked."""
    lists = rules.registries
    return (lists if isinstance(lists, AskedOnce) else AskedOnce(lists)).about(candidate, rules, now)


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


def _washed(candidate: Candidate, wanted: tuple[tuple[str, int], ...], now: datetime) -> Iterator[RegistryVerdict]:
    """What was answered about this number alone, by those who hand out no list."""
    from campaigns.registry import Answer, Consulted, RegistryVerdict

    said = {Answered.CLEAR: Answer.CLEAR, Answered.LISTED: Answer.LISTED}
    for name, days in wanted:
        found = judge_washed(candidate.answers, name, days, now)
        answer = Answer.UNKNOWN if found.answer is None else said[found.answer]
        seen = Consulted(list_id=name, answer=answer, required=True, generation=None, list_date=found.asked_at)
        reason = f"{found.reason[:1].upper()}{found.reason[1:]}."
        yield RegistryVerdict(answer=answer, reason=reason, list_id=name, list_date=found.asked_at, consulted=(seen,))
