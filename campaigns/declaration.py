"""What did a person check that no software can, and does it fit what a campaign is about to do?

A recording is not understood by the dialer: somebody listens and declares what it says, who heard it and when. A
caller ID that is answered when called back, an opening that is kept, a rule profile that counsel has read are declared
the same way. A declaration is never edited; it ends, and another one takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from campaigns.model import same_seller
from campaigns.rules.duties import AbandonMessage
from campaigns.settings import CampaignSettings


class Declares(StrEnum):
    """What is declared, and with it what `about` names: a recording, a number in E.164, a campaign, a profile."""

    MESSAGE = "message"
    CALLED_BACK = "called-back"
    OPENING = "opening"
    PROFILE = "profile"


YES = "yes"
_SAID = {
    "seller_name": "the seller's name",
    "callback_number": "the number to call back",
    "telemarketing": "that the call was for telemarketing",
    "opt_out_key": "the key that ends all calls",
    "no_sales": "that it sells nothing",
}


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """`says`: of a message, each thing of a profile's `says` with its value (a name, a number, a key, or yes).

    `checked_by`: who checked it, and as what; `proof`: how. `fingerprint`: SHA-256 of the recording heard, empty where
    it is not kept here. Instants are aware UTC.
    """

    kind: Declares
    about: str
    checked_by: str
    recorded_by: str
    recorded_at: datetime
    proof: str = ""
    says: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    ended_by: str = ""
    ended_at: datetime | None = None
    ended_reason: str = ""
    id: int = 0

    @property
    def words(self) -> str:
        """`declared by Jane Roe, counsel on 2026-11-22`."""
        return f"declared by {self.checked_by} on {self.recorded_at:%Y-%m-%d}"


def why_not_said(
    settings: CampaignSettings, asked: Iterable[AbandonMessage], declared: Declaration | None, fingerprint: str
) -> str:
    """Why the campaign's message does not say all that profiles ask of it; empty when it does, as somebody declared.

    `fingerprint`: of the recording as it is now, or empty where it is not kept here.
    """
    needed = dict.fromkeys(word for message in asked for word in message.says)
    if not needed:
        return ""
    mend = f"listen to it, then 'dialer rules declare add message {settings.message} --by ...'"
    if declared is None:
        return f"nobody has declared that it says {_all_of(needed)}; {mend}"
    if fingerprint != declared.fingerprint:
        return f"another recording than the one that was {declared.words}; {mend}"
    faults = [fault for word in needed if (fault := _fault(word, declared.says.get(word, ""), settings))]
    return f"as {declared.words}, {'; '.join(faults)}; record it anew, {mend}" if faults else ""


def _fault(word: str, said: str, settings: CampaignSettings) -> str:
    if not said:
        return f"it does not say {_SAID.get(word, word)}"
    wanted = {
        "seller_name": settings.seller_name,
        "callback_number": settings.callback_number,
        "opt_out_key": settings.opt_out_key,
    }.get(word, said)
    same = same_seller(said, wanted) if word == "seller_name" else said == wanted
    return "" if same else f"{_SAID[word]} is {said} in it and {wanted or 'not set'} in the campaign"


def _all_of(words: Iterable[str]) -> str:
    *first, last = (_SAID.get(word, word) for word in words)
    return f"{', '.join(first)} and {last}" if first else last
