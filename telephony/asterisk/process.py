"""How does a private Asterisk run as a child: started, known to be ready, restarted, adopted, stopped?

The child runs in the foreground in a session of its own (a Ctrl-C for the dialer is not one for the calls), as the
user we are; nothing is changed when that is root, the log says so. With `die_with_parent` a watchdog kills it as soon
as this process is gone for whatever reason; without, it goes on with its calls and a later process adopts it.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from telephony.asterisk.configuration import Folders
from telephony.asterisk.provisioning import AsteriskInstall
from telephony.asterisk.sounds import furnish

BOOT_LIMIT_S = 20.0
STOP_LIMIT_S = 5.0
ASK_AGAIN_S = 0.5
QUICK_DEATH_S = 10.0
LONGEST_PAUSE_S = 30.0
LOG_LINES = 12
RECORD = "process.json"
RELOADS = (
    "module reload res_pjsip.so",
    "module reload res_pjsip_endpoint_identifier_ip.so",
    "dialplan reload",
)

Log = Callable[[str], None]
OnDied = Callable[[str], None]

# The shell raises the limit of open files (4 to 5 for each call) and becomes Asterisk.
_RAISE_AND_RUN = 'ulimit -n "$(ulimit -Hn)"; exec "$@"'
# Waits until the pipe from its parent breaks, then ends the group named by its argument.
_WATCH = 'read -r _; kill -s KILL -- "-$1"'


class AsteriskError(Exception):
    """Asterisk could not be started or did not get ready; quotes the end of its log."""


class Watchdog:
    """Kills a process group as soon as this process is gone, even by kill -9.

    A pipe breaks then, whichever thread made the child: the kernel's own parent-death signal follows the thread.
    """

    def __init__(self, group: int) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "sh", str(group)], stdin=subprocess.PIPE, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def end(self) -> None:
        """Stop watching; the group may live on."""
        self._shell.kill()
        self._shell.wait()
        if self._shell.stdin is not None:
            with contextlib.suppress(OSError):
                self._shell.stdin.close()


class ManagedAsterisk:
    """One Asterisk under our care. Methods block; callbacks come on a thread of its own.

    `on_died(reason)` is called when it dies without having been asked to; with `supervise` it is started again, at
    once the first time, later with growing pauses while it keeps dying.
    """

    def __init__(
        self,
        install: AsteriskInstall,
        folders: Folders,
        files: Mapping[str, str],
        *,
        name: str = "asterisk",
        sounds: Mapping[str, Path] | None = None,
        die_with_parent: bool = True,
        supervise: bool = True,
        on_died: OnDied | None = None,
        log: Log = lambda _line: None,
    ) -> None:
        self.install, self.folders, self.name = install, folders, name
        self._files, self._sounds = dict(files), dict(sounds or {})
        self._die_with_parent, self._supervise = die_with_parent, supervise
        self._on_died, self._log = on_died, log
        self._child: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._watchdog: Watchdog | None = None
        self._monitor: threading.Thread | None = None
        self._wanted = threading.Event()
        self._lock = threading.RLock()
        self.starts = 0

    def __enter__(self) -> "ManagedAsterisk":
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """Process id while it runs, else None."""
        return self._pid if self._pid is not None and _alive(self._pid) else None

    @property
    def running(self) -> bool:
        """Whether the process exists; `start` returned means it is also ready."""
        return self.pid is not None

    def start(self) -> None:
        """Write the configuration, start, and wait until fully booted; AsteriskError after 20 s, nothing left."""
        with self._lock:
            self._prepare()
            self._launch()
            self._watch_over()

    def start_or_adopt(self) -> bool:
        """Adopt the Asterisk a former process left running in this folder (True), else start one (False).

        An adopted one keeps its calls and the configuration it was started with.
        """
        with self._lock:
            pid = left_running(self.folders.root)
            if pid is None:
                self.start()
                return False
            self._pid = pid
            self._wait_until_booted()
            self._log(f"{self.name}: adopted the running process {pid}")
            self._watch_over()
            return True

    def stop(self) -> None:
        """End it, by force after 5 s. Stopping what does not run does nothing."""
        self._wanted.clear()
        self._end_process()
        monitor = self._monitor
        if monitor is not None and monitor is not threading.current_thread():
            monitor.join(BOOT_LIMIT_S + STOP_LIMIT_S)
        self._end_process()  # the monitor may have been starting it again
        self._clean_up()

    def restart(self) -> None:
        """Stop and start with the configuration at hand; calls are lost."""
        self.stop()
        self.start()

    def reconfigure(self, files: Mapping[str, str]) -> None:
        """Take other texts and make the running Asterisk read accounts, trunks and dialplan anew; calls go on.

        Addresses, ports, manager users and modules change at the next start only.
        """
        with self._lock:
            self._files = dict(files)
            self._write_files()
            if self.running:
                for line in RELOADS:
                    self.command(line)

    def let_go(self) -> None:
        """Stop caring without stopping it: its calls go on and another process may adopt it."""
        self._wanted.clear()
        with self._lock:
            self._end_watchdog()

    def command(self, line: str) -> str:
        """Run one command line command through the private control socket; its output. AsteriskError when refused."""
        done = subprocess.run(
            [*self.install.program, "-C", str(self._main_file), "-rx", line],
            capture_output=True, text=True, timeout=BOOT_LIMIT_S, check=False,
        )  # fmt: skip
        if done.returncode or done.stdout.startswith(("No such command", "No such module")):
            raise AsteriskError(f"{self.name} did not take '{line}': {(done.stdout or done.stderr).strip()}")
        return done.stdout

    def last_log_lines(self, count: int = LOG_LINES) -> str:
        """The end of what it printed and logged, for an error message."""
        lines: list[str] = []
        for path in (self.folders.log / "console.log", self.folders.log / "messages.log"):
            with contextlib.suppress(OSError):
                lines += path.read_text(errors="replace").splitlines()[-count:]
        return "\n".join(lines) or "(it logged nothing)"

    @property
    def _main_file(self) -> Path:
        return self.folders.etc / "asterisk.conf"

    @property
    def _record(self) -> Path:
        return self.folders.root / RECORD

    def _prepare(self) -> None:
        folders = self.folders
        root = folders.root
        for folder in (root, folders.run, folders.etc, folders.data, folders.log, folders.recordings,
                       root / "lib", root / "cache", root / "spool" / "tmp"):  # fmt: skip
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (root, folders.run):
            folder.chmod(0o700)
        furnish(
            folders.data,
            core_sounds=self.install.sounds_dir,
            documentation=self.install.data_dir / "documentation",
            own=self._sounds,
        )
        self._write_files()

    def _write_files(self) -> None:
        for name, text in self._files.items():
            path = self.folders.etc / name
            path.touch(mode=0o600)
            path.chmod(0o600)
            path.write_text(text)

    def _launch(self) -> None:
        other = self.pid or left_running(self.folders.root)
        if other is not None:
            raise AsteriskError(f"{self.name} runs already as process {other}; it was not started again.")
        if os.geteuid() == 0:
            self._log(f"{self.name}: runs as root because this program does; an ordinary user is enough")
        console = (self.folders.log / "console.log").open("ab")
        with console:
            self._child = subprocess.Popen(
                ["/bin/sh", "-c", _RAISE_AND_RUN, "sh", *self.install.program, "-f", "-C", str(self._main_file)],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True,
                cwd=self.folders.root,
            )  # fmt: skip
        self._pid = self._child.pid
        self.starts += 1
        if self._die_with_parent:
            self._watchdog = Watchdog(self._child.pid)
        try:
            self._wait_until_booted()
        except AsteriskError:
            self._kill_child()
            raise
        self._record.write_text(json.dumps({"pid": self._pid, "started": _start_time(self._pid)}))

    def _wait_until_booted(self) -> None:
        limit = time.monotonic() + BOOT_LIMIT_S
        while time.monotonic() < limit:
            child = self._child
            if child is not None and child.poll() is not None:
                raise AsteriskError(
                    f"{self.name} ended at once with status {child.returncode}. It said:\n{self.last_log_lines()}"
                )
            with contextlib.suppress(AsteriskError, subprocess.TimeoutExpired):
                if "fully booted" in self.command("core waitfullybooted"):
                    return
            time.sleep(0.05)
        raise AsteriskError(
            f"{self.name} was not ready after {BOOT_LIMIT_S:.0f} s; nothing was dialled. "
            f"It said:\n{self.last_log_lines()}"
        )

    def _end_process(self) -> None:
        if self._pid is not None:
            _end(self._pid)

    def _kill_child(self) -> None:
        if self._pid is not None:
            _signal(self._pid, signal.SIGKILL)
            _wait_gone(self._pid, STOP_LIMIT_S)
        if self._child is not None:
            self._child.wait(STOP_LIMIT_S)
        self._clean_up()

    def _clean_up(self) -> None:
        if self._child is not None and self._child.poll() is None and not self.running:
            self._child.wait(STOP_LIMIT_S)
        self._end_watchdog()
        self._record.unlink(missing_ok=True)
        self._child, self._pid = None, None
        if self.folders.run != self.folders.root / "run":
            shutil.rmtree(self.folders.run, ignore_errors=True)

    def _end_watchdog(self) -> None:
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is not None:
            watchdog.end()

    def _watch_over(self) -> None:
        self._wanted.set()
        self._monitor = threading.Thread(target=self._until_unwanted, name=f"{self.name}-monitor", daemon=True)
        self._monitor.start()

    def _until_unwanted(self) -> None:
        pause_s, began = 0.0, time.monotonic()
        while self._wanted.is_set():
            pid = self._pid
            if pid is None or not _wait_gone(pid, 0.5):
                continue
            if not self._wanted.is_set():
                return
            self._buried(pid)
            if not self._supervise:
                return
            quick = time.monotonic() - began < QUICK_DEATH_S
            began = self._started_again(pause_s)
            pause_s = min(2 * pause_s + 1, LONGEST_PAUSE_S) if quick else 0.0

    def _buried(self, pid: int) -> None:
        status = self._child.wait(STOP_LIMIT_S) if self._child is not None else None
        reason = f"{self.name} (process {pid}) died" + (f" with status {status}" if status is not None else "")
        self._log(reason)
        self._clean_up()
        if self._on_died is not None:
            self._on_died(reason)

    def _started_again(self, pause_s: float) -> float:
        """Keep trying until it runs again or is no longer wanted; the time of the last try."""
        while self._wanted.is_set():
            if pause_s and not _slept(pause_s, self._wanted):
                break
            try:
                with self._lock:
                    if self._wanted.is_set():
                        self._prepare()
                        self._launch()
                        self._log(f"{self.name}: started again as process {self._pid}")
                    break
            except AsteriskError as fault:
                self._log(str(fault))
                pause_s = min(2 * pause_s + 1, LONGEST_PAUSE_S)
        return time.monotonic()


def left_running(root: Path) -> int | None:
    """The process id of the Asterisk that a former process left running in this folder, or None."""
    try:
        record = json.loads((root / RECORD).read_text())
        pid = int(record["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # The start time tells a reused process id from ours.
    return pid if _alive(pid) and _start_time(pid) == record.get("started") else None


def end_left_running(root: Path) -> bool:
    """End it with its calls, before its folder is thrown away; whether there was one."""
    pid = left_running(root)
    if pid is not None:
        _end(pid)
    return pid is not None


def _end(pid: int) -> None:
    if not _alive(pid):
        return
    for _try in range(int(STOP_LIMIT_S / ASK_AGAIN_S)):
        _signal(pid, signal.SIGTERM)  # one that comes while it boots is lost
        if _wait_gone(pid, ASK_AGAIN_S):
            return
    _signal(pid, signal.SIGKILL)
    _wait_gone(pid, STOP_LIMIT_S)


def _slept(seconds: float, wanted: threading.Event) -> bool:
    limit = time.monotonic() + seconds
    while wanted.is_set() and time.monotonic() < limit:
        time.sleep(0.05)
    return wanted.is_set()


def _alive(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return False
    return fields[0] not in ("Z", "X")


def _start_time(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return None


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _wait_gone(pid: int, limit_s: float) -> bool:
    """Whether the process is gone within the limit; works for adopted ones too."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], limit_s)[0])
    finally:
        os.close(handle)
