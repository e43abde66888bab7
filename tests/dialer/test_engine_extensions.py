"""Is a number's extension keyed once, when an agent is there to hear it, and told to him and to the records?"""

from __future__ import annotations

import pytest

from campaigns.model import EventKind
from dialer.live import Stage
from dialer.refusal import Refused
from tests.dialer.conftest import Furnish
from tests.dialer.floor import TALKS, CallCentre, changed

SWITCHBOARD = "+12125550199"
LONG = changed(TALKS, talk_s=60.0)


def with_extension(office: CallCentre, extension: str = "045") -> None:
    """One more lead, behind a switchboard."""
    office.import_person(f"{SWITCHBOARD} ext. {extension}")


def keys_sent(office: CallCentre) -> list[str]:
    log = office.store.attempts.events(office.attempt(SWITCHBOARD).id)
    return [str(dict(event.data)["keys"]) for event in log if event.kind is EventKind.KEYS_SENT]


def heard(office: CallCentre) -> str:
    return office.telephony.world.keys_heard.get(office.attempt(SWITCHBOARD).id, "")


def test_the_extension_is_keyed_after_the_pause_once_the_agent_is_on_the_call(centre: Furnish) -> None:
    office = centre(leads=0, otherwise=LONG, extension_wait_ms=3000)
    with_extension(office)
    office.open()
    office.until(office.talking)
    assert "extension 045 is being keyed" in office.engine.desk_view("1001")["message"]
    assert ["Extension", "045"] in office.engine.desk_view("1001")["lead"]["fields"]
    office.clock.advance(2.9)
    assert heard(office) == ""
    office.clock.advance(2.0)
    assert heard(office) == "045"
    assert "was keyed" in office.engine.desk_view("1001")["message"]
    office.engine.desk_dispose("1001", "sale")
    office.engine.desk_hang_up("1001")
    office.until(lambda: office.attempt(SWITCHBOARD).closed)
    assert office.attempt(SWITCHBOARD).extension == "045"
    assert keys_sent(office) == ["045"]


def test_a_number_without_an_extension_is_keyed_nothing(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=LONG)
    office.open()
    office.until(office.talking)
    office.clock.advance(10.0)
    assert office.telephony.world.keys_heard == {}
    assert office.engine.desk_view("1001")["message"] == ""


def test_a_switchboard_is_not_listened_to_by_the_detector(centre: Furnish) -> None:
    office = centre(leads=0, otherwise=changed(LONG, kind="machine"), clock_from="greeting")
    with_extension(office)
    office.open()
    office.until(office.talking)
    assert office.telephony.world.placed[-1].detect is False
    assert EventKind.SCREENED not in {event.kind for event in office.engine._live.calls.popitem()[1].events}


def test_who_loses_his_agent_is_not_keyed_the_extension_again(centre: Furnish) -> None:
    office = centre(leads=0, otherwise=LONG, extension_wait_ms=500)
    with_extension(office)
    office.open()
    office.until(office.talking)
    office.clock.advance(3.0)
    office.telephony.world.hang_up_phone("1001")
    office.until(lambda: any(c.stage is Stage.HOLDING for c in office.engine._live.calls.values()))
    office.until(office.talking, limit_s=20.0)
    office.clock.advance(5.0)
    assert heard(office) == "045"


def test_an_agent_may_press_further_keys_and_they_are_in_the_log(centre: Furnish) -> None:
    office = centre(leads=0, otherwise=LONG, extension_wait_ms=0)
    with_extension(office, "45")
    office.open()
    office.until(office.talking)
    office.clock.advance(2.0)
    assert office.engine.desk_keys("1001", " 2 # ") == "Sending 2#."
    office.clock.advance(2.0)
    assert heard(office) == "452#"
    office.engine.desk_dispose("1001", "sale")
    office.engine.desk_hang_up("1001")
    office.until(lambda: office.attempt(SWITCHBOARD).closed)
    assert keys_sent(office) == ["45", "2#"]


def test_keys_that_cannot_be_sent_are_refused_with_the_reason(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(TALKS, talk_s=5.0))
    office.open()
    with pytest.raises(Refused, match="You have no call"):
        office.engine.desk_keys("1001", "1")
    office.until(office.talking)
    for wrong in ("", "12a", "+1", "1" * 33):
        with pytest.raises(Refused, match="no key was sent"):
            office.engine.desk_keys("1001", wrong)
    office.until(lambda: office.state_of() == "WRAP_UP")
    with pytest.raises(Refused, match="ended already; no key was sent"):
        office.engine.desk_keys("1001", "1")
