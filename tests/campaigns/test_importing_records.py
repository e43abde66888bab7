"""Does our strict reader split text as RFC 4180 says, and does it know the lines?"""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.importing.faults import Wording
from campaigns.importing.records import Record, RecordReader
from campaigns.importing.report import ImportRefused

WORDING = Wording(file="x.csv")
CELLS = st.text(alphabet='ab1,;"\n \t', max_size=8)


def records(text: str, delimiter: str = ",") -> list[Record]:
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return list(RecordReader(lines, delimiter=delimiter, wording=WORDING))


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=5),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_the_csv_module_writes_we_read_back(rows: list[list[str]], quoting: int, delimiter: str) -> None:
    stream = io.StringIO()
    csv.writer(stream, quoting=quoting, delimiter=delimiter, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    assert [record.fields for record in records(stream.getvalue(), delimiter)] == rows


@settings(max_examples=500, deadline=None)
@given(text=st.text(alphabet='ab,"\n', max_size=30))
def test_any_text_is_split_as_the_strict_csv_module_splits_it_or_refused(text: str) -> None:
    theirs: list[list[str]] | None
    try:
        theirs = [row or [""] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except csv.Error:
        theirs = None
    ours: list[list[str]] | None
    try:
        ours = [record.fields for record in records(text)]
    except ImportRefused:
        ours = None
    assert ours == theirs


class LongWay(RecordReader):
    """The reader without its short way through the csv module."""

    def _one_line_record(self, line: str) -> Record | None:
        return None


@settings(max_examples=400, deadline=None)
@given(lines=st.lists(st.text(alphabet='ab,"', max_size=12), max_size=4))
def test_the_long_way_and_the_short_way_agree(lines: list[str]) -> None:
    found: list[object] = []
    for reader in (RecordReader, LongWay):
        try:
            found.append([(one.line, one.fields) for one in reader(lines, delimiter=",", wording=WORDING)])
        except ImportRefused as refusal:
            found.append(refusal.fault)
    assert found[0] == found[1]


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=1, max_size=6))
def test_a_record_knows_the_physical_line_where_it_starts(rows: list[list[str]]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    starts = []
    for row in rows:
        starts.append(stream.getvalue().count("\n") + 1)
        writer.writerow(row)
    assert [record.line for record in records(stream.getvalue())] == starts


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n1,"x\n2,y\n', 2),
        ('"a\nb",c\n1,"x\ny","z\n', 4),
        ('a\n"', 2),
        ('a\n"x" y\n', 2),
        ('a\n"x\n\ny" z\n', 2),
    ],
)
def test_broken_quoting_is_reported_where_the_quote_opens(text: str, line: int) -> None:
    with pytest.raises(ImportRefused) as caught:
        records(text)
    assert (caught.value.fault.line, str(caught.value.fault.code)) == (line, "E-QUOTE")


def test_a_long_quoted_field_is_counted_but_not_kept() -> None:
    record = records("a\n" + '"' + "x\n" * 50_000 + '"\n')[1]
    assert record.lengths == {0: 100_000}
    assert len(record.fields[0]) < 25_000


def test_doubled_quotes_count_as_one_character() -> None:
    record = records('"' + '""' * 10_001 + '"\n')[0]
    assert record.lengths == {0: 10_001}
