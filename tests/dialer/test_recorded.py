"""Is nobody dialled for real without a recording that names the seller and a number?"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.bootstrap_exchange import ManagedInUse
from dialer.engine import Engine
from dialer.home import Home
from dialer.recorded import why_not_played
from dialer.refusal import Refused
from dialer.settings import ExchangeKind, ExchangeSettings, Settings
from telephony.clock import ManualClock
from telephony.simulator import SimulatedTelephony
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN
from tests.dialer.office import NOON, Office, record

MANAGED = Settings()
OWN = Settings(exchange=ExchangeSettings(kind=ExchangeKind.OWN, messages=("autumn-message",)))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(root=tmp_path / "home")


@pytest.mark.parametrize("mode", ["progressive", "power", "predictive", "manual"])
def test_a_campaign_without_a_recording_is_not_started_on_a_real_trunk(centre: Furnish, mode: str) -> None:
    office = centre(
        trunk={"practice": False, "rule_profile": "us-federal"},
        rule_profile="us-federal",
        mode=mode,
        message="never-recorded",
    )
    office.why_not_played = "record it"
    with pytest.raises(Refused, match=r"'never-recorded'.*seller and a number: record it"):
        office.open()
    office.clock.advance(30.0)
    assert office.engine.campaign_view(CAMPAIGN)["row"]["state"] == "DRAFT"
    office.why_not_played = ""
    office.engine.campaign_start(CAMPAIGN, "test")


def test_a_campaign_that_ran_when_its_recording_went_dials_nobody_after_the_next_start(centre: Furnish) -> None:
    real = {"practice": False, "rule_profile": "us-federal"}
    office = centre(leads=1, trunk=real, rule_profile="us-federal", purpose="research")
    office.import_numbers("+12122000001", "+12122000002", "+12122000003")
    office.open()
    office.until(lambda: office.placed() > 0)
    office.kill_engine()
    placed = office.placed()
    office.why_not_played = "record it"
    office.telephony, office.engine = office.start_engine()
    office.clock.advance(200.0)
    assert office.placed() == placed < 3
    assert "record it" in office.engine.campaign_view(CAMPAIGN)["row"]["pace"]


def test_practice_needs_no_recording(centre: Furnish) -> None:
    office = centre(leads=1)
    office.why_not_played = "record it"
    office.open()
    office.until(office.talking)


def test_an_engine_that_was_told_of_no_recordings_starts_nothing_real(centre: Furnish) -> None:
    office = centre(trunk={"practice": False, "rule_profile": "us-federal"}, rule_profile="us-federal")
    office.engine.close()
    office.telephony = SimulatedTelephony(office.clock, world=office.world)
    office.engine = Engine(store=office.store, telephony=office.telephony, clock=office.clock)
    office.engine.start()
    with pytest.raises(Refused, match="no recording 'safe-harbour' is known"):
        office.engine.campaign_start(CAMPAIGN, "test")


def test_the_private_asterisk_plays_what_lies_in_the_home(home: Home) -> None:
    assert str(home.root / "sounds" / "autumn.wav") in why_not_played(home, MANAGED, "autumn")
    record(home, "autumn")
    assert why_not_played(home, MANAGED, "autumn") == ""
    assert "safe-harbour.wav" in why_not_played(home, MANAGED, ""), "the built-in message names no seller"


@pytest.mark.parametrize(
    ("wrong", "words"), [({"rate_hz": 44_100}, "44100 Hz"), ({"seconds": 0.2}, "too short to name a seller")]
)
def test_a_recording_that_cannot_be_heard_is_none(home: Home, wrong: dict[str, float], words: str) -> None:
    record(home, "autumn", **wrong)  # type: ignore[arg-type]
    assert words in why_not_played(home, MANAGED, "autumn")


def test_a_file_that_is_no_recording_is_none(home: Home) -> None:
    path = record(home, "autumn")
    path.write_text("not a sound")
    assert "cannot be read" in why_not_played(home, MANAGED, "autumn")


def test_an_asterisk_of_ones_own_plays_what_the_settings_name(home: Home) -> None:
    assert why_not_played(home, OWN, "autumn-message") == ""
    assert 'messages = ["never-recorded"]' in why_not_played(home, OWN, "never-recorded")


def test_a_recording_given_after_asterisk_started_needs_a_new_start(tmp_path: Path) -> None:
    office = Office(tmp_path)
    loop = asyncio.new_event_loop()
    try:
        exchange = ManagedInUse(
            home=office.home,
            settings=replace(MANAGED),
            store=office.store,
            clock=ManualClock(NOON),
            loop=loop,
            tell=lambda _: None,
        )
        given = record(office.home, "autumn")
        assert "start 'dialer serve' anew" in exchange.why_not_played("autumn")
        played = office.home.asterisk / "data" / "sounds" / "en" / "autumn.wav"
        played.parent.mkdir(parents=True)
        played.write_bytes(given.read_bytes())
        assert exchange.why_not_played("autumn") == ""
    finally:
        loop.close()
        office.close()
