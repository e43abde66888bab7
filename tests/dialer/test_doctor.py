"""Does the doctor name every fault with its mend, and change nothing?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.doctor import examine
from dialer.doctor_exchange import _as_findings, detecting
from dialer.findings import Finding
from dialer.home import Home
from dialer.trunk_probe import ask_options
from telephony.asterisk.probe import Finding as Probed
from tests.dialer.office import Office

SIMULATED = {"DIALER_EXCHANGE_KIND": "simulated"}


def by_check(home: Home, environ: dict[str, str] | None = None) -> dict[str, Finding]:
    return {each.check: each for each in examine(home, environ or SIMULATED)}


class TestDoctor:
    def test_a_sound_home_has_no_fault(self, office: Office) -> None:
        found = by_check(office.home)
        assert [each.line() for each in found.values() if not each.good] == []
        assert {"time zones", "open files", "home", "settings", "disk", "service", "database"} <= set(found)

    def test_before_init_it_says_so_and_makes_nothing(self, tmp_path: Path) -> None:
        home = Home(root=tmp_path / "nothing")
        found = by_check(home)
        assert "dialer init" in found["home"].mend
        assert not home.root.exists()

    def test_a_home_that_others_can_read_is_a_fault(self, office: Office) -> None:
        office.home.root.chmod(0o755)
        assert by_check(office.home)["home"].mend == f"chmod 700 {office.home.root}"

    def test_faulty_settings_are_told_one_by_one(self, office: Office) -> None:
        office.home.settings_file.write_text('[ami]\nhots = "x"\n[log]\nlevle = "y"\n')
        faults = [each for each in examine(office.home, SIMULATED) if each.check == "settings"]
        assert len(faults) == 2
        assert not any(each.good for each in faults)

    def test_a_missing_database_is_a_fault_and_is_not_made(self, office: Office) -> None:
        office.home.database_file.unlink()
        assert not by_check(office.home)["database"].good
        assert not office.home.database_file.exists()

    def test_a_contradiction_in_the_database_is_told(self, office: Office) -> None:
        office.leads()
        office.trunk()
        office.campaign(lists=("autumn",))
        import sqlite3

        with sqlite3.connect(office.home.database_file) as database:
            database.execute("UPDATE dialling_state SET ask_again_at = NULL WHERE person_id = 1")
        database.close()
        found = by_check(office.home)
        assert not found["consistency"].good
        assert "lead 1" in found["consistency"].words

    def test_a_trunk_without_anybody_behind_it_is_a_fault(self, office: Office) -> None:
        office.trunk(host="127.0.0.1", port=_free_port())
        found = by_check(office.home, {"DIALER_AMI_PORT": str(_free_port(socket.SOCK_STREAM))})
        assert not found["trunk practice"].good
        assert "firewall" in found["trunk practice"].mend

    def test_a_server_that_is_no_manager_is_named(self, office: Office) -> None:
        with _banner(b"220 smtp ready\r\n") as port:
            environ = {
                "DIALER_EXCHANGE_KIND": "own",
                "DIALER_AMI_PORT": str(port),
                "DIALER_AMI_SECRET": "canary-secret",
                "DIALER_AMI_WATCH_SECRET": "canary-secret",
            }
            found = by_check(office.home, environ)
        assert not found["manager"].good
        assert f"127.0.0.1:{port}" in found["manager"].words
        assert "220 smtp ready" in found["manager"].words
        assert "canary-secret" not in str(found)

    def test_a_finding_is_one_line_with_its_mend(self) -> None:
        line = Finding(check="disk", good=False, words="3 MB are free", mend="free some").line()
        assert line == "FAULT  disk: 3 MB are free -> free some"


class TestDetection:
    MISSING = Probed(name="answering machine detection", ok=False, seen="not loaded", advice="load it", needed=False)

    def test_it_is_a_fault_only_where_a_campaign_needs_it(self, office: Office) -> None:
        office.campaign()
        assert detecting(office.store) == ()
        (unused,) = _as_findings((self.MISSING,), detecting(office.store))
        assert unused.good
        assert "no campaign needs it" in unused.words

    def test_the_campaigns_that_need_it_are_named(self, office: Office) -> None:
        office.campaign(clock_from="greeting")
        names = detecting(office.store)
        assert len(names) == 1
        (missing,) = _as_findings((self.MISSING,), names)
        assert (missing.good, missing.mend) == (False, "load it")
        assert names[0] in missing.words


class TestTrunkProbe:
    @pytest.fixture
    def far_end(self) -> Iterator[tuple[int, list[bytes]]]:
        """Answers the second OPTIONS only, and that with a refusal: somebody is there."""
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.bind(("127.0.0.1", 0))
        heard: list[bytes] = []

        def answer() -> None:
            for _ in range(2):
                request, sender = line.recvfrom(4096)
                heard.append(request)
            line.sendto(b"HTTP/1.1 200 OK", sender)
            line.sendto(b"SIP/2.0 403 Forbidden\r\n\r\n", sender)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield line.getsockname()[1], heard
        thread.join(5)
        line.close()

    def test_any_sip_answer_shows_that_somebody_is_there(self, far_end: tuple[int, list[bytes]]) -> None:
        port, heard = far_end
        found = ask_options("127.0.0.1", port)
        assert (found.reachable, found.status) == (True, 403)
        assert heard[0] == heard[1], "the same request again, so that it is answered once"
        assert heard[0].startswith(b"OPTIONS sip:127.0.0.1:")
        assert heard[0].endswith(b"\r\n\r\n")

    def test_silence_and_a_closed_port_are_told_within_the_limit(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            found = ask_options("127.0.0.1", silent.getsockname()[1], limit_s=0.2)
        assert not found.reachable
        assert "no answer" in found.words
        assert not ask_options("127.0.0.1", _free_port(), limit_s=0.5).reachable

    def test_a_host_that_does_not_exist_is_told(self) -> None:
        found = ask_options("no-such-host.invalid", 5060, limit_s=0.2)
        assert "not found" in found.words


class _banner:  # noqa: N801 (a block, used like one)
    """A TCP server that greets everybody with the same line."""

    def __init__(self, line: bytes) -> None:
        self._line = line
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._greet, daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        port: int = self._server.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._server.close()

    def _greet(self) -> None:
        kept = []
        while True:
            try:
                link, _ = self._server.accept()
                kept.append(link)
                link.sendall(self._line)
            except OSError:
                for one in kept:
                    one.close()
                return


def _free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.asterisk
def test_trying_out_sees_every_needed_feature_on_a_private_asterisk_started_for_a_moment(tmp_path: Path) -> None:
    findings = {f.check: f for f in examine(Home(root=tmp_path / "none"), {}, trying_out=True)}
    for feature in ("own channel ids", "SIP status on hang-up", "event filters", "PJSIPHangup"):
        assert findings[feature].good, findings[feature].line()
