"""How does one simulated far end behave when he is called? A value the simulator plays, nothing more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from telephony.port import Verdict


@dataclass(frozen=True, kw_only=True)
class Callee:
    """A far end, in seconds. What is None does not happen.

    From the INVITE: `progress_after_s` (183), `ring_after_s` (180), then one of `answer_after_s` (200) or
    `refuse_after_s` with the final SIP status `refuse_code`; with neither he lets it ring, or stays mute.
    From the answer: `patience_s` is how long he waits for an agent before he hangs up, `leaves_after_s` when he
    hangs up whatever is going on. From the message's start: `opt_out_after_s` until he presses `opt_out_key`.
    From the join: `talk_s` until he hangs up.
    `vanishes_after_s` (from the answer): his line dies without a BYE, which is noticed by the missing media.
    `kind` is the truth about who answers, for simulated agents to find out: human, machine or fax.
    Only when the call asks for answering machine detection: `screened_after_s` from the answer its verdict is in,
    and it is `heard_as` (None: what he is).
    """

    progress_after_s: float | None = None
    ring_after_s: float | None = None
    answer_after_s: float | None = None
    refuse_after_s: float | None = None
    refuse_code: int = 486
    patience_s: float | None = None
    leaves_after_s: float | None = None
    talk_s: float | None = None
    opt_out_after_s: float | None = None
    opt_out_key: str = "9"
    vanishes_after_s: float | None = None
    kind: str = "human"
    screened_after_s: float = 1.8
    heard_as: Verdict | None = None

    @property
    def verdict(self) -> Verdict:
        """What the detector makes of him. A fax is taken for a machine."""
        if self.heard_as is not None:
            return self.heard_as
        return Verdict.HUMAN if self.kind == "human" else Verdict.MACHINE


Callees = Callable[[str], Callee]
"""Who is behind this number? Asked once for every call placed."""
