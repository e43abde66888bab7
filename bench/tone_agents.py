"""Whose are the agents' phones in a bench? Registered softphones in a process of their own, each with its own tone.

They share no interpreter with the engine, so that their audio neither slows it down nor is slowed by it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from telephony.asterisk.configuration import AgentPhone
from telephony.softphone import PhoneAccount, Softphone


@dataclass(frozen=True, kw_only=True)
class Question:
    """When did this agent first hear this tone, from then on?"""

    agent: str
    hz: int
    since_s: float


def _first_heard(phone: Softphone, question: Question) -> float | None:
    heard = (call.media.ear.first_heard_at_s(question.hz, question.since_s) for call in phone.calls if call.media)
    return min((at for at in heard if at is not None), default=None)


def _run(phones: tuple[AgentPhone, ...], tones: tuple[int, ...], host: str, pipe: Connection) -> None:
    made = {}
    for phone, hz in zip(phones, tones, strict=True):
        account = PhoneAccount(user=phone.number, secret=phone.secret, server_host=host, server_port=5060)
        made[phone.number] = Softphone(account)
        made[phone.number].register()
        made[phone.number].play(hz)
    pipe.send("ok")
    while True:
        try:
            questions: list[Question] = pipe.recv()
        except (EOFError, OSError):
            break
        pipe.send([_first_heard(made[q.agent], q) for q in questions])
    for phone_made in made.values():
        phone_made.vanish()


class ToneAgents:
    """The agents' phones as a child process; `tone_of` tells who plays what."""

    def __init__(self, phones: Iterable[AgentPhone], tones: Iterable[int], host: str) -> None:
        known = tuple(phones)
        given = tuple(tones)[: len(known)]
        self.tone_of = {phone.number: hz for phone, hz in zip(known, given, strict=True)}
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(known, given, host, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe.recv()

    def first_heard(self, questions: list[Question]) -> list[float | None]:
        """Only the last minute is remembered: ask in time."""
        self._pipe.send(questions)
        answers: list[float | None] = self._pipe.recv()
        return answers

    def close(self) -> None:
        self._pipe.close()
        self._process.join(5)
        self._process.kill()
