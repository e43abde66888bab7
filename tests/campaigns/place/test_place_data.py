"""Are the checked-in tables of places what the packages they were made from say, and do they agree with each other?"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from campaigns.phone import nanp_area_codes
from campaigns.place import tables
from deploy import place_data

REGIONS = sorted(set(tables.subdivision_names().values()))


def test_the_area_codes_are_those_of_the_installed_phonenumbers() -> None:
    stored = (place_data.DATA / "area_codes.txt").read_text("ascii")
    assert stored == place_data.area_codes_text(), "python -m deploy.place_data writes the file anew"


def test_the_zip_codes_are_those_of_the_installed_package() -> None:
    stored = (place_data.DATA / "zips.txt").read_text("ascii")
    assert stored == place_data.zips_text(), "python -m deploy.place_data writes the file anew"


def test_every_area_code_of_the_usa_and_canada_has_a_state() -> None:
    for area in nanp_area_codes("US") | nanp_area_codes("CA"):
        assert tables.area_codes()[area], area
        assert all("-" in region for region in tables.area_codes()[area]), area


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_zones_that_exist(region: str) -> None:
    zones = tables.zones_of_region(region)
    assert zones
    assert all(ZoneInfo(zone) for zone in zones)


def test_every_zip_has_zones_that_exist_in_a_region_that_is_known() -> None:
    known = {part for number in range(100_000) if (part := tables.zip_codes()[number]) is not None}
    assert len(known) > 80
    for part in known:
        assert part.military or part.zones
        assert all(ZoneInfo(zone) for zone in part.zones)
        assert part.military or set(part.regions) <= {*REGIONS, "FM", "MH", "PW"}


def test_every_prefix_of_postal_codes_has_zones_that_exist() -> None:
    for country in ("FR", "ES", "PT", "CA", "AU"):
        for first in "0123456789ABCEGHJKLMNPRSTVXY":
            part = tables.part_by_postal_code(country, first + "1")
            if part is not None:
                assert part.zones
                assert all(ZoneInfo(zone) for zone in part.zones)


def test_a_zip_in_several_states_stands_over_the_package() -> None:
    part = tables.zip_codes()[42223]
    assert part is not None
    assert part.regions == ("US-KY", "US-TN")


def test_a_state_has_the_zones_of_all_its_zips() -> None:
    assert set(tables.zones_of_region("US-TX")) == {"America/Chicago", "America/Denver"}
    assert set(tables.zones_of_region("US-NV")) == {"America/Los_Angeles", "America/Denver"}
