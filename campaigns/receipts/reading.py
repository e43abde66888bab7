"""What does a written receipt say? Its text back as a value, or a plain word that it cannot be read."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from campaigns.dialable import Verified
from campaigns.receipts.values import (
    FORMAT,
    AnswerSeen,
    ConsentSeen,
    GateSeen,
    ListSeen,
    LocalTime,
    Outcome,
    OverrideSeen,
    Receipt,
)
from campaigns.receipts.writing import fingerprint


class UnreadableReceipt(ValueError):
    """The text is no receipt of a format that this program knows."""


def receipt_from(text: str, private_text: str) -> Receipt:
    """The receipt with this text and its private part, which is empty once it is erased. Raises UnreadableReceipt."""
    try:
        values = json.loads(text)
        if values.pop("v") != FORMAT:
            raise UnreadableReceipt("written in a format that this program does not know")
        return _receipt(values, private_text)
    except UnreadableReceipt:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
        raise UnreadableReceipt(f"no receipt can be read from it ({type(fault).__name__})") from None


def _receipt(values: dict[str, Any], private_text: str) -> Receipt:
    consents = values.pop("consents", [])
    told = _told(private_text, values.pop("private"), values["person_id"], len(values["gates"]))
    reasons = told.pop("reasons")
    proofs = told.pop("proofs") or [""] * len(consents)
    parts: dict[str, Any] = {
        "at": datetime.fromisoformat(values.pop("at")),
        "outcome": Outcome(values.pop("outcome")),
        "gates": tuple(
            GateSeen(code=code, passed=passed, reason=reason)
            for (code, passed), reason in zip(values.pop("gates"), reasons, strict=True)
        ),
        "lists": tuple(_list_seen(*each) for each in values.pop("lists")),
        "places": tuple(LocalTime(zone=zone, local=local, hours=hours) for zone, local, hours in values.pop("places")),
        "consents": tuple(
            ConsentSeen(id=row, kind=kind, given_at=datetime.fromisoformat(given_at), proof=proof)
            for (row, kind, given_at), proof in zip(consents, proofs, strict=True)
        ),
        "overrides": tuple(
            OverrideSeen(id=row, key=key, value=value, until=datetime.fromisoformat(until))
            for row, key, value, until in values.pop("overrides", [])
        ),
        "answers": tuple(
            AnswerSeen(
                id=row,
                list_id=list_id,
                answer=answer,
                about=None if about is None else date.fromisoformat(about),
                asked_at=datetime.fromisoformat(asked_at),
            )
            for row, list_id, answer, about, asked_at in values.pop("answers", [])
        ),
        "verified": tuple(
            Verified(profile=profile, version=version, by=by, on=date.fromisoformat(on))
            for profile, version, by, on in values.pop("verified", [])
        ),
    }
    return Receipt(**parts, **values, **told)


def _told(private_text: str, stands: str, person_id: int, gates: int) -> dict[str, Any]:
    """The private part's values, or what stands for them once they are erased."""
    if not private_text:
        nobody = f"erased (person {person_id})"
        return {"number": nobody, "reasons": [""] * gates, "proofs": [], "fingerprint": stands}
    if fingerprint(private_text) != stands:
        raise UnreadableReceipt("its number or a reason was changed")
    told = json.loads(private_text)
    proofs = told.get("proofs", [])
    return {"number": told["number"], "reasons": told["reasons"], "proofs": proofs, "salt": told["salt"]}


def _list_seen(
    list_id: str, answer: str, required: bool, generation: int | None, list_date: str | None, lifted: str = ""
) -> ListSeen:
    return ListSeen(
        list_id=list_id,
        answer=answer,
        required=required,
        generation=generation,
        list_date=None if list_date is None else datetime.fromisoformat(list_date),
        lifted=lifted,
    )
