"""May this number be dialled as far as all national registries are concerned, and by which list do we know?"""

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from campaigns.registry.answers import Answer, Answers, Digits
from campaigns.registry.coverage import may_exist, may_exist_many
from campaigns.registry.freshness import Standing, shown, standing
from campaigns.registry.open_list import OpenList, open_list
from campaigns.registry.values import RegistryList

_E164 = re.compile(r"\+[1-9][0-9]{0,14}", re.ASCII)
_STRENGTH = {Answer.CLEAR: 0, Answer.UNKNOWN: 1, Answer.LISTED: 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Consulted:
    """What one list said. `answer` is UNKNOWN when the list is too old or damaged, unless the number is on it."""

    list_id: str
    answer: Answer
    required: bool
    generation: int | None
    list_date: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryVerdict:
    """The answer of all lists together, and the list that decided, with one sentence for people.

    LISTED and UNKNOWN block. `list_id` is None when no registry protects the number: then it is CLEAR.
    `consulted` is the evidence: every list that is required for the number or has it.
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

    def ask(self, number: str, now: datetime) -> RegistryVerdict:
        """The verdict for one number in E.164 at `now`; a text that is none is UNKNOWN."""
        digits = number[1:]
        if not (number.startswith("+") and may_exist(digits)):
            return RegistryVerdict(answer=Answer.UNKNOWN, reason="This is no E.164 number, so no list was asked.")
        consulted: list[Consulted] = []
        strongest: RegistryVerdict | None = None
        for registry, opened in self.lists:
            verdict = self._of_one(registry, opened, number, now)
            if verdict is None:
                continue
            consulted.append(_consulted(verdict, registry, digits))
            strongest = _stronger(strongest, verdict)
        if strongest is None:
            return RegistryVerdict(answer=Answer.CLEAR, reason="No registry of ours protects this number.")
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

    def answers_of(self, numbers: Sequence[str], now: datetime) -> Sequence[int]:
        """One `Answer` for each number in E.164, by the same rules as `ask`; a text that is none is UNKNOWN."""
        digits = (int(number[1:]) if _E164.fullmatch(number) else 0 for number in numbers)
        found: list[int] = self.ask_many(np.fromiter(digits, np.int64, len(numbers)), now).tolist()
        return found

    def _of_one(self, registry: RegistryList, opened: OpenList, number: str, now: datetime) -> RegistryVerdict | None:
        """What one list has to say; None when the number does not concern it."""
        said = opened.ask(number)
        if said is not Answer.LISTED and not registry.required_for.covers(number[1:]):
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
        age = _standing(registry, opened, now)
        if said is not Answer.LISTED and age.freshness.locks:
            return replace(verdict, answer=Answer.UNKNOWN, reason=age.reason)
        return verdict


def open_registries(root: Path, lists: Iterable[RegistryList]) -> Registries:
    """The generations in force of `lists` in the folder `root`."""
    return Registries(lists=tuple((registry, open_list(root, registry.id)) for registry in lists))


def _stronger(first: RegistryVerdict | None, second: RegistryVerdict) -> RegistryVerdict:
    """LISTED beats UNKNOWN, which beats CLEAR; of equals the first."""
    return second if first is None or _STRENGTH[second.answer] > _STRENGTH[first.answer] else first


def _standing(registry: RegistryList, opened: OpenList, now: datetime) -> Standing:
    if opened.manifest is None:
        raise ValueError(f"{registry.id} cannot be read")
    return standing(opened.manifest, registry.max_age_days, now, registry.warn_days)


def _reason(registry: RegistryList, said: Answer, list_date: datetime) -> str:
    of = f"{registry.name} of {shown(list_date)}"
    if said is Answer.LISTED:
        return f"The number is on the {of}."
    if said is Answer.CLEAR:
        return f"The number is not on the {of}."
    return (
        f"The {of} does not cover this number's area, so nobody can say whether it is listed. Extend the subscription."
    )


def _consulted(verdict: RegistryVerdict, registry: RegistryList, digits: str) -> Consulted:
    return Consulted(
        list_id=registry.id,
        answer=verdict.answer,
        required=registry.required_for.covers(digits),
        generation=verdict.generation,
        list_date=verdict.list_date,
    )
