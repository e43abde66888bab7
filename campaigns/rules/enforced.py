"""Which keys of a profile does the dialer act on today, and which are written down only?

Told by `dialer rules show` beside each value and in docs/rule-profiles.md, so that nobody takes a value that is
recorded for a limit that is in force.
"""

from __future__ import annotations

_BEFORE_EVERY_CALL = "before every call"
# Top-level key of a file -> where it is enforced; empty: recorded only.
ENFORCED: dict[str, str] = {
    "profile": "names the file and every reason",
    "title": "shown",
    "version": "shown",
    "extends": "the other file's rules hold too",
    "applies": "by place, where the places of a lead are known",
    "purposes": "which profiles of a place are added",
    "state_unknown": "by place, where the places of a lead are known",
    "practice": _BEFORE_EVERY_CALL,
    "effective_from": _BEFORE_EVERY_CALL,
    "effective_to": _BEFORE_EVERY_CALL,
    "sources": "by the linter",
    "verified_on": "by the linter",
    "verified_by": "by the linter, as a warning; receipts name who confirmed it here",
    "good_until": _BEFORE_EVERY_CALL,
    "doubt": "shown by the linter",
    "hours": _BEFORE_EVERY_CALL,
    "numbers": _BEFORE_EVERY_CALL,
    "attempts": _BEFORE_EVERY_CALL,
    "cooldowns": _BEFORE_EVERY_CALL,
    "abandonment": "cap and connect_within_ms, when a campaign starts; its window is recorded only",
    "ring": "when a campaign starts",
    "consent": "before every call, by the consents on record",
    "caller_id": "when a campaign starts and before every call; whether it is called back is declared by a person",
    "message_on_abandon": "within_ms, and what it says as a person declared it, when a campaign starts",
    "opening": "declared by a person, shown before the start and in evidence",
    "do_not_call": "before every call, by the lists kept here; internal is the house's own",
    "records": "what it keeps, by the nightly clean: receipts and calls; no recordings are made",
    "cases": "by the linter and the tests",
}


def recorded_only(key: str) -> bool:
    """Whether nothing of the dialer acts on this key yet."""
    return not ENFORCED[key]
