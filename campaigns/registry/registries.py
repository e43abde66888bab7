"""May this number be dialled as far as all national registries are concerned, and by which list do we know?"""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from campaigns.registry.answers import Answer, Answers, Digits
from campaigns.registry.coverage import may_exist, may_exist_many
from campaigns.registry.freshness import Standing, shown, standing
from campaigns.registry.open_list import OpenList, open_list
from campaigns.registry.values import RegistryList
from campaigns.rules import NO_LISTS_ASKED, Lifted, ListsAsked
from campaigns.rules.duties import PURPOSES

_E164 = re.compile(r"\+[1-9][0-9]{0,14}", re.ASCII)
_CODES = 2 * len(Answer)
_STRENGTH = {Answer.CLEAR: 0, Answer.UNKNOWN: 1, Answer.LISTED: 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Consulted:
    """What one list said. `answer` is UNKNOWN when the list is too old or damaged, unless the number is on it.

    `lifted`: why it decided nothing, as the rule profile says; none where it counts.
    """

    list_id: str
    answer: Answer
    required: bool
    generation: int | None
    list_date: datetime | None
    lifted: Lifted | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryVerdict:
    """The answer of all lists together, and the list that decided, with one sentence for people.

    LISTED and UNKNOWN block. `list_id` is None when no registry protects the number: then it is CLEAR.
    `consulted` is the evidence: every list that is required for the number, is asked for, or has it.
    """

    answer: Answer
    reason: str
    list_id: str | None = None
    generation: int | None = None
    list_date: datetime | None = None
    consulted: tuple[Consulted, ...] = ()

    @property
    def listed(self) -> bool:
        return self.answer is Answer.LISTED

    @property
    def passes(self) -> bool:
        """Whether it may be dialled as far as registries are concerned."""
        return self.answer is Answer.CLEAR

    @property
    def known(self) -> bool:
        """False when nobody can say whether it is listed."""
        return self.answer is not Answer.UNKNOWN

    def with_(self, other: "RegistryVerdict") -> "RegistryVerdict":
        """Both together: LISTED beats UNKNOWN, which beats CLEAR, and the evidence of both."""
        return replace(_stronger(self, other), consulted=(*self.consulted, *other.consulted))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Registries:
    """Several lists, opened. It never changes; `refreshed` gives the lists in force now.

    One list that has the number blocks, whether it is required or not, and however old it is: an old list can only
    be wrong by naming too many or too few, and too many is the safe side.
    """

    lists: tuple[tuple[RegistryList, OpenList], ...]

    def refreshed(self) -> "Registries":
        """This very object as long as no list changed."""
        now = tuple((registry, opened.refreshed()) for registry, opened in self.lists)
        same = all(new is old for (_, new), (_, old) in zip(now, self.lists, strict=True))
        return self if same else replace(self, lists=now)

    def standings(self, now: datetime) -> dict[str, Standing | str]:
        """How each list stands; a sentence when it cannot be read."""
        return {
            registry.id: _standing(registry, opened, now) if opened.manifest else opened.fault or ""
            for registry, opened in self.lists
        }

    def standing_for(self, list_id: str, max_age_days: int, now: datetime) -> Standing | str | None:
        """How the kept list stands that is this one or stands for it, at the age that is asked for; of several the one
        that locks, a sentence when it cannot be read, None when none is kept."""
        asked = ListsAsked(wanted=((list_id, max_age_days),))
        found = [
            _standing(registry, opened, now, asked) if opened.manifest else opened.fault or ""
            for registry, opened in self.lists
            if list_id in registry.stands_for
        ]
        locking = (each for each in found if isinstance(each, str) or each.freshness.locks)
        return next(locking, next(iter(found), None))

    def ask(self, number: str, now: datetime, asked: ListsAsked = NO_LISTS_ASKED) -> RegistryVerdict:
        """The verdict for one number in E.164 at `now`; a text that is none is UNKNOWN.

        A list that is `asked` for must be kept, cover the number and be as young as asked; one that is lifted decides
        nothing.
        """
        digits = number[1:]
        if not (number.startswith("+") and may_exist(digits)):
            return RegistryVerdict(answer=Answer.UNKNOWN, reason="This is no E.164 number, so no list was asked.")
        consulted: list[Consulted] = []
        strongest: RegistryVerdict | None = None
        for registry, opened in self.lists:
            verdict = self._of_one(registry, opened, number, now, asked)
            if verdict is None:
                continue
            lifted = asked.why_lifted(registry.id, registry.stands_for)
            required = self._requires(registry, digits, asked)
            consulted.append(_consulted(verdict, registry, required and lifted is None, lifted))
            strongest = strongest if lifted else _stronger(strongest, verdict)
        for verdict in self._not_kept(asked):
            consulted.append(_not_kept_evidence(verdict))
            strongest = _stronger(strongest, verdict)
        if strongest is None:
            reason = _capital(asked.lifted[0].why) if asked.lifted else "No registry of ours protects this number"
            reason = f"{reason}."
            return RegistryVerdict(answer=Answer.CLEAR, reason=reason, consulted=tuple(consulted))
        return replace(strongest, consulted=tuple(consulted))

    def ask_many(self, numbers: Digits, now: datetime) -> Answers:
        """One `Answer` for each number, by the same rules as `ask`."""
        answers = np.full(len(numbers), Answer.CLEAR, np.uint8)
        listed = np.zeros(len(numbers), np.bool_)
        answers[~may_exist_many(numbers)] = Answer.UNKNOWN
        for registry, opened in self.lists:
            said = opened.ask_many(numbers)
            listed |= said == Answer.LISTED
            required = registry.required_for.covers_many(numbers)
            locked = opened.manifest is None or _standing(registry, opened, now).freshness.locks
            answers[required & (said == Answer.UNKNOWN) | required & locked] = Answer.UNKNOWN
        answers[listed] = Answer.LISTED
        return answers

    def tally(self, numbers: "array[int]", now: datetime) -> dict[Answer, int]:
        """How many of the numbers (`array("q")`, E.164 without the plus sign) get which answer."""
        counts = np.bincount(self.ask_many(np.frombuffer(numbers, np.int64), now), minlength=len(Answer))
        return {answer: int(counts[answer]) for answer in Answer}

    def told_apart(self, numbers: Sequence[str]) -> Sequence[int]:
        """One code for each number in E.164. Equal codes get equal verdicts from `ask`, at any time and whatever lists
        are asked for; words may differ."""
        digits = (int(number[1:]) if _E164.fullmatch(number) else 0 for number in numbers)
        array = np.fromiter(digits, np.int64, len(numbers))
        codes = may_exist_many(array).astype(np.int64)
        for registry, opened in self.lists:
            codes = codes * _CODES + opened.ask_many(array) * 2 + registry.required_for.covers_many(array)
        found: list[int] = codes.tolist()
        return found

    def _of_one(
        self, registry: RegistryList, opened: OpenList, number: str, now: datetime, asked: ListsAsked
    ) -> RegistryVerdict | None:
        """What one list has to say; None when the number does not concern it."""
        said = opened.ask(number)
        if said is not Answer.LISTED and not self._requires(registry, number[1:], asked):
            return None
        manifest = opened.manifest
        if manifest is None:
            return RegistryVerdict(answer=Answer.UNKNOWN, reason=opened.fault or "", list_id=registry.id)
        verdict = RegistryVerdict(
            answer=said,
            reason=_reason(registry, said, manifest.list_date),
            list_id=registry.id,
            generation=manifest.generation,
            list_date=manifest.list_date,
        )
        age = _standing(registry, opened, now, asked)
        if said is not Answer.LISTED and age.freshness.locks:
            return replace(verdict, answer=Answer.UNKNOWN, reason=age.reason)
        return verdict

    def _requires(self, registry: RegistryList, digits: str, asked: ListsAsked) -> bool:
        """Whether the number may be called only when this list answers CLEAR: by our own rule or the profile's."""
        named = asked.max_age_days(registry.stands_for) is not None
        named = named or asked.why_lifted(registry.id, registry.stands_for) is not None
        return named or registry.required_for.covers(digits)

    def _not_kept(self, asked: ListsAsked) -> Iterator[RegistryVerdict]:
        """A verdict for each list that is asked for and that nothing here stands for; all say what is missing."""
        kept = {name for registry, _ in self.lists for name in registry.stands_for}
        missing = [(name, days) for name, days in asked.wanted if name not in kept]
        for name, _ in missing:
            yield RegistryVerdict(answer=Answer.UNKNOWN, reason=_why_not_kept(missing, asked), list_id=name)


def open_registries(root: Path, lists: Iterable[RegistryList]) -> Registries:
    """The generations in force of `lists` in the folder `root`."""
    return Registries(lists=tuple((registry, open_list(root, registry.id)) for registry in lists))


def _stronger(first: RegistryVerdict | None, second: RegistryVerdict) -> RegistryVerdict:
    """LISTED beats UNKNOWN, which beats CLEAR; of equals the first."""
    return second if first is None or _STRENGTH[second.answer] > _STRENGTH[first.answer] else first


def _standing(registry: RegistryList, opened: OpenList, now: datetime, asked: ListsAsked = NO_LISTS_ASKED) -> Standing:
    """By the age that the registry itself allows, or the profile's when that is less."""
    if opened.manifest is None:
        raise ValueError(f"{registry.id} cannot be read")
    days = asked.max_age_days(registry.stands_for)
    least = registry.max_age_days if days is None else min(days, registry.max_age_days)
    return standing(opened.manifest, least, now, registry.warn_days)


def _why_not_kept(missing: Sequence[tuple[str, int]], asked: ListsAsked) -> str:
    lists = " and ".join(f"{name} in a version of at most {days} days" for name, days in missing)
    names = ", ".join(name for name, _ in missing)
    return (
        f"{asked.by} asks for {lists}, kept here by nobody. Name {names} in dialer.toml ([dnc] registries), start the "
        f"service anew and bring in each list (dialer dnc import-registry {missing[0][0]}). "
        f"{_purpose_words(asked.purpose)}"
    )


def _purpose_words(purpose: str) -> str:
    words = ", ".join(PURPOSES)
    if purpose in PURPOSES:
        return f"The campaign's purpose is {purpose}; if that is wrong, set it to what these calls are for ({words})."
    return f"The campaign's purpose {purpose!r} is none of {words}, so it is taken for any of them; set the one it is."


def _reason(registry: RegistryList, said: Answer, list_date: datetime) -> str:
    of = f"{registry.name} of {shown(list_date)}"
    if said is Answer.LISTED:
        return f"The number is on the {of}."
    if said is Answer.CLEAR:
        return f"The number is not on the {of}."
    return (
        f"The {of} does not cover this number's area, so nobody can say whether it is listed. Extend the subscription."
    )


def _consulted(verdict: RegistryVerdict, registry: RegistryList, required: bool, lifted: Lifted | None) -> Consulted:
    return Consulted(
        list_id=registry.id,
        answer=verdict.answer,
        required=required,
        generation=verdict.generation,
        list_date=verdict.list_date,
        lifted=lifted,
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _not_kept_evidence(verdict: RegistryVerdict) -> Consulted:
    return Consulted(
        list_id=verdict.list_id or "", answer=verdict.answer, required=True, generation=None, list_date=None
    )
