"""A softphone that is driven by a program: what can it be told to do, and what does it see and hear?

It is a test agent, the practice exchange's callee and a health caller, not a phone for a person.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable

from telephony.softphone.calls import Answer, OnCall, PhoneAccount, PhoneCall, PhoneError
from telephony.softphone.ear import GRID_HZ, Ear
from telephony.softphone.library import CallState
from telephony.softphone.line import Line
from telephony.softphone.message import Message
from telephony.softphone.pcmu import tone
from telephony.softphone.registration import Registration
from telephony.softphone.signalling import Signalling

AT_ONCE = Answer()
_NUMBER = re.compile(r"[A-Za-z0-9*#+_.-]{1,64}")


class Softphone:
    """One SIP phone with one line: a second call at a time gets 486. All methods may be called from any thread.

    `on_change` is told after every step of a call, on the phone's own thread: it must return soon.
    """

    def __init__(
        self,
        account: PhoneAccount,
        *,
        on_call: OnCall = AT_ONCE,
        on_change: Callable[[PhoneCall], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.account = account
        self._on_change = on_change
        self._monotonic = monotonic
        self._sip = Signalling(
            (account.server_host, account.server_port),
            account.user,
            account.secret,
            account.own_host,
            account.own_port,
            on_request=self._asked,
            on_tick=self._tick,
            monotonic=monotonic,
        )
        self._changed = threading.Condition(self._sip.lock)
        self._line = Line(account, self._sip, on_call, self._note, monotonic)
        self._registration = Registration(self._sip, monotonic, self._changed.notify_all)

    # -- registration

    def register(self, limit_s: float = 5.0) -> None:
        """Registers and stays registered. Raises PhoneError when the server refuses or does not answer in time."""
        if not self._sip.NSD:
            self._sip.start()
        with self._changed:
            self._registration.ask(hold=True)
            self._changed.wait_for(lambda: self._registration.status is not None, limit_s)
            if not self._registration.held:
                raise PhoneError(f"{self.account.user} is not registered: {self._registration.told}.")

    def unregister(self, limit_s: float = 5.0) -> None:
        """Takes the registration back: no call arrives any more. Raises PhoneError when the server does not answer."""
        with self._changed:
            self._registration.ask(hold=False)
            self._changed.wait_for(lambda: self._registration.status is not None, limit_s)
            if self._registration.status != 200:
                raise PhoneError(f"{self.account.user} could not unregister: {self._registration.told}.")

    @property
    def is_registered(self) -> bool:
        """True while the server holds our registration, as far as we were told."""
        return self._registration.held

    @property
    def address(self) -> tuple[str, int]:
        """Where the phone listens for SIP."""
        return self._sip.myIP, self._sip.myPort

    # -- calls

    @property
    def on_call(self) -> OnCall:
        """What is done with the next incoming call; may be set at any time."""
        return self._line.on_call

    @on_call.setter
    def on_call(self, what: OnCall) -> None:
        self._line.on_call = what

    @property
    def calls(self) -> tuple[PhoneCall, ...]:
        """Every call since the start, oldest first."""
        return tuple(self._line.calls)

    @property
    def current(self) -> PhoneCall | None:
        """The call that is dialling, ringing or talking, None when the line is free."""
        return self._line.current

    @property
    def is_talking(self) -> bool:
        """True while a call is answered."""
        call = self.current
        return call is not None and call.is_talking

    def call(self, number: str) -> PhoneCall:
        """Calls `number` and returns at once; the call's state tells the rest. Raises PhoneError on a taken line."""
        if not _NUMBER.fullmatch(number):
            raise PhoneError(f"{number!a} cannot be dialled: letters, digits and *#+_.- only.")
        with self._changed:
            if not self._sip.NSD:
                self._sip.start()
            if self.current is not None:
                raise PhoneError(f"{self.account.user} is in a call already.")
            return self._line.dial(number)

    def answer(self) -> None:
        """Takes the ringing call now, whatever `on_call` says. Raises PhoneError when none rings."""
        with self._changed:
            self._line.answer(self._ringing())

    def deny(self, status: int = 486) -> None:
        """Refuses the ringing call now. Raises PhoneError when none rings."""
        with self._changed:
            self._line.refuse(self._ringing(), status)

    def hang_up(self) -> None:
        """Ends the current call: BYE, CANCEL or a refusal, as its state needs. Does nothing when there is none."""
        with self._changed:
            call = self.current
            if call is not None:
                self._line.hang_up(call)

    def vanish(self) -> None:
        """Stops everything without a word, as a phone does whose cable is pulled. Final."""
        self._sip.stop()
        with self._changed:
            self._line.silence()
            self._registration.drop()

    def close(self) -> None:
        """Hangs up, unregisters and stops. Never raises for a server that is gone. Final."""
        if not self._sip.NSD:
            return
        self.hang_up()
        if self._registration.held:
            try:
                self.unregister(1.0)
            except PhoneError:
                self._registration.drop()  # the server is gone, and with it the registration
        self.vanish()

    # -- audio

    def play(self, sound: int | bytes, *, again: bool = True) -> None:
        """Plays a tone (hertz, a whole number) or PCMU bytes in this call and later ones; empty bytes are silence."""
        data = tone(sound) if isinstance(sound, int) else sound
        with self._changed:
            self._line.sound = (data, again)
            call = self.current
            if call is not None and call.media is not None:
                call.media.play(data, again=again)

    def send_digits(self, digits: str) -> None:
        """Presses keys (RFC 4733) in the current call. Raises PhoneError when nobody is there to hear them."""
        with self._changed:
            call = self.current
            if call is None or not call.is_talking or call.media is None:
                raise PhoneError(f"{self.account.user} is in no call, so no keys can be pressed.")
            call.media.send_keys(digits)

    @property
    def ear(self) -> Ear:
        """What the latest call hears or heard. Raises PhoneError before the first answered call."""
        media = next((call.media for call in reversed(self.calls) if call.media is not None), None)
        if media is None:
            raise PhoneError(f"{self.account.user} has not been in a call yet.")
        return media.ear

    def heard(self, among: Iterable[int] = GRID_HZ) -> tuple[int, ...]:
        """The tones in hertz heard right now, among multiples of 50 Hz; nothing outside of a call."""
        return self.ear.tones(among) if self.is_talking else ()

    def wait_until(self, what: Callable[[Softphone], object], limit_s: float = 5.0) -> bool:
        """Waits until `what(phone)` is true; answers whether it became so within `limit_s`."""
        end_s = self._monotonic() + limit_s
        while not what(self):
            left_s = end_s - self._monotonic()
            if left_s <= 0:
                return False
            with self._changed:
                self._changed.wait(min(left_s, 0.01))
        return True

    # -- on the phone's own thread, holding the lock

    def _asked(self, request: Message) -> None:
        self._line.asked(request)

    def _tick(self, now_s: float) -> None:
        self._line.tick(now_s)
        self._registration.tick(now_s)

    def _note(self, call: PhoneCall) -> None:
        self._changed.notify_all()
        if self._on_change is not None:
            self._on_change(call)

    def _ringing(self) -> PhoneCall:
        call = self.current
        if call is None or call.state != CallState.RINGING:
            raise PhoneError(f"nothing rings at {self.account.user}.")
        return call
