"""The generated configuration: refuses what could break out of a line, and grants no more than the dialer needs."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from telephony.asterisk.configuration import (
    AgentPhone,
    ConfigurationError,
    ExchangeSettings,
    Folders,
    ManagerSecrets,
    Trunk,
    new_secret,
    render,
)
from telephony.asterisk.sounds import SoundError, check_wave
from tests.telephony.pair import Pair, running_pair, until
from tests.telephony.raw_manager import RawManager

SECRETS = ManagerSecrets(dialer="dialer-secret", watch="watch-secret")


def settings(**changes: object) -> ExchangeSettings:
    given: dict[str, object] = {
        "folders": Folders.under(Path("/somewhere/exchange"), Path("/modules")),
        "manager_secrets": SECRETS,
        "sip_host": "127.1.2.3",
        "trunks": (Trunk(name="carrier", host="192.0.2.1", username="me", password="trunk-secret"),),
        "agents": (AgentPhone(number="1001", secret="agent-secret"),),
    }
    return ExchangeSettings(**{**given, **changes})  # type: ignore[arg-type]


def plan(text: str) -> dict[str, list[str]]:
    """Context name to its lines, comments left out."""
    contexts: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            contexts[name] = []
        elif line.strip() and not line.startswith(";"):
            contexts[name].append(line)
    return contexts


def test_the_same_settings_give_the_same_files() -> None:
    assert render(settings()) == render(settings())


@pytest.mark.parametrize(
    "build",
    [
        lambda: Trunk(name="carrier\n[evil]", host="192.0.2.1"),
        lambda: Trunk(name="1001", host="192.0.2.1"),
        lambda: Trunk(name="carrier", host="192.0.2.1\ncontext = evil"),
        lambda: Trunk(name="carrier", host="a;b"),
        lambda: Trunk(name="carrier", host="192.0.2.1", port=0),
        lambda: Trunk(name="carrier", host="192.0.2.1", username="me", password="a\nb"),
        lambda: Trunk(name="carrier", host="192.0.2.1", codecs=("opus",)),
        lambda: Trunk(name="carrier", host="192.0.2.1", caller_id="+12025550100>\ncontext = evil"),
        lambda: AgentPhone(number="100", secret="x"),
        lambda: AgentPhone(number="10010", secret="x"),
        lambda: AgentPhone(number="10o1", secret="x"),
        lambda: AgentPhone(number="١٠٠١", secret="x"),
        lambda: AgentPhone(number="1001", secret="a\nb"),
        lambda: AgentPhone(number="1001", secret=""),
        lambda: ManagerSecrets(dialer="a\nwrite = all", watch="b"),
        lambda: settings(manager_host="0.0.0.0"),
        lambda: settings(sip_host="127.0.0.1\n"),
        lambda: settings(rtp_first=10000, rtp_last=10003),
        lambda: settings(login_extension="_X."),
        lambda: settings(safe_harbour_ms=-1),
        lambda: settings(agents=(AgentPhone(number="1001", secret="x"), AgentPhone(number="1001", secret="y"))),
    ],
)  # fmt: skip
def test_a_value_that_could_break_out_of_its_line_is_refused(build: Callable[[], object]) -> None:
    with pytest.raises(ConfigurationError):
        build()


def test_a_practice_trunk_is_on_loopback_or_none() -> None:
    with pytest.raises(ConfigurationError, match="not on loopback"):
        Trunk(name="practice", host="192.0.2.1", practice=True)
    assert Trunk(name="practice", host="127.3.2.1", practice=True).practice


def test_a_carrier_may_not_redirect_a_call_elsewhere() -> None:
    assert "uri_pjsip" not in render(settings())["pjsip.conf"]
    practice = settings(trunks=(Trunk(name="practice", host="127.3.2.1", practice=True),))
    assert "redirect_method = uri_pjsip" in render(practice)["pjsip.conf"]


def test_secrets_stand_where_they_must_and_nowhere_else() -> None:
    for name, text in render(settings()).items():
        found = {
            secret for secret in ("dialer-secret", "watch-secret", "agent-secret", "trunk-secret") if secret in text
        }
        allowed = {"manager.conf": {"dialer-secret", "watch-secret"}, "pjsip.conf": {"agent-secret", "trunk-secret"}}
        assert found == allowed.get(name, set()), name
    assert "secret" not in re.sub("manager_secrets|ManagerSecrets", "", repr(settings()))


def test_new_secrets_have_32_characters_and_differ() -> None:
    assert len({new_secret() for _turn in range(100)}) == 100
    assert len(new_secret()) == 32


@pytest.mark.parametrize(
    "module", ["app_system", "app_dial", "app_exec", "func_env", "func_shell", "func_curl", "func_db", "res_agi",
               "app_externalivr", "res_ari", "res_clioriginate", "pbx_spool"],
)  # fmt: skip
def test_modules_that_reach_out_of_asterisk_are_not_loaded(module: str) -> None:
    text = render(settings())["modules.conf"]
    assert "autoload = no" in text
    assert f"{module}.so" not in text


def test_nothing_comes_in_from_a_trunk_and_agents_reach_the_log_in_only() -> None:
    contexts = plan(render(settings(login_extension="*77"))["extensions.conf"])
    assert contexts["from-trunk"] == []
    extensions = {line.split(">", 1)[1].split(",")[0].strip() for line in contexts["from-agent"] if "exten" in line}
    assert extensions == {"*77"}


def test_no_step_of_the_dialplan_dials_or_runs_a_program() -> None:
    text = render(settings())["extensions.conf"]
    assert not re.search(r"\b(Dial|System|TrySystem|AGI|Exec|ExecIf|Macro|SHELL|ENV|CURL|DB)\(", text)


def test_a_path_too_long_for_a_socket_moves_the_socket_only() -> None:
    long = Folders.under(Path("/x") / ("y" * 120), Path("/modules"))
    assert len(str(long.run / "asterisk.ctl")) < 104
    assert long == Folders.under(Path("/x") / ("y" * 120), Path("/modules"))
    assert long.etc.is_relative_to(long.root)


def test_a_message_that_asterisk_could_not_play_is_refused_with_the_way_to_mend_it(tmp_path: Path) -> None:
    noise = tmp_path / "message.wav"
    noise.write_bytes(b"not a sound")
    with pytest.raises(SoundError, match=r"message\.wav"):
        check_wave(noise)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running_pair(tmp_path_factory.mktemp("pair"), join_beep=False) as running:
        yield running


@pytest.mark.asterisk
def test_asterisk_finds_nothing_to_complain_about(pair: Pair) -> None:
    call = pair.dial("+12015550100")
    pair.gone(call)
    for exchange in (pair.lab.asterisk, pair.lab.practice.asterisk):
        lines = (exchange.folders.log / "messages.log").read_text().splitlines()
        assert not [line for line in lines if " WARNING[" in line or " ERROR[" in line]


@pytest.mark.asterisk
@pytest.mark.parametrize(
    ("action", "headers"),
    [
        ("Command", {"Command": "core show version"}),
        ("ModuleLoad", {"Module": "app_system.so", "LoadType": "load"}),
        ("DBPut", {"Family": "registrar", "Key": "x", "Val": "y"}),
        ("GetConfig", {"Filename": "manager.conf"}),
        ("UpdateConfig", {"SrcFilename": "a", "DstFilename": "b"}),
        ("MixMonitor", {"Channel": "x", "File": "y"}),
        ("Reload", {"Module": "manager"}),
        ("PJSIPShowEndpoints", {}),
        ("UserEvent", {"UserEvent": "Dialer"}),
        ("Filter", {"Operation": "Add", "Filter": "x"}),
    ],
)
def test_the_dialers_user_is_denied_what_he_does_not_need(pair: Pair, action: str, headers: dict[str, str]) -> None:
    answer = pair.manager.ask(action, **headers)
    assert (answer["Response"], answer["Message"]) == ("Error", "Permission denied")


@pytest.mark.asterisk
@pytest.mark.parametrize(
    "function", ["ENV(HOME)", "SHELL(id)", "CURL(http://127.0.0.1)", "DB(a/b)", "FILE(/etc/passwd)"]
)
def test_no_function_looks_outside_of_asterisk(pair: Pair, function: str) -> None:
    answer = pair.manager.ask("Getvar", Variable=function)
    assert answer.get("Value", "") == ""


@pytest.mark.asterisk
def test_the_watching_user_gives_no_orders(pair: Pair) -> None:
    for action in ("Originate", "Redirect", "Hangup", "Status", "CoreStatus"):
        answer = pair.watch.ask(action, Channel="x", Exten="s", Context="cust", Priority="1")
        assert (answer["Response"], answer["Message"]) == ("Error", "Permission denied")


@pytest.mark.asterisk
def test_the_watching_user_hears_of_trunks_and_never_of_calls(pair: Pair) -> None:
    pair.watch.until(lambda event: event.get("EndpointName") == "practice")
    pair.gone(pair.dial("+12015550154"))
    assert {event["Event"] for event in pair.watch.events} <= {"FullyBooted", "ContactStatus", "PeerStatus"}


@pytest.mark.asterisk
def test_the_watching_user_is_spared_what_nobody_asked_for(pair: Pair) -> None:
    pair.lab.asterisk.command("module load app_echo.so")
    with pair.phone("1003"):  # its registration is told after the module's loading would have been
        pair.watch.until(lambda event: event.get("EndpointName") == "1003")
    assert not pair.watch.of("Load")


@pytest.mark.asterisk
def test_a_call_costs_the_dialers_session_few_events_and_no_variables(pair: Pair) -> None:
    before = len(pair.manager.events)
    call = pair.dial("+12015550154")
    pair.gone(call)
    until(lambda: bool(pair.manager.of("OriginateResponse", Uniqueid=call)))
    told = [event["Event"] for event in pair.manager.events[before:]]
    assert len(told) <= 6, told
    assert not {"VarSet", "Newexten"} & set(told)


@pytest.mark.asterisk
def test_a_wrong_secret_is_refused(pair: Pair) -> None:
    access = pair.lab.manager
    with RawManager(access.host, access.port, "dialer", access.watch_secret) as stranger:
        assert stranger.login["Response"] == "Error"


@pytest.mark.asterisk
def test_a_phone_with_a_wrong_password_is_not_registered(pair: Pair) -> None:
    settings = pair.lab.settings
    with pair.phone("1001") as phone, pytest.raises(TimeoutError, match="401"):
        phone.register((settings.sip_host, settings.sip_port), "1002", "wrong")


@pytest.mark.asterisk
def test_trunks_and_phones_are_listed_to_the_dialers_user(pair: Pair) -> None:
    with pair.phone("1001"):
        until(lambda: _states(pair).get("PJSIP/1001") == "NOT_INUSE")
        assert _states(pair)["PJSIP/practice"] == "NOT_INUSE"
        assert _states(pair)["PJSIP/1002"] == "UNAVAILABLE"


def _states(pair: Pair) -> dict[str, str]:
    before = len(pair.manager.of("DeviceStateListComplete"))
    pair.manager.ask("DeviceStateList")
    until(lambda: len(pair.manager.of("DeviceStateListComplete")) > before)
    return {event["Device"]: event["State"] for event in pair.manager.of("DeviceStateChange")}


@pytest.mark.asterisk
def test_the_message_for_practice_is_put_together_from_core_sounds(pair: Pair) -> None:
    message = pair.lab.settings.folders.data / "sounds" / "en" / "safe-harbour.wav"
    check_wave(message)
    assert 3 < message.stat().st_size / 16000 < 12
