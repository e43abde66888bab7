"""Is what is wrong told although the dialer could start: by `serve`, by the doctor, and when a trunk is made?"""

from __future__ import annotations

import os
import socket

import pytest

from dialer.doctor import examine
from dialer.doctor_exchange import _trunks
from dialer.findings import Finding
from dialer.settings import ExchangeKind, ExchangeSettings, Settings
from dialer.standing_faults import standing_faults, why_unreachable
from dialer.trunk_probe import ask_options
from telephony.asterisk.laboratory import free_loopback_address
from tests.dialer.office import Office

AWAY = {"host": "192.0.2.1", "practice": False}
SIMULATED = {"DIALER_EXCHANGE_KIND": "simulated"}


def set_to(sip_host: str, kind: ExchangeKind = ExchangeKind.MANAGED) -> Settings:
    return Settings(exchange=ExchangeSettings(kind=kind, sip_host=sip_host))


def found(office: Office, check: str) -> list[Finding]:
    return [each for each in examine(office.home, SIMULATED) if each.check == check]


def test_a_trunk_elsewhere_is_told_when_the_exchange_listens_for_this_machine_only(office: Office) -> None:
    answer = office.ask("trunk.add", {"name": "carrier", "caller_id": "+12025550100", **AWAY})
    assert answer.done
    assert (
        "listens on 127.0.0.1, for this machine only, but trunk carrier (192.0.2.1) leads elsewhere" in answer.message
    )
    assert "set [exchange] sip_host" in answer.message
    assert "sip_host" not in office.ask("trunk.add", {**_practice(), "name": "practice"}).message
    (told,) = standing_faults(office.home, set_to("127.0.0.1"), office.store)
    assert told.endswith("Set [exchange] sip_host in dialer.toml to this machine's address in their network, "
                         "then start 'dialer serve' anew.")  # fmt: skip


def _practice() -> dict[str, object]:
    return {"host": "127.0.0.9", "caller_id": "+12025550100", "practice": True}


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        (set_to("127.0.0.1"), True),
        (set_to("localhost"), True),
        (set_to("192.0.2.7"), False),
        (set_to("127.0.0.1", ExchangeKind.OWN), False),
        (set_to("127.0.0.1", ExchangeKind.SIMULATED), False),
    ],
)
def test_only_a_private_asterisk_on_loopback_is_out_of_a_carriers_reach(
    office: Office, settings: Settings, fault: bool
) -> None:
    office.trunk("carrier", **AWAY)
    assert bool(why_unreachable(settings, office.store.trunks.all())) is fault


def test_the_doctor_names_the_address_and_its_mend(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.trunk("carrier", **AWAY)
    monkeypatch.setattr("dialer.doctor_exchange.TRUNK_LIMIT_S", 0.1)
    first, trunk = _trunks(set_to("127.0.0.1"), office.store)
    assert (first.check, first.good) == ("address", False)
    assert "sip_host" in first.mend
    assert "cannot be asked from 127.0.0.1" in trunk.words, "asked from where the exchange is"


def test_a_trunk_is_asked_from_the_address_that_the_exchange_has() -> None:
    own = free_loopback_address()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far_end:
        far_end.bind(("127.0.0.1", 0))
        far_end.settimeout(5.0)
        ask_options("127.0.0.1", far_end.getsockname()[1], limit_s=0.1, from_host=own)
        request, sender = far_end.recvfrom(4096)
    assert sender[0] == own
    assert f"Via: SIP/2.0/UDP {own}:".encode() in request


def test_an_agent_whose_secret_cannot_be_read_is_told(office: Office) -> None:
    office.do("agent.add", {"name": "Anna", "number": "1001"})
    office.do("agent.add", {"name": "Ben", "number": "1002"})
    assert standing_faults(office.home, Settings(), office.store) == ()
    (office.home.secrets / "agent-1002").chmod(0o640)
    (office.home.secrets / "agent-1001").unlink()
    anna, ben = standing_faults(office.home, Settings(), office.store)
    assert "Agent Anna has no phone" in anna
    assert "Agent Ben has no phone" in ben
    assert "chmod 600" in ben


def test_the_doctor_looks_at_every_file_of_secrets(office: Office) -> None:
    office.do("agent.add", {"name": "Anna", "number": "1001"})
    assert [each.good for each in found(office, "secrets")] == [True]
    readable = office.home.secrets / "agent-1001"
    readable.chmod(0o604)
    (office.home.secrets / "old").write_text("x")
    (office.home.secrets / "old").chmod(0o620)
    (office.home.secrets / "link").symlink_to(readable)
    link, old, first = sorted(found(office, "secrets"), key=lambda each: "agent-1001 (" in each.words)
    assert "is a link" in link.words
    assert first.mend == f"chmod 600 {readable}"
    assert "mode 620" in old.words


def test_a_damaged_database_is_put_back_from_the_newest_copy(office: Office) -> None:
    office.close()
    office.home.database_file.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    (none,) = found(office, "database")
    assert "put a copy of yours in place" in none.mend
    for name, at in (("old", 1), ("new", 2)):
        path = office.home.backups / f"{name}.sqlite3"
        path.touch()
        os.utime(path, (at, at))
    (some,) = found(office, "database")
    assert f"cp {office.home.backups / 'new.sqlite3'} {office.home.database_file}" in some.mend
