"""Which rule profiles are there, what do several of them allow together, and may a file of one be relied on?

Answers from the files alone: no store and no set-up is needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from campaigns.override import OverrideStanding
from campaigns.place import UNKNOWN_REGION, known_regions
from campaigns.rules import (
    PROFILES,
    ProfileFault,
    RuleProfile,
    added_by_purpose,
    all_of,
    for_purpose,
    rules_of_places,
    shipped_file,
    shipped_names,
)
from campaigns.rules.linting import Lint, expiry, lint, lint_text
from dialer.refusal import Refused
from dialer.rules import LIST_PROFILES, unknown
from dialer.use_cases.arguments import Args
from dialer.use_cases.checklist import checklist, undeclared
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.overrides import override_shown
from dialer.use_cases.rules_shown import DECLARED, RECORDED, limits_of, sources_of
from dialer.use_cases.shown import counted

_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
NOTHING = "Nothing was changed."


def listed(today: date) -> Done:
    """Every shipped profile, until when it is good, and what is to be said of that."""
    rows = [_row(name, today) for name in shipped_names()]
    shut = [row["profile"] for row in rows if row["closed"]]
    words = f"{len(rows)} rule profiles."
    if shut:
        words = f"{words} Nothing is dialled under {', '.join(shut)}."
    unread = sum(not row.get("verified_by") for row in rows)
    if unread:
        words = f"{words} {unread} of them were confirmed by nobody as they come; who confirmed them in this house is "
        words += "kept by 'dialer rules declare add profile NAME --by WHO' and shown by 'dialer rules declare list'."
    return Done(message=words, data={"profiles": rows, "at": today.isoformat()})


def shown(names: Sequence[str], regions: Sequence[str], today: date, purpose: str = "") -> Done:
    """What these profiles allow together for leads in these places, each limit with the profiles it comes from.

    `purpose`: what the calls are for, if that is known.
    """
    regions = [must_be_a_place(region) for region in regions]
    base, whole = _together(names, regions, purpose)
    closed, limits = whole.why_closed_on(today), limits_of(whole, today)
    words = f"{whole.name}: closed, {closed}." if closed else f"{whole.name}: these limits hold together."
    idle = sum(row["enforced"] == RECORDED for row in limits)
    if idle:
        words = f"{words} {idle} of them are recorded only: nothing acts on them yet, so keep them yourself."
    spoken = sum(row["enforced"] == DECLARED for row in limits)
    if spoken:
        words = f"{words} {spoken} of them no software can check: your agents keep them, and a person declares it."
    for name, country in added_by_purpose(base) if purpose and not regions else ():
        words = f"{words} Leads in {country} are judged by {name} too, for the calls' purpose is {purpose}."
    data = {
        "profile": whole.name,
        "regions": list(regions),
        "made_of": list(whole.made_of),
        "closed": closed,
        "limits": limits,
        "sources": sources_of(whole),
    }
    return Done(message=words, data=data)


def _together(names: Sequence[str], regions: Sequence[str], purpose: str) -> tuple[RuleProfile, RuleProfile]:
    """The profiles as one, and with those of the places."""
    try:
        base = all_of(_named(names[0]), map(_named, names[1:]))
        base = for_purpose(base, purpose) if purpose else base
        return base, rules_of_places(base, tuple(region.upper() for region in regions))
    except ProfileFault as fault:
        raise Refused(str(fault)) from None


def must_be_a_place(region: str) -> str:
    """The place, in capitals. Raises Refused for a misspelt one: it has no rules of its own, so nothing closes."""
    region = region.upper()
    if not _REGION.fullmatch(region):
        words = "a place such as US-FL (ISO 3166-2), or a country such as DE, is expected"
        raise Refused(f"--region {region[:20]!r}: {words}. {NOTHING}")
    country, _, part = region.partition("-")
    if region == UNKNOWN_REGION:
        return region
    known = known_regions(country)
    if known is None:
        raise Refused(f"--region {region}: there is no country {country} (ISO 3166-1). {NOTHING}")
    if part and region not in known:
        some = f"known of {country}: {', '.join(known)}" if known else f"no parts of {country} are known; say {country}"
        raise Refused(f"--region {region} is not known; {some}. {NOTHING}")
    return region


def linted(texts: Mapping[str, str], today: date) -> Done:
    """What the linter says of these files' texts by name; of all shipped profiles when there are none.

    Raises Refused when one of them may not be relied on.
    """
    found = [lint_text(text, name, today) for name, text in texts.items()] or [_lint(name, today) for name in PROFILES]
    faulty = [each for each in found if not each.good]
    data = {"profiles": [_linted(each) for each in found]}
    if faulty:
        told = "; ".join(f"{each.name}: {'; '.join(each.faults[:5])}" for each in faulty[:10])
        raise Refused(f"{counted(len(faulty), 'profile')} of {len(found)} refused: {told}. {NOTHING}", data)
    cases = sum(each.cases for each in found)
    return Done(message=f"{counted(len(found), 'profile')} without fault, {counted(cases, 'case')} kept.", data=data)


def profile_warnings(today: date) -> tuple[str, ...]:
    """Shipped profiles that cannot be used, are closed, or will be within 30 days: one sentence each."""
    return tuple(words for name in shipped_names() if (words := _warning(name, today)))


def _warning(name: str, today: date) -> str:
    try:
        return expiry(PROFILES[name], today)
    except ProfileFault as fault:
        return str(fault)


def _named(name: str) -> RuleProfile:
    if name not in PROFILES:
        raise Refused(f"rule profile {unknown(name, PROFILES, lister=LIST_PROFILES)}. {NOTHING}")
    return PROFILES[name]


def _row(name: str, today: date) -> dict[str, Any]:
    try:
        file, profile = shipped_file(name), PROFILES[name]
    except ProfileFault as fault:
        return {"profile": name, "title": "", "closed": True, "good_until": None, "note": str(fault)}
    return {
        "profile": name,
        "title": file.title,
        "version": profile.version,
        "applies": _applies(name),
        "verified_on": file.own.verified_on.isoformat(),
        "verified_by": file.verified_by or None,
        "good_until": profile.good_until.isoformat() if profile.good_until else None,
        "closed": bool(profile.why_closed_on(today)),
        "note": expiry(profile, today),
        "doubts": len(file.doubts),
    }


def _applies(name: str) -> str:
    applies = shipped_file(name).applies
    if applies is None:
        return ""
    where = ", ".join(applies.regions) or applies.country
    return f"{where}, for {' and '.join(shipped_file(name).own.purposes)}" if applies.by_purpose else where


def _lint(name: str, today: date) -> Lint:
    try:
        return lint(shipped_file(name), today)
    except ProfileFault as fault:
        return Lint(name=name, faults=fault.faults)


def _linted(found: Lint) -> dict[str, Any]:
    return {
        "profile": found.name,
        "good": found.good,
        "cases": found.cases,
        "faults": list(found.faults),
        "warnings": list(found.warnings),
    }


def _list(context: Context, _args: Args) -> Done:
    return listed(context.now().date())


def _show(context: Context, args: Args) -> Done:
    names, campaign = args.texts("names"), args.optional_text("campaign", longest=64)
    if campaign:
        return _of_campaign(context, campaign, args.texts("regions"))
    if not names:
        raise Refused(f"rules.show: names: at least one profile is needed. {NOTHING}")
    return shown(names, args.texts("regions"), context.now().date())


def _of_campaign(context: Context, name: str, regions: Sequence[str]) -> Done:
    """What a campaign's and its trunk's profile allow together, and by which overrides more than that."""
    campaign = context.campaign(name)
    settings = context.store.campaigns.settings(campaign.id)
    trunks = {trunk.name: trunk.rule_profile for trunk in context.store.trunks.all()}
    names = dict.fromkeys(filter(None, (settings.rule_profile, trunks.get(settings.trunk, ""))))
    done = shown(tuple(names), regions, context.now().date(), settings.purpose)
    looser = [override_shown(context, each) for each in context.store.overrides.of_campaign(campaign.id)]
    looser = [each for each in looser if each["standing"] == OverrideStanding.IN_FORCE.value]
    more = f" {counted(len(looser), 'override')} in force." if looser else ""
    rows = checklist(context, settings, _together(tuple(names), regions, settings.purpose)[1])
    words = " ".join(filter(None, (f"{done.message}{more}", undeclared(rows))))
    return Done(message=words, data={**done.data, "overrides": looser, "checklist": rows})


HANDLERS: Mapping[str, Handler] = {
    "rules.list": Handler(run=_list, kind=Kind.READ),
    "rules.show": Handler(run=_show, kind=Kind.READ),
}
