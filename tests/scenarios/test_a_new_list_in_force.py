"""When a registry's next generation comes into force, does what rings to its numbers stop, and is nobody of it called?

Real numbers on a real trunk, as far as the dialer can tell: the far end is the practice exchange on loopback, which
here plays callees for some numbers that are not reserved for fiction. Nothing leaves this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.hours import judge_hours
from campaigns.phone import PhoneNumber, parse
from campaigns.place import whereabouts
from campaigns.rules import PROFILES, rules_of_places
from dialer.demo.practice_day import OWN_NUMBER
from telephony import practice
from tests.dialer.office import record
from tests.scenarios.conftest import opened
from tests.scenarios.practice_floor import PracticeFloor

pytestmark = [pytest.mark.asterisk, pytest.mark.scenario]

AGENTS = ("Agent 1", "Agent 2")
SOON_MS = 2000.0


@dataclass(frozen=True)
class Somewhere:
    """Numbers of a place: `begins` and two digits, of which those from 40 to 53 ring until the caller gives up."""

    begins: str
    profile: str
    lists: tuple[str, ...]

    def number(self, digits: int) -> str:
        return f"{self.begins}{digits:02}"

    def row(self, number: str) -> str:
        """As the lists of that country write it."""
        return f"{number[2:5]},{number[5:]}" if self.lists == ("us-ftc",) else f"0{number[3:]}"

    def open_at(self, at: datetime) -> bool:
        number = parse(self.number(40), "US")
        assert isinstance(number, PhoneNumber)
        kind, region, zones = number.kind.value, number.region, number.zones
        place = whereabouts(number=number.e164, kind=kind, region=region, zones=zones)
        rules = rules_of_places(PROFILES[self.profile], place.regions)
        return judge_hours(place.zones, rules, at).open


# At every hour of the day one of them may be called.
SOMEWHERE = (
    Somewhere("+121273601", "us-federal", ("us-ftc",)),
    Somewhere("+180873601", "us-federal", ("us-ftc",)),
    Somewhere("+167173501", "us-federal", ("us-ftc",)),
    Somewhere("+178773601", "us-federal", ("us-ftc",)),
    Somewhere("+4420712301", "uk", ("uk-tps", "uk-ctps")),
)


def open_now() -> Somewhere:
    now = datetime.now(UTC)
    return next(each for each in SOMEWHERE if each.open_at(now) and each.open_at(now + timedelta(minutes=5)))


class ListedFloor(PracticeFloor):
    """A floor with one trunk that is no practice trunk, and the registries of the place that may be called now."""

    def __init__(self, *args: Any, **wishes: Any) -> None:
        super().__init__(*args, **wishes)
        self.place = open_now()

    def _far_end(self) -> dict[str, Any]:
        real = {"practice": False, "rule_profile": self.place.profile, "right_to_use": "the far end is ours"}
        return super()._far_end() | real

    def _init(self) -> None:
        super()._init()
        names = ", ".join(f'"{name}"' for name in self.place.lists)
        with self.home.settings_file.open("a", encoding="utf-8") as file:
            file.write(f"[dnc]\nregistries = [{names}]\n")
        record(self.home, "autumn")

    def declare(self) -> None:
        """Somebody heard the recording: it says what the place's profile asks for."""
        said = {"seller": "Practice Telecom", "callback": OWN_NUMBER, "opt_out_key": "9"}
        more = {"telemarketing": True, "no_sales": True}
        self.do("rules.declare.add", {"kind": "message", "about": "autumn", "by": "this test", **said, **more})

    def bring_in(self, numbers: list[str], lists: tuple[str, ...]) -> None:
        """The next full list of these registries, in force when this returns."""
        path = self.root / "list.txt"
        path.write_text("".join(f"{self.place.row(number)}\n" for number in numbers))
        for name in lists:
            self.do("registry.import", {"list": name, "paths": [str(path)], "list_date": datetime.now(UTC).isoformat()})


@pytest.fixture
def floor(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ListedFloor]:
    played = tuple(f"{each.begins}XX" for each in SOMEWHERE)
    monkeypatch.setattr(practice, "RESERVED", (*practice.RESERVED, *played))  # of the far end; the service is another
    with opened(tmp_path, kind=ListedFloor, agents=len(AGENTS)) as floor:
        assert isinstance(floor, ListedFloor)
        floor.log_in(*AGENTS)
        yield floor
        floor.quieten(AGENTS)


def test_what_rings_to_a_newly_listed_number_stops_and_who_waits_on_it_is_never_called(floor: ListedFloor) -> None:
    stops, rings_on, *waits = (floor.place.number(digits) for digits in range(40, 46))
    barred, free = waits[:2], waits[2:]
    elsewhere = [floor.place.number(digits) for digits in range(54, 60)]
    floor.bring_in(elsewhere, floor.place.lists)
    name = floor.campaign(
        "registry",
        [stops, rings_on, *waits],
        AGENTS,
        rule_profile=floor.place.profile,
        message="autumn",
        ring_timeout_s=60,
    )
    floor.declare()
    floor.start(name)
    floor.until(lambda: floor.calls(name)["ringing"] == 2, 10, "two ring")
    began = datetime.now(UTC)
    # One list only: a second one would have those whom the first has barred asked again when somebody needs a lead.
    floor.bring_in([*elsewhere, stops, *barred], floor.place.lists[:1])
    call = floor.ended_at_far_end(stops)
    assert call.ended_at is not None
    ms = (call.ended_at - began).total_seconds() * 1000
    print(f"MEASURED a new list, import to end at the far end: {ms:.0f} ms")  # noqa: T201 - shown with -s or -rP
    assert ms <= SOON_MS
    assert (call.ended_by, call.sip_code, call.answered) == ("caller", 487, False)
    floor.until(lambda: floor.attempt(stops)["closed"], 5, "the attempt is closed")
    assert floor.attempt(stops)["cancel_reason"] == "dnc"
    floor.until(lambda: len(floor.attempts(name)) == 3, 10, "the agent who is free gets another lead")
    assert {row["number"] for row in floor.attempts(name)} == {stops, rings_on, free[0]}
    for number in barred:
        assert (floor.lead_state(number)["close_reason"], floor.placed(number)) == ("suppressed", [])
    floor.until(lambda: floor.calls(name)["ringing"] == 2, 10, "the other lead rings beside who is on no list")
    floor.throughout(lambda: floor.calls(name)["ringing"] == 2, 1.0, "who is on no list still rings")
    floor.do("campaign.emergency_stop", {"name": name})
    floor.hang_up_far_end()
    assert len(floor.placed(stops)) == 1
    assert floor.lead_state(stops)["state"] == "CLOSED"
