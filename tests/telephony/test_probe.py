"""What the doctor finds on a real Asterisk, sound and spoilt in one place at a time."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from telephony.asterisk.configuration import render
from telephony.asterisk.laboratory import Laboratory, build_private_exchange
from telephony.asterisk.probe import Finding, ManagerLogin, probe

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    with build_private_exchange(tmp_path_factory.mktemp("lab"), agents=1) as running:
        yield running


def login(lab: Laboratory) -> ManagerLogin:
    access = lab.manager
    return ManagerLogin(
        host=access.host, port=access.port, dialer_secret=access.dialer_secret, watch_secret=access.watch_secret
    )


def by_name(findings: tuple[Finding, ...]) -> Mapping[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_a_generated_asterisk_has_everything(lab: Laboratory) -> None:
    findings = probe(login(lab), lab.trunk)
    assert len(findings) == 10
    assert [finding for finding in findings if not finding.ok] == []


def test_nobody_is_called_by_it(lab: Laboratory) -> None:
    before = len(lab.practice_log())
    probe(login(lab), lab.trunk)
    assert len(lab.practice_log()) == before
    assert "0 active channels" in lab.asterisk.command("core show channels count")


def test_without_a_trunk_it_says_what_it_could_not_look_at(lab: Laboratory) -> None:
    finding = by_name(probe(login(lab)))["SIP status on hang-up"]
    assert not finding.ok
    assert "no trunk" in finding.seen


def test_an_unknown_trunk_is_named(lab: Laboratory) -> None:
    finding = by_name(probe(login(lab), "no-such-trunk"))["SIP status on hang-up"]
    assert not finding.ok
    assert "no-such-trunk" in finding.seen


def test_a_wrong_secret_is_one_finding_and_shows_no_secret(lab: Laboratory) -> None:
    access = lab.manager
    wrong = ManagerLogin(host=access.host, port=access.port, dialer_secret="not-it-at-all", watch_secret="x")
    [finding] = probe(wrong)
    assert not finding.ok
    assert "not-it-at-all" not in finding.seen + finding.advice
    assert str(access.port) in finding.seen


def test_nobody_listening_is_one_finding() -> None:
    [finding] = probe(ManagerLogin(host="127.0.0.1", port=9, dialer_secret="x", watch_secret="y"))
    assert not finding.ok
    assert "127.0.0.1:9" in finding.seen


@pytest.mark.parametrize(
    ("file", "spoil", "name"),
    [
        ("manager.conf", lambda text: text.replace("originate,call,reporting", "all"), "least privileges"),
        ("manager.conf", lambda text: text.replace("read = system", "read = call"), "trunk and phone states"),
        (
            "manager.conf",
            lambda text: "\n".join(line for line in text.splitlines() if not line.startswith("eventfilter")) + "\n",
            "event filters",
        ),
        ("extensions.conf", lambda text: text.replace("[agent-lost]", "[agent-found]"), "dialplan"),
    ],
)  # fmt: skip
def test_a_fault_is_found_and_said_what_to_do(
    lab: Laboratory, file: str, spoil: Callable[[str], str], name: str
) -> None:
    files = render(lab.settings)
    path = lab.settings.folders.etc / file
    try:
        path.write_text(spoil(files[file]))
        lab.asterisk.command("manager reload" if file == "manager.conf" else "dialplan reload")
        bad = [finding for finding in probe(login(lab), lab.trunk) if not finding.ok]
        assert [finding.name for finding in bad] == [name]
        assert bad[0].advice
    finally:
        path.write_text(files[file])
        lab.asterisk.command("manager reload" if file == "manager.conf" else "dialplan reload")
