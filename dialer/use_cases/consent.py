"""How is it recorded that somebody agreed to be called, proven, and taken back?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from campaigns.consent import SALES, Consent, ConsentKind
from campaigns.importing import Code, ImportStatus
from campaigns.model import Scope, Suppression
from dialer.refusal import Refused
from dialer.use_cases.arguments import FIRST_YEAR, Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.number_rows import NumberRows, read
from dialer.use_cases.numbers import meant
from dialer.use_cases.shown import counted, report_shown, when

NOTHING_STORED = "Nothing was stored."
COLUMNS = ("given_at", "proof", "wording", "kind", "purpose", "seller")
FAULTS_NAMED = 20


def add(context: Context, args: Args) -> Done:
    """Put one consent on record; leads that waited for it are asked again."""
    number = meant(args.text("number", longest=100), args.optional_text("region", "US"), NOTHING_STORED)
    words = {name: args.optional_text(name, longest=4000) for name in COLUMNS}
    try:
        consent = _consent(context, number.e164, words, source="manager")
    except _Unusable as fault:
        raise Refused(f"{fault} {NOTHING_STORED}") from None
    before = _same(context, consent)
    if before is not None and before.revoked_at is not None:
        raise Refused(
            f"{_told(consent)} was taken back on {before.revoked_at:%Y-%m-%d}. Give the date of the new one. "
            f"{NOTHING_STORED}"
        )
    added, _ = context.store.consents.add_many([consent])
    context.store.suppressions.registries_lifted([consent.number], context.now())
    _look_again(context)
    known = "" if added else " (it was on record already)"
    if before is not None and (before.proof, before.wording) != (consent.proof, consent.wording):
        known = " already, with another proof or wording: those stay, and what was given now is not stored"
    but = f"{_unknown_seller(context, consent.seller)}{_barred(context, consent)}"
    return Done(message=f"{_told(consent)} is on record{known}.{but}", data={"consent": shown(consent)})


def revoke(context: Context, args: Args) -> Done:
    """End every consent of a number for a seller and list it as do-not-call for him: in force at once."""
    number = meant(args.text("number", longest=100), args.optional_text("region", "US"), "Nothing was changed.")
    seller, reason = args.text("seller", longest=200).strip(), args.optional_text("reason") or context.reason
    if not reason.strip():
        raise Refused("Say how it was taken back (--reason); it is kept. Nothing was changed.")
    now = context.now()
    gone = context.store.consents.revoke(number.e164, seller, context.actor, reason, now)
    entry = Suppression(
        number=number.e164,
        scope=Scope.SELLER,
        value=seller,
        reason=f"consent taken back: {reason}",
        source="manager",
        actor=context.actor,
        added_at=now,
    )
    stored = context.store.suppressions.add(entry)
    if context.engine is not None:
        context.later(partial(context.engine.number_suppressed, stored))
    message = f"{counted(len(gone), 'consent')} of {number.e164} for {seller} ended; {seller} calls it no more."
    message += _unknown_seller(context, seller)
    return Done(message=message, data={"consents": [shown(each) for each in gone]})


def check(context: Context, args: Args) -> Done:
    """Everything on record for a number, revoked consents too."""
    number = meant(args.text("number", longest=100), args.optional_text("region", "US"), "Nothing was looked up.")
    known = context.store.consents.of(number.e164)
    in_force = sum(each.revoked_at is None for each in known)
    message = f"{number.e164}: {counted(in_force, 'consent')} in force, {len(known) - in_force} taken back."
    return Done(message=message, data={"number": number.e164, "consents": [shown(each) for each in known]})


def import_(context: Context, args: Args) -> Done:
    """Put all consents of a file on record, or none: one row that cannot be used refuses the file."""
    file: NumberRows = args.prepared
    data = {"report": report_shown(file.report)}
    if file.report.status in (ImportStatus.REJECT, ImportStatus.PARTIAL):
        raise Refused(f"{file.report.message} {NOTHING_STORED} Mend the rows and import the file again.", data)
    repeated = [each.reason for each in file.report.warnings if each.code is Code.DUPLICATE]
    if repeated:
        advice = "Put each seller's, purpose's and date's consents of a number into a file of its own."
        raise Refused(f"{repeated[0]} A number stands once in a file of consents. {NOTHING_STORED} {advice}", data)
    usual = {name: args.optional_text(name, longest=4000) for name in COLUMNS}
    faults: list[str] = []
    source = Path(args.text("path")).name[:200]
    made: list[Consent] = []
    for line, number, words in file.rows:
        own = usual | {name: text for name, text in words.items() if text}
        try:
            made.append(_consent(context, number, own, source=source))
        except _Unusable as fault:
            faults.append(f"line {line}: {fault}")
    if faults:
        more = f" And {len(faults) - FAULTS_NAMED} more." if len(faults) > FAULTS_NAMED else ""
        named = " ".join(faults[:FAULTS_NAMED])
        raise Refused(f"{source}: {named}{more} {NOTHING_STORED}", data | {"faults": faults[:1000]})
    added, known = context.store.consents.add_many(made)
    context.store.suppressions.registries_lifted((each.number for each in made), context.now())
    _look_again(context)
    message = f"{source}: {counted(added, 'consent is', 'consents are')} on record now, {known} were already."
    if known:
        message += " Of those the proof and wording on record stay (same number, seller, purpose, kind and date)."
    return Done(message=message, data={**data, "added": added, "known": known})


def shown(consent: Consent) -> dict[str, Any]:
    """A consent as plain values."""
    return {
        "id": consent.id,
        "number": consent.number,
        "seller": consent.seller,
        "purpose": consent.purpose,
        "kind": consent.kind.value,
        "given_at": consent.given_at.isoformat(),
        "proof": consent.proof,
        "wording": consent.wording,
        "source": consent.source,
        "actor": consent.actor,
        "recorded_at": consent.recorded_at.isoformat(),
        "revoked_at": when(consent.revoked_at),
        "revoked_by": consent.revoked_by,
        "revoked_reason": consent.revoked_reason,
    }


class _Unusable(ValueError):
    """These words make no consent that could be proven."""


def _consent(context: Context, number: str, words: Mapping[str, str], *, source: str) -> Consent:
    """Raises _Unusable, in words."""
    seller, proof = words["seller"].strip(), words["proof"].strip()
    if not seller:
        raise _Unusable("A consent is given to a seller (--seller, or a column seller).")
    if not proof:
        raise _Unusable("Say where the proof is kept (--proof, or a column proof): a recording, a form, a signature.")
    now = context.now()
    given_at = _instant(words["given_at"].strip())
    if given_at > now:
        raise _Unusable(f"given_at {words['given_at'][:40]!r} is not past.")
    return Consent(
        number=number,
        seller=seller,
        purpose=words["purpose"].strip() or SALES,
        kind=_kind(words["kind"].strip()),
        given_at=given_at,
        proof=proof,
        wording=words["wording"].strip(),
        source=source,
        actor=context.actor,
        recorded_at=now,
    )


def _kind(text: str) -> ConsentKind:
    try:
        return ConsentKind(text.lower() or ConsentKind.EXPRESS)
    except ValueError:
        raise _Unusable(f"kind {text[:40]!r}: one of {', '.join(ConsentKind)}.") from None


def _instant(text: str) -> datetime:
    """A date counts from its first second in UTC, so that a consent rather ages too early than too late."""
    try:
        if len(text) == len("2026-11-21"):
            at = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        else:
            at = datetime.fromisoformat(text)
    except ValueError:
        words = "a date such as 2026-11-21, or a time with its zone such as 2026-11-21T09:00:00-05:00"
        raise _Unusable(f"given_at {text[:40]!r}: {words} is needed.") from None
    if at.tzinfo is None:
        raise _Unusable(f"given_at {text[:40]!r} has no zone; add one such as -05:00 or Z.")
    if at.year < FIRST_YEAR:
        raise _Unusable(f"given_at {text[:40]!r} is before {FIRST_YEAR}.")
    return at.astimezone(UTC)


def _told(consent: Consent) -> str:
    return f"The {consent.kind} consent of {consent.number} to {consent.purpose} by {consent.seller}"


def _same(context: Context, consent: Consent) -> Consent | None:
    said = (consent.seller, consent.purpose, consent.kind, consent.given_at)
    known = context.store.consents.of(consent.number)
    return next((each for each in known if (each.seller, each.purpose, each.kind, each.given_at) == said), None)


def _unknown_seller(context: Context, seller: str) -> str:
    """A word of warning when no campaign calls for this very seller: consents are compared letter by letter."""
    campaigns = context.store.campaigns
    sellers = sorted({campaigns.settings(each.id).seller_name for each in campaigns.all()} - {""})
    if seller in sellers or not sellers:
        return ""
    return f" But no campaign has the seller {seller!r}, letter by letter; there are: {', '.join(sellers[:10])}."


def _barred(context: Context, consent: Consent) -> str:
    entries = context.store.suppressions.matching(consent.number)
    if not any(entry.scope is Scope.EVERYTHING or entry.value == consent.seller for entry in entries):
        return ""
    return " But the number is on do-not-call, which no consent lifts: see 'dialer dnc check'."


def _look_again(context: Context) -> None:
    if context.engine is not None:
        context.later(context.engine.leads_changed)


HANDLERS = {
    "consent.add": Handler(run=add, kind=Kind.WRITE),
    "consent.revoke": Handler(run=revoke, kind=Kind.WRITE),
    "consent.check": Handler(run=check, kind=Kind.READ),
    "consent.import": Handler(run=import_, kind=Kind.WRITE, prepare=read),
}
