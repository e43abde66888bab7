"""Which parts of pyVoIP does the softphone use? The one place that imports it.

From pyVoIP 1.6.8 come the message parser, the building of requests and session descriptions, digest authentication
and the base of the RTP client. Its threads, registration, call objects and audio buffers are replaced: two phones in
one process collided and hung, calls ended after 32 s, a cancelled call was answered, memory grew by 79 MiB an hour.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # pyVoIP imports audioop, which is on its way out of the standard library (audioop-lts from Python 3.13 on).
    # The softphone codes and decodes with tables of its own and does not call it.
    warnings.simplefilter("ignore", DeprecationWarning)
    import pyVoIP.VoIP  # first: its modules import each other in a circle
    from pyVoIP.RTP import PayloadType, RTPClient, TransmitType
    from pyVoIP.SIP import SIPClient, SIPMessage, SIPMessageType, SIPStatus

CallState = pyVoIP.VoIP.CallState
VoIPPhone = pyVoIP.VoIP.VoIPPhone

__all__ = [
    "CallState",
    "PayloadType",
    "RTPClient",
    "SIPClient",
    "SIPMessage",
    "SIPMessageType",
    "SIPStatus",
    "TransmitType",
    "VoIPPhone",
]
