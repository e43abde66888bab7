"""How many numbers of a list are barred, before anybody calls it? Counted in bulk; the gates still decide each call."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.registry import Answer
from campaigns.storage.errors import StoreRefused
from campaigns.storage.values import Campaign
from dialer.refusal import Refused
from dialer.use_cases.context import Context
from dialer.use_cases.shown import counted


@dataclass(frozen=True, kw_only=True)
class Scrub:
    """What the do-not-call lists say about the different numbers of a file.

    `own`: barred by our own list, for everything or for the campaign that the file is for. `own_elsewhere`: barred for
    some other sellers or campaigns only. `listed`, `unknown`: by the `registries` that are asked before each call;
    unknown ones wait (area not covered, list too old or missing). `clear`: barred by none of them. `repeated`: stood
    in an earlier row already. `erased`: of those on our own list, numbers of persons who were erased here.
    """

    numbers: int
    own: int
    own_elsewhere: int
    registries: tuple[str, ...]
    listed: int
    unknown: int
    clear: int
    repeated: int
    erased: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "numbers": self.numbers,
            "clear": self.clear,
            "own_list": self.own,
            "own_list_elsewhere": self.own_elsewhere,
            "registries": list(self.registries),
            "registry_listed": self.listed,
            "registry_unknown": self.unknown,
            "repeated_in_file": self.repeated,
            "erased_before": self.erased,
        }

    @property
    def words(self) -> str:
        """One sentence when a number is barred; empty when none is."""
        barred = self.numbers - self.clear
        if not barred:
            return ""
        again = ""
        if self.erased:
            whose = counted(self.erased, "number was that of a person", "numbers were those of persons")
            again = (
                f" {whose} whose data was erased here. If the rows are theirs, the file brings it back: take them out, "
            )
            again += "unless it was given to you anew. Others on the same line are barred with it."
        return (
            f" {counted(barred, 'of its numbers is', 'of its numbers are')} not called as the do-not-call lists stand "
            f"now ({self.own} on our own, {self.listed} on a national registry, {self.unknown} unknown to it).{again}"
        )


def scrub(context: Context, numbers: Collection[int], repeated: int, campaign: Campaign | None = None) -> Scrub:
    """Look all numbers up (E.164 without the plus sign, each once) in our own list and the registries kept here."""
    reach = None if campaign is None else (context.store.campaigns.settings(campaign.id).seller_name, campaign.name)
    try:
        own, elsewhere = context.store.suppressions.barred_among((f"+{number}" for number in numbers), reach)
    except StoreRefused as refusal:
        raise Refused(str(refusal)) from None
    kept = context.registries
    asked = None if kept is None else kept.in_force
    blocked, blocked_too = dict.fromkeys(Answer, 0), dict.fromkeys(Answer, 0)
    if asked is not None:
        blocked = asked.tally(array("q", numbers), context.now())
        blocked_too = asked.tally(array("q", (int(number) for number in own)), context.now())
    only_by_registry = _blocking(blocked) - _blocking(blocked_too)
    return Scrub(
        numbers=len(numbers),
        own=len(own),
        own_elsewhere=len(elsewhere),
        registries=() if asked is None else tuple(registry.id for registry, _ in asked.lists),
        listed=blocked[Answer.LISTED],
        unknown=blocked[Answer.UNKNOWN],
        clear=len(numbers) - len(own) - only_by_registry,
        repeated=repeated,
        erased=len(context.store.suppressions.erased_among(own | elsewhere)),
    )


def digits_of(numbers: Iterable[str]) -> dict[int, None]:
    """E.164 numbers as `scrub` takes them."""
    return dict.fromkeys(int(number) for number in numbers)


def _blocking(answers: Mapping[Answer, int]) -> int:
    return sum(count for answer, count in answers.items() if answer.blocks)
