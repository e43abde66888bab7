"""A SIP phone for programs, on pyVoIP: who may be called, what is said, pressed and heard?"""

from telephony.softphone.calls import (
    Answer,
    EndedBy,
    Ignore,
    OnCall,
    PhoneAccount,
    PhoneCall,
    PhoneError,
    Reject,
)
from telephony.softphone.ear import Ear
from telephony.softphone.library import CallState
from telephony.softphone.phone import Softphone

__all__ = [
    "Answer",
    "CallState",
    "Ear",
    "EndedBy",
    "Ignore",
    "OnCall",
    "PhoneAccount",
    "PhoneCall",
    "PhoneError",
    "Reject",
    "Softphone",
]
