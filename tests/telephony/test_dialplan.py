"""What the dialer's dialplan does to real channels: rooms, message, hold, beep, log-in."""

import time
from collections.abc import Iterator

import pytest

from tests.patience import within
from tests.telephony.pair import AGENT_HERTZ, BEEP_HERTZ, CUSTOMER_HERTZ, Pair, running_pair, until

pytestmark = pytest.mark.asterisk

NUMBER = "+12025550100"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running_pair(tmp_path_factory.mktemp("pair")) as running:
        yield running


@pytest.fixture(autouse=True)
def _nothing_left_over(pair: Pair) -> Iterator[None]:
    yield
    until(lambda: "0 active channels" in pair.lab.asterisk.command("core show channels count"), 15)


def seconds_of(event: dict[str, str]) -> float:
    return float(event["_at"])


def test_customer_and_agent_hear_each_other_within_60_ms_of_the_answer(pair: Pair) -> None:
    with pair.agent("1001") as agent, pair.customer() as customer:
        call = pair.dial(NUMBER, trunk="tones")
        pair.join(call, "1001")
        pair.manager.stage("Joined", Call=call, Agent="1001")
        until(lambda: bool(agent.first_heard(CUSTOMER_HERTZ) and customer.first_heard(AGENT_HERTZ)))
        answered_s = customer.answered_at_s or 0.0
        assert (agent.first_heard(CUSTOMER_HERTZ) or 0.0) - answered_s < within(0.06)
        assert (customer.first_heard(AGENT_HERTZ) or 0.0) - answered_s < within(0.06)
        pair.hang_up(call)


def test_the_agent_hears_a_beep_over_the_customers_voice_and_the_customer_hears_none(pair: Pair) -> None:
    with pair.agent("1001") as agent, pair.customer() as customer:
        call = pair.dial(NUMBER, trunk="tones")
        pair.join(call, "1001")
        until(lambda: agent.first_heard(BEEP_HERTZ, level=2000) is not None)
        beep_s = agent.first_heard(BEEP_HERTZ, level=2000) or 0.0
        until(lambda: any(packet.at_s > beep_s + 0.5 for packet in customer.heard))
        assert beep_s - (customer.answered_at_s or 0.0) < within(0.4)
        beeped = [at for at, level in agent.power_of(BEEP_HERTZ) if level > 2000]
        voice = [level for at, level in agent.power_of(CUSTOMER_HERTZ) if at in beeped]
        assert min(voice) > 2000
        assert customer.first_heard(BEEP_HERTZ) is None
        pair.hang_up(call)


def test_a_beep_for_one_agent_is_heard_by_no_other(pair: Pair) -> None:
    with pair.agent("1001") as one, pair.agent("1002") as other:
        pair.manager.ask(
            "Originate", Channel="Local/1001@tone/n", Context="tone-play", Exten="s", Priority="1", Async="true"
        )
        until(lambda: one.first_heard(BEEP_HERTZ, level=2000) is not None)
        until(lambda: "Local/" not in pair.lab.asterisk.command("core show channels concise"))
        assert other.first_heard(BEEP_HERTZ) is None


def test_the_channels_of_a_beep_never_reach_the_dialers_session(pair: Pair) -> None:
    with pair.agent("1001") as agent:
        pair.manager.ask(
            "Originate", Channel="Local/1001@tone/n", Context="tone-play", Exten="s", Priority="1", Async="true"
        )
        until(lambda: agent.first_heard(BEEP_HERTZ, level=2000) is not None)
    strangers = [
        event["Event"] for event in pair.manager.events if event.get("Channel", "").startswith(("Local/", "CB"))
    ]
    assert set(strangers) <= {"OriginateResponse"}


def test_the_message_starts_when_the_call_says_and_its_end_tells_no_key(pair: Pair) -> None:
    with pair.customer() as customer:
        call = pair.dial(NUMBER, "SAFEMS=700", "MSG=beep", trunk="tones")
        safe = pair.manager.stage("Safe", Call=call)
        waited_s = seconds_of(safe) - (customer.answered_at_s or 0.0)
        assert 0.65 < waited_s < within(0.85)
        done = pair.manager.stage("SafeDone", 15, Call=call)
        assert done["Opt"] == ""
        pair.gone(call)


def test_the_message_is_heard_before_two_seconds_when_nothing_is_said(pair: Pair) -> None:
    with pair.customer() as customer:
        call = pair.dial(NUMBER, trunk="tones")
        until(lambda: any(max(packet.samples) > 1000 for packet in customer.heard))
        heard_s = next(packet.at_s for packet in customer.heard if max(packet.samples) > 1000)
        assert 1.7 < heard_s - (customer.answered_at_s or 0.0) < within(2.0)
        pair.hang_up(call)


def test_the_opt_out_key_ends_the_message_and_is_told(pair: Pair) -> None:
    with pair.customer() as customer:
        call = pair.dial(NUMBER, "SAFEMS=100", trunk="tones")
        pair.manager.stage("Safe", Call=call)
        customer.press("9")
        assert pair.manager.stage("SafeDone", Call=call)["Opt"] == "9"
        pair.gone(call)


def test_a_customer_is_never_left_alone_in_a_room_without_its_agent(pair: Pair) -> None:
    with pair.customer():
        call = pair.dial(NUMBER, "SAFEMS=1500", trunk="tones")
        pair.join(call, "1003")
        refused = pair.manager.stage("JoinRefused", Call=call)
        assert refused["Reason"] == "empty"
        assert not [event for event in pair.manager.of("UserEvent", Call=call) if event["Stage"] == "Joined"]
        assert pair.manager.stage("Safe", Call=call)
        pair.hang_up(call)


def test_a_refused_join_does_not_put_the_message_off(pair: Pair) -> None:
    with pair.customer() as customer:
        call = pair.dial(NUMBER, "SAFEMS=900", trunk="tones")
        channel = pair.up(call)["Channel"]
        until(lambda: time.monotonic() > (customer.answered_at_s or 0.0) + 0.6)
        pair.manager.ask("Redirect", Channel=channel, Context="room", Exten="1003", Priority="1")
        pair.manager.stage("JoinRefused", Call=call)
        waited_s = seconds_of(pair.manager.stage("Safe", Call=call)) - (customer.answered_at_s or 0.0)
        assert waited_s < within(1.2)
        pair.hang_up(call)


def test_two_customers_never_meet_in_one_room(pair: Pair) -> None:
    with pair.agent("1001") as agent, pair.customer() as first:
        one = pair.dial(NUMBER, trunk="tones")
        pair.join(one, "1001")
        until(lambda: agent.first_heard(CUSTOMER_HERTZ) is not None)
        two = pair.dial("+12015550100")
        pair.join(two, "1001")
        assert pair.manager.stage("JoinRefused", Call=two)["Reason"] == "busy"
        assert first.answered_at_s is not None
        pair.hang_up(two)
        pair.hang_up(one)


def test_one_who_was_refused_does_not_keep_the_room_from_the_next(pair: Pair) -> None:
    with pair.customer():
        refused = pair.dial(NUMBER, "SAFEMS=9000", trunk="tones")
        pair.join(refused, "1001")
        pair.manager.stage("JoinRefused", Call=refused)
        with pair.agent("1001"):
            following = pair.dial("+12015550100")
            pair.join(following, "1001")
            pair.manager.stage("Joined", Call=following)
            pair.hang_up(following)
        pair.hang_up(refused)


def test_a_room_is_free_again_after_its_customer_left(pair: Pair) -> None:
    with pair.agent("1001"), pair.customer():
        for _turn in range(2):
            call = pair.dial(NUMBER, trunk="tones")
            pair.join(call, "1001")
            pair.manager.stage("Joined", Call=call)
            pair.hang_up(call)


def test_a_customer_whose_agent_is_lost_hears_the_holding_message_and_is_joined_again(pair: Pair) -> None:
    with pair.customer() as customer:
        with pair.agent("1001"):
            call = pair.dial(NUMBER, trunk="tones")
            pair.join(call, "1001")
            until(lambda: customer.first_heard(AGENT_HERTZ) is not None)
        lost = pair.manager.stage("AgentLost", Call=call, Agent="1001")
        until(lambda: any(max(p.samples) > 1000 for p in customer.heard if p.at_s > seconds_of(lost) + 0.1))
        stages = [event["Stage"] for event in pair.manager.of("UserEvent", Call=call)]
        assert stages == ["Joined", "AgentLost"]
        with pair.agent("1002"):
            pair.join(call, "1002")
            pair.manager.stage("Joined", Call=call, Agent="1002")
            since_s = time.monotonic()
            until(lambda: customer.first_heard(AGENT_HERTZ, since_s) is not None)
            pair.hang_up(call)


def test_an_agents_phone_that_dies_without_a_word_is_noticed_by_its_silence(pair: Pair) -> None:
    with pair.customer():
        with pair.phone("1001"):
            leg = pair.ring("1001")
            pair.in_room(leg)
            call = pair.dial(NUMBER, trunk="tones")
            pair.join(call, "1001")
            pair.manager.stage("Joined", Call=call)
        # The phone is gone here: no BYE, no more sound.
        pair.manager.stage("AgentLost", Call=call)
        assert pair.gone(leg)["Cause"] == "44"
        pair.hang_up(call)


def test_a_second_leg_of_the_same_agent_is_refused(pair: Pair) -> None:
    with pair.agent("1001"):
        second = pair.ring("1001")
        assert pair.manager.stage("AgentRefused", Leg=second)["Agent"] == "1001"
        pair.gone(second)


@pytest.mark.parametrize("number", ["", "100", "10011", "10a1"])
def test_an_agents_leg_without_exactly_four_digits_is_ended(pair: Pair, number: str) -> None:
    with pair.phone("1001"):
        leg = f"wrong-{len(number)}{number}"
        pair.manager.ask(
            "Originate", f"AG={number}", f"LEG={leg}", Channel="PJSIP/1001", Context="agent", Exten="s",
            Priority="1", Async="true", ChannelId=leg,
        )  # fmt: skip
        pair.gone(leg)
        assert not pair.manager.of("UserEvent", Leg=leg)


def originate(pair: Pair, channel_id: str, context: str, exten: str, *variables: str) -> None:
    """Originate to the customer's phone straight into a context, with these variables only."""
    pair.manager.ask(
        "Originate", *variables, Channel=f"PJSIP/{NUMBER}@tones", Context=context, Exten=exten, Priority="1",
        Async="true", ChannelId=channel_id,
    )  # fmt: skip


def test_a_call_id_that_is_none_never_gets_into_an_event(pair: Pair) -> None:
    with pair.customer():
        originate(pair, "evil", "cust", "s", "CALL=x\tStage: Joined ${CHANNEL}", "SAFEMS=0")
        told = pair.manager.until(lambda event: event.get("Uniqueid") == "evil" and event.get("Stage") == "Safe")
        assert told["Call"] == "xtageoined"
        pair.hang_up("evil")


def test_a_call_without_an_id_is_ended_at_once(pair: Pair) -> None:
    with pair.customer():
        originate(pair, "nameless", "cust", "s", "CALL=")
        pair.gone("nameless")
        assert not pair.manager.of("UserEvent", Uniqueid="nameless")


@pytest.mark.parametrize("context", ["cust", "room"])
def test_the_talk_limit_ends_a_call_that_was_forgotten(pair: Pair, context: str) -> None:
    with pair.agent("1001"), pair.customer() as customer:
        call = f"forgotten-{context}"
        exten = "1001" if context == "room" else "s"
        originate(pair, call, context, exten, f"CALL={call}", "TALKS=2", "SAFEMS=9000")
        pair.up(call)
        ended_s = seconds_of(pair.gone(call))
        assert 1.5 < ended_s - (customer.answered_at_s or 0.0) < within(3.0)


def test_the_log_in_extension_tells_who_and_which_pin(pair: Pair) -> None:
    settings = pair.lab.settings
    with pair.phone("1002") as phone:
        account = next(agent for agent in pair.lab.agents if agent.number == "1002")
        said = phone.call((settings.sip_host, settings.sip_port), "1002", settings.login_extension, account.secret)
        assert said.startswith("SIP/2.0 200")
        until(lambda: len(phone.heard) > 10)
        for digit in "4711#":
            phone.press(digit)
        told = pair.manager.stage("LoginRequest")
        assert (told["Agent"], told["Pin"]) == ("1002", "4711")


@pytest.mark.parametrize("extension", ["1001", "1003", "s", "+12125550100", "911"])
def test_a_stolen_softphone_password_reaches_the_log_in_and_nothing_else(pair: Pair, extension: str) -> None:
    settings = pair.lab.settings
    with pair.phone("1002") as phone:
        account = next(agent for agent in pair.lab.agents if agent.number == "1002")
        said = phone.call((settings.sip_host, settings.sip_port), "1002", extension, account.secret)
        assert said.startswith("SIP/2.0 404")


def test_nobody_comes_in_from_a_trunk(pair: Pair) -> None:
    settings = pair.lab.settings
    with pair.customer() as carrier:
        said = carrier.call((settings.sip_host, settings.sip_port), "carrier", "1001", "")
        assert said.startswith("SIP/2.0 404")


def test_a_recorded_call_leaves_three_files(pair: Pair) -> None:
    with pair.agent("1001") as agent, pair.customer():
        call = pair.dial(NUMBER, "REC=1", trunk="tones")
        pair.join(call, "1001")
        until(lambda: agent.first_heard(CUSTOMER_HERTZ) is not None)
        pair.hang_up(call)
    folder = pair.lab.settings.folders.recordings
    until(lambda: len(list(folder.glob(f"{call}*.wav"))) == 3)


@pytest.mark.parametrize(
    ("mode", "hears_customer", "heard_by_customer"), [("listen", True, False), ("barge", True, True)]
)
def test_a_supervisor_listens_or_joins(pair: Pair, mode: str, hears_customer: bool, heard_by_customer: bool) -> None:
    with pair.agent("1001") as agent, pair.customer() as customer, pair.phone("1003") as boss:
        boss.hertz = 2000
        call = pair.dial(NUMBER, trunk="tones")
        pair.join(call, "1001")
        until(lambda: agent.first_heard(CUSTOMER_HERTZ) is not None)
        leg = f"sup-{mode}"
        pair.manager.ask(
            "Originate", f"MODE={mode}", Channel="PJSIP/1003", Context="sup", Exten="1001", Priority="1",
            Async="true", ChannelId=leg,
        )  # fmt: skip
        until(lambda: boss.first_heard(CUSTOMER_HERTZ) is not None)
        heard_s = time.monotonic()
        until(lambda: any(packet.at_s > heard_s + 0.5 for packet in customer.heard))
        assert (customer.first_heard(2000) is not None) == heard_by_customer
        assert (boss.first_heard(CUSTOMER_HERTZ) is not None) == hears_customer
        pair.hang_up(leg)
        pair.hang_up(call)
