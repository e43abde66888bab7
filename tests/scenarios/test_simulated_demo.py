"""Does the demo without a telephone system end well, and leave nothing running?"""

from __future__ import annotations

import re

import pytest

from dialer.home import Home, running_pid
from tests.scenarios.conftest import SimulatedDemo

pytestmark = [pytest.mark.scenario, pytest.mark.slow]

LIMIT_S = 150.0


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
    assert running_pid(Home(root=simulated_demo.cache / "campaign-dialer" / "demo" / "home")) is None


FIGURE = re.compile(r"^(\S.*?)  +\S+ (?:% )? *(\d+) / (\d+)$", re.MULTILINE)
