"""What does a practice day need? A fresh home, the practice exchange, the service, agents with phones, and leads.

Everything goes through the same commands that people use; only the far end and the agents are played.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dialer.cli.carrying import carry_out
from dialer.control import Answer, AnswerStatus
from dialer.control_client import running
from dialer.home import Home, HomeInUse, exclusive, read_secret, running_pid
from dialer.refusal import Refused
from telephony.asterisk.laboratory import free_loopback_address
from telephony.asterisk.process import end_left_running
from telephony.asterisk.provisioning import find_or_unpack
from telephony.practice_exchange import PracticeExchange
from telephony.practice_log import PracticeCall
from telephony.practice_plan import PracticePace
from telephony.softphone import PhoneAccount, Softphone

CAMPAIGN, TRUNK, LIST = "practice", "practice", "sample-leads"
OWN_NUMBER = "+12025550100"
MATERIAL = Path(__file__).parent
START_LIMIT_S = 60.0
STOP_LIMIT_S = 45.0
TALK_PACE = 4.0  # callees talk this much longer than in the tests: long enough for a script

SHELL_LIMIT_S = 120.0  # far more than a command takes, also where other programs have most of the machine

Say = Callable[[str], None]


class PracticeDay:
    """Use as a context manager: leaves nothing running. `simulated` runs without any telephone."""

    def __init__(self, root: Path, *, agents: int = 5, simulated: bool = False, talk: float = TALK_PACE, say: Say):
        self.root = root
        self.home = Home(root=root / "home")
        self.simulated = simulated
        self.agents = tuple(f"Agent {n}" for n in range(1, agents + 1))
        self.phones: dict[str, Softphone] = {}
        self._talk = talk
        self._say = say
        self.practice: PracticeExchange | None = None
        self._service: subprocess.Popen[bytes] | None = None
        self._sip_host = "127.0.0.1"

    def __enter__(self) -> Self:
        self.root.parent.mkdir(parents=True, exist_ok=True)
        self._turn = _own(self.root)
        try:
            self._make_room()
        except BaseException:
            os.close(self._turn)
            raise
        os.environ["DIALER_HOME"] = str(self.home.root)
        os.environ.setdefault("DIALER_ACTOR", "demo")
        return self

    def _make_room(self) -> None:
        """No day is played here now; what a killed one left is ended and taken away."""
        self._end_left_asterisk()
        if self.root.exists():
            _end_earlier(self.home)
            end_left_running(self.home.asterisk)
            shutil.rmtree(self.root)
        self.root.mkdir(parents=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for phone in self.phones.values():
            phone.close()
        self.stop_service()
        self._end_left_asterisk()
        if self.practice is not None:
            self.practice.stop()
        os.close(self._turn)

    def _end_left_asterisk(self) -> None:
        """A service that was killed leaves its Asterisk to its next start; here nobody starts again."""
        try:
            pid = int(json.loads((self.home.asterisk / "process.json").read_text(encoding="utf-8"))["pid"])
            ours = os.fsencode(self.home.asterisk) in Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, KeyError, TypeError):
            return
        if ours:
            os.kill(pid, signal.SIGTERM)

    # --- setting up -------------------------------------------------------------------------------------

    def set_up(self, leads: Path | None = None, **settings: Any) -> Mapping[str, Any]:
        """Everything a manager would do before his first start; returns what the import said.

        `leads` is a file of his; without one the sample list. Changes to the campaign's settings by name.
        """
        for name in ("leads.csv", "do_not_call.csv"):  # a copy: rejected rows are written beside the file
            shutil.copyfile(MATERIAL / name, self.root / name)
        leads = leads or self.root / "leads.csv"
        trunk = self._far_end()
        self._init()
        self.do("trunk.add", trunk)
        self.do("script.import", {"text": (MATERIAL / "script.toml").read_text(encoding="utf-8")})
        self.do("campaign.create", {"settings": campaign_settings() | settings})
        self.do("dnc.import", {"path": str(self.root / "do_not_call.csv"), "reason": "asked", "scope": "everything"})
        imported = self.do("leads.import", {"path": str(leads), "list": LIST, "campaign": CAMPAIGN})
        for number, name in enumerate(self.agents, start=1001):
            self.do("agent.add", {"name": name, "number": str(number), "pin": "4711"})
            self.do("agent.assign", {"agent": name, "campaigns": [CAMPAIGN]})
        return imported.data

    def _far_end(self) -> dict[str, Any]:
        if self.simulated:
            host, port = "127.0.0.1", 5060
        else:
            install = find_or_unpack(log=self._say)
            self._say(f"Asterisk {install.version} ({install.source})")
            self.practice = PracticeExchange(
                install,
                self.root / "practice",
                free_loopback_address(),
                pace=PracticePace(talk=self._talk),
                log=self._say,
            )
            self.practice.start()
            host, port = self.practice.address, self.practice.port
            self._say(f"The practice exchange plays the callees at {host}:{port}.")
        return {
            "name": TRUNK,
            "host": host,
            "port": port,
            "caller_id": OWN_NUMBER,
            "practice": True,
            "max_calls": 50,
            "attempts_per_second": 10.0,
        }

    def _init(self) -> None:
        self.home.create()
        self._sip_host = free_loopback_address()
        kind = "simulated" if self.simulated else "managed"
        self.home.settings_file.write_text(
            f'[exchange]\nkind = "{kind}"\nsip_host = "{self._sip_host}"\n'
            f'[ami]\nhost = "{self._sip_host}"\n[service]\ndrain_s = 10\n',
            encoding="utf-8",
        )
        self.shell("init")

    # --- running ----------------------------------------------------------------------------------------

    @property
    def socket(self) -> Path:
        return self.home.root / "control.sock"

    def start_service(self) -> None:
        """Start the dialer and wait until the exchange can be commanded. Raises Refused with its last words."""
        with (self.root / "serve.out").open("ab") as out:
            self._service = subprocess.Popen(_dialer("serve"), stdout=out, stderr=out, start_new_session=True)
        deadline = time.monotonic() + START_LIMIT_S
        while not self._ready():
            if self._service.poll() is not None or time.monotonic() > deadline:
                words = (self.root / "serve.out").read_text(errors="replace").strip()[-600:]
                raise Refused(f"The service did not start: {words or 'it said nothing'}. Nothing was dialled.")
            time.sleep(0.1)

    def _ready(self) -> bool:
        if not running(self.socket):
            return False
        return bool(self.do("engine.status").data.get("exchange", {}).get("up"))

    def kill_service(self) -> None:
        """kill -9: nothing is said to anybody."""
        assert self._service is not None
        self._service.kill()
        self._service.wait()
        self._service = None

    def stop_service(self) -> None:
        """SIGTERM, as an administrator would; killed only when it does not end in time."""
        service, self._service = self._service, None
        if service is None or service.poll() is not None:
            return
        service.send_signal(signal.SIGTERM)
        try:
            service.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            service.kill()
            service.wait()

    def plug_in_phones(self) -> None:
        """Register one softphone per agent, each with a tone of its own."""
        if self.simulated:
            return
        for number, name in enumerate(self.agents, start=1001):
            account = PhoneAccount(
                user=str(number),
                secret=read_secret(self.home.secrets / f"agent-{number}"),
                server_host=self._sip_host,
                server_port=5060,
            )
            phone = Softphone(account)
            phone.register()
            phone.play(400 + 50 * (number - 1001))
            self.phones[name] = phone

    def do(self, name: str, args: Mapping[str, Any] | None = None) -> Answer:
        """One command as anybody would give it. Raises Refused when it was not done."""
        answer = carry_out(name, args)
        if answer.status is not AnswerStatus.DONE:
            raise Refused(f"{name}: {answer.message}")
        return answer

    def shell(self, *words: str) -> str:
        """One command of the shell; what it printed. Raises Refused with its words when it failed."""
        try:
            done = subprocess.run(_dialer(*words), capture_output=True, text=True, check=False, timeout=SHELL_LIMIT_S)
        except subprocess.TimeoutExpired:
            late = f"dialer {' '.join(words)}: no answer within {SHELL_LIMIT_S:g} s, this machine is too busy"
            raise Refused(f"{late}. Nobody real was called; run the demo again when it is quieter.") from None
        if done.returncode:
            raise Refused(f"dialer {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def far_end_log(self) -> tuple[PracticeCall, ...]:
        """What the practice exchange itself saw of every call."""
        return self.practice.log() if self.practice is not None else ()

    @property
    def service_pid(self) -> int:
        assert self._service is not None
        return self._service.pid


def _own(root: Path) -> int:
    """A lock beside the folder, which the kernel frees when this process dies. Raises Refused while another plays.

    The service holds a lock of its own; this one tells a service whose demo was killed from one that is watched.
    """
    handle = os.open(root.with_name(f"{root.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        words = f"A demo of yours runs already, as process {pid}: end it (Ctrl-C, or kill {pid})"
        raise Refused(f"{words} or wait for it. Nothing was started.") from None
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
    return handle


def _end_earlier(home: Home) -> None:
    """A demo that was killed may have left its service behind: end it. Raises Refused when it does not end."""
    deadline = time.monotonic() + STOP_LIMIT_S
    asked = False
    while home.root.exists():
        try:
            with exclusive(home):
                return
        except HomeInUse as in_use:
            pid = running_pid(home)
            if pid is not None and not asked:
                os.kill(pid, signal.SIGTERM)
                asked = True
            if time.monotonic() > deadline:
                raise Refused(f"An earlier demo still runs and does not end: {in_use.message}") from None
            time.sleep(0.1)


def campaign_settings() -> dict[str, Any]:
    """The practice campaign; times are short so that a demo shows all of it."""
    return {
        "name": CAMPAIGN,
        "seller_name": "Practice Telecom",
        "callback_number": OWN_NUMBER,
        "caller_id": OWN_NUMBER,
        "trunk": TRUNK,
        "rule_profile": "practice",
        "script": "practice-offer",
        "mode": "progressive",
        "ring_timeout_s": 15,
        "wrap_up_limit_s": 30,
        "attempts_per_second": 5.0,
        "aht_low_s": 2,  # scripted agents talk some seconds: only calls cut off are too short
    }


def _dialer(*words: str) -> list[str]:
    return [sys.executable, "-c", "from dialer.cli import main; main()", *words]
