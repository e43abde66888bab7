"""Which texts are numbers to dial, which never are, and where may their owners be?"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from campaigns.phone import (
    PhoneFault,
    PhoneFaultKind,
    PhoneKind,
    PhoneNumber,
    e164_digits,
    is_practice,
    known_region,
    nanp_area_codes,
    parse,
    parse_listed,
    region_of_country,
    zones_of,
)


def number(text: str, region: str = "US") -> PhoneNumber:
    found = parse(text, region)
    assert isinstance(found, PhoneNumber), found.reason
    return found


def fault(text: str, region: str = "US") -> PhoneFault:
    found = parse(text, region)
    assert isinstance(found, PhoneFault), found.e164
    return found


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("212-555-0123", "US", "+12125550123"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("(212)5550123", "US", "+12125550123"),
        ("1 212 555 0123", "US", "+12125550123"),
        ("12125550123", "US", "+12125550123"),
        ("+1.212.555.0123", "US", "+12125550123"),
        ("+12125550123", "GB", "+12125550123"),
        ("  212 555 0123 ", "US", "+12125550123"),
        ("'+12125550123", "US", "+12125550123"),
        ("\N{RIGHT SINGLE QUOTATION MARK}2125550123", "US", "+12125550123"),
        ('="2125550123"', "US", "+12125550123"),
        ("tel:+1-212-555-0123", "US", "+12125550123"),
        ("TEL:2125550123", "US", "+12125550123"),
        ("212\u2011555\u20110123", "US", "+12125550123"),
        ("212\u00a0555\u00a00123", "US", "+12125550123"),
        ("\u200e+12125550123\u202c", "US", "+12125550123"),
        ("\ufeff2125550123", "US", "+12125550123"),
        ("\uff0b\uff11\uff12\uff11\uff12\uff15\uff15\uff15\uff10\uff11\uff12\uff13", "US", "+12125550123"),
        ("٢١٢٥٥٥٠١٢٣", "US", "+12125550123"),
        ("011 44 20 7946 0123", "US", "+442079460123"),
        ("020 7946 0123", "GB", "+442079460123"),
        ("+44 (0)20 7946 0123", "US", "+442079460123"),
        ("0044 20 7946 0123", "DE", "+442079460123"),
        ("030/23125000", "DE", "+493023125000"),
        ("8 916 123 45 67", "RU", "+79161234567"),
        ("06 6982 1234", "IT", "+390669821234"),
        ("+54 9 11 2345 6789", "US", "+5491123456789"),
        ("+1 416 555 0123", "US", "+14165550123"),
        ("+1 876 926 3333", "US", "+18769263333"),
    ],
)
def test_every_usual_spelling_of_a_number_is_read_as_that_number(text: str, region: str, e164: str) -> None:
    assert number(text, region).e164 == e164


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", PhoneFaultKind.EMPTY),
        ("   ", PhoneFaultKind.EMPTY),
        ("'", PhoneFaultKind.EMPTY),
        ("n/a", PhoneFaultKind.NO_DIGITS),
        ("#REF!", PhoneFaultKind.NO_DIGITS),
        ("########", PhoneFaultKind.NO_DIGITS),
        ("5550100", PhoneFaultKind.TOO_SHORT),
        ("+1 212 555 012", PhoneFaultKind.TOO_SHORT),
        ("+34 912 34", PhoneFaultKind.TOO_SHORT),
        ("212555012345", PhoneFaultKind.TOO_LONG),
        ("0039 06 6982 1234", PhoneFaultKind.TOO_LONG),
        ("+52 1 55 1234 5678", PhoneFaultKind.TOO_LONG),
        ("+4930000000000000", PhoneFaultKind.TOO_LONG),
        ("9" * 400, PhoneFaultKind.TOO_LONG),
        ("1-800-FLOWERS", PhoneFaultKind.LETTERS),
        ("212555O123", PhoneFaultKind.LETTERS),
        ("call after 6", PhoneFaultKind.LETTERS),
        ("212-555-0123 ext. 123456789", PhoneFaultKind.EXTENSION),
        ("+1 212 555 0123 ext. sales", PhoneFaultKind.EXTENSION),
        ("212-555-0123 ext.", PhoneFaultKind.EXTENSION),
        ("²125550123", PhoneFaultKind.BAD_CHARACTER),
        ("=1+1", PhoneFaultKind.BAD_CHARACTER),
        ("-2125550123", PhoneFaultKind.BAD_CHARACTER),
        ("212_555_0123", PhoneFaultKind.BAD_CHARACTER),
        ("${2125550123}", PhoneFaultKind.BAD_CHARACTER),
        ("sip:x@host", PhoneFaultKind.ADDRESS),
        ("sip:2125550123@host", PhoneFaultKind.ADDRESS),
        ("2125550123@trunk", PhoneFaultKind.ADDRESS),
        ("2125550123&PJSIP/other", PhoneFaultKind.ADDRESS),
        ("https://x.example/2125550123", PhoneFaultKind.ADDRESS),
        ("+999 123456", PhoneFaultKind.UNKNOWN_COUNTRY),
        ("+0012125550123", PhoneFaultKind.UNKNOWN_COUNTRY),
        ("000-000-0000", PhoneFaultKind.INVALID_AREA),
        ("1111111111", PhoneFaultKind.INVALID_AREA),
        ("+1 555 123 4567", PhoneFaultKind.INVALID_AREA),
        ("+54 11 15 2345 6789", PhoneFaultKind.REWRITTEN),
        ("7.9E+10", PhoneFaultKind.SCIENTIFIC),
        ("7,9E+10", PhoneFaultKind.SCIENTIFIC),
        ("+7.91612E+10", PhoneFaultKind.SCIENTIFIC),
        ("2.125550123E+09", PhoneFaultKind.SCIENTIFIC),
        ("2125550123e0", PhoneFaultKind.SCIENTIFIC),
        ("2125550123.0", PhoneFaultKind.DECIMAL),
        ("2125550123,00", PhoneFaultKind.DECIMAL),
        ("12125550123.", PhoneFaultKind.DECIMAL),
        ("2,125,550,123", PhoneFaultKind.DECIMAL),
        ("2125550123, 2125550124", PhoneFaultKind.TWO_NUMBERS),
        ("2125550123/2125550124", PhoneFaultKind.TWO_NUMBERS),
        ("2125550123 / 0124", PhoneFaultKind.TWO_NUMBERS),
        ("212-555-0123 or 212-555-0124", PhoneFaultKind.TWO_NUMBERS),
        ("2125550123;2125550124", PhoneFaultKind.TWO_NUMBERS),
        ("2125550123\n2125550124", PhoneFaultKind.TWO_NUMBERS),
        ("+12125550123 +12125550124", PhoneFaultKind.TWO_NUMBERS),
        ("*67 2125550123", PhoneFaultKind.FEATURE_CODE),
        ("#31#2125550123", PhoneFaultKind.FEATURE_CODE),
        ("212*5550123", PhoneFaultKind.FEATURE_CODE),
        ("62966", PhoneFaultKind.SHORT_CODE),
        ("911", PhoneFaultKind.EMERGENCY),
        ("+911", PhoneFaultKind.EMERGENCY),
        ("1911", PhoneFaultKind.EMERGENCY),
        ("112", PhoneFaultKind.EMERGENCY),
        ("999", PhoneFaultKind.EMERGENCY),
        ("212 911 1234", PhoneFaultKind.EMERGENCY),
        ("988", PhoneFaultKind.CRISIS),
        ("+1988", PhoneFaultKind.CRISIS),
        ("1-800-273-8255", PhoneFaultKind.CRISIS),
        ("411", PhoneFaultKind.SERVICE),
        ("211", PhoneFaultKind.SERVICE),
        ("212 411 1234", PhoneFaultKind.SERVICE),
        ("212 555 1212", PhoneFaultKind.SERVICE),
        ("900 555 1234", PhoneFaultKind.PREMIUM),
        ("212 976 1234", PhoneFaultKind.PREMIUM),
        ("+44 909 879 0123", PhoneFaultKind.PREMIUM),
        ("+49 180 5 012345", PhoneFaultKind.SHARED_COST),
        ("500 234 5678", PhoneFaultKind.PERSONAL),
        ("533 234 5678", PhoneFaultKind.PERSONAL),
        ("+44 300 123 4567", PhoneFaultKind.UAN),
        ("+44 76 4012 3456", PhoneFaultKind.PAGER),
        ("+881 6 1234 5678", PhoneFaultKind.SATELLITE),
        ("+882 16 1234567", PhoneFaultKind.SATELLITE),
        ("+870 773 111 632", PhoneFaultKind.SATELLITE),
        ("+979 1 2345 6789", PhoneFaultKind.SATELLITE),
        ("+800 1234 5678", PhoneFaultKind.SATELLITE),
    ],
)
def test_what_is_no_number_to_dial_is_refused_with_its_reason(text: str, kind: PhoneFaultKind) -> None:
    assert fault(text).kind is kind


@pytest.mark.parametrize("code", ["999", "112", "000", "911"])
@pytest.mark.parametrize("region", ["US", "GB", "AU", "DE", "UA"])
def test_emergency_codes_of_any_country_are_never_dialled(code: str, region: str) -> None:
    assert fault(code, region).kind is PhoneFaultKind.EMERGENCY


@pytest.mark.parametrize(
    "spelling",
    ["212-555-0123 x45", "2125550123x45", "212-555-0123 ext. 45", "2125550123 extension 45",
     "2125550123;ext=45", "tel:+1-212-555-0123;ext=45", "212 555 0123 #45", "2125550123,,45",
     "212-555-0123 доб. 45"],
)  # fmt: skip
def test_an_extension_is_kept_apart_from_the_number(spelling: str) -> None:
    found = number(spelling)
    assert (found.e164, found.extension) == ("+12125550123", "45")


def test_a_message_shows_at_most_six_digits_of_a_number() -> None:
    found = fault("5550100")
    assert found.reason == "'555010…': too short for US."
    assert sum(map(str.isdigit, fault("4111 1111 1111 1111 1111").reason)) == 6


def test_a_message_carries_no_control_bytes() -> None:
    assert fault("\x1b[31m212\x00\r\n5").reason.isprintable()


def test_a_foreign_number_without_plus_gets_the_advice_to_write_it() -> None:
    assert "country code" in fault("442079460123").words
    assert "country code" not in fault("+52 1 55 1234 5678").words


def test_the_region_named_in_the_fault_is_the_numbers_own_country() -> None:
    assert fault("+34 912 34").words == "too short for ES"


def test_an_unknown_region_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="unknown region 'XX'"):
        parse("020 7946 0123", "XX")


@pytest.mark.parametrize(
    ("text", "kind", "region"),
    [
        ("+12125550123", PhoneKind.FIXED_OR_MOBILE, "US"),
        ("+18005550199", PhoneKind.TOLL_FREE, "US"),
        ("+442079460123", PhoneKind.FIXED, "GB"),
        ("+447400123456", PhoneKind.MOBILE, "GB"),
        ("+445600123456", PhoneKind.VOIP, "GB"),
        ("+14165550123", PhoneKind.FIXED_OR_MOBILE, "CA"),
        ("+18769263333", PhoneKind.FIXED, "JM"),
        ("+14734091234", PhoneKind.MOBILE, "GD"),
        ("+18095551234", PhoneKind.FIXED_OR_MOBILE, "DO"),
    ],
)
def test_a_number_knows_its_kind_and_country(text: str, kind: PhoneKind, region: str) -> None:
    found = number(text)
    assert (found.kind, found.region) == (kind, region)


@pytest.mark.parametrize(
    "e164",
    ["+12125550100", "+12125550199", "+14165550142", "+441632960123", "+447700900123", "+442079460999",
     "+441134960000", "+442920180001", "+448081570001", "+443069990123", "+61255501234", "+61370101234",
     "+61491570156", "+493023125999", "+498999998000", "+33199001234", "+33639981234", "+46701740605",
     "+353209123456"],
)  # fmt: skip
def test_numbers_reserved_for_fiction_are_practice_numbers(e164: str) -> None:
    assert number(e164).practice
    assert is_practice(e164)


@pytest.mark.parametrize(
    "e164",
    ["+12125550200", "+12125550099", "+18005550199", "+12125551234", "+447700901123", "+442079470123",
     "+61491570155", "+493023124999", "+46701740604", "+46701740700"],
)  # fmt: skip
def test_a_number_beside_a_reserved_range_is_no_practice_number(e164: str) -> None:
    assert not is_practice(e164)


def test_every_nanp_area_code_in_use_has_its_hundred_practice_numbers() -> None:
    from phonenumbers.tzdata import TIMEZONE_DATA

    areas = {key[1:4] for key in TIMEZONE_DATA if key.startswith("1") and len(key) >= 4}
    valid = [area for area in areas if phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550150"))]
    assert len(valid) > 300
    assert [area for area in valid if not number(f"+1{area}5550150").practice] == []


def test_every_country_of_north_americas_plan_has_its_own_area_codes() -> None:
    codes = {region: nanp_area_codes(region) for region in ("US", "CA", "JM", "PR", "DO", "GU", "GB")}
    assert len(codes["US"]) > 350
    assert {"212", "505", "983"} <= codes["US"]
    found = [sorted(codes[region]) for region in ("JM", "PR", "GU", "GB")]
    assert found == [["658", "876"], ["787", "939"], ["671"], []]
    assert sum(map(len, codes.values())) == len(frozenset.union(*codes.values()))


def test_a_premium_number_may_stand_on_a_do_not_call_list() -> None:
    listed = parse_listed("900 555 1234")
    assert isinstance(listed, PhoneNumber)
    assert listed.e164 == "+19005551234"


def test_an_emergency_number_and_a_wrong_area_may_not_even_be_listed() -> None:
    assert isinstance(parse_listed("911"), PhoneFault)
    assert isinstance(parse_listed("+1 555 123 4567"), PhoneFault)


def _offsets(zones: tuple[str, ...]) -> set[tuple[object, object]]:
    winter, summer = datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC)
    return {
        (winter.astimezone(ZoneInfo(zone)).utcoffset(), summer.astimezone(ZoneInfo(zone)).utcoffset()) for zone in zones
    }


@pytest.mark.parametrize(
    "area",
    "208 219 270 308 423 541 574 605 606 620 701 775 785 812 850 906 907 928 986".split(),  # noqa: SIM905
)
def test_an_area_code_in_two_zones_answers_with_both(area: str) -> None:
    assert len(_offsets(zones_of(f"+1{area}5550101"))) > 1


def test_the_northwest_of_indiana_may_be_in_chicagos_zone() -> None:
    assert zones_of("+12195550101") == ("America/Chicago", "America/New_York")


def test_a_part_of_an_area_code_never_narrows_its_zones() -> None:
    assert zones_of("+12192265501") == zones_of("+12195550101")


def test_most_area_codes_have_one_zone() -> None:
    assert zones_of("+12125550100") == ("America/New_York",)


def test_a_mobile_number_answers_with_the_zones_of_its_country() -> None:
    russia = zones_of("+79161234567")
    assert {"Europe/Moscow", "Asia/Vladivostok"} <= set(russia)


def test_a_toll_free_number_answers_with_every_zone_of_its_plan() -> None:
    assert {"America/St_Johns", "Pacific/Honolulu"} <= set(zones_of("+18005550199"))


def test_a_practice_number_has_zones_too() -> None:
    assert "Europe/London" in number("+441632960001").zones
    assert number("+61255501234").zones == ("Australia/Lord_Howe", "Australia/Sydney")


@pytest.mark.parametrize("text", ["", "12125550100", "+", "+abc", "+1212555010³", "+9991234567"])
def test_what_is_no_e164_number_has_no_zones(text: str) -> None:
    assert zones_of(text) == ()


def test_every_zone_we_answer_is_known_to_the_zone_data() -> None:
    from phonenumbers.tzdata import TIMEZONE_DATA

    names = {zone for prefix in {key[:2] for key in TIMEZONE_DATA} for zone in zones_of(f"+{prefix}5550100")}
    assert len(names) > 20
    for name in names:
        assert ZoneInfo(name) is not None


@pytest.mark.parametrize(
    ("text", "region"),
    [("us", "US"), ("UK", "GB"), ("United Kingdom", "GB"), (" Deutschland ", "DE"), ("Narnia", None), ("", None)],
)
def test_a_country_cell_is_understood_or_left_alone(text: str, region: str | None) -> None:
    assert region_of_country(text) == region


def test_region_codes_are_two_letters_of_a_country() -> None:
    assert known_region("gb") == "GB"
    assert known_region("001") is None


def test_the_digits_of_an_e164_number_are_given_only_for_one() -> None:
    assert e164_digits("+12125550100") == "12125550100"
    for text in ("12125550100", "+1212555010a", "+0123456789", "+1212555010\n", "+١٢٣٤٥٦٧٨٩"):
        with pytest.raises(ValueError, match=r"not an E\.164 number"):
            e164_digits(text)
