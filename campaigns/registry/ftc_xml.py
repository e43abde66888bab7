"""Which numbers stand in the FTC's XML list, and which does its XML change list add and delete?

`<list><ac val='202'><ph val='5550123'/></ac></list>`; a change carries two attributes more, A or D and a date,
known by their contents. Read as a stream. Document types are refused whole, so there are no entities to expand.
"""

import xml.parsers.expat as expat  # noqa: ICN001, RUF100 - the name is the parser's
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from campaigns.registry.changes import UNDATED, ChangeBatch, moment_of
from campaigns.registry.faults import RegistryCode, RowFaults, refusal
from campaigns.registry.nanp_bits import NATIONAL
from campaigns.registry.opening import ForeignFile

_READ = 1 << 20
_ROOTS = frozenset({"list", "dnc", "donotcall"})


def read_xml(file: ForeignFile, faults: RowFaults, *, changes: bool) -> Iterator[ChangeBatch]:
    """The rows in file order; of a full list every row adds. RegistryRefused when it is not well-formed XML."""
    reading = _Reading(faults=faults, changes=changes)
    parser = expat.ParserCreate()
    reading.attach(parser)
    while True:
        piece = file.read(_READ)
        try:
            parser.Parse(piece, not piece)
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            words = f"{file.name} line {error.lineno} is damaged or cut short: {why}."
            raise refusal(RegistryCode.XML, words, error.lineno) from None
        yield reading.taken()
        if not piece:
            return


@dataclass(slots=True, kw_only=True)
class _Reading:
    """Elements become rows here; what is not understood is a fault, never left out."""

    faults: RowFaults
    changes: bool
    area: str = ""
    numbers: list[int] = field(default_factory=list)
    adds: list[bool] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def attach(self, parser: expat.XMLParserType) -> None:
        def start(name: str, attributes: dict[str, str]) -> None:
            self._start(name.lower(), attributes, parser.CurrentLineNumber)

        def end(name: str) -> None:
            if name.lower() == "ac":
                self.area = ""

        def text(characters: str) -> None:
            if characters.strip():
                self.faults.add(parser.CurrentLineNumber, characters.strip())

        def refuse(*_: object) -> None:
            words = f"{self.faults.file} declares a document type or entities, which no registry sends."
            raise refusal(RegistryCode.XML, words, parser.CurrentLineNumber)

        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = refuse
        parser.EntityDeclHandler = refuse

    def taken(self) -> ChangeBatch:
        """What has come since the last time."""
        batch = ChangeBatch(
            numbers=np.array(self.numbers, np.int64),
            adds=np.array(self.adds, np.bool_),
            moments=np.array(self.moments, np.int64),
            lines=np.array(self.lines, np.int64),
        )
        for taken in (self.numbers, self.adds, self.moments, self.lines):
            taken.clear()
        return batch

    def _start(self, name: str, attributes: dict[str, str], line: int) -> None:
        if name == "ph":
            self._number(attributes, line)
        elif name == "ac":
            self.area = attributes.get("val", "")
            if not (
                len(self.area) == 3 and self.area.isascii() and self.area.isdecimal() and self.area[0] in "23456789"
            ):
                self.faults.add(line, f"{name} {self.area}", "no area code")
        elif name not in _ROOTS:
            self.faults.add(line, name, "unknown element")

    def _number(self, attributes: dict[str, str], line: int) -> None:
        digits = self.area + attributes.get("val", "").strip()
        if not (len(digits) == 10 and digits.isascii() and digits.isdecimal() and min(digits[0], digits[3]) >= "2"):
            self.faults.add(line, digits, "not ten digits of a number of North America")
            return
        change = _change_of(attributes) if self.changes else (True, UNDATED)
        if change is None:
            self.faults.add(line, digits, "neither A nor D, or its date cannot be read")
            return
        self.faults.read += 1
        self.numbers.append(int(digits) + NATIONAL)
        self.adds.append(change[0])
        self.moments.append(change[1])
        self.lines.append(line)


def _change_of(attributes: dict[str, str]) -> tuple[bool, int] | None:
    """Whether it adds, and when; None when that is not said once and clearly."""
    kinds, moments = [], []
    for name, value in attributes.items():
        if name != "val" and value.upper() in ("A", "D"):
            kinds.append(value.upper() == "A")
        elif name != "val":
            moments.append(moment_of(value))
    if len(kinds) != 1 or len(moments) > 1 or None in moments:
        return None
    return kinds[0], moments[0] if moments and moments[0] is not None else UNDATED
