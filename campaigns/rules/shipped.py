"""Which profiles come with the dialer? Read from their files when they are first asked for, then kept.

A file that cannot be used raises when it is asked for, and leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from campaigns.rules.faults import ProfileFault
from campaigns.rules.profile import RuleProfile, both
from campaigns.rules.reading import ProfileFile, read_profile

_FOLDER = Path(__file__).parent / "profiles"
_SUFFIX = ".yaml"


@lru_cache(maxsize=1)
def shipped_names() -> tuple[str, ...]:
    """Their names, sorted."""
    found = (each.name for each in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX)))


@lru_cache(maxsize=256)
def shipped_file(name: str) -> ProfileFile:
    """One file as it stands. Raises KeyError for a name that is none, ProfileFault for a file that cannot be used."""
    if name not in shipped_names():
        raise KeyError(name)
    file = f"{name}{_SUFFIX}"
    found = read_profile((_FOLDER / file).read_text(encoding="utf-8"), file)
    if found.name != name:
        raise ProfileFault(file, (f"profile: {found.name!r}; expected {name}, as the file is called",))
    return found


def effective(file: ProfileFile, shown: str = "") -> RuleProfile:
    """A file's rules together with those that it extends: never looser than they are. Raises ProfileFault."""
    lineage, name = [file.own], file.extends
    while name:
        if name in {each.name for each in lineage}:
            raise ProfileFault(shown or file.name, (f"extends: {name} extends itself",))
        try:
            parent = shipped_file(name)
        except KeyError:
            words = f"extends: there is no profile {name[:40]!r}; one of {', '.join(shipped_names())}"
            raise ProfileFault(shown or file.name, (words,)) from None
        lineage.append(parent.own)
        name = parent.extends
    return _together(lineage)


def _together(lineage: list[RuleProfile]) -> RuleProfile:
    """Bottom up, so that it bears the name of the file itself; its own purposes count when it names some."""
    whole = lineage[-1]
    for own in reversed(lineage[:-1]):
        whole = _named_as(own, both(own, whole))
    return whole


def _named_as(own: RuleProfile, whole: RuleProfile) -> RuleProfile:
    return replace(whole, name=own.name, version=own.version, purposes=own.purposes or whole.purposes)


class _Shipped(Mapping[str, RuleProfile]):
    """By name; each is read when it is first asked for."""

    def __getitem__(self, name: str) -> RuleProfile:
        return _effective(name)

    def __iter__(self) -> Iterator[str]:
        return iter(shipped_names())

    def __len__(self) -> int:
        return len(shipped_names())

    def __contains__(self, name: object) -> bool:
        return name in shipped_names()


@lru_cache(maxsize=256)
def _effective(name: str) -> RuleProfile:
    return effective(shipped_file(name))


PROFILES: Mapping[str, RuleProfile] = _Shipped()
