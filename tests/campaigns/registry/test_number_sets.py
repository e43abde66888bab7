"""Do the bit set and the compressed set answer like a plain Python set, for every number and in every way of asking?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.registry import Answer, Coverage, NumberSet, open_list
from campaigns.registry.nanp_bits import NanpBits, NanpBitsBuilder
from campaigns.registry.roaring import RoaringBuilder, RoaringSet
from tests.campaigns.registry.registry_builders import A, B, C, with_list

T = TypeVar("T", NanpBitsBuilder, RoaringBuilder)
COVERED = ("1202", "1989")
EDGES = [12022000000, 12029999999, 19892000000, 19899999999, 12025550100]
OUTSIDE = [
    *(12021999999, 12020000000, 12030000000, 12129999999, 19879999999, 19902000000),
    *(11992000000, 2025550100, 0, -1, 442079460000, 120255501000, 999_999_999_999_999, 10**18),
]
listable = st.one_of(
    st.sampled_from(EDGES), *(st.integers(int(f"{p}2000000"), int(f"{p}2000000") + 300) for p in COVERED)
)
asked = st.lists(st.one_of(listable, st.sampled_from(OUTSIDE), st.integers(12021000000, 12031000000)), max_size=60)


def bits(numbers: set[int], gone: set[int]) -> NumberSet:
    return _built(NanpBitsBuilder(COVERED), numbers, gone).as_set()


def roaring(numbers: set[int], gone: set[int]) -> NumberSet:
    return _built(RoaringBuilder(COVERED), numbers, gone).as_set()


def _built(builder: T, numbers: set[int], gone: set[int]) -> T:
    assert not builder.add(np.array(sorted(numbers, key=str), np.int64)).any()
    builder.remove(np.array(sorted(gone), np.int64))
    assert sum(builder.counts().values()) == len(numbers - gone)
    return builder


BOTH = pytest.mark.parametrize("make", [bits, roaring])


@BOTH
@given(numbers=st.sets(listable, max_size=40), gone=st.sets(listable, max_size=20), queries=asked)
def test_every_answer_is_that_of_a_plain_set(
    make: Callable[[set[int], set[int]], NumberSet], numbers: set[int], gone: set[int], queries: list[int]
) -> None:
    found, left = make(numbers, gone), numbers - gone
    assert (found.count, found.covered) == (len(left), COVERED)
    expected = [
        Answer.LISTED if q in left else Answer.CLEAR if _can_be_listed(q, found) else Answer.UNKNOWN for q in queries
    ]
    assert [found.ask(f"+{q}") for q in queries] == expected
    assert found.ask_many(np.array(queries, np.int64)).tolist() == expected


def _can_be_listed(number: int, found: NumberSet) -> bool:
    inside = str(number)[:4] in COVERED and len(str(number)) == 11
    return inside and (str(number)[4] in "23456789" or isinstance(found, RoaringSet))


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        *("", "+", "12025550101", "+1202555010", "+1202555010x", "+1 2025550101", "+1_025550101", "+12025550101 "),
        *("+١٢٠٢٥٥٥٠١٠١", "+1²025550101", "++2025550101", "-12025550101", "+1202555010\n", "+12025550101" * 9),
        *("+120255501011", "+1٢٠٢٥٥٥٠١٠١", "+1²025550101", "+1202555０101", "+01202555010", "+" + "1" * 5000),
    ],
)
def test_a_text_that_is_no_number_is_unknown(make: Callable[[set[int], set[int]], NumberSet], text: str) -> None:
    assert make({12025550101}, set()).ask(text) is Answer.UNKNOWN


@BOTH
def test_an_area_code_of_the_subscription_without_numbers_is_covered(
    make: Callable[[set[int], set[int]], NumberSet],
) -> None:
    found = make({12025550101}, set())
    assert found.ask("+19895550101") is Answer.CLEAR
    assert found.ask("+12125550101") is Answer.UNKNOWN


@BOTH
def test_a_million_numbers_get_the_answers_of_single_ones(make: Callable[[set[int], set[int]], NumberSet]) -> None:
    """Large arrays take another way than small ones; the order of the questions is kept."""
    random = np.random.default_rng(7)
    numbers = set(random.integers(12022000000, 12022100000, 20_000).tolist())
    found = make(numbers, set())
    queries = random.integers(12021990000, 12022110000, 200_000)
    expected = [found.ask(f"+{query}") for query in queries[:2000].tolist()]
    assert found.ask_many(queries)[:2000].tolist() == expected
    listed = np.isin(queries, np.array(sorted(numbers)))
    assert (found.ask_many(queries) == Answer.LISTED).tolist() == listed.tolist()


def test_the_compressed_set_holds_numbers_of_every_length() -> None:
    builder = RoaringBuilder(["44", "4", "380", "1202"])
    numbers = [4412345, 442079460000, 447700900123, 380501234567, 12025550101, 499999999999999]
    assert builder.add(np.array([*numbers, 33123456789])).tolist() == [False] * 6 + [True]
    found = builder.as_set()
    assert found.covered == ("1202", "380", "4")
    assert [found.ask(f"+{number}") for number in numbers] == [Answer.LISTED] * 6
    assert builder.counts() == {"1202": 1, "380": 1, "4": 4}


def test_numbers_that_cannot_be_held_are_told_and_not_stored() -> None:
    builder = NanpBitsBuilder(["1202"])
    outside = builder.add(np.array([12025550101, 12125550101, 12021555010, 447700900123]))
    assert outside.tolist() == [False, True, True, True]
    assert builder.counts() == {"1202": 1}


def test_without_a_subscription_the_area_codes_that_occur_are_covered() -> None:
    builder = NanpBitsBuilder(None)
    builder.add(np.array([13035550101, 12025550101]))
    assert builder.as_set().covered == ("1202", "1303")


@given(st.lists(st.integers(1, 9999).map(str), max_size=8), st.lists(st.integers(0, 10**16), max_size=30))
def test_coverage_asked_by_text_and_by_number_agree(prefixes: list[str], numbers: list[int]) -> None:
    coverage = Coverage(prefixes)
    expected = [_may_exist(str(n)) and any(str(n).startswith(p) for p in prefixes) for n in numbers]
    assert coverage.covers_many(np.array(numbers, np.int64)).tolist() == expected
    assert [coverage.covers(str(number)) for number in numbers] == expected


def _may_exist(digits: str) -> bool:
    return len(digits) == 11 if digits[0] == "1" else 7 <= len(digits) <= 15


@pytest.mark.parametrize("prefix", ["", "0", "044", "+44", "4x", "٤٤", "1" * 16])
def test_a_prefix_that_no_number_has_is_our_bug(prefix: str) -> None:
    with pytest.raises(ValueError, match="not the beginning"):
        Coverage([prefix])


def test_a_file_of_another_size_is_not_taken_for_a_set() -> None:
    with pytest.raises(ValueError, match="bytes for"):
        NanpBits({"1202": 1}, memoryview(bytes(999_999)))


def test_two_processes_share_one_mapped_file(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, C)
    opened = open_list(root, "us-ftc")
    child = (
        "import sys; from pathlib import Path; from campaigns.registry import open_list\n"
        "numbers = open_list(Path(sys.argv[1]), 'us-ftc')\n"
        "print([numbers.ask(n).name for n in sys.argv[2:]])\n"
        "print([line.split()[1] for line in open('/proc/self/maps') if 'numbers.bits' in line])\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", child, str(root), A, B, C], capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout.splitlines() == ["['LISTED', 'CLEAR', 'LISTED']", "['r--s']"]
    assert [opened.ask(number).name for number in (A, B, C)] == ["LISTED", "CLEAR", "LISTED"]
    ours = [line.split()[1] for line in Path("/proc/self/maps").read_text().splitlines() if str(root) in line]
    assert ours == ["r--s"]
