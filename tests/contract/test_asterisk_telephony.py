"""Does the adapter keep the port's promises on a real Asterisk?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.asterisk_bench import AsteriskBench, AsteriskSite
from tests.contract.bench import Bench
from tests.contract.telephony_contract import TelephonyContract


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsteriskSite]:
    site = AsteriskSite(tmp_path_factory.mktemp("exchange"))
    yield site
    site.close()


@pytest.fixture
def bench(site: AsteriskSite) -> Iterator[Bench]:
    bench = AsteriskBench(site)
    yield bench
    bench.close()


@pytest.mark.asterisk
class TestAsteriskTelephony(TelephonyContract):
    """Every promise, on a real Asterisk 22."""
