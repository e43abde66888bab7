"""May this number be shown to a person who may be there? Asked of every rule of his places, before every call.

A number is shown or nobody is called: the telephone port takes no call without one. Whether it is answered when called
back (`called_back`) is recorded in the profiles and not asked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from campaigns.phone import PhoneFault, parse
from campaigns.rules.duties import CallerIdRule


@dataclass(frozen=True, kw_only=True)
class ShownNumber:
    """The caller ID of a campaign's calls in E.164, or empty; `right_to_use`: what proves it may be shown, or empty."""

    number: str
    right_to_use: str = ""


@lru_cache(maxsize=4096)
def why_not_shown(shown: ShownNumber, rules: tuple[CallerIdRule, ...], countries: tuple[str, ...]) -> str:
    """Why it may not be shown under these rules; empty when it may. `countries` (ISO 3166-1): where the person may be.

    With no countries, what depends on them is left out. A number that cannot be read satisfies no rule.
    """
    if not rules:
        return ""
    if not shown.number:
        return "no caller ID is set, and the number must be shown"
    read = parse(shown.number)
    if isinstance(read, PhoneFault):
        return f"the caller ID {shown.number[:20]} is no number that can be read ({read.words})"
    national = shown.number.removeprefix(f"+{read.country_code}")
    for rule in rules:
        words = _against(rule, shown, read.kind.value, read.region, national, countries)
        if words:
            return f"the caller ID {shown.number} {words}"
    return ""


def why_never_shown(shown: ShownNumber, rules: tuple[CallerIdRule, ...], countries: tuple[str, ...]) -> str:
    """Why it may be shown to nobody in these countries; empty when it may to some, which each call asks anew."""
    read = parse(shown.number)
    home = "" if isinstance(read, PhoneFault) else read.region
    return why_not_shown(shown, rules, (home,) if home in countries else countries)


def _against(
    rule: CallerIdRule, shown: ShownNumber, kind: str, region: str, national: str, countries: tuple[str, ...]
) -> str:
    foreign = bool(countries) and any(country != region for country in countries)
    if rule.right_to_use and not shown.right_to_use.strip():
        return "has no right to use on record ('dialer trunk caller-id add')"
    if "mobile" in rule.not_kinds and kind == "mobile":
        return "is a mobile number, which may not be shown there"
    if "foreign" in rule.not_kinds and foreign:
        return f"is one of {region}, and only numbers of {', '.join(countries)} may be shown there"
    if rule.prefixes and countries and (foreign or not _begins_with(national, rule.prefixes)):
        return f"begins with none of {', '.join(rule.prefixes)}, as numbers shown there must"
    return ""


def _begins_with(national: str, prefixes: tuple[str, ...]) -> bool:
    """Prefixes as they are dialled within the country: with its leading zero, where it has one."""
    return f"0{national}".startswith(prefixes) or national.startswith(prefixes)
