"""What holds for every text, whatever it is?"""

import unicodedata

import phonenumbers
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.phone import PhoneFault, PhoneNumber, parse, parse_listed
from campaigns.phone.nanp import clean_number
from campaigns.phone.parsing import _judge

REGIONS = ("US", "CA", "GB", "DE", "FR", "IT", "RU", "BR", "MX", "AR", "AU", "UA", "CN", "IN", "JM")
ALPHABET = "0123456789" * 4 + "+-. ()/,;#*xXeEOol@&:='\t\n" + "０９٠٩²½" + "\u200e\u00a0\u2011" + "абвABC"
TEXTS = st.text(alphabet=ALPHABET, max_size=24)
NUMBER_LIKE = st.builds(
    lambda plus, groups, separator: plus + separator.join(groups),
    st.sampled_from(["", "+", "+1", "1", "+44", "0", "00", "011", "+49", "+7", "8", "'+", "tel:+", "+54", "+39"]),
    st.lists(st.text(alphabet="0123456789", min_size=1, max_size=6), min_size=1, max_size=5),
    st.sampled_from(["", " ", "-", ".", "/", ") ", " (", "\u00a0", "\u2011"]),
)


def written_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(character, "")) for character in text)


@settings(max_examples=600, deadline=None)
@given(text=TEXTS | NUMBER_LIKE, region=st.sampled_from(REGIONS))
def test_a_number_never_has_digits_that_the_text_does_not_have(text: str, region: str) -> None:
    for found in (parse(text, region), parse_listed(text, region)):
        if isinstance(found, PhoneNumber):
            national = found.e164[1 + len(str(found.country_code)) :]
            assert national in written_digits(text)
            own = phonenumbers.country_code_for_region(region)
            assert found.e164[1:] in written_digits(text) or found.country_code == own or "0" in text


@settings(max_examples=400, deadline=None)
@given(text=TEXTS | NUMBER_LIKE | st.text(max_size=40), region=st.sampled_from(REGIONS))
def test_any_text_gives_a_number_or_a_printable_reason(text: str, region: str) -> None:
    found = parse(text, region)
    if isinstance(found, PhoneFault):
        assert not [c for c in found.reason if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
        assert sum(map(str.isdigit, found.shown)) <= 6
    else:
        assert found.e164.isascii()
        assert found.e164[1:].isdigit()
        assert 8 <= len(found.e164) <= 16


@settings(max_examples=300, deadline=None)
@given(text=NUMBER_LIKE, region=st.sampled_from(REGIONS), other=st.sampled_from(REGIONS))
def test_a_number_read_again_from_its_own_spelling_is_the_same(text: str, region: str, other: str) -> None:
    found = parse(text, region)
    if isinstance(found, PhoneNumber) and found.extension is None:
        assert parse(found.e164, other) == found


@settings(max_examples=1500, deadline=None)
@given(
    area=st.integers(200, 999),
    exchange=st.integers(200, 999) | st.sampled_from([555, 911, 976, 411]),
    line=st.integers(0, 9999) | st.sampled_from([100, 199, 1212]),
    shape=st.sampled_from(["{}{}{}", "({}) {}-{}", "{}-{}-{}", "+1{}{}{}", "1 {} {} {}", "+1 ({}) {}.{}"]),
    region=st.sampled_from(["US", "CA", "JM", "GB"]),
)
def test_the_short_way_for_north_america_answers_as_libphonenumber_does(
    area: int, exchange: int, line: int, shape: str, region: str
) -> None:
    text = shape.format(f"{area:03d}", f"{exchange:03d}", f"{line:04d}")
    quick = clean_number(text, region)
    if quick is not None:
        judged = _judge(text, region)
        assert judged.fault is None
        assert judged.number == quick


def test_the_short_way_is_taken_for_every_area_code_of_the_usa_and_canada() -> None:
    taken = [area for area in range(200, 1000) if clean_number(f"{area}2345678", "US") is not None]
    usual = phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
    for area in range(200, 1000):
        parsed = phonenumbers.parse(f"+1{area}2345678")
        home = phonenumbers.region_code_for_number(parsed)
        if home in ("US", "CA") and phonenumbers.number_type(parsed) == usual:
            assert area in taken
        else:
            assert area not in taken
    assert len(taken) > 350


def test_no_country_writes_its_example_numbers_so_that_we_read_another_number() -> None:
    types = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    formats = (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    read = refused = 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for example in filter(None, (phonenumbers.example_number_for_type(region, kind) for kind in types)):
            e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            for form in formats:
                found = parse(phonenumbers.format_number(example, form), region)
                refused += isinstance(found, PhoneFault)
                if isinstance(found, PhoneNumber):
                    assert found.e164 == e164
                    read += 1
    assert read > 900
    assert refused <= 5
