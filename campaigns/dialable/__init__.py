"""May this lead be dialled now, and if not, why and until when? `judge` asks every gate, for everybody who asks."""

from campaigns.dialable.caller_id import ShownNumber, why_never_shown, why_not_shown
from campaigns.dialable.gates import GATES, US_REGIONS
from campaigns.dialable.judging import judge
from campaigns.dialable.values import (
    ATTEMPT_WINDOW,
    OUTCOME_WINDOW,
    PAST_WINDOW,
    Basis,
    Candidate,
    Gate,
    GateCode,
    RegistryLists,
    Rules,
    Trunk,
    Verdict,
    Verified,
)
from campaigns.rules import PastCall

__all__ = [
    "ATTEMPT_WINDOW",
    "GATES",
    "OUTCOME_WINDOW",
    "PAST_WINDOW",
    "US_REGIONS",
    "Basis",
    "Candidate",
    "Gate",
    "GateCode",
    "PastCall",
    "RegistryLists",
    "Rules",
    "ShownNumber",
    "Trunk",
    "Verdict",
    "Verified",
    "judge",
    "why_never_shown",
    "why_not_shown",
]
