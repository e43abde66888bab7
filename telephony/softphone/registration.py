"""Does the server know where this phone is, and does it stay so?"""

from __future__ import annotations

from collections.abc import Callable

from telephony.softphone.message import Message
from telephony.softphone.signalling import GIVE_UP_S, Signalling

AGAIN_SHARE = 0.5
RETRY_S = 5.0


class Registration:
    """Registers, registers again at half of the time granted, and tries again after a failure.

    Everything runs under the signalling's lock. `status` is the last answer, 0 for none in time, None while asking.
    """

    def __init__(self, sip: Signalling, monotonic: Callable[[], float], on_answer: Callable[[], None]) -> None:
        self.held = False
        self.status: int | None = None
        self._sip = sip
        self._monotonic = monotonic
        self._on_answer = on_answer
        self._due_s: float | None = None

    def ask(self, *, hold: bool) -> None:
        """Asks the server to hold the registration, or to forget it."""
        self.status = None
        self._due_s = self._monotonic() + self._sip.default_expires * AGAIN_SHARE if hold else None
        text = self._sip.gen_first_response(deregister=not hold)
        self._sip.ask(text, lambda answer: self._answered(answer, hold, signed=False), GIVE_UP_S / 4)

    def tick(self, now_s: float) -> None:
        """Registers again when it is time."""
        if self._due_s is not None and now_s >= self._due_s:
            self.ask(hold=True)

    def drop(self) -> None:
        """Forgets it on our side only."""
        self.held, self._due_s = False, None

    @property
    def told(self) -> str:
        """The last answer in words."""
        if not self.status:
            return "the server did not answer"
        return "wrong user or secret" if self.status in {401, 403} else f"the server answered {self.status}"

    def _answered(self, answer: Message | None, hold: bool, *, signed: bool) -> None:
        if answer is not None and answer.code < 200:
            return
        if answer is not None and answer.code == 401 and not signed:
            text = self._sip.gen_register(answer, deregister=not hold)
            self._sip.ask(text, lambda last: self._answered(last, hold, signed=True), GIVE_UP_S / 4)
            return
        self.status = answer.code if answer is not None else 0
        self.held = hold and self.status == 200
        if hold and not self.held:
            self._due_s = self._monotonic() + RETRY_S
        self._on_answer()
