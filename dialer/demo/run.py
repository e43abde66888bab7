"""How is the practice day shown? With the screen, or headless: progress, outcomes, and the report with its hit rate."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dialer.cli.output import complain, say
from dialer.control_client import ControlClient
from dialer.demo.far_end import show_far_end
from dialer.demo.practice_day import CAMPAIGN, TRUNK, PracticeDay
from dialer.demo.scripted_agent import READ_S, ScriptedAgent
from dialer.doctor_exchange import features
from dialer.refusal import Refused
from dialer.settings_file import load
from telephony.asterisk.process import AsteriskError
from telephony.asterisk.provisioning import ProvisioningError
from telephony.practice_exchange import PracticeError

HEADLESS_LIMIT_S = 150.0
PROGRESS_EVERY_S = 5.0
QUIET_LOOKS = 2


def run(*, simulated: bool = False, headless: bool = False) -> int:
    """Run the demo; the exit code, 1 when the far end saw anything else than the dialer recorded.

    Says plainly when no fitting Asterisk can be had, and offers the simulator.
    """
    root = _cache() / "demo"
    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal must not leave the service behind
        signal.signal(number, _end)
    try:
        with PracticeDay(root, simulated=simulated, say=say) as day:
            _prepare(day)
            with Agents(day):
                day.do("campaign.start", {"name": CAMPAIGN})
                played = True
                if headless:
                    played = _watch(day)
                else:
                    subprocess.run(_screen(day), check=False)
                equal = _finish(day)
        return 0 if equal and played else 1
    except (ProvisioningError, AsteriskError, PracticeError, AsteriskUnfit) as fault:
        complain(f"No Asterisk with the needed features can be had here: {fault}")
        complain("Nothing was dialled. To see the dialer without a telephone system: dialer demo --simulated")
        return 2
    except Refused as refused:
        complain(str(refused))
        return 2


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _prepare(day: PracticeDay) -> None:
    imported = day.set_up()
    report = imported["report"]
    say(f"Imported the sample list: {report['message']}")
    for fault in (*report["rejected"], *report["warnings"]):
        say(f"  line {fault['line']}: {fault['reason']}")
    day.start_service()
    _must_have_features(day)
    day.plug_in_phones()
    where = "simulated exchange" if day.simulated else "private Asterisk"
    say(f"The dialer runs on a {where}; its folder is {day.home.root}.")


class AsteriskUnfit(Exception):
    """The Asterisk that was found lacks a feature the dialer needs; the message names every one."""


def _must_have_features(day: PracticeDay) -> None:
    """Seen and not believed: SIP status on hang-up, own channel ids, event filters, PJSIPHangup and the rest."""
    if day.simulated:
        return
    found = features(day.home, load(day.home, os.environ), TRUNK)
    lacking = [f"{each.check}: {each.words}" for each in found if not each.good]
    if lacking:
        raise AsteriskUnfit("; ".join(lacking))


class Agents:
    """The scripted agents at work, on a thread of their own."""

    def __init__(self, day: PracticeDay, seed: int = 1, read_s: float = READ_S) -> None:
        self._day = day
        self._seed = seed
        self._read_s = read_s
        self._ways: Counter[tuple[str, str]] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="scripted-agents", daemon=True)
        self.agents: list[ScriptedAgent] = []

    def __enter__(self) -> Agents:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(RuntimeError):  # the agents were logged off and have gone home already
            self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join(10.0)

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._all())
        self._loop.close()

    def _cancel(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()

    async def _all(self) -> None:
        for index, name in enumerate(self._day.agents):
            client = ControlClient(self._day.socket, actor=name)
            dice = random.Random(f"{self._seed}/{index}")
            press = self._keys_of(name)
            agent = ScriptedAgent(
                name=name, client=client, press=press, dice=dice, read_s=self._read_s, ways=self._ways
            )
            self.agents.append(agent)
        await asyncio.gather(*(agent.work() for agent in self.agents))

    def _keys_of(self, name: str) -> Callable[[str], None] | None:
        phone = self._day.phones.get(name)
        return phone.send_digits if phone is not None else None


def _watch(day: PracticeDay) -> bool:
    """Say how it goes until every lead that may be called now was called, or the time is over; whether any was."""
    began_s = time.monotonic()
    quiet = 0
    today: dict[str, Any] = {"attempts": 0}
    while time.monotonic() - began_s < HEADLESS_LIMIT_S and quiet < QUIET_LOOKS:
        time.sleep(PROGRESS_EVERY_S)
        row = day.do("campaign.show", {"name": CAMPAIGN}).data
        calls, today = row["calls"], row["today"]
        say(
            f"{time.monotonic() - began_s:4.0f} s  attempts {today['attempts']:3}  humans {today['humans']:3}  "
            f"sales {today['sales']:2}  ringing {calls['ringing']:2}  talking {calls['talking']:2}  {row['pace']}"
        )
        idle = not any(calls.values())
        quiet = quiet + 1 if idle and "no lead" in row["pace"] else 0
    if not today["attempts"]:
        complain(f"Nobody was called at all; why is told in {day.home.root / 'log' / 'dialer.log'}.")
    return bool(today["attempts"])


def _finish(day: PracticeDay) -> bool:
    """Stop, compare with the far end, show the report; whether both sides tell the same of every call."""
    day.do("campaign.stop", {"name": CAMPAIGN})
    _until_stopped(day)
    today = datetime.now(ZoneInfo("America/New_York")).date().isoformat()
    report = day.shell("report", "campaign", "--campaign", CAMPAIGN, "--from", today, "--to", today)
    exchange = day.do("engine.status").data["exchange"]
    say("")
    say(f"Telephone system: {exchange['version']}")
    equal = day.simulated or show_far_end(day)
    say("")
    say(report)
    say(f"Everything of this practice day is in {day.root}.")
    return equal


def _until_stopped(day: PracticeDay, limit_s: float = 60.0) -> None:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if day.do("campaign.show", {"name": CAMPAIGN}).data["state"] == "STOPPED":
            return
        time.sleep(0.2)


def _screen(day: PracticeDay) -> list[str]:
    return [sys.executable, "-m", "tui", "board", "--socket", str(day.socket), "--actor", "demo"]


def _cache() -> Path:
    base: Any = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "campaign-dialer"
