"""In which encoding is this text, and on which line does a byte stand that does not fit?

The ladder: a byte-order mark, UTF-16 known by its zero bytes, else UTF-8. Nothing is guessed silently:
text that is not UTF-8 is refused with the likely encoding and the option to name it.
"""

import codecs
import io
import itertools
from collections.abc import Callable, Iterator
from typing import BinaryIO

from campaigns.importing.faults import Wording
from campaigns.importing.magic import wide_encoding
from campaigns.importing.report import Code, Fault, ImportRefused

MAX_LINE_CHARACTERS = 1_000_000
_CHUNK = 256 * 1024
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_FOR_FILES = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"})
_CYRILLIC_BELOW_C0 = frozenset(b"\xa8\xb8\xaf\xbf\xb2\xb3\xaa\xba")
_NAMES = {
    "cp1252": "Windows-1252",
    "cp1251": "Windows-1251 (Cyrillic)",
    "gb18030": "GB18030 (Chinese)",
    "shift_jis": "Shift-JIS (Japanese)",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}


def text_lines(stream: BinaryIO, encoding: str | None, wording: Wording) -> Iterator[str]:
    """The physical lines without their ends (LF, CR LF and CR alike), decoded strictly.

    ImportRefused (E-ENC) names the first byte that does not fit, counted from 1, and its line.
    """
    first = stream.read(_CHUNK)
    name, mark = _choose(first, encoding, wording)
    yield from _split(_decoded(first[mark:], stream, name, mark, encoding is not None, wording), wording)


def _choose(first: bytes, encoding: str | None, wording: Wording) -> tuple[str, int]:
    """The codec's name and the length of the byte-order mark."""
    wanted = _known_codec(encoding, wording) if encoding is not None else None
    for mark, name in _MARKS:
        if first.startswith(mark) and (wanted is None or _same_family(wanted, name)):
            return name, len(mark)
    if wanted is not None:
        return wanted, 0
    return wide_encoding(first) or "utf-8", 0


def _known_codec(encoding: str, wording: Wording) -> str:
    try:
        found = codecs.lookup(encoding.strip())
    except (LookupError, ValueError):
        found = None
    if found is None or not found._is_text_encoding or found.name.replace("_", "-") in _NOT_FOR_FILES:
        words = "was not read: --encoding names no known encoding. Try utf-8, cp1252, cp1251 or utf-16."
        raise wording.refuse(Code.ENC, words)
    return found.name


def _same_family(wanted: str, marked: str) -> bool:
    plain = wanted.replace("_", "-").replace("-sig", "")
    return marked.startswith(plain)


def _decoded(first: bytes, stream: BinaryIO, name: str, offset: int, asked: bool, wording: Wording) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(name)("strict")
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    line, chunk = 1, first
    while True:
        pending = len(decoder.getstate()[0])
        try:
            text = newlines.decode(decoder.decode(chunk, final=not chunk), final=not chunk)
        except UnicodeDecodeError as error:
            before = newlines.decode(error.object[: error.start].decode(name, "ignore"))
            place = (offset - pending + error.start + 1, line + before.count("\n"))
            raise _not_decoded(error, name, place, asked, wording) from None
        except (UnicodeError, ValueError):
            raise wording.refuse(Code.ENC, f"is not {name}; re-run with another --encoding.") from None
        if text:
            line += text.count("\n")
            yield text
        if not chunk:
            return
        offset += len(chunk)
        chunk = stream.read(_CHUNK)


def _not_decoded(
    error: UnicodeDecodeError, name: str, place: tuple[int, int], asked: bool, wording: Wording
) -> ImportRefused:
    byte, line = place
    if asked:
        advice = "Re-run with another --encoding or save as UTF-8."
    elif name != "utf-8":
        advice = "The file is cut off or damaged; save it again as UTF-8."
    else:
        guess = _guess(error.object[error.start :][:4096], error.object)
        advice = f"looks like {_NAMES[guess]}. Re-run with --encoding {guess} or save as UTF-8."
    shown = _NAMES.get(name, name.upper())
    words = f"byte {byte} (line {line}) is not {shown}; {advice}"
    reason = f"{wording.file}: {words} Nothing imported."
    return ImportRefused(Fault(line=line, column=None, code=Code.ENC, reason=reason))


def _guess(after: bytes, everything: bytes) -> str:
    """The likely encoding of bytes that are not UTF-8: the scripts that a list of leads comes in."""
    sample = after if sum(value > 127 for value in after) >= 4 else everything[:65536]
    high = bytes(value for value in sample if value > 127)
    in_words = sum(a > 127 and b > 127 for a, b in itertools.pairwise(sample))
    cyrillic = sum(value >= 0xC0 or value in _CYRILLIC_BELOW_C0 for value in high)
    if cyrillic > 0.95 * len(high) and in_words > 0.5 * len(high):
        return "cp1251"
    for name, letters in (("shift_jis", _is_kana), ("gb18030", _is_han)):
        if len(high) >= 4 and _share(sample, name, letters) > (0.5 if name == "shift_jis" else 0.9):
            return name
    return "cp1252"


def _share(sample: bytes, name: str, wanted: Callable[[str], bool]) -> float:
    """The share of foreign characters that are letters of the script, 0 when it does not decode."""
    text = sample.decode(name, "ignore")
    foreign = [character for character in text if ord(character) > 127]
    if len(foreign) * 2 < sum(value > 127 for value in sample) * 0.8:
        return 0.0
    return sum(map(wanted, foreign)) / len(foreign) if foreign else 0.0


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _is_kana(character: str) -> bool:
    return "\u3040" <= character <= "\u30ff"


def _split(texts: Iterator[str], wording: Wording) -> Iterator[str]:
    rest: list[str] = []
    length = 0
    for text in texts:
        first, *lines = text.split("\n")
        rest.append(first)
        length += len(first)
        if lines:
            yield "".join(rest)
            yield from lines[:-1]
            rest, length = [lines[-1]], len(lines[-1])
        if length > MAX_LINE_CHARACTERS:
            words = f"has a line of more than {MAX_LINE_CHARACTERS} characters; not a list. Nothing imported."
            raise wording.refuse(Code.LONG, words)
    last = "".join(rest)
    if last and last != "\x1a":
        yield last
