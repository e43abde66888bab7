"""How does the simulator play a practice number? The same table as the practice exchange, turned into callees."""

from __future__ import annotations

from telephony.callee import Callee
from telephony.practice import PracticeCallee, PracticeKind, behaviour_of

ANNOUNCEMENT_AFTER_S = 0.05
MACHINE_GREETING_S = 6.0
PERSON_HEARD_AFTER_S = 2.1  # both as measured on the practice exchange
MACHINE_HEARD_AFTER_S = 2.3
OPT_OUT_AFTER_S = 1.5


class PracticeCallees:
    """Callees by the practice table. `ring` and `talk` stretch its times, as the practice exchange's pace does.

    A number that is not reserved for fiction does not exist here: it is refused with 404, as there.
    """

    def __init__(self, *, ring: float = 1.0, talk: float = 1.0) -> None:
        self._ring = ring
        self._talk = talk

    def __call__(self, number: str) -> Callee:
        try:
            practice = behaviour_of(number)
        except ValueError:
            return Callee(refuse_after_s=0.0, refuse_code=404, kind="nobody")
        return self._refusing(practice) or self._silent(practice) or self._answering(practice)

    def _refusing(self, practice: PracticeCallee) -> Callee | None:
        code = practice.kind.sip_code
        if code is None or practice.kind.answers:
            return None
        rung_s = self._ring * practice.ring_ms / 1000
        return Callee(ring_after_s=0.0 if rung_s else None, refuse_after_s=rung_s, refuse_code=code, kind="nobody")

    def _silent(self, practice: PracticeCallee) -> Callee | None:
        silent = {
            PracticeKind.NO_ANSWER: Callee(ring_after_s=0.0, kind="nobody"),
            PracticeKind.ANNOUNCEMENT: Callee(progress_after_s=ANNOUNCEMENT_AFTER_S, kind="nobody"),
            PracticeKind.NEVER_REPLIES: Callee(kind="nobody"),
        }
        return silent.get(practice.kind)

    def _answering(self, practice: PracticeCallee) -> Callee:
        kind = practice.kind
        talk_s = self._talk * practice.talk_ms / 1000
        vanishes = kind is PracticeKind.VANISHES
        machine = kind is PracticeKind.ANSWERING_MACHINE
        if kind in (PracticeKind.HANGS_UP_AT_ONCE, PracticeKind.OPTS_OUT):
            talk_s = practice.talk_ms / 1000
        return Callee(
            ring_after_s=0.0 if practice.ring_ms else None,
            answer_after_s=self._ring * practice.ring_ms / 1000,
            leaves_after_s=None if vanishes else talk_s + (MACHINE_GREETING_S if machine else 0.0),
            vanishes_after_s=practice.talk_ms / 1000 if vanishes else None,
            opt_out_after_s=OPT_OUT_AFTER_S if kind is PracticeKind.OPTS_OUT else None,
            kind="machine" if machine else "human",
            screened_after_s=MACHINE_HEARD_AFTER_S if machine else PERSON_HEARD_AFTER_S,
        )
