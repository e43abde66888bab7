"""The encrypted manager link on a real Asterisk: used when the certificate holds, refused when it does not."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from telephony.asterisk.ami import LinkError, LinkFault, ManagerLink
from tests.telephony import certificates
from tests.telephony.bare_asterisk import SECRET, USER, BareAsterisk

pytestmark = pytest.mark.asterisk


@contextmanager
def running(folder: Path, pem: str) -> Iterator[BareAsterisk]:
    asterisk = BareAsterisk(folder, pem=pem)
    asterisk.start()
    yield asterisk
    asterisk.stop()


@pytest.fixture
def asterisk(tmp_path: Path) -> Iterator[BareAsterisk]:
    with running(tmp_path, certificates.GOOD_KEY + certificates.GOOD) as started:
        yield started


def trusting(certificate: str) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=certificate)


def link_to(asterisk: BareAsterisk, trusted: ssl.SSLContext) -> ManagerLink:
    link = ManagerLink(asterisk.host, asterisk.tls_port, USER, SECRET, tls=trusted)
    link.start()
    return link


def test_an_encrypted_link_carries_actions_from_many_threads(asterisk: BareAsterisk) -> None:
    link = link_to(asterisk, trusting(certificates.GOOD))
    link.wait_until_up(5)
    done: list[bool] = []

    def ask_often() -> None:
        for _ in range(100):
            done.append(link.request({"Action": "CoreStatus"}).ok)
            done.append(link.request_list({"Action": "PJSIPShowEndpoints"}).ok)

    threads = [threading.Thread(target=ask_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 800
    link.close()


def test_an_unknown_certificate_is_refused_and_left_alone_for_long(asterisk: BareAsterisk) -> None:
    link = link_to(asterisk, trusting(certificates.OTHER_HOST))
    with pytest.raises(LinkError, match="self-signed") as refused:
        link.wait_until_up(5)
    assert refused.value.fault is LinkFault.TLS_REFUSED
    assert refused.value.fault.patient
    link.close()


@pytest.mark.parametrize(
    ("certificate", "key", "reason"),
    [
        (certificates.OTHER_HOST, certificates.OTHER_HOST_KEY, "IP address mismatch"),
        (certificates.RUN_OUT, certificates.RUN_OUT_KEY, "expired"),
    ],
    ids=["another host", "run out"],
)
def test_a_certificate_for_another_host_or_run_out_is_refused(
    certificate: str, key: str, reason: str, tmp_path: Path
) -> None:
    with running(tmp_path, key + certificate) as asterisk:
        link = link_to(asterisk, trusting(certificate))
        with pytest.raises(LinkError, match=reason) as refused:
            link.wait_until_up(5)
        assert refused.value.fault is LinkFault.TLS_REFUSED
        link.close()


def test_a_plain_link_to_the_encrypted_port_does_not_come_up(asterisk: BareAsterisk) -> None:
    link = ManagerLink(asterisk.host, asterisk.tls_port, USER, SECRET)
    link.start()
    with pytest.raises(LinkError):
        link.wait_until_up(1)
    link.close()
