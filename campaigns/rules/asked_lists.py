"""Which do-not-call lists must have been asked before a call, and which need not be, and why?

A list is asked for every purpose that is not plainly another one: a word of the house's own is taken for sales.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from campaigns.rules.duties import INTERNAL, PURPOSES, DoNotCallSource
from campaigns.rules.profile import RuleProfile

Agreed = Callable[[str], str]
"""Given the kind of consent that lifts a list: the words of the consent on record that does, or an empty text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lifted:
    """A list that need not be asked. `by`: `purpose` or `consent`; `why` in words for people."""

    list_id: str
    by: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListsAsked:
    """`wanted`: each list with the age in days that its version may have, to the second. `lifted`: those that need not
    be asked here. `by` names the profile, `purpose` what the calls are for."""

    wanted: tuple[tuple[str, int], ...] = ()
    lifted: tuple[Lifted, ...] = ()
    by: str = ""
    purpose: str = ""

    def max_age_days(self, lists: frozenset[str]) -> int | None:
        """The smallest age asked of any of these lists; None when none of them is asked for."""
        return min((days for name, days in self.wanted if name in lists), default=None)

    def why_lifted(self, list_id: str, lists: frozenset[str]) -> Lifted | None:
        """Why this list, which stands for `lists`, need not be asked; none when it must be, or nobody says so."""
        if not self.lifted or self.max_age_days(lists) is not None:
            return None
        return next((each for each in self.lifted if each.list_id == list_id), None)


NO_LISTS_ASKED = ListsAsked()


def lists_asked(profile: RuleProfile, purpose: str, agreed: Agreed | None) -> ListsAsked:
    """What `profile` asks for calls of this purpose to a number. `agreed` None: no consent of it is on record."""
    plain, liftable = _for_purpose(profile, purpose)
    if agreed is None or not liftable:
        return plain
    lifted: list[Lifted] = []
    for name, sources in liftable:
        words = [agreed(source.consent_lifts) for source in sources]
        if all(words):
            lifted.append(Lifted(list_id=name, by="consent", why=f"{words[0]}: {name} need not be asked"))
    if not lifted:
        return plain
    gone = {each.list_id for each in lifted}
    return ListsAsked(
        wanted=tuple(each for each in plain.wanted if each[0] not in gone),
        lifted=(*plain.lifted, *lifted),
        by=plain.by,
        purpose=purpose,
    )


@lru_cache(maxsize=8192)
def _for_purpose(
    profile: RuleProfile, purpose: str
) -> tuple[ListsAsked, tuple[tuple[str, tuple[DoNotCallSource, ...]], ...]]:
    """What is asked without any consent, and the lists that a consent lifts, with all that must agree to it."""
    named: dict[str, list[DoNotCallSource]] = {}
    for source in profile.duties.do_not_call:
        if source.list_id != INTERNAL:
            named.setdefault(source.list_id, []).append(source)
    wanted: dict[str, int] = {}
    lifted: list[Lifted] = []
    liftable: list[tuple[str, tuple[DoNotCallSource, ...]]] = []
    for name, sources in named.items():
        asking = tuple(source for source in sources if asked_for(source, purpose))
        if not asking:
            why = f"{profile.name} does not ask {name} for calls of purpose {purpose}"
            lifted.append(Lifted(list_id=name, by="purpose", why=why))
            continue
        wanted[name] = min(source.max_age_days for source in asking)
        if all(source.consent_lifts for source in asking):
            liftable.append((name, asking))
    plain = ListsAsked(wanted=tuple(wanted.items()), lifted=tuple(lifted), by=profile.name, purpose=purpose)
    return plain, tuple(liftable)


def asked_for(source: DoNotCallSource, purpose: str) -> bool:
    """Whether the list is asked for calls of this purpose; for a word that is none of ours it is."""
    return not source.purposes or purpose in source.purposes or purpose not in PURPOSES
