"""Which numbers does a full list hold: the FTC's flat form, its XML form, or one number a line?"""

import re
from collections.abc import Callable, Iterator

from campaigns.phone import PhoneNumber, parse_listed
from campaigns.registry.faults import RowFaults
from campaigns.registry.ftc_xml import read_xml
from campaigns.registry.nanp_bits import NATIONAL
from campaigns.registry.opening import ForeignFile
from campaigns.registry.rows import Batch, ReadLine, RowReading, RowShape, with_line_ends
from campaigns.registry.values import RegistryList, Source

FLAT_ROW = "an area code and a number of seven digits (202,5550123)"
_FLAT = re.compile(rb'\s*"?\s*([2-9]\d\d)\s*"?\s*,\s*"?\s*([2-9]\d{6})\s*"?\s*')
FLAT_SHAPES = with_line_ends(["Ndd,Ndddddd"], NATIONAL)

# Undoubted spellings of a country. Whether the number exists is not asked: a range that our numbering plan does not
# know yet may be on the list, and a listed number too many is the safe side. All other spellings are parsed.
_NANP_SHAPES = with_line_ends(["NddNdddddd", "1NddNdddddd", "+1NddNdddddd"], NATIONAL)
CLEAN: dict[str, tuple[RowShape, ...]] = {
    "US": _NANP_SHAPES,
    "CA": _NANP_SHAPES,
    "GB": with_line_ends(["0Zddddddddd", "+44Zddddddddd"], 44_0000_000000),
}

Reader = Callable[[ForeignFile, RowFaults], Iterator[Batch]]


def reader_of(registry: RegistryList) -> tuple[Reader, str]:
    """How a full list of this registry is read, and what its rows are called in a fault."""
    if registry.source is Source.FTC_FLAT:
        return _flat, FLAT_ROW
    if registry.source is Source.FTC_XML:
        return _xml, "an element of the FTC's list"
    return _plain_of(registry.region), "a phone number"


def _flat(file: ForeignFile, faults: RowFaults) -> Iterator[Batch]:
    return RowReading(file=file, shapes=FLAT_SHAPES, read_line=flat_line, faults=faults).batches()


def flat_line(text: bytes) -> int | str:
    """A row of the flat form with the liberties that people's programs take: spaces and quotes."""
    match = _FLAT.fullmatch(text)
    return int(match[1] + match[2]) + NATIONAL if match else ""


def _xml(file: ForeignFile, faults: RowFaults) -> Iterator[Batch]:
    for change in read_xml(file, faults, changes=False):
        yield Batch(numbers=change.numbers, lines=change.lines)


def _plain_of(region: str) -> Reader:
    shapes = CLEAN.get(region, ())
    read_line = plain_line(region)

    def read(file: ForeignFile, faults: RowFaults) -> Iterator[Batch]:
        return RowReading(file=file, shapes=shapes, read_line=read_line, faults=faults).batches()

    return read


def plain_line(region: str) -> ReadLine:
    """Reads a line with one number written in `region`, quotes allowed."""
    shapes = CLEAN.get(region, ())

    def read(text: bytes) -> int | str:
        text = text.strip(b'"; \t')
        for shape in shapes[::2]:
            clean = shape.line(text + b"\n")
            if clean is not None:
                return clean
        try:
            judged = parse_listed(text.decode("utf-8"), region)
        except UnicodeDecodeError:
            return "not UTF-8"
        return int(judged.e164) if isinstance(judged, PhoneNumber) else judged.words

    return read
