"""How long from the customer's 200 OK until he and a ready agent hear each other, known by their tones?

Run: python bench/answer_to_audio.py [--idle 100] [--load 120] [--plain 40]
Everything is real: engine, durable store, adapter, a private Asterisk, SIP and RTP on loopback. The named alternative
in the same run is the plain way: the answered customer's channel calls the agent's phone by Dial(), which answers at
once, without any human.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from call_centre import HELD_AREA, OWN_NUMBER, TRUNK, Centre, Exchange, machine, share, spread
from tone_agents import Question, ToneAgents
from tone_callees import AGENT_TONES, Heard, ToneCallees

from dialer.refusal import Refused
from telephony.asterisk.ami import LinkInfo, ManagerLink
from telephony.asterisk.configuration import Trunk
from telephony.asterisk.laboratory import free_loopback_address
from telephony.asterisk.provisioning import find_or_unpack
from telephony.port import CallAnswered, CallEnded, Event, Joined
from telephony.practice import PracticeKind, numbers

AGENTS, IDLE_AGENTS, PLAIN_AGENTS = 20, 4, 4
IDLE_TALK_S, LOAD_TALK_S = 0.35, 1.5
CHUNK = 50  # the agents' ears remember a minute
RATE_PER_S = 8.0
PLAIN_EVERY_S = 0.4
GOAL_MEDIAN_MS, GOAL_P99_MS = 60.0, 200.0
RTP_TICK_MS = 20.0


@dataclass
class Seen:
    """What the dialer learned, by attempt: monotonic seconds."""

    answered: dict[str, float] = field(default_factory=dict)
    joined: dict[str, tuple[str, float]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)


@dataclass
class Joins:
    """Milliseconds after the 200 OK, and what was wrong."""

    both: list[float] = field(default_factory=list)
    agent_hears: list[float] = field(default_factory=list)
    customer_hears: list[float] = field(default_factory=list)
    notice: list[float] = field(default_factory=list)
    confirmed: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def show(self, name: str) -> None:
        print(f"{name}: both hear each other {spread(self.both)}")
        print(f"{'':>{len(name)}}  agent hears      {spread(self.agent_hears)}")
        print(f"{'':>{len(name)}}  customer hears   {spread(self.customer_hears)}")
        if self.notice:
            print(f"{'':>{len(name)}}  answer notice    {spread(self.notice)}")
            print(f"{'':>{len(name)}}  join confirmed   {spread(self.confirmed)}")
        for fault in self.faults[:5]:
            print(f"{'':>{len(name)}}  FAULT {fault}")


class Bench:
    """One exchange, one far end, one engine; phases are run one after another."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack, counts: argparse.Namespace) -> None:
        install = find_or_unpack(log=print)
        host = free_loopback_address()
        self.callees = ToneCallees(host, IDLE_TALK_S)
        stack.callback(self.callees.close)
        trunk = Trunk(name=TRUNK, host=host, practice=True, qualify_s=5)
        self.exchange = Exchange(install, folder / "asterisk", trunk, agents=AGENTS + PLAIN_AGENTS, more=_plain_way)
        stack.callback(self.exchange.close)
        phones = self.exchange.settings.agents
        self.agents = ToneAgents(phones[:AGENTS], AGENT_TONES, self.exchange.settings.sip_host)
        stack.callback(self.agents.close)
        self.plain_agents = ToneAgents(phones[AGENTS:], AGENT_TONES, self.exchange.settings.sip_host)
        stack.callback(self.plain_agents.close)
        self.seen = Seen()
        self.centre = Centre(folder, self.exchange, trunk, self.hear)
        stack.callback(self.centre.close)
        self.supply = (n for n in numbers(PracticeKind.ANSWERS_SPEECH) if not n.startswith(HELD_AREA))
        self._campaigns(counts)
        self.centre.engine.start()
        self.centre.until(lambda: self.centre.trunk_up, 20, "the trunk is up")

    def _campaigns(self, counts: argparse.Namespace) -> None:
        self.centre.campaign("idle", self._numbers(2 * counts.idle), max_calls=1, attempts_per_second=50.0)
        self.centre.campaign("load", self._numbers(2 * counts.load), attempts_per_second=RATE_PER_S)

    def _numbers(self, count: int) -> list[str]:
        return list(itertools.islice(self.supply, count))

    def hear(self, event: Event) -> None:
        if isinstance(event, CallAnswered):
            self.seen.answered[event.call.id] = event.mono_s
        elif isinstance(event, Joined):
            self.seen.joined[event.call.id] = (event.agent, event.mono_s)
        elif isinstance(event, CallEnded):
            self.seen.ended.add(event.call.id)
            if event.call.id in self.seen.joined:
                agent = self.seen.joined[event.call.id][0]
                self.centre.loop.call_soon(self._dispose, agent)

    def _dispose(self, agent: str) -> None:
        with contextlib.suppress(Refused):
            self.centre.engine.desk_dispose(agent, "sale")

    def log_in(self, first: int, last: int) -> None:
        for number in range(first, last):
            self.centre.engine.agent_login(str(1001 + number))
        ready = [str(1001 + n) for n in range(last)]
        self.centre.until(
            lambda: all(self.centre.engine.desk_view(a)["agent"]["state"] == "READY" for a in ready), 15, "agents"
        )

    def joins(self, campaign: str, count: int, limit_s: float) -> Joins:
        """Let the campaign run until so many calls were joined and have ended."""
        joins = Joins()
        already = len(self.seen.joined)
        while len(joins.both) + len(joins.faults) < count:
            target = min(already + count, len(self.seen.joined) + CHUNK if campaign == "idle" else already + count)
            self.centre.engine.campaign_start(campaign, "bench")
            self.centre.until(partial(self._joined, target), limit_s, f"{target} joins")
            self.centre.engine.campaign_pause(campaign, "bench")
            self.centre.until(lambda: self.centre.engine.quiet, 20, "all calls have ended")
            self._judge(joins)
            print(f"{campaign}: {len(joins.both)} joins, {len(joins.faults)} faults", flush=True)
        return joins

    def _joined(self, target: int) -> bool:
        return len(self.seen.joined) >= target

    def _judge(self, joins: Joins) -> None:
        heard = [h for h in self.callees.report() if h.attempt_id in self.seen.joined]
        questions = [
            Question(agent=self.seen.joined[h.attempt_id][0], hz=h.tone_hz, since_s=h.answered_s) for h in heard
        ]
        for call, question, at in zip(heard, questions, self.agents.first_heard(questions), strict=True):
            _count(joins, call, self.agents.tone_of[question.agent], at)
            joins.notice.append((self.seen.answered[call.attempt_id] - call.answered_s) * 1000)
            joins.confirmed.append((self.seen.joined[call.attempt_id][1] - call.answered_s) * 1000)

    def plain(self, count: int) -> Joins:
        """The named alternative: Dial() to the agent's phone once the customer has answered."""
        up: list[LinkInfo] = []
        access = self.exchange.manager
        link = ManagerLink(access.host, access.port, "dialer", access.dialer_secret, on_up=up.append)
        link.start()
        self.centre.until(lambda: bool(up), 5, "the manager link is up")
        agents = list(self.plain_agents.tone_of)
        self.callees.report()
        for n, number in enumerate(self._numbers(count)):
            link.send(_plain_call(number, f"plain-{n}", agents[n % len(agents)]))
            self.centre.loop.run_until_complete(asyncio.sleep(PLAIN_EVERY_S))
        self.centre.loop.run_until_complete(asyncio.sleep(2.0))
        link.close()
        joins = Joins()
        heard = [h for h in self.callees.report() if h.attempt_id.startswith("plain-")]
        whose = [agents[int(h.attempt_id.removeprefix("plain-")) % len(agents)] for h in heard]
        questions = [Question(agent=a, hz=h.tone_hz, since_s=h.answered_s) for h, a in zip(heard, whose, strict=True)]
        for call, agent, at in zip(heard, whose, self.plain_agents.first_heard(questions), strict=True):
            _count(joins, call, self.plain_agents.tone_of[agent], at)
        return joins


def _count(joins: Joins, call: Heard, agent_hz: int, agent_heard_s: float | None) -> None:
    """One call: both must have heard the other, and the customer nobody else."""
    strangers = [hz for hz in call.tones if hz != agent_hz]
    customer_heard_s = call.tones.get(agent_hz)
    if agent_heard_s is None or customer_heard_s is None or strangers:
        who = "the agent" if agent_heard_s is None else "the customer"
        joins.faults.append(
            f"{call.attempt_id}: he also heard {strangers}" if strangers else f"{call.attempt_id}: {who} heard nothing"
        )
        return
    joins.agent_hears.append((agent_heard_s - call.answered_s) * 1000)
    joins.customer_hears.append((customer_heard_s - call.answered_s) * 1000)
    joins.both.append(max(joins.agent_hears[-1], joins.customer_hears[-1]))


def _plain_way(files: dict[str, str]) -> None:
    files["modules.conf"] += "load = app_dial.so\n"
    files["extensions.conf"] += "\n[plain]\nexten => _XXXX,1,Dial(PJSIP/${EXTEN},5)\n same => n,Hangup()\n"


def _plain_call(number: str, call_id: str, agent: str) -> list[tuple[str, str | int]]:
    return [
        ("Action", "Originate"),
        ("Channel", f"PJSIP/{number}@{TRUNK}"),
        ("ChannelId", call_id),
        ("Context", "plain"),
        ("Exten", agent),
        ("Priority", "1"),
        ("Timeout", 15_000),
        ("Async", "true"),
        ("CallerID", f"<{OWN_NUMBER}>"),
        ("Variable", f"PJSIP_HEADER(add,X-Attempt-Id)={call_id}"),
    ]


def _verdict(name: str, joins: Joins) -> bool:
    median, late = share(joins.both, 0.5), share(joins.both, 0.99)
    good = median <= GOAL_MEDIAN_MS and late <= GOAL_P99_MS and not joins.faults
    print(
        f"{name}: median {median:.1f} ms (goal {GOAL_MEDIAN_MS:.0f}), p99 {late:.1f} ms (goal {GOAL_P99_MS:.0f}), "
        f"{len(joins.faults)} not joined rightly: {'goal met' if good else 'GOAL MISSED'}"
    )
    return good


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--idle", type=int, default=100, help="joins one at a time")
    options.add_argument("--load", type=int, default=120, help="joins at 8 a second with 20 agents")
    options.add_argument("--plain", type=int, default=40, help="joins of the named alternative")
    counts = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        bench = Bench(Path(folder), stack, counts)
        print(f"before: {machine()}")
        bench.log_in(0, IDLE_AGENTS)
        idle = bench.joins("idle", counts.idle, 120)
        bench.log_in(IDLE_AGENTS, AGENTS)
        bench.callees.talk(LOAD_TALK_S)
        load = bench.joins("load", counts.load, 60)
        bench.callees.talk(IDLE_TALK_S)
        plain = bench.plain(counts.plain)
        print(f"after: {machine()}")
    idle.show("idle, one call at a time")
    load.show("8 calls a second, 20 agents")
    plain.show("Dial() to an auto-answering phone, idle")
    alone = share(plain.both, 0.5)
    for name, joins in (("idle", idle), ("8 a second", load)):
        median, notice = share(joins.both, 0.5), share(joins.notice, 0.5)
        print(
            f"{name}: median is {median / alone:.2f} of Dial()'s, {median / RTP_TICK_MS:.1f} RTP ticks, "
            f"{median - notice:.1f} ms after the answer was known"
        )
    return 0 if all([_verdict("idle", idle), _verdict("8 a second", load)]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
