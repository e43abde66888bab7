"""Does the service look after its private Asterisk: started with it, adopted after a crash, stopped with it?"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.doctor import examine
from dialer.home import Home
from telephony.asterisk.laboratory import free_loopback_address
from tests.dialer.office import Office
from tests.dialer.running_service import RunningService, wait_until

pytestmark = pytest.mark.asterisk


@pytest.fixture
def home(tmp_path: Path) -> Home:
    office = Office(tmp_path)
    office.trunk(host=free_loopback_address())
    office.do("agent.add", {"name": "anna", "number": "1001"})
    office.store.close()
    return office.home


@pytest.fixture
def environ() -> dict[str, str]:
    address = free_loopback_address()
    return {"DIALER_EXCHANGE_KIND": "managed", "DIALER_EXCHANGE_SIP_HOST": address, "DIALER_AMI_HOST": address}


@pytest.fixture
def services(home: Home) -> Iterator[list[RunningService]]:
    made: list[RunningService] = []
    yield made
    for one in made:
        one.end()
    pid = _asterisk(home)
    if pid is not None:  # a test that failed must leave nothing running
        os.kill(pid, signal.SIGKILL)


def _asterisk(home: Home) -> int | None:
    """The process id of the home's Asterisk while it lives."""
    import json

    try:
        pid = int(json.loads((home.asterisk / "process.json").read_text())["pid"])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


def _exchange_up(service: RunningService) -> bool:
    return bool(service.do("engine.status")["exchange"]["up"])


def test_asterisk_lives_with_the_service_and_outlives_its_crash(
    home: Home, environ: dict[str, str], services: list[RunningService]
) -> None:
    first = RunningService(home, more=environ)
    services.append(first)
    assert wait_until(lambda: _exchange_up(first))
    assert first.do("engine.status")["exchange"]["version"].startswith("22.")
    before = _asterisk(home)
    assert before is not None
    assert "logged in" in {each.check: each for each in examine(home, environ)}["manager"].words

    first.process.kill()
    first.ended()
    assert _asterisk(home) == before, "a crash of ours must not end the customers' calls"
    second = RunningService(home, more=environ)
    services.append(second)
    assert wait_until(lambda: _exchange_up(second))
    assert _asterisk(home) == before, "it is adopted, not started a second time"

    added = second.ask("agent.add", {"name": "ben", "number": "1002"})
    assert added.done
    accounts = home.asterisk / "etc" / "pjsip.conf"
    assert wait_until(lambda: "[1002]" in accounts.read_text())

    second.signal(signal.SIGTERM)
    assert second.ended() == 0
    assert _asterisk(home) is None, "it ends with the service"


def test_an_agent_without_a_readable_secret_is_an_alarm_and_the_others_go_on(
    home: Home, environ: dict[str, str], services: list[RunningService]
) -> None:
    (home.secrets / "agent-1001").chmod(0o644)
    service = RunningService(home, more=environ)
    services.append(service)
    assert wait_until(lambda: _exchange_up(service))
    words = [alarm["words"] for alarm in service.do("engine.status")["alarms"]]
    assert any("Agent anna has no phone" in each and "chmod 600" in each for each in words)
