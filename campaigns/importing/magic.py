"""Which kind of file do these first bytes belong to?"""

import zipfile
from typing import BinaryIO

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90", "Windows program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF87a", "GIF image"),
    (b"GIF89a", "GIF image"),
    (b"II*\x00", "TIFF image"),
    (b"MM\x00*", "TIFF image"),
    (b"BM", "BMP image"),
    (b"RIFF", "RIFF media"),
    (b"OggS", "Ogg media"),
    (b"ID3", "MP3"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "XZ"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"{\\rtf", "RTF"),
    (b"#!", "script"),
    (b"BEGIN:VCARD", "vCard"),
    (b"BEGIN:VCALENDAR", "calendar"),
    (b"-----BEGIN ", "key or certificate"),
)
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
    (b"<head", "HTML"),
    (b"<table", "HTML"),
    (b"<body", "HTML"),
    (b"<?xml", "XML"),
    (b"<svg", "SVG image"),
    (b"<?php", "PHP"),
    (b"<!--", "HTML"),
    (b"<", "markup"),
    (b'{"', "JSON"),
    (b"[{", "JSON"),
)
# Two letters alone are no proof: a CSV may begin with "BM" or "#!"; these need bytes that no text has.
_NEEDS_BINARY = (b"BM", b"RIFF", b"ID3", b"OggS", b"PAR1", b"ARROW1", b"Rar!", b"BZh")


def container_name(head: bytes, file: BinaryIO | None) -> str | None:
    """The container that `head` opens: gzip, a kind of ZIP, an old Office file; None for anything else.

    `file`, when given, is looked into to tell workbooks from other ZIP files; its position is lost.
    """
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip_name(file)
    if head.startswith(_OLE):
        return _ole_name(file, head)
    return "tar" if head[257:262] == b"ustar" else None


def foreign_type(head: bytes) -> str | None:
    """The name of a file type that is certainly not CSV, None when it may be."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for signature, name in _SIGNATURES:
        if start.startswith(signature) and (signature not in _NEEDS_BINARY or looks_binary(head, 0.01)):
            return name
    lowered = start[:32].lower()
    spaceless = b"".join(start[:64].split())
    for signature, name in _MARKUP:
        if lowered.startswith(signature) or spaceless.startswith(signature):
            return name
    return None


def looks_binary(head: bytes, share: float = 0.1) -> bool:
    """True when more than `share` of the bytes are controls that text does not have; UTF-16 is not meant."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or wide_encoding(head) is not None:
        return False
    controls = sum(head.count(bytes([value])) for value in range(32) if value not in (9, 10, 12, 13, 26))
    return controls > share * len(head)


def wide_encoding(head: bytes) -> str | None:
    """`utf-16-le` or `utf-16-be` when every other byte of a start without mark is zero."""
    if len(head) < 8:
        return None
    pairs = len(head) // 2
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if odd > 0.6 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * pairs and odd < 0.05 * pairs else None


def _zip_name(file: BinaryIO | None) -> str:
    if file is None:
        return "ZIP"
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return "damaged ZIP"
    if "xl/workbook.xml" in names:
        return "XLSX workbook"
    if "xl/workbook.bin" in names:
        return "binary Excel workbook (XLSB)"
    if "word/document.xml" in names:
        return "Word"
    return "OpenDocument" if "META-INF/manifest.xml" in names and "mimetype" in names else "ZIP"


def _ole_name(file: BinaryIO | None, head: bytes) -> str:
    data = head
    if file is not None:
        file.seek(0)
        data = file.read(8 * 1024 * 1024)
    encrypted = "EncryptedPackage".encode("utf-16-le") in data
    return "protected workbook" if encrypted else "old Excel or Office (.xls)"
