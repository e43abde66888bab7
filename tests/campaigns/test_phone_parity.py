"""The quick library answers for a number exactly as the reference does, or is not asked."""

import random
from collections.abc import Iterator
from importlib.metadata import version

import phonenumbers
import pytest

from campaigns.phone import library, parsing
from campaigns.phone.values import PhoneFault, PhoneNumber
from campaigns.phone.zones import zones_of

SPELLINGS_PER_EXAMPLE = 6


@pytest.fixture
def reference_only() -> Iterator[None]:
    """Reads with the reference alone, as where the quick library is not installed."""
    kept = library.COMPARED
    library.quick_library.cache_clear()
    try:
        library.COMPARED = ("none", "none")
        assert library.quick_library() is None
        yield
    finally:
        library.COMPARED = kept
        library.quick_library.cache_clear()


def examples() -> list[tuple[str, str]]:
    """A region, and a number of one of its kinds."""
    found = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in range(11):
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                found.append((region, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)))
    return found


def spellings(seed: int) -> list[tuple[str, str]]:
    """Every example as it is, as it is written at home, and with digits changed, lost and added."""
    draw = random.Random(seed)
    found = []
    for region, number in examples():
        at_home = phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.NATIONAL)
        found += [(number, region), (number, "US"), (at_home, region), ("00" + number[1:], region)]
        for _ in range(SPELLINGS_PER_EXAMPLE):
            digits = list(number)
            for _ in range(draw.choice((1, 1, 2, 4))):
                at, what = draw.randrange(1, len(digits)), draw.random()
                digits[at : at + 1] = "" if what < 0.1 else draw.choice("0123456789") + ("7" if what > 0.9 else "")
            found.append(("".join(digits), region))
    return found


def answers(texts: list[tuple[str, str]]) -> list[PhoneNumber | PhoneFault]:
    return [parsing.parse(text, region) for text, region in texts]


def test_the_installed_versions_are_those_that_were_compared() -> None:
    """When this fails after a renewal: compare again, and set COMPARED and CHANGED anew."""
    assert (version("phonenumbers"), version("rphonenumbers")) == library.COMPARED
    assert library.quick_library() is not None


@pytest.mark.parametrize("seed", range(2))
def test_both_libraries_read_every_spelling_alike(seed: int, request: pytest.FixtureRequest) -> None:
    texts = spellings(seed)
    assert library.quick_library() is not None
    quick = answers(texts)
    zones = [zones_of(each.e164) for each in quick if isinstance(each, PhoneNumber)]
    request.getfixturevalue("reference_only")
    plain = answers(texts)
    unlike = [(text, a, b) for text, a, b in zip(texts, quick, plain, strict=True) if a != b]
    assert unlike == []
    assert zones == [zones_of(each.e164) for each in plain if isinstance(each, PhoneNumber)]
    assert len(zones) > len(texts) / 4  # else nothing was compared but faults


def test_the_quick_library_does_read_the_numbers_of_most_countries() -> None:
    quick = [number for region, number in examples() if library.read_number(number, region)[0] is not phonenumbers]
    assert len(quick) > len(examples()) / 2


def test_a_country_whose_ranges_changed_is_read_by_the_reference() -> None:
    assert library.read_number("+4915123456789", "DE")[0] is phonenumbers
    quick = library.quick_library()
    assert quick is not None
    # The data of the two differ here: Botswana's numbers that begin with 3212 came with 9.0.42.
    changed = "+2673212345"
    assert phonenumbers.is_valid_number(phonenumbers.parse(changed))
    assert not quick.is_valid_number(quick.parse(changed, None))
    assert isinstance(parsing.parse(changed, "BW"), PhoneNumber)


def test_without_the_quick_library_everything_is_read_by_the_reference(reference_only: None) -> None:
    assert library.read_number("+33612345678", "FR")[0] is phonenumbers
