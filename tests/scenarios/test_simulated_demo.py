"""Does the demo without a telephone system end well, and leave nothing running?"""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from dialer.home import Home, running_pid
from tests.scenarios.conftest import SimulatedDemo, demo

pytestmark = [pytest.mark.scenario, pytest.mark.slow]

LIMIT_S = 150.0


def home_in(cache: Path) -> Home:
    return Home(root=cache / "campaign-dialer" / "demo" / "home")


def test_the_simulated_demo_ends_well_with_its_report_and_leaves_nothing_running(simulated_demo: SimulatedDemo) -> None:
    process = simulated_demo.process
    out, err = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, err) == (0, "")
    assert "Telephone system: simulated exchange" in out
    figures = {label.strip(): (int(of), int(among)) for label, of, among in FIGURE.findall(out)}
    humans, attempts = figures["Hit rate"]
    assert 0 < humans < attempts
    assert attempts >= 50
    sales, contacts = figures["Conversion of contacts"]
    assert 0 < sales <= contacts
    short, handled = figures["Too short"]
    assert 0 <= short * 2 < handled
    assert running_pid(home_in(simulated_demo.cache)) is None


def test_a_demo_that_is_ended_from_outside_ends_its_service_and_a_second_one_is_refused_meanwhile(
    tmp_path: Path,
) -> None:
    with demo(tmp_path) as first:
        assert first.stdout is not None
        told = iter(first.stdout.readline, "")
        assert any("The dialer runs on a simulated exchange" in line for line in told)
        with demo(tmp_path) as second:
            _, err = second.communicate(timeout=30)
        assert second.returncode == 2
        assert "runs already, as process" in err
        pid = running_pid(home_in(tmp_path))
        assert pid is not None
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=60)
    assert not Path(f"/proc/{pid}").exists()
    assert running_pid(home_in(tmp_path)) is None


FIGURE = re.compile(r"^(\S.*?)  +\S+ (?:% )? *(\d+) / (\d+)$", re.MULTILINE)
