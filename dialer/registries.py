"""Which national registries does this installation keep, and what do they say at this moment?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from campaigns.registry import (
    Registries,
    RegistryList,
    RegistryVerdict,
    Standing,
    canada,
    national,
    open_registries,
    united_kingdom,
    united_states,
    us_state,
)
from campaigns.rules import NO_LISTS_ASKED, ListsAsked
from dialer.home import Home
from dialer.settings import REGISTRIES, DncSettings, Settings

_STATES = {
    "us-co": "Colorado",
    "us-fl": "Florida",
    "us-in": "Indiana",
    "us-la": "Louisiana",
    "us-ma": "Massachusetts",
    "us-mo": "Missouri",
    "us-ok": "Oklahoma",
    "us-pa": "Pennsylvania",
    "us-tn": "Tennessee",
    "us-tx": "Texas",
    "us-wy": "Wyoming",
}
_QUARTERLY = {"us-ma": 92}


def _state(list_id: str, _dnc: DncSettings) -> RegistryList:
    return us_state(list_id, _STATES[list_id], max_age_days=_QUARTERLY.get(list_id, 31))


_MADE: dict[str, Callable[[DncSettings], RegistryList]] = {
    "us-ftc": lambda dnc: united_states(covered=tuple(f"1{area}" for area in dict.fromkeys(dnc.us_area_codes)) or None),
    "ca-dncl": lambda _: canada(),
    "uk-tps": lambda _: united_kingdom(),
    "uk-ctps": lambda _: united_kingdom(corporate=True),
    **{list_id: partial(_state, list_id) for list_id in _STATES},
    "es-robinson": lambda _: national("es-robinson", "Spain's Lista Robinson", "ES", "34"),
    "br-nao-me-perturbe": lambda _: national("br-nao-me-perturbe", "Brazil's Nao Me Perturbe", "BR", "55"),
}
assert tuple(_MADE) == REGISTRIES, "what may be set is what can be made"


def registry_list(settings: Settings, name: str) -> RegistryList:
    """One list as it is subscribed to, with those for which it stands too. KeyError when it is not in REGISTRIES."""
    pairs = (each.split("=", 1) for each in settings.dnc.serves)
    also = frozenset(other.strip() for kept, other in pairs if kept.strip() == name)
    return replace(_MADE[name](settings.dnc), serves=also)


def registry_folder(home: Home, settings: Settings) -> Path:
    """Where the generations of all lists lie."""
    return home.below(settings.dnc.folder)


class KeptRegistries:
    """The lists that are set, always in the generation that is in force: another process may import one."""

    def __init__(self, folder: Path, lists: tuple[RegistryList, ...]) -> None:
        self._now = open_registries(folder, lists)
        self._seen = self._now

    @property
    def in_force(self) -> Registries:
        """The generations in force, opened anew where another came into force."""
        self._now = self._now.refreshed()
        return self._now

    def ask(self, number: str, now: datetime, asked: ListsAsked = NO_LISTS_ASKED) -> RegistryVerdict:
        return self.in_force.ask(number, now, asked)

    def standings(self, now: datetime) -> dict[str, Standing | str]:
        return self.in_force.standings(now)

    def changed(self) -> Registries | None:
        """The lists in force when any of them changed since `heeded`."""
        now = self.in_force
        return None if now is self._seen else now

    def heeded(self, seen: Registries) -> None:
        """What followed from these lists is done."""
        self._seen = seen


def kept_registries(home: Home, settings: Settings) -> KeptRegistries | None:
    """What `dnc.registries` names; None when it names nothing."""
    if not settings.dnc.registries:
        return None
    lists = tuple(registry_list(settings, name) for name in dict.fromkeys(settings.dnc.registries))
    return KeptRegistries(registry_folder(home, settings), lists)
