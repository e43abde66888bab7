"""Whatever people, phones, links and processes do in whatever order: does every promise hold after every step?

The same days are played each time. ANY_DAY_SEED and ANY_DAY_EXAMPLES in the environment play others, and more.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from campaigns.model import Suppression
from campaigns.storage.errors import StoreUnavailable
from dialer.refusal import Refused
from telephony.callee import Callee
from telephony.simulator import Phone
from tests.dialer.floor import BUSY, CAMPAIGN, RINGS_ON, TALKS, CallCentre, changed
from tests.dialer.test_engine_store import failing_database
from tests.dialer.witness import Witness

SEED = int(os.environ.get("ANY_DAY_SEED", "1"))
EXAMPLES = int(os.environ.get("ANY_DAY_EXAMPLES", "30"))
STEPS = 50
LINES, PER_SECOND, AGENTS, LEADS = 2, 20.0, 3, 12
STEP_S = 0.7  # a step takes time, else nothing would ever happen between two of them

PEOPLE = (
    TALKS,
    changed(TALKS, answer_after_s=1.0, talk_s=8.0),
    changed(TALKS, answer_after_s=2.0, talk_s=600.0),
    changed(TALKS, answer_after_s=1.0, opt_out_after_s=1.0),
    BUSY,
    RINGS_ON,
    Callee(ring_after_s=0.3, answer_after_s=1.0, leaves_after_s=0.7),
    changed(TALKS, answer_after_s=12.0, patience_s=3.0),
    changed(RINGS_ON, refuse_after_s=0.5, refuse_code=404),
    changed(TALKS, vanishes_after_s=4.0),
    changed(TALKS, answer_after_s=1.0, kind="machine", screened_after_s=2.6),
    changed(TALKS, answer_after_s=1.0, screened_after_s=4.0, talk_s=8.0),
)
agents = st.sampled_from([str(1001 + n) for n in range(AGENTS)])
outcomes = st.sampled_from(["sale", "refused", "callback", "machine", "do_not_call", "no_decision", "wrong_number"])
waits = st.sampled_from([0.03, 1.0, 3.0, 10.0, 25.0, 70.0, 400.0])
leads = st.integers(0, LEADS - 1)


class AnyDay(RuleBasedStateMachine):
    """One day of a small call centre; every rule is something a person, a phone or a machine may do at any time."""

    @initialize(
        mode=st.sampled_from(["progressive", "power", "predictive", "manual", "preview"]),
        then=st.sampled_from(["dial", "skip"]),
        clock=st.sampled_from(["answer", "greeting"]),
        people=st.lists(st.integers(0, len(PEOPLE) - 1), min_size=LEADS, max_size=LEADS),
    )
    def morning(self, mode: str, then: str, clock: str, people: list[int]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="any-day-")
        self.office = CallCentre(
            Path(self._folder.name),
            leads=LEADS,
            agents=AGENTS,
            callees={f"+1212555{100 + n:04}": PEOPLE[who] for n, who in enumerate(people)},
            trunk={"max_calls": LINES, "attempts_per_second": PER_SECOND},
            durable=False,
            mode=mode,
            ratio=2.0 if mode == "power" else 1.0,
            wrap_up_limit_s=20,
            preview_limit_s=15,
            preview_then=then,
            preview_skip_rest_s=60,
            clock_from=clock,
            max_calls=LINES + 1,
        )
        self.witness = Witness(self.office, lines=LINES, per_second=PER_SECOND)
        self.office.open_agents()
        self.start()

    def ask(self, command: Callable[..., str], *args: Any) -> bool:
        """Give one command; whether it was carried out."""
        try:
            command(*args)
        except (Refused, StoreUnavailable):
            return False
        return True

    # --- the manager ------------------------------------------------------------------------------------

    @rule()
    def start(self) -> None:
        self.witness.may_dial |= self.ask(self.office.engine.campaign_start, CAMPAIGN, "test")

    @rule(how=st.sampled_from(["pause", "stop", "emergency_stop"]))
    def stop(self, how: str) -> None:
        if self.ask(getattr(self.office.engine, f"campaign_{how}"), CAMPAIGN, "test"):
            self.witness.may_dial = False

    @rule(lead=leads)
    def suppress(self, lead: int) -> None:
        number, now = self.office.numbers[lead], self.office.clock.now()
        entry = Suppression(number=number, reason="asked", source="manager", actor="anna", added_at=now)
        self.office.engine.number_suppressed(self.office.store.suppressions.add(entry))
        self.witness.suppressed.add(number)

    # --- agents and their phones ---------------------------------------------------------------------------

    @rule(agent=agents)
    def log_in(self, agent: str) -> None:
        self.ask(self.office.engine.agent_login, agent)

    @rule(agent=agents, pin=st.sampled_from(["4711", "0000"]))
    def log_in_by_phone(self, agent: str, pin: str) -> None:
        self.office.world.dial_login(agent, pin)

    @rule(agent=agents)
    def log_out(self, agent: str) -> None:
        self.ask(self.office.engine.agent_logout, agent)

    @rule(agent=agents)
    def take_a_pause(self, agent: str) -> None:
        self.ask(self.office.engine.agent_pause, agent, "lunch")

    @rule(agent=agents)
    def be_ready(self, agent: str) -> None:
        self.ask(self.office.engine.agent_ready, agent)

    @rule(agent=agents, comes_back=st.booleans())
    def lose_the_phone(self, agent: str, comes_back: bool) -> None:
        self.office.world.phones[agent] = Phone(reachable=comes_back)
        self.office.world.hang_up_phone(agent)

    @rule(agent=agents)
    def mend_the_phone(self, agent: str) -> None:
        self.office.world.phones[agent] = Phone()

    @rule(agent=agents, code=outcomes)
    def dispose(self, agent: str, code: str) -> None:
        self.ask(self.office.engine.desk_dispose, agent, code)

    @rule(agent=agents, key=st.sampled_from("12567"))
    def press_a_key(self, agent: str, key: str) -> None:
        self.office.world.press(agent, key)

    @rule(agent=agents)
    def hang_up(self, agent: str) -> None:
        self.ask(self.office.engine.desk_hang_up, agent)

    @rule(agent=agents, step=st.sampled_from(["offer", "done"]))
    def read_on(self, agent: str, step: str) -> None:
        self.ask(self.office.engine.desk_step, agent, step, {})

    @rule(agent=agents)
    def dial_by_hand(self, agent: str) -> None:
        self.ask(self.office.engine.desk_dial, agent)

    @rule(agent=agents, reason=st.sampled_from(["wrong time", "because"]))
    def skip_a_lead(self, agent: str, reason: str) -> None:
        self.ask(self.office.engine.desk_skip, agent, reason)

    # --- customers -----------------------------------------------------------------------------------------

    @rule(which=st.integers(0, LINES - 1))
    def customer_hangs_up(self, which: int) -> None:
        answered = [x for x in self.office.world.lines.values() if x.answered]
        if which < len(answered):
            self.office.world._customer_hangs_up(answered[which])

    # --- machines ------------------------------------------------------------------------------------------

    @rule()
    def lose_the_link(self) -> None:
        self.office.telephony.cut_link()

    @rule()
    def find_the_link(self) -> None:
        self.office.telephony.restore_link()

    @rule(down_s=st.sampled_from([1.0, 20.0]))
    def exchange_dies(self, down_s: float) -> None:
        self.office.telephony.crash(down_s)

    @rule(up=st.booleans())
    def trunk(self, up: bool) -> None:
        (self.office.telephony.restore_trunk if up else self.office.telephony.fail_trunk)("practice")

    @rule(away_s=waits)
    def engine_dies(self, away_s: float) -> None:
        self.office.kill_engine()
        self.office.clock.advance(away_s)
        self.office.restart()
        self.witness.watch_joins(self.office.telephony)

    @rule(for_s=st.sampled_from([0.1, 5.0, 40.0]))
    def database_fails(self, for_s: float) -> None:
        with failing_database(self.office):
            self.office.clock.advance(for_s)

    @rule(seconds=st.floats(0.0, 6.0))
    def a_moment_passes(self, seconds: float) -> None:
        self.office.clock.advance(seconds)

    @rule(seconds=waits)
    def time_passes(self, seconds: float) -> None:
        self.office.clock.advance(seconds)

    # --- what must hold ------------------------------------------------------------------------------------

    @invariant()
    @precondition(lambda self: hasattr(self, "witness"))
    def promises_hold(self) -> None:
        self.office.clock.advance(STEP_S)
        self.witness.check()

    def teardown(self) -> None:
        if not hasattr(self, "witness"):
            return
        try:
            self._evening()
        finally:
            self.witness.close()
            with suppress(AssertionError):
                self.office.close()
            self._folder.cleanup()

    def _evening(self) -> None:
        self.witness.may_dial = False
        self.office.telephony.restore_link()
        self.ask(self.office.engine.campaign_emergency_stop, CAMPAIGN, "test")
        self.office.clock.advance(900.0)
        self.witness.check_end()


def test_every_promise_holds_after_every_step_of_any_day() -> None:
    sys.stdout.write(f"ANY_DAY_SEED={SEED}\n")  # shown when it fails
    run_state_machine_as_test(
        seed(SEED)(AnyDay),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
