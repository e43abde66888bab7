"""What happens to a phone's calls, message by message?

One line: while a call is on, a second one is told 486. Everything here runs under the signalling's lock.
"""

from __future__ import annotations

from collections.abc import Callable

from telephony.softphone.calls import Answer, EndedBy, OnCall, PhoneAccount, PhoneCall, PhoneError, Reject
from telephony.softphone.library import CallState
from telephony.softphone.media import Media, open_rtp_socket
from telephony.softphone.message import Message, read_message
from telephony.softphone.signalling import Signalling


class Line:
    """The calls of one phone, oldest first. `on_change` is told after every step of a call."""

    def __init__(
        self,
        account: PhoneAccount,
        sip: Signalling,
        on_call: OnCall,
        on_change: Callable[[PhoneCall], None],
        monotonic: Callable[[], float],
    ) -> None:
        self.calls: list[PhoneCall] = []
        self.on_call = on_call
        self.sound: tuple[bytes, bool] = (b"", False)
        self._account = account
        self._sip = sip
        self._on_change = on_change
        self._monotonic = monotonic

    @property
    def current(self) -> PhoneCall | None:
        """The call that is dialling, ringing or talking."""
        return next((call for call in reversed(self.calls) if not call.is_over), None)

    def tick(self, now_s: float) -> None:
        """Answers the ringing call when it has rung long enough."""
        call = self.current
        if call is not None and call.state == CallState.RINGING and now_s >= (call.answer_due_s or now_s + 1):
            self.answer(call)

    def dial(self, number: str) -> PhoneCall:
        """Sends the INVITE of a new call."""
        plug = open_rtp_socket(self._account.own_host, self._account.audio_ports)
        text = self._sip.gen_our_invite(number, plug.getsockname()[1])
        invite = _readable(text)
        call = PhoneCall(
            call_id=invite.call_id, incoming=False, state=CallState.DIALING, invite=invite, text=text, plug=plug
        )
        call.number = invite.sequence[0]
        self.calls.append(call)
        self._sip.ask(text, lambda answer: self._invite_answered(call, answer))
        return call

    def hang_up(self, call: PhoneCall) -> None:
        """Ends a call: BYE, CANCEL or a refusal, as its state needs."""
        if call.is_talking:
            self._say_bye(call)
            self._end(call, EndedBy.OURSELVES)
        elif call.incoming:
            self.refuse(call, 603)
        else:
            self._sip.ask(self._sip.gen_cancel(call.invite))
            self._end(call, EndedBy.OURSELVES)

    def silence(self) -> None:
        """Stops all audio without a word to anybody."""
        for call in self.calls:
            _stop_media(call)

    def asked(self, request: Message) -> None:
        known = next((call for call in self.calls if call.call_id == request.call_id), None)
        if request.method == "INVITE":
            self._invited(request, known)
        elif request.method == "BYE":
            self._bye(request, known)
        elif request.method == "CANCEL":
            self._cancelled(request, known)
        elif request.method == "OPTIONS":
            # fault: not answered, so a qualified contact was unavailable and no call was even tried
            self._sip.say(self._sip.gen_response(request, 200, tag=self._sip.gen_tag()))
        elif request.method != "ACK":
            self._sip.say(self._sip.gen_response(request, 405, tag=self._sip.gen_tag()))

    def _invited(self, request: Message, known: PhoneCall | None) -> None:
        if known is None:
            self._new_call(request)
        elif known.incoming and request.sequence <= known.invite.sequence:
            self._sip.say(known.reply)  # the same INVITE again: our answer was lost
        elif known.is_talking:
            self._renegotiated(request, known)

    def _new_call(self, request: Message) -> None:
        self._sip.tagLibrary[request.call_id] = self._sip.gen_tag()
        call = PhoneCall(call_id=request.call_id, incoming=True, state=CallState.RINGING, invite=request)
        call.target, call.number = request.contact, 1
        busy = self.current is not None
        self.calls.append(call)
        if busy or request.audio() is None:
            self.refuse(call, 486 if busy else 488)
        elif isinstance(self.on_call, Reject):
            self.refuse(call, self.on_call.status)
        else:
            self._ring(call)

    def _ring(self, call: PhoneCall) -> None:
        call.reply = self._sip.gen_response(call.invite, 180, tag=self._sip.tagLibrary[call.call_id])
        self._sip.say(call.reply)
        self._note(call)
        if not isinstance(self.on_call, Answer):
            return
        if self.on_call.after_s <= 0:
            self.answer(call)  # fault: the base waits a second before anybody can answer
        else:
            call.answer_due_s = self._monotonic() + self.on_call.after_s

    def answer(self, call: PhoneCall) -> None:
        offer = call.invite.audio()
        if offer is None:
            return
        remote, key_type = offer
        call.plug = open_rtp_socket(self._account.own_host, self._account.audio_ports)
        call.reply = self._sip.gen_our_answer(call.invite, call.plug.getsockname()[1], key_type)
        self._talk(call, remote, key_type)
        self._sip.answer_until_confirmed(call.call_id, call.reply)

    def _talk(self, call: PhoneCall, remote: tuple[str, int], key_type: int) -> None:
        assert call.plug is not None
        call.media = Media(call.plug, remote, key_type, lambda key: self._key_heard(call, key), self._monotonic)
        call.media.play(self.sound[0], again=self.sound[1])
        call.media.start()
        call.state, call.status, call.answered_at_s = CallState.ANSWERED, 200, self._monotonic()
        self._note(call)

    def _key_heard(self, call: PhoneCall, key: str) -> None:
        with self._sip.lock:
            call.keys += key
            self._on_change(call)

    def _renegotiated(self, request: Message, call: PhoneCall) -> None:
        offer = request.audio()
        if call.media is None or call.plug is None:
            return
        if offer is not None:
            call.media.redirect(offer[0])
        if call.incoming:
            call.invite = request
        key_type = offer[1] if offer is not None else 101
        self._sip.tagLibrary[request.call_id] = _our_tag(request) or self._sip.tagLibrary[request.call_id]
        call.reply = self._sip.gen_our_answer(request, call.plug.getsockname()[1], key_type)
        self._sip.answer_until_confirmed(call.call_id, call.reply)

    def _bye(self, request: Message, known: PhoneCall | None) -> None:
        status = 200 if known is not None else 481
        self._sip.say(self._sip.gen_response(request, status))
        if known is not None and not known.is_over:
            self._end(known, EndedBy.FAR_END)

    def _cancelled(self, request: Message, known: PhoneCall | None) -> None:
        # fault: ignored by the base, so the phone answered a call that nobody was making any more
        tag = self._sip.tagLibrary.get(request.call_id, "")
        self._sip.say(self._sip.gen_response(request, 200 if known is not None else 481, tag=tag))
        if known is not None and known.state == CallState.RINGING:
            self.refuse(known, 487, EndedBy.CANCELLED)

    def refuse(self, call: PhoneCall, status: int, ended_by: EndedBy = EndedBy.REFUSED) -> None:
        # fault: the base's deny() raises and leaves the call behind
        call.reply = self._sip.gen_response(call.invite, status, tag=self._sip.tagLibrary[call.call_id])
        call.status = status
        self._end(call, ended_by)
        self._sip.answer_until_confirmed(call.call_id, call.reply)

    def _invite_answered(self, call: PhoneCall, answer: Message | None) -> None:
        if answer is None:
            self._end(call, EndedBy.NO_ANSWER)
        elif answer.code in {401, 407} and call.status == 0:
            self._sip.say(self._sip.gen_ack(answer))
            self._sign(call, answer)
        elif answer.code < 200:
            call.status = max(call.status, answer.code)
            self._note(call)
        elif answer.code < 300:
            self._invite_accepted(call, answer)
        else:
            self._sip.say(self._sip.gen_ack(answer))
            call.status = answer.code  # fault: after 486 or 403 the base dials for ever
            self._end(call, EndedBy.REFUSED)

    def _sign(self, call: PhoneCall, challenge: Message) -> None:
        call.status = 100
        call.text = self._sip.gen_signed_invite(call.invite, call.text, challenge)
        call.invite = _readable(call.text)
        call.number = call.invite.sequence[0]
        if not call.is_over:
            self._sip.ask(call.text, lambda answer: self._invite_answered(call, answer))

    def _invite_accepted(self, call: PhoneCall, answer: Message) -> None:
        self._sip.say(self._sip.gen_ack(answer))
        accepted = answer.audio()
        call.target = answer.contact
        call.invite.headers["To"]["tag"] = answer.headers["To"]["tag"]
        if call.is_over or accepted is None:  # we took it back while it was answered, or there is no common codec
            self._say_bye(call)
            self._end(call, EndedBy.OURSELVES)
        else:
            self._talk(call, *accepted)

    def _say_bye(self, call: PhoneCall) -> None:
        call.number += 1
        we_called = not call.incoming
        self._sip.ask(self._sip.gen_bye_in(call.invite, call.target, call.number, we_called=we_called))

    def _end(self, call: PhoneCall, ended_by: EndedBy) -> None:
        self._sip.confirmed(call.call_id)
        _stop_media(call)
        if call.is_over:
            return
        call.state, call.ended_by, call.ended_at_s = CallState.ENDED, ended_by, self._monotonic()
        self._note(call)

    def _note(self, call: PhoneCall) -> None:
        self._on_change(call)


def _stop_media(call: PhoneCall) -> None:
    if call.media is not None:
        call.media.stop()
    elif call.plug is not None:
        call.plug.close()


def _our_tag(request: Message) -> str:
    return str(request.headers["To"]["tag"])


def _readable(text: str) -> Message:
    message = read_message(text.encode())
    if message is None:
        raise PhoneError("the phone would have sent an unreadable request; nothing was sent.")
    return message
