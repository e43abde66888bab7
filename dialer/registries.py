"""Which national registries does this installation keep, and what do they say at this moment?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from campaigns.registry import (
    Registries,
    RegistryList,
    RegistryVerdict,
    Standing,
    canada,
    open_registries,
    united_kingdom,
    united_states,
)
from dialer.home import Home
from dialer.settings import REGISTRIES, DncSettings, Settings

_MADE: dict[str, Callable[[DncSettings], RegistryList]] = {
    "us-ftc": lambda dnc: united_states(covered=tuple(f"1{area}" for area in dict.fromkeys(dnc.us_area_codes)) or None),
    "ca-dncl": lambda _: canada(),
    "uk-tps": lambda _: united_kingdom(),
    "uk-ctps": lambda _: united_kingdom(corporate=True),
}
assert tuple(_MADE) == REGISTRIES, "what may be set is what can be made"


def registry_list(settings: Settings, name: str) -> RegistryList:
    """One list as it is subscribed to. KeyError for a name that is not in REGISTRIES."""
    return _MADE[name](settings.dnc)


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

    def ask(self, number: str, now: datetime) -> RegistryVerdict:
        return self.in_force.ask(number, now)

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
