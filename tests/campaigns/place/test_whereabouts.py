"""Is every place where a lead may be a candidate: by his number, the zone on the list and his address?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.phone import PhoneNumber, parse, zones_of
from campaigns.place import Address, Clue, ClueKind, Whereabouts, read_beside, whereabouts
from campaigns.place.tables import area_codes, zip_codes, zones_of_region

NEW_YORK = "+12127360100"
EAST, CENTRAL, MOUNTAIN, WEST = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
ARIZONA = "America/Phoenix"


def lead(number: str = NEW_YORK, listed_zone: str = "", **address: str) -> Whereabouts:
    """Where somebody with this number may be, the number read as at import."""
    read = parse(number)
    assert isinstance(read, PhoneNumber), read
    return whereabouts(
        number=read.e164,
        kind=read.kind.value,
        region=read.region,
        zones=read.zones,
        listed_zone=listed_zone,
        address=Address(**address),
    )


def by(found: Whereabouts, kind: ClueKind) -> Clue:
    (clue,) = [clue for clue in found.clues if clue.kind is kind]
    return clue


def offsets(zones: tuple[str, ...]) -> set[tuple[timedelta | None, ...]]:
    """How the zones' clocks go through the year."""
    days = [datetime(2026, month, 15, 12, tzinfo=UTC) for month in (1, 4, 7, 12)]
    return {tuple(day.astimezone(ZoneInfo(zone)).utcoffset() for day in days) for zone in zones}


def test_a_number_alone_tells_its_zone_and_its_state() -> None:
    found = lead()
    assert (found.zones, found.regions, found.unclear) == ((EAST,), ("US-NY",), "")
    assert found.behind_zone(EAST) == found.behind_region("US-NY") == (ClueKind.AREA_CODE,)


def test_a_moved_mobile_is_where_it_was_and_where_its_owner_lives() -> None:
    found = lead(postal_code="90210")
    assert (found.zones, found.regions) == ((EAST, WEST), ("US-NY", "US-CA"))
    assert found.behind_zone(WEST) == (ClueKind.POSTAL_CODE,)


def test_what_two_things_say_names_both() -> None:
    found = lead(listed_zone=EAST, postal_code="10001", region="NY")
    assert found.zones == (EAST,)
    assert found.behind_zone(EAST) == (ClueKind.AREA_CODE, ClueKind.LISTED_ZONE, ClueKind.POSTAL_CODE)


def test_a_zip_never_narrows_a_split_area_code() -> None:
    found = lead("+12192265501", postal_code="46304")  # Chesterton, on Chicago's time
    assert found.zones == (CENTRAL, EAST)


def test_a_state_that_the_zip_does_not_lie_in_is_a_candidate_too() -> None:
    found = lead(region="Texas", postal_code="10001")
    assert found.zones == (EAST, CENTRAL, MOUNTAIN)
    assert found.regions == ("US-NY", "US-TX")


@pytest.mark.parametrize("written", ["FL", "fl", "Florida", " FLORIDA ", "Fla.", "US-FL"])
def test_a_state_is_read_in_its_usual_spellings(written: str) -> None:
    found = lead(region=written)
    assert found.regions == ("US-NY", "US-FL")
    assert found.zones == (EAST, CENTRAL)


def test_a_sales_area_or_county_in_the_states_column_adds_nothing() -> None:
    found = lead(region="North-East team")
    assert (found.zones, found.regions, found.unclear) == ((EAST,), ("US-NY",), "")
    assert "adds nothing" in by(found, ClueKind.REGION).note


@pytest.mark.parametrize(
    ("zip_code", "regions"),
    [
        ("42223", {"US-KY", "US-TN"}),
        ("59221", {"US-MT", "US-ND"}),
        ("63673", {"US-MO", "US-IL"}),
        ("71749", {"US-AR", "US-LA"}),
        ("73949", {"US-OK", "US-TX"}),
        ("75556", {"US-TX", "US-AR"}),
        ("82082", {"US-WY", "US-NE"}),
        ("84536", {"US-UT", "US-AZ"}),
        ("86044", {"US-AZ", "US-UT"}),
        ("86515", {"US-AZ", "US-NM"}),
        ("88430", {"US-NM", "US-TX"}),
        ("89439", {"US-NV", "US-CA"}),
    ],
)
def test_a_zip_in_two_states_is_in_both(zip_code: str, regions: set[str]) -> None:
    assert set(by(lead(postal_code=zip_code), ClueKind.POSTAL_CODE).regions) == regions


@pytest.mark.parametrize(
    ("zip_code", "zones"),
    [
        ("79901", {MOUNTAIN}),  # El Paso
        ("89883", {WEST, MOUNTAIN}),  # West Wendover
        ("86001", {ARIZONA, MOUNTAIN}),  # Flagstaff, in a county with the Navajo Nation
        ("86515", {ARIZONA, MOUNTAIN}),  # Window Rock, the Navajo Nation's capital
        ("86034", {ARIZONA, MOUNTAIN}),  # Keams Canyon, Hopi within it
        ("85001", {ARIZONA}),  # Phoenix
        ("59221", {MOUNTAIN, CENTRAL}),
        ("88430", {MOUNTAIN, CENTRAL}),
        ("36867", {CENTRAL, EAST}),  # Phenix City, Eastern by custom
        ("00901", {"America/Puerto_Rico"}),
        ("96910", {"Pacific/Guam"}),
        ("99546", {"America/Adak", "America/Nome"}),
    ],
)
def test_a_zip_with_two_clocks_has_both(zip_code: str, zones: set[str]) -> None:
    assert set(by(lead(postal_code=zip_code), ClueKind.POSTAL_CODE).zones) == zones


@pytest.mark.parametrize("written", ["02134", "02134-", "02134-1234", "021341234", "02134 1234", " 02134 ", "02134.0"])
def test_a_zip_is_read_with_and_without_its_four_more(written: str) -> None:
    assert by(lead(postal_code=written), ClueKind.POSTAL_CODE).regions == ("US-MA",)


@pytest.mark.parametrize("address", [{"country": "USA"}, {"region": "MA"}, {"country": "US", "region": "Mass."}])
@pytest.mark.parametrize("written", ["2134", "2134.0", "2134-1234"])
def test_a_lost_zero_is_read_back_where_the_list_says_so_otherwise(written: str, address: dict[str, str]) -> None:
    clue = by(lead(postal_code=written, **address), ClueKind.POSTAL_CODE)
    assert clue.regions == ("US-MA",)
    assert "02134" in clue.note


@pytest.mark.parametrize("address", [{}, {"region": "NY"}, {"country": "US", "region": "NY"}])
def test_a_zero_that_may_not_have_been_lost_holds_the_lead(address: dict[str, str]) -> None:
    assert "leading zero" in lead(postal_code="2134", **address).unclear


def test_three_digits_are_the_first_three_or_two_lost_zeros() -> None:
    found = lead(postal_code="902")
    assert set(found.regions) == {"US-NY", "US-CA", "US-PR"}
    assert "America/Puerto_Rico" in found.zones


def test_a_zip_that_is_not_known_yet_is_all_that_begin_like_it() -> None:
    number = next(number for number in range(88500, 88600) if zip_codes()[number] is None)
    found = lead(postal_code=str(number))
    assert set(by(found, ClueKind.POSTAL_CODE).regions) == {"US-TX"}
    assert "is not known" in by(found, ClueKind.POSTAL_CODE).note


@pytest.mark.parametrize("address", [{"postal_code": "09001"}, {"postal_code": "96201"}, {"postal_code": "34001"}])
def test_military_post_has_no_zone_and_holds_the_lead(address: dict[str, str]) -> None:
    assert "military post" in lead(**address).unclear


@pytest.mark.parametrize("state", ["AE", "ap", "AA"])
def test_a_military_state_holds_the_lead(state: str) -> None:
    assert "military post" in lead(region=state).unclear
    assert "military post" in lead(region=state, postal_code="10001").unclear


@pytest.mark.parametrize(
    "written", ["9021O", "SW1A 1AA", "12", "123456", "two words", "00000", "００００００", "-1", "1e5", "02134.5"]
)
def test_a_zip_that_cannot_be_read_holds_the_lead(written: str) -> None:
    found = lead(postal_code=written)
    assert "on the list" in found.unclear
    assert found.zones == (EAST,)


@pytest.mark.parametrize("nothing", ["", " ", "-", "--", "n/a", "N/A", "n.a.", "none", "NULL", "?"])
def test_an_address_that_says_nothing_adds_nothing(nothing: str) -> None:
    found = lead(country=nothing, region=nothing, postal_code=nothing)
    assert (found.zones, found.unclear, len(found.clues)) == ((EAST,), "", 1)


def test_an_address_abroad_adds_its_country_and_all_its_zones() -> None:
    found = lead(country="Spain")
    assert found.regions == ("US-NY", "ES")
    assert {EAST, "Europe/Madrid", "Atlantic/Canary"} <= set(found.zones)


def test_an_address_in_the_usa_of_a_number_abroad_is_judged_by_its_state() -> None:
    found = lead("+4930123456", country="USA", region="AZ", postal_code="85001")
    assert (found.zones, found.regions) == (("Europe/Berlin", ARIZONA), ("DE", "US-AZ"))


def test_a_state_and_its_zip_are_in_the_usa_though_no_country_says_so() -> None:
    assert lead("+4930123456", region="AZ", postal_code="85001").regions == ("DE", "US-AZ")
    assert lead("+4930123456", region="AZ", postal_code="10001").regions == ("DE",)


def test_an_address_in_the_usa_without_a_state_may_be_in_any() -> None:
    found = lead("+4930123456", country="United States of America")
    assert found.regions == ("DE", "US")
    assert {EAST, WEST, "Pacific/Honolulu"} <= set(found.zones)


@pytest.mark.parametrize("written", ["Deutschland", "germany", "DE", "de", "DEU"])
def test_a_country_is_read_in_its_usual_spellings(written: str) -> None:
    assert lead(country=written).regions == ("US-NY", "DE")


def test_a_state_in_the_countrys_column_is_a_state_of_the_numbers_country() -> None:
    assert lead("+4930123456", country="Bayern").regions == ("DE", "DE-BY")
    assert lead(country="Florida", postal_code="33101").regions == ("US-NY", "US-FL")


def test_a_country_that_is_not_known_holds_the_lead() -> None:
    assert "'Narnia'" in lead(country="Narnia").unclear


@pytest.mark.parametrize("written", ["Puerto Rico", "PR"])
def test_a_territory_written_as_a_country_is_one_of_the_usa(written: str) -> None:
    found = lead(country=written)
    assert found.regions == ("US-NY", "US-PR")
    assert found.zones == (EAST, "America/Puerto_Rico")


def test_a_canadian_postal_code_needs_no_country_and_tells_the_province() -> None:
    found = lead(postal_code="v6b 1a1")
    assert found.regions == ("US-NY", "CA-BC")
    assert "America/Vancouver" in found.zones


def test_a_canadian_postal_code_that_cannot_be_read_holds_the_lead() -> None:
    assert "Canada" in lead(country="Canada", postal_code="12345").unclear


@pytest.mark.parametrize(
    ("postal_code", "region", "zone"),
    [
        ("97400", "RE", "Indian/Reunion"),
        ("F-97110", "GP", "America/Guadeloupe"),
        ("98800", "NC", "Pacific/Noumea"),
        ("75001", "FR", "Europe/Paris"),
    ],
)
def test_overseas_france_is_told_by_its_postal_code(postal_code: str, region: str, zone: str) -> None:
    found = lead("+33140000000", postal_code=postal_code)
    assert region in found.regions
    assert zone in found.zones


def test_the_islands_of_spain_and_portugal_are_told_by_their_postal_codes() -> None:
    assert "Atlantic/Canary" in by(lead(country="ES", postal_code="35001"), ClueKind.POSTAL_CODE).zones
    assert "Atlantic/Azores" in by(lead(country="PT", postal_code="9500-150"), ClueKind.POSTAL_CODE).zones
    assert "Atlantic/Madeira" in by(lead(country="PT", postal_code="9000-001"), ClueKind.POSTAL_CODE).zones


def test_a_bundesland_is_a_region_of_its_own() -> None:
    assert lead("+4930123456", region="Bayern").regions == ("DE", "DE-BY")


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+34612345678", {"Europe/Madrid", "Atlantic/Canary"}),
        ("+351912345678", {"Europe/Lisbon", "Atlantic/Azores", "Atlantic/Madeira"}),
        ("+262692123456", {"Indian/Reunion", "Indian/Mayotte"}),
        ("+590690123456", {"America/Guadeloupe"}),
        ("+61412345678", {"Australia/Perth", "Australia/Darwin", "Australia/Lord_Howe", "Indian/Christmas"}),
        ("+79161234567", {"Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka"}),
    ],
)
def test_a_mobile_number_may_be_anywhere_in_its_country(number: str, zones: set[str]) -> None:
    assert zones <= set(lead(number).zones)


@pytest.mark.parametrize(("number", "zone"), [("+213551234567", "Africa/Algiers"), ("+218912345678", "Africa/Tripoli")])
def test_a_neighbours_zone_does_not_stand_in_for_the_countrys_own(number: str, zone: str) -> None:
    assert zone in lead(number).zones


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+4930123456", "Europe/Berlin"),
        ("+34928123456", "Atlantic/Canary"),
        ("+262262123456", "Indian/Reunion"),
        ("+590590123456", "America/Guadeloupe"),
    ],
)
def test_a_landline_abroad_keeps_its_own_zone(number: str, zone: str) -> None:
    assert lead(number).zones == (zone,)


def test_landlines_of_the_australian_islands_have_their_clocks_and_the_mainlands() -> None:
    assert {"Indian/Christmas", "Australia/Perth"} <= set(lead("+61891641234").zones)
    assert {"Indian/Cocos", "Australia/Perth"} <= set(lead("+61891621234").zones)


@pytest.mark.parametrize(
    ("number", "regions"),
    [
        ("+18767123456", ("JM",)),
        ("+18095551234", ("DO",)),
        ("+18092345678", ("DO",)),
        ("+17872345678", ("US-PR",)),
        ("+13407741234", ("US-VI",)),
        ("+16712345678", ("US-GU",)),
        ("+18672345678", ("CA-NT", "CA-NU", "CA-YT")),
        ("+19022345678", ("CA-NS", "CA-PE")),
        ("+77011234567", ("KZ",)),
        ("+79161234567", ("RU",)),
        ("+447911123456", ("GG", "GB")),
        ("+447797123456", ("JE", "GB")),
        ("+447624123456", ("IM", "GB")),
        ("+447400123456", ("GB",)),
        ("+61891641234", ("CX",)),
        ("+61891621234", ("CC",)),
    ],
)
def test_a_shared_country_code_is_told_apart(number: str, regions: tuple[str, ...]) -> None:
    assert lead(number).regions == regions


def test_jamaica_has_jamaicas_clock_and_kazakhstan_has_none_of_moscow() -> None:
    assert lead("+18767123456").zones == ("America/Jamaica",)
    assert offsets(lead("+77011234567").zones) == offsets(("Asia/Almaty",))


def test_a_toll_free_number_may_be_anywhere_in_the_plan_and_its_region_is_unknown() -> None:
    found = whereabouts(number="+18005550100", kind="toll_free", region="US", zones=zones_of("+18005550100"))
    assert found.regions == ("ZZ",)
    assert {"America/St_Johns", "Pacific/Honolulu", "America/Jamaica"} <= set(found.zones)


def test_a_new_area_code_is_in_its_country_and_its_state_is_unknown() -> None:
    found = whereabouts(number="+12025550100", kind="fixed_or_mobile", region="US", zones=(EAST,))
    assert found.regions == ("US-DC",)
    free = next(str(n) for n in range(201, 1000) if str(n) not in area_codes() and n % 100 != 11)
    new = whereabouts(number=f"+1{free}5550100", kind="fixed_or_mobile", region="US", zones=(EAST,))
    assert new.regions == ("US",)


@pytest.mark.parametrize("region", ["", "001", "U1"])
def test_a_number_of_no_country_has_no_region(region: str) -> None:
    assert whereabouts(number="+8835100", kind="global_service", region=region, zones=()).regions == ("ZZ",)


@pytest.mark.parametrize(
    "area", ["208", "219", "270", "308", "423", "574", "606", "775", "807", "812", "850", "867", "250", "928"]
)
def test_a_split_area_code_keeps_all_its_clocks(area: str) -> None:
    assert len(offsets(lead(f"+1{area}2345678").zones)) > 1


def test_idaho_has_all_three_clocks_that_its_numbers_may_have() -> None:
    assert set(lead("+12082345678").zones) == {"America/Boise", MOUNTAIN, WEST}


@pytest.mark.parametrize(("area", "zone"), [("915", MOUNTAIN), ("512", CENTRAL), ("931", CENTRAL), ("602", ARIZONA)])
def test_an_area_code_of_a_state_with_two_clocks_that_lies_in_one_of_them_has_that_one(area: str, zone: str) -> None:
    assert lead(f"+1{area}2345678").zones == (zone,)


@pytest.mark.parametrize("area", ["474", "867", "907"])
def test_the_north_has_its_own_clocks_beside_those_that_the_number_says(area: str) -> None:
    found = lead(f"+1{area}2345678")
    own = tuple(zone for region in found.regions for zone in zones_of_region(region))
    assert offsets(own) <= offsets(found.zones)


def test_every_other_area_code_has_no_clock_that_its_states_do_not_have() -> None:
    strange = {
        area
        for area, regions in area_codes().items()
        if offsets(zones_of(f"+1{area}2345678")) - offsets(tuple(z for r in regions for z in zones_of_region(r)))
    }
    assert strange == {"474", "867", "879", "907"}  # 879 has one more than its province, which is safe


text = st.text(max_size=12) | st.sampled_from(["US", "NY", "AE", "2134", "90210", "K1A 0B1", "Canada", "902", "n/a"])


@given(country=text, region=text, postal_code=text, number=st.sampled_from([NEW_YORK, "+4930123456", "+34612345678"]))
def test_no_address_takes_a_zone_or_region_of_the_number_away(
    country: str, region: str, postal_code: str, number: str
) -> None:
    alone, found = lead(number), lead(number, country=country, region=region, postal_code=postal_code)
    assert found.zones[: len(alone.zones)] == alone.zones
    assert found.regions[: len(alone.regions)] == alone.regions
    assert all(ZoneInfo(zone) for zone in found.zones)
    assert found.unclear.isprintable()


@given(values=st.fixed_dictionaries({"listed_zone": text, "kind": text, "region": text, "number": text}))
def test_nothing_that_is_stored_makes_it_raise(values: dict[str, Any]) -> None:
    assert whereabouts(zones=(EAST,), **values).regions


@pytest.mark.parametrize("number", [NEW_YORK, "+18005550100", "+18765550100", "+442079460100", "+12045550100"])
@pytest.mark.parametrize(
    ("country", "region", "postal_code"),
    [
        ("", "", "10001"),
        ("", "NY", "1234"),
        ("Atlantis", "", ""),
        ("", "Sales area 4", ""),
        ("", "AE", "09012"),
        ("Canada", "", "K1A 0B1"),
        ("CA", "", "10001"),
        ("", "", "SW1A 1AA"),
    ],
)
def test_an_address_read_for_an_import_says_what_it_says_before_a_call(
    number: str, country: str, region: str, postal_code: str
) -> None:
    whole = lead(number, country=country, region=region, postal_code=postal_code)
    read = parse(number)
    assert isinstance(read, PhoneNumber), read
    alone = read_beside(number=number, kind=read.kind.value, region=read.region, address=(country, region, postal_code))
    assert (alone.unclear, alone.clues) == (whole.unclear, whole.clues[1:])
