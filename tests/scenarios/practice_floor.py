"""A practice day under a test's hands: campaigns of a few numbers, what everybody saw, and waiting for conditions.

Everything is done by the commands people use. What happened is read from the far end's own log and from the raw rows
of the database, never from the engine's own figures, unless those are what is asked about.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dialer.control_client import ControlClient
from dialer.demo.practice_day import OWN_NUMBER, TRUNK, PracticeDay
from dialer.refusal import Refused
from telephony.asterisk.provisioning import find_or_unpack
from telephony.port import Network
from telephony.practice import PracticeCallee, PracticeKind, behaviour_of, numbers
from telephony.practice_compare import RecordedCall
from telephony.practice_log import PracticeCall
from tests.patience import Patience

POLL_S = 0.02
HELPER = re.compile(r"CBAnn/|Local/[0-9]{4}@tone-[0-9a-f]+;")
HELD_AREA = "+1808"  # held by the practice profile on purpose

Row = dict[str, Any]


class PracticeFloor(PracticeDay):
    """A practice day whose phones are plugged in; `campaign` makes one of given numbers."""

    def __init__(self, root: Path, **wishes: Any) -> None:
        super().__init__(root, say=lambda _words: None, **wishes)
        self._supply: dict[PracticeKind, Iterator[str]] = {}
        self._lists = 0

    def open(self) -> None:
        """Everything but a running campaign."""
        nobody = self.root / "nobody.csv"
        nobody.write_text(f"phone,first_name\n{next(numbers(PracticeKind.BUSY))},Nobody\n", encoding="utf-8")
        next(self._of(PracticeKind.BUSY))
        self.set_up(leads=nobody)
        self.start_service()
        self.plug_in_phones()

    def ensure_service(self) -> None:
        """A test that failed between kill and start must not fail the next one."""
        if self._service is None:
            self.start_service()

    # --- numbers and campaigns --------------------------------------------------------------------------

    def _of(self, kind: PracticeKind) -> Iterator[str]:
        return self._supply.setdefault(kind, (n for n in numbers(kind) if not n.startswith(HELD_AREA)))

    def fresh(
        self, kind: PracticeKind, count: int = 1, *, suits: Callable[[PracticeCallee], bool] = lambda _callee: True
    ) -> list[str]:
        """Numbers of this kind that nobody on this floor has had yet; those that do not suit are passed over."""
        supply = self._of(kind)
        return list(islice((number for number in supply if suits(behaviour_of(number))), count))

    def leads(self, phones: Iterable[str], *, campaign: str | None = None) -> Mapping[str, Any]:
        """Import these numbers, in this order, as a list of their own."""
        self._lists += 1
        path = self.root / f"list-{self._lists}.csv"
        rows = "".join(f"{phone},Lead {n}\n" for n, phone in enumerate(phones, start=1))
        path.write_text(f"phone,first_name\n{rows}", encoding="utf-8")
        wish = {"path": str(path), "list": f"list-{self._lists}"} | ({"campaign": campaign} if campaign else {})
        return self.do("leads.import", wish).data

    def campaign(self, name: str, phones: Iterable[str], agents: Iterable[str], **settings: Any) -> str:
        """A campaign over these numbers, not started, served by these agents and no others."""
        plain = {
            "name": name,
            "seller_name": "Practice Telecom",
            "callback_number": OWN_NUMBER,
            "caller_id": OWN_NUMBER,
            "trunk": TRUNK,
            "rule_profile": "practice",
            "script": "practice-offer",
            "ring_timeout_s": 15,
            "wrap_up_limit_s": 30,
            "attempts_per_second": 10.0,
        }
        self.do("campaign.create", {"settings": plain | settings})
        self.leads(phones, campaign=name)
        for agent in agents:
            self.do("agent.assign", {"agent": agent, "campaigns": [name]})
        return name

    def log_in(self, *agents: str) -> None:
        """Ring their phones and wait until they are ready; a link that was just mended refuses at first."""

        def ready() -> bool:
            states = {agent: self.agent(agent)["state"] for agent in agents}
            for agent in (agent for agent, state in states.items() if state == "LOGGED_OUT"):
                with contextlib.suppress(Refused):
                    self.do("agent.login", {"agent": agent})
            return set(states.values()) == {"READY"}

        self.until(ready, 15, f"{agents} are ready")

    def start(self, name: str) -> None:
        self.do("campaign.start", {"name": name})

    def finish_call(self, agent: str, outcome: str = "no_decision") -> None:
        """The agent gives his call an outcome and hangs up."""
        self.do("desk.dispose", {"agent": agent, "disposition": outcome})
        with contextlib.suppress(Refused):  # the customer may have left already
            self.do("desk.hang_up", {"agent": agent})
        self.until(lambda: self.agent(agent)["call"] == "", 10, f"{agent} is done with his call")

    def work(self, agents: Iterable[str], *, talk_s: float = 0.0) -> None:
        """One look at each desk: an agent who talked long enough, or writes, gives an outcome and hangs up."""
        for agent in agents:
            call = self.desk(agent)["call"]
            if call is None or call["state"] == "dialling" or (call["state"] == "talk" and call["seconds"] < talk_s):
                continue
            with contextlib.suppress(Refused):  # the customer may leave between look and word
                self.do("desk.dispose", {"agent": agent, "disposition": "no_decision"})
                self.do("desk.hang_up", {"agent": agent})

    def quieten(self, agents: Iterable[str]) -> None:
        """Stop every campaign, end every conversation, and wait until all is over and closed on both sides.

        A campaign that still stops would log off agents who meanwhile logged in for the next one.
        """
        for row in self.do("campaign.list").data["campaigns"]:
            self.do("campaign.emergency_stop", {"name": row["name"]})

        def quiet() -> bool:
            self.work(agents)
            stopping = [row for row in self.do("campaign.list").data["campaigns"] if row["state"] == "STOPPING"]
            return bool(self.do("engine.status").data["quiet"]) and not stopping

        self.until(quiet, 15, "the floor is quiet")
        self.until(lambda: "0 active channels" in self.far_end("core show channels count"), 10, "the far end is empty")

    # --- what the dialer says ---------------------------------------------------------------------------

    def agent(self, name: str) -> Row:
        """His seat: the call as his desk shows it (a tenth of a second old at most), the state as it is now."""
        call = self.desk(name)["agent"]["call"]
        rows = self.do("agent.list").data["agents"]
        row: Row = next(row for row in rows if row["name"] == name)
        return row | {"call": call}

    def desk(self, name: str) -> Mapping[str, Any]:
        """One snapshot of his desk."""
        return asyncio.run(_snapshot(self.socket, f"desk:{name}"))

    def calls(self, name: str) -> dict[str, int]:
        """How many of a campaign's calls are dialling, ringing, waiting, talking."""
        return dict(self.do("campaign.show", {"name": name}).data["calls"])

    def state(self, name: str) -> str:
        return str(self.do("campaign.show", {"name": name}).data["state"])

    def pace(self, name: str) -> str:
        return str(self.do("campaign.show", {"name": name}).data["pace"])

    def report(self, kind: str, campaign: str) -> Mapping[str, Any]:
        today = datetime.now(ZoneInfo("America/New_York")).date().isoformat()
        days = {"from": self._first_day or today, "to": today}
        return self.do("report.get", {"kind": kind, "campaign": campaign, **days}).data

    _first_day = datetime.now(ZoneInfo("America/New_York")).date().isoformat()  # a test may run over midnight

    # --- what is stored ---------------------------------------------------------------------------------

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Raw rows, past all code of the dialer."""
        link = sqlite3.connect(f"file:{self.home.database_file}?mode=ro", uri=True, timeout=10)
        try:
            link.row_factory = sqlite3.Row
            return [dict(row) for row in link.execute(sql, values)]
        finally:
            link.close()

    def attempts(self, campaign: str | None = None) -> list[Row]:
        """Attempt rows in the order they were written, with instants as aware UTC."""
        found = self.rows(
            "SELECT a.*, c.name AS campaign, ag.name AS agent FROM attempt a JOIN campaign c ON c.id = a.campaign_id"
            " LEFT JOIN agent ag ON ag.id = a.agent_id WHERE ? IS NULL OR c.name = ? ORDER BY a.created_at, a.id",
            campaign,
            campaign,
        )
        return [row | {"created_at": instant(row["created_at"])} for row in found]

    def attempt(self, number: str) -> Row:
        """The only attempt on this number."""
        found = [row for row in self.attempts() if row["number"] == number]
        assert len(found) == 1, f"{len(found)} attempts on {number}"
        return found[0]

    def events(self, attempt_id: str) -> list[Row]:
        found = self.rows("SELECT * FROM attempt_event WHERE attempt_id = ? ORDER BY seq", attempt_id)
        return [row | {"data": dict(json.loads(row["data"]))} for row in found]

    def recorded(self, campaign: str | None = None) -> list[RecordedCall]:
        """What the comparer wants: every attempt as it was recorded."""
        ends = {
            row["attempt_id"]: instant(row["at"])
            for row in self.rows("SELECT attempt_id, at FROM attempt_event WHERE kind = 'ended'")
        }
        return [
            RecordedCall(
                id=row["id"],
                number=row["number"],
                network=Network(row["network"]),
                detail=row["network_detail"],
                ended_at=ends.get(row["id"]),
            )
            for row in self.attempts(campaign)
        ]

    def lead_state(self, number: str) -> Row:
        """Where the person of this number stands."""
        (row,) = self.rows(
            "SELECT d.* FROM dialling_state d JOIN contact_point p ON p.person_id = d.person_id WHERE p.number = ?",
            number,
        )
        return row

    # --- what the line says -----------------------------------------------------------------------------

    def placed(self, number: str) -> list[PracticeCall]:
        """The calls to this number that are over, as the far end saw them."""
        return [call for call in self.far_end_log() if call.number == number]

    def ended_at_far_end(self, number: str, limit_s: float = 5.0) -> PracticeCall:
        """The only call to this number, once the far end has logged its end."""
        self.until(lambda: self.placed(number), limit_s, f"the far end logged the end of the call to {number}")
        (call,) = self.placed(number)
        return call

    def far_end(self, line: str) -> str:
        assert self.practice is not None
        return self.practice.asterisk.command(line)

    def hang_up_far_end(self) -> None:
        """End every call at the far end, so that all of them are in its log."""
        self.far_end("channel request hangup all")
        self.until(lambda: "0 active channels" in self.far_end("core show channels count"), 10, "the far end is empty")

    @property
    def asterisk_folder(self) -> Path:
        return self.home.asterisk

    def command(self, line: str) -> str:
        """One command line command of the dialer's Asterisk."""
        program = find_or_unpack(log=lambda _words: None).program
        main = self.asterisk_folder / "etc" / "asterisk.conf"
        done = subprocess.run([*program, "-C", str(main), "-rx", line], capture_output=True, text=True, timeout=20)
        return done.stdout

    def channel_ids(self) -> set[str]:
        """Ids of this installation's channels on the dialer's Asterisk."""
        lines = self.command("core show channels concise").splitlines()
        prefix = self.rows("SELECT prefix FROM installation")[0]["prefix"]
        return {line.split("!")[-1] for line in lines if line.split("!")[-1].startswith(prefix)}

    def channels(self) -> list[str]:
        """Names of the channels on the dialer's Asterisk; what makes beeps and rooms comes and goes and is left out."""
        lines = self.command("core show channels concise").splitlines()
        names = [line.split("!")[0] for line in lines if "!" in line]
        return [name for name in names if not HELPER.match(name)]

    @property
    def asterisk_pid(self) -> int | None:
        """Process id of the dialer's own Asterisk; None while none runs."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(json.loads((self.asterisk_folder / "process.json").read_text())["pid"])
        return None

    def kill_asterisk(self) -> int:
        """kill -9; the process id that it had."""
        pid = self.asterisk_pid
        assert pid is not None
        assert pid > 1
        os.kill(pid, signal.SIGKILL)
        return pid

    # --- waiting ----------------------------------------------------------------------------------------

    def until(self, reached: Callable[[], object], limit_s: float, words: str) -> None:
        """Wait until it is so; AssertionError with the words after the limit."""
        patience = Patience(limit_s)
        while not reached():
            assert not patience.gone, f"not within {limit_s:g} s: {words}"
            time.sleep(POLL_S)

    def throughout(self, holds: Callable[[], object], seconds: float, words: str) -> None:
        """It stays so for all of the time; AssertionError with the words as soon as it is not."""
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            assert holds(), words
            time.sleep(5 * POLL_S)


def instant(text: str) -> datetime:
    """A stored instant as aware UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


async def _snapshot(socket: Path, topic: str) -> Mapping[str, Any]:
    client = ControlClient(socket, actor="test")
    async with aclosing(client.subscribe(topic, 100)) as snapshots:
        async for snapshot in snapshots:
            return snapshot.data
    raise AssertionError(f"no snapshot of {topic}")
