"""How is a receipt written down, always as the same bytes?

One JSON object: keys in alphabetical order, no space, ASCII only (other characters as \\uXXXX), no fraction but in
instants, which are UTC with six decimals and a Z. A gate, a list and a local time are small arrays, in the order of
their fields. Whoever writes the same receipt by these rules gets the same bytes, in any language.

The number, the reasons of shut gates and the proofs of consents are not in it but in a private text beside it, of which
it holds the SHA-256: erasing a person blanks the private text, and the chain stays whole. A random salt in the private
text keeps numbers from being tried out against the fingerprint.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime

from campaigns.receipts.values import FORMAT, ListSeen, Receipt

_ENCODER = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(receipt: Receipt) -> str:
    """The receipt's one and only text, ASCII."""
    return canonical_json(plain(receipt))


def private(receipt: Receipt) -> str:
    """The text that is kept beside the canonical one, ASCII; empty once it is erased."""
    if receipt.erased:
        return ""
    reasons = [gate.reason for gate in receipt.gates]
    told: dict[str, object] = {"number": receipt.number, "reasons": reasons, "salt": receipt.salt}
    if receipt.consents:
        told["proofs"] = [each.proof for each in receipt.consents]
    return canonical_json(told)


def fingerprint(private_text: str) -> str:
    """What the canonical text holds of the private one."""
    return hashlib.sha256(private_text.encode()).hexdigest()


def canonical_json(value: object) -> str:
    """Any plain JSON value by the same rules."""
    return _ENCODER.encode(value)


def plain(receipt: Receipt) -> dict[str, object]:
    """The receipt as plain JSON values."""
    return {
        "v": FORMAT,
        "at": instant(receipt.at),
        "campaign_id": receipt.campaign_id,
        "campaign": receipt.campaign,
        "person_id": receipt.person_id,
        "private": receipt.fingerprint or fingerprint(private(receipt)),
        "trunk": receipt.trunk,
        "caller_id": receipt.caller_id,
        "attempt_id": receipt.attempt_id,
        "outcome": receipt.outcome.value,
        "hold": receipt.hold,
        "gates": [[gate.code, gate.passed] for gate in receipt.gates],
        "profile": receipt.profile,
        "profile_version": receipt.profile_version,
        "settings_version": receipt.settings_version,
        "lists": [_list(each) for each in receipt.lists],
        "places": [[place.zone, place.local, place.hours] for place in receipt.places],
        "calls_in_24h": receipt.calls_in_24h,
        "tries": receipt.tries,
        "tz": receipt.tz,
        "program": receipt.program,
        **_relied_on(receipt),
    }


def _relied_on(receipt: Receipt) -> dict[str, object]:
    """No key where nothing was relied on: receipts written before there were any stay the same bytes."""
    consents = [[each.id, each.kind, instant(each.given_at)] for each in receipt.consents]
    overrides = [[each.id, each.key, each.value, instant(each.until)] for each in receipt.overrides]
    answers = [[a.id, a.list_id, a.answer, _day(a.about), instant(a.asked_at)] for a in receipt.answers]
    verified = [[each.profile, each.version, each.by, each.on.isoformat()] for each in receipt.verified]
    relied = (("consents", consents), ("overrides", overrides), ("answers", answers), ("verified", verified))
    return {name: each for name, each in relied if each}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _list(seen: ListSeen) -> list[object]:
    """Why it was lifted stands there only where it was, so that receipts from before that word keep their bytes."""
    told = [seen.list_id, seen.answer, seen.required, seen.generation, instant(seen.list_date)]
    return [*told, seen.lifted] if seen.lifted else told


def instant(at: datetime | None) -> str | None:
    """`2026-11-22T17:00:00.000000Z`, or none."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
