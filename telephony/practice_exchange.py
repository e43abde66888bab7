"""How does the far end of a practice campaign run: separate processes with an address and a log of their own?

A second Asterisk plays the practice table; SIPp plays the callees that never reply or vanish. Everything stays on
loopback. The trunk to it is one SIP trunk; the numbers decide what happens.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

from telephony.asterisk.configuration import Folders, Trunk
from telephony.asterisk.process import ManagedAsterisk, Watchdog
from telephony.asterisk.provisioning import AsteriskInstall
from telephony.practice import PracticeKind
from telephony.practice_log import PracticeCall, read_practice_log
from telephony.practice_plan import (
    NEVER_PORT,
    SIPP_RTP_FIRST,
    SIPP_RTP_LAST,
    VANISH_PORT,
    PracticePace,
    render_practice,
    scenario,
)

# One second of 1000 Hz as mu-law, the pattern of ITU-T G.711's digital milliwatt.
MILLIWATT = bytes((0x1E, 0x0B, 0x0B, 0x1E, 0x9E, 0x8B, 0x8B, 0x9E)) * 1000
SIPP_STOP_LIMIT_S = 3.0

Log = Callable[[str], None]


class PracticeError(Exception):
    """The practice exchange cannot run; says why and what to do."""


class PracticeExchange:
    """The far end at `address` (loopback). `start` returns when it takes calls, or raises AsteriskError."""

    def __init__(
        self,
        install: AsteriskInstall,
        folder: Path,
        address: str,
        *,
        port: int = 5060,
        pace: PracticePace | None = None,
        die_with_parent: bool = True,
        log: Log = lambda _line: None,
    ) -> None:
        if not address.startswith("127."):
            raise PracticeError(f"{address} is not on loopback; the practice exchange never leaves this machine.")
        if install.sipp is None:
            raise PracticeError("SIPp is missing (package sip-tester); without it no callee can vanish or stay silent.")
        self.address, self.port, self.folder = address, port, folder
        self._sipp_program = install.sipp
        self._calls = folder / "calls"
        self._die_with_parent = die_with_parent
        self._children: list[tuple[subprocess.Popen[bytes], Watchdog | None]] = []
        folders = Folders.under(folder, install.modules_dir)
        files = render_practice(
            folders, host=address, port=port, calls=self._calls / "asterisk.jsonl", pace=pace or PracticePace()
        )
        self.asterisk = ManagedAsterisk(
            install, folders, files, name="practice exchange", die_with_parent=die_with_parent, log=log
        )

    def __enter__(self) -> "PracticeExchange":
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    @property
    def log_folder(self) -> Path:
        """Where the call logs lie; `read_practice_log` takes it."""
        return self._calls

    def trunk(self, name: str = "practice") -> Trunk:
        """The trunk that the dialer's Asterisk needs to reach it."""
        return Trunk(name=name, host=self.address, port=self.port, practice=True, qualify_s=5)

    def start(self) -> None:
        """Start Asterisk and SIPp; nothing is left running when one of them fails."""
        self._calls.mkdir(parents=True, exist_ok=True)
        (self._calls / "asterisk.jsonl").touch()  # the dialplan can only append
        self.asterisk.start()
        try:
            self._play(PracticeKind.NEVER_REPLIES, NEVER_PORT)
            self._play(PracticeKind.VANISHES, VANISH_PORT)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End everything; calls in progress are cut."""
        for child, watchdog in self._children:
            child.terminate()
            try:
                child.wait(SIPP_STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if watchdog is not None:
                watchdog.end()
        self._children.clear()
        self.asterisk.stop()

    def log(self) -> tuple[PracticeCall, ...]:
        """What it saw so far, by time."""
        return read_practice_log(self._calls)

    def _play(self, kind: PracticeKind, port: int) -> None:
        place = self.folder / "sipp" / kind.value
        place.mkdir(parents=True, exist_ok=True)
        (place / "tone.ulaw").write_bytes(MILLIWATT)
        script = place / "scenario.xml"
        script.write_text(scenario(kind, place / "tone.ulaw"))
        child = subprocess.Popen(
            [
                *self._sipp_program, "-sf", str(script), "-i", self.address, "-p", str(port), "-mi", self.address,
                "-min_rtp_port", str(SIPP_RTP_FIRST), "-max_rtp_port", str(SIPP_RTP_LAST), "-nostdin",
                "-default_behaviors", "none", "-trace_logs", "-log_file", str(self._calls / f"{kind.value}.jsonl"),
                "-trace_err", "-error_file", str(place / "errors.log"),
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=place,
            start_new_session=True,
        )  # fmt: skip
        self._children.append((child, Watchdog(child.pid) if self._die_with_parent else None))
