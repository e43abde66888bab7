"""More than a hundred files that people and attackers send: each has a clear answer, none a traceback."""

import codecs
import gzip
import io
import json
import random
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from campaigns.importing import check_leads
from campaigns.importing.report import JSON_KEYS

A, B, C = "+12125550101", "+12125550102", "+12125550103"
HEAD = "phone,name\n"
GOOD = f"{HEAD}{A},Ann\n{B},Bob\n"


@dataclass(frozen=True)
class Case:
    name: str
    file: str
    data: bytes
    status: str
    numbers: tuple[str, ...] = ()
    faults: tuple[tuple[int | None, str | None, str], ...] = ()
    words: str = ""
    options: dict[str, Any] = field(default_factory=dict)


def text(name: str, content: str, status: str, *numbers: str, **more: Any) -> Case:
    file = more.pop("file", "leads.csv")
    encoding = more.pop("write_as", "utf-8")
    return Case(name, file, content.encode(encoding), status, numbers, **more)


def phone_cell(name: str, cell: str, words: str) -> Case:
    """One good row and one with this cell: the bad one is rejected with these words."""
    quoted = '"' + cell.replace('"', '""') + '"'
    content = f"{HEAD}{A},Ann\n{quoted},Bob\n"
    return text(f"phone {name}", content, "PARTIAL", A, faults=((3, "phone", "E-PHONE"),), words=words)


def good_cell(name: str, cell: str, number: str) -> Case:
    return text(f"good phone {name}", f'{HEAD}"{cell}",Ann\n', "OK", number)


def binary(name: str, file: str, data: bytes, code: str, words: str) -> Case:
    return Case(f"type {name}", file, data, "REJECT", faults=((None, None, code),), words=words)


def workbook(*rows: list[object], more_sheets: dict[str, list[list[object]]] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sheet1"
    for row in rows:
        sheet.append(row)
    for title, extra in (more_sheets or {}).items():
        other = book.create_sheet(title)
        for row in extra:
            other.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repacked(data: bytes, part: str, change: Any) -> bytes:
    """The workbook with one part changed by `change(bytes) -> bytes`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            target.writestr(info.filename, change(content) if info.filename == part else content)
    return out.getvalue()


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in parts.items():
            target.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


BOOK = workbook(["phone", "name"], [12125550101, "Ann"])
SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def with_late_dtd(content: bytes) -> bytes:
    """A document type without entities, cut in two by the reader's blocks of 1 MiB."""
    return b"<!--" + b"x" * (1024 * 1024 - 11) + b"-->" + b"<!DOCTYPE worksheet>" + content


def as_excel_writes(*texts: str) -> bytes:
    """One column of shared strings, as Excel writes them (openpyxl writes them into the sheet)."""
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 1}</v></c></row>' for n in range(1, len(texts) + 1))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strings = "".join(f"<si><t>{text}</t></si>" for text in texts)
    shared = f'<?xml version="1.0"?><sst xmlns="{main}" count="{len(texts)}">{strings}</sst>'
    link = (
        b'<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    kind = (
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        b'spreadsheetml.sharedStrings+xml"/></Types>'
    )
    sheet = f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'.encode()
    data = repacked(BOOK, SHEET, lambda _: sheet)
    relations = "xl/_rels/workbook.xml.rels"
    data = repacked(data, relations, lambda xml: xml.replace(b"</Relationships>", link))
    data = repacked(data, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", kind))
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", shared)
    return out.getvalue()


def with_dtd(content: bytes) -> bytes:
    start = content.find(b"?>") + 2
    return content[:start] + ENTITIES + content[start:]


PHONES = [
    phone_cell("too short", "5550100", "too short for US"),
    phone_cell("too long", "212555010134", "too long"),
    phone_cell("letters", "212-555-CALL", "letters"),
    phone_cell("vanity", "1-800-FLOWERS", "letters"),
    phone_cell("letter O for zero", "21255501O1", "letters"),
    phone_cell("invalid area", "+1 555 123 4567", "invalid area"),
    phone_cell("zeros", "000-000-0000", "invalid area"),
    phone_cell("ones", "1111111111", "invalid area"),
    phone_cell("emergency 911", "911", "emergency"),
    phone_cell("emergency 112", "112", "emergency"),
    phone_cell("emergency exchange", "212 911 1234", "emergency"),
    phone_cell("crisis 988", "988", "crisis"),
    phone_cell("premium 900", "900-555-1234", "premium"),
    phone_cell("premium 976", "212-976-1234", "premium"),
    phone_cell("premium abroad", "+44 909 879 0123", "premium"),
    phone_cell("satellite", "+881612345678", "satellite"),
    phone_cell("directory", "212-555-1212", "network service"),
    phone_cell("short code", "62966", "short code"),
    phone_cell("feature code", "*67 212-555-0102", "feature code"),
    phone_cell("two by comma", "212-555-0102, 212-555-0103", "two numbers"),
    phone_cell("two by slash", "2125550102/2125550103", "two numbers"),
    phone_cell("two by line", "2125550102\n2125550103", "two numbers"),
    phone_cell("scientific", "2.13E+09", "scientific notation"),
    phone_cell("scientific comma", "7,9E+10", "scientific notation"),
    phone_cell("float", "2125550102.0", "decimal"),
    phone_cell("thousands", "2,125,550,102", "decimal"),
    phone_cell("superscript", "²125550102", "character"),
    phone_cell("formula", "=1+1", "character"),
    phone_cell("command", "=cmd|'/C calc'!A0", "contains"),
    phone_cell("sip", "sip:x@host", "address"),
    phone_cell("at trunk", "2125550102@evil", "address"),
    phone_cell("second leg", "2125550102&SIP/x", "address"),
    phone_cell("dialplan", "${EVAL(2125550102)}", "contains"),
    phone_cell("newline action", "2125550102\nAction: Originate", "letters"),
    phone_cell("empty", "", "no phone number"),
    phone_cell("spaces", "   ", "no phone number"),
    phone_cell("excel error", "#REF!", "not a phone number"),
    phone_cell("words", "call after 6", "letters"),
    phone_cell("old Mexican", "+52 1 55 1234 5678", "too long for MX"),
    phone_cell("unknown country", "+999 123456", "unknown country"),
    phone_cell("not dialled plus", "+0012125550102", "unknown country"),
    phone_cell("very long", "9" * 300, "too long"),
    good_cell("apostrophe", f"'{A}", A),
    good_cell("full width", "".join(chr(ord(c) + 0xFEE0) for c in A), A),
    good_cell("Arabic-Indic", "٢١٢٥٥٥٠١٠١", A),
    good_cell("non-breaking hyphen", "212\u2011555\u20110101", A),
    good_cell("marks", f"\u200e{A}\u202c", A),
    good_cell("tel URI", "tel:+1-212-555-0101", A),
    good_cell("dots", "212.555.0101", A),
    good_cell("foreign", "+44 20 7946 0123", "+442079460123"),
]

TEXTS = [
    text("plain", GOOD, "OK", A, B),
    text("CR LF", GOOD.replace("\n", "\r\n"), "OK", A, B),
    text("old Mac line ends", GOOD.replace("\n", "\r"), "OK", A, B),
    text("no newline at the end", GOOD.rstrip("\n"), "OK", A, B),
    text("blank lines", f"\n\n{HEAD}\n{A},Ann\n\n   \n{B},Bob\n\n", "OK", A, B),
    text("rows of commas only", f"{GOOD},\n,\n", "OK", A, B),
    text("DOS end mark", GOOD + "\x1a", "OK", A, B),
    text("empty extra cells", f"{HEAD}{A},Ann,,,\n", "OK", A),
    text("semicolons", GOOD.replace(",", ";"), "OK", A, B),
    text("tabs", GOOD.replace(",", "\t"), "OK", A, B, file="leads.tsv"),
    text("pipes", GOOD.replace(",", "|"), "OK", A, B, file="leads.psv"),
    text("Excel hint", "sep=;\r\n" + GOOD.replace(",", ";"), "OK", A, B),
    text("commas in quotes", f'{HEAD}{A},"Lee, Ann"\n', "OK", A),
    text("space before a quote", f'{HEAD}{A}, "Lee, Ann"\n', "OK", A),
    text("doubled quotes", f'{HEAD}{A},"Ann ""Nick"" Lee"\n', "OK", A),
    text("quote inside a field", f"{HEAD}{A},5'10\" tall\n", "OK", A),
    text("line break in quotes", f'{HEAD}{A},"Ann\nLee"\n{B},Bob\n', "OK", A, B),
    text(
        "line after a break in quotes", f'{HEAD}{A},"x\ny\nz"\n5550100,Bob\n', "PARTIAL", A,
        faults=((5, "phone", "E-PHONE"),),
    ),
    text("quoted header", f'"phone","name"\n"{A}","Ann"\n', "OK", A),
    text("header in another case", f" PHONE , Name \n{A},Ann\n", "OK", A),
    text("German header", f"Vorname;Telefonnummer\nAnn;{A}\n", "OK", A),
    text("Russian header", f"Имя;Телефон\nАня;{A}\n", "OK", A),
    text("Chinese header", f"姓名,手机号码\n王,{A}\n", "OK", A),
    text("bare numbers", f"{A}\n{B}\n", "OK", A, B, file="numbers.txt"),
    text("bare numbers, one bad", f"{A}\nxx\n", "PARTIAL", A, faults=((2, None, "E-PHONE"),)),
    text("one column named number", f"number\n{A}\n", "OK", A),
    text("repeated", f"{HEAD}{A},Ann\n(212) 555-0101,Bob\n", "OK_WARN", A, faults=((3, "phone", "W-DUP"),),
         words="line 3 repeats the number of line 2; kept the first"),
    text("repeated thrice", f"{HEAD}{A},a\n{A},b\n{A},c\n", "OK_WARN", A,
         faults=((3, "phone", "W-DUP"), (4, "phone", "W-DUP")), words="line 4 repeats the number of line 2"),
    text("two extensions of one switchboard", f"{HEAD}{A} x45,Ann\n{A} ext 46,Bob\n", "OK", A),
    text("one extension twice", f"{HEAD}{A} x45,Ann\n{A} ext. 45,Bob\n", "OK_WARN", A,
         faults=((3, "phone", "W-DUP"),), words="line 3 repeats the number of line 2; kept the first"),
    text("a switchboard and an extension", f"{HEAD}{A},Ann\n{A} x45,Bob\n", "OK", A),
    text("an extension and its switchboard", f"{HEAD}{A} x45,Bob\n{A},Ann\n{A},Eve\n", "OK_WARN", A,
         faults=((4, "phone", "W-DUP"),), words="line 4 repeats the number of line 3; kept the first"),
    text("a rejected row claims no number", f"phone,tz\n{A},Mars/X\n{A},\n", "PARTIAL", A,
         faults=((2, "tz", "E-TZ"),)),
    text("unknown zone", f"phone,timezone\n{A},Mars/Olympus\n{B},Europe/Kyiv\n", "PARTIAL", B,
         faults=((2, "timezone", "E-TZ"),), words="timezone 'Mars/Olympus': unknown zone."),
    text("zone in another case", f"phone,time zone\n{A},america/new_york\n", "OK", A),
    text("an offset is no zone", f"phone,tz\n{A},EST\n{B},UTC-5\n", "REJECT",
         faults=((2, "tz", "E-TZ"), (3, "tz", "E-TZ"))),
    text("hostile zone", f"phone,tz\n{A},../../etc/passwd\n", "REJECT", faults=((2, "tz", "E-TZ"),)),
    text("too many values", f"{HEAD}{A},Ann,x,y\n{B},Bob\n", "PARTIAL", B,
         faults=((2, None, "E-COLS"),), words="4 values, header has 2."),
    text("too few values", f"phone,name,zip\n{A},Ann\n{B},Bob,10001\n", "PARTIAL", B,
         faults=((2, None, "E-COLS"),), words="2 values, header has 3."),
    text("decimal comma splits a row", f"phone,amount\n{A},3,50\n", "REJECT", faults=((2, None, "E-COLS"),)),
    text("unclosed quote", f'{HEAD}{A},"Ann\n{B},Bob\n', "REJECT",
         faults=((2, None, "E-QUOTE"),), words="never closed (file ends inside it)"),
    text("unclosed quote opens on a later line", f'phone,a,b\n{A},"x\ny","z\n{B},q,r\n', "REJECT",
         faults=((3, None, "E-QUOTE"),)),
    text("unclosed quote meets another", f'{HEAD}{A},"Ann\n{B},"Bob"\n', "REJECT",
         faults=((2, None, "E-QUOTE"),), words="closed on line 3"),
    text("text after a quote", f'{HEAD}{A},"Ann" Lee\n', "REJECT", faults=((2, None, "E-QUOTE"),)),
    text("unclosed quote in the header", f'phone,"name\n{A},Ann\n', "REJECT", faults=((1, None, "E-QUOTE"),)),
    text("column twice", f"name,phone,Phone\nx,{A},{B}\n", "REJECT",
         faults=((1, "Phone", "E-DUPCOL"),), words="column 'Phone' appears twice (2 and 3)"),
    text("no phone column", "first_name,last_name,email\na,b,c\n", "REJECT", faults=((1, None, "E-HEADER"),),
         words="no phone column. Columns found: first_name, last_name, email. Use --map phone=COLUMN."),
    text("no header", f"{A},Ann\n{B},Bob\n", "REJECT", faults=((1, None, "E-HEADER"),), words="looks like data"),
    text("fax is no phone", f"fax,name\n{A},Ann\n", "REJECT", faults=((1, None, "E-HEADER"),)),
    text("phone type is no phone", "phone type,name\nmobile,Ann\n", "REJECT", faults=((1, None, "E-HEADER"),)),
    text("mapped column", f"Kontakt,name\n{A},Ann\n", "OK", A, options={"mapping": {"phone": ("kontakt",)}}),
    text("mapped column missing", GOOD, "REJECT", faults=((1, None, "E-HEADER"),), words="no column 'Nope'",
         options={"mapping": {"phone": ("Nope",)}}),
    text("mapped field unknown", GOOD, "REJECT", faults=((1, None, "E-HEADER"),), words="no known field",
         options={"mapping": {"shoe": ("name",)}}),
    text("empty file", "", "REJECT", faults=((None, None, "E-EMPTY"),), words="is empty (0 bytes)"),
    text("only blank lines", "\n\n  \n", "REJECT", faults=((None, None, "E-EMPTY"),)),
    text("only a header", HEAD, "REJECT", faults=((None, None, "E-EMPTY"),), words="no data rows"),
    text("only a byte-order mark", "\ufeff", "REJECT", faults=((None, None, "E-EMPTY"),)),
    text("nothing good", f"{HEAD}1,a\n2,b\n", "REJECT",
         faults=((2, "phone", "E-PHONE"), (3, "phone", "E-PHONE")), words="none of 2 rows"),
    text("NUL in a name", f"{HEAD}{A},An\x00n\n{B},Bob\n", "PARTIAL", B,
         faults=((2, "name", "E-NUL"),), words="(shown as <00>)"),
    text("NUL in a phone", f"{HEAD}+1212555\x000101,Ann\n{B},Bob\n", "PARTIAL", B,
         faults=((2, "phone", "E-NUL"), (2, "phone", "E-PHONE"))),
    text("NUL in the header", f"phone,na\x00me\n{A},Ann\n", "REJECT", faults=((1, None, "E-NUL"),)),
    text("escape sequence", f"{HEAD}{A},\x1b[31mAnn\n{B},Bob\n", "PARTIAL", B,
         faults=((2, "name", "E-CTRL"),), words="(shown as <1b>)"),
    text("C1 control", f"{HEAD}{A},\x9b31mAnn\n{B},Bob\n", "PARTIAL", B, faults=((2, "name", "E-CTRL"),)),
    text("DEL", f"{HEAD}{A},A\x7f\n{B},Bob\n", "PARTIAL", B, faults=((2, "name", "E-CTRL"),)),
    text("long field", f"phone,notes\n{A},{'x' * 200_000}\n{B},ok\n", "PARTIAL", B,
         faults=((2, "notes", "E-LONG"),), words="notes: 200000 characters, limit 10000."),
    text("long quoted field", f'phone,notes\n{A},"{"x" * 50_000}\n{"y" * 9}"\n{B},ok\n', "PARTIAL", B,
         faults=((2, "notes", "E-LONG"),), words="50010 characters"),
    text("field at the limit", f"phone,notes\n{A},{'x' * 10_000}\n", "OK", A),
    text("endless line", f"phone,notes\n{A},{'x' * 1_200_000}\n", "REJECT", faults=((None, None, "E-LONG"),)),
    text("too many columns", ",".join(f"c{n}" for n in range(1001)) + f",phone\n{A}\n", "REJECT",
         faults=((1, None, "E-COLS"),)),
    text("markup name", f"{HEAD}{A},[/x]\n{B},[@click=app.quit]hi[/]\n", "OK", A, B),
    text("formula name", f'{HEAD}{A},"=cmd|\' /C calc\'!A0"\n', "OK", A),
    text("dialplan name", f"{HEAD}{A},${{SHELL(id)}}\n", "OK", A),
    text("action in a name", f'{HEAD}{A},"Ann\r\nAction: Originate"\n', "OK", A),
    text("bidi name", f"{HEAD}{A},\u202eevil\n", "OK", A),
    text("path name", f"{HEAD}{A},../../../etc/passwd\n", "OK", A),
    text("hostile header", f"phone,\u202ena[/x]me\n{A},Ann,zz\n{B},Bob\n", "PARTIAL", B,
         faults=((2, None, "E-COLS"),)),
    text("second number is bad", f"phone,mobile\n{A},12\n", "OK_WARN", A, faults=((2, "mobile", "E-PHONE"),)),
    text("only the second number", f"phone,mobile\n,{A}\n", "OK", A),
    text("both numbers", f"phone,mobile\n{A},{B}\n", "OK", A, B),
    text("one number repeated, one new", f"phone,mobile\n{A},\n{A},{B}\n", "OK_WARN", A, B,
         faults=((3, None, "W-DUP"),)),
    text("the row's country counts", "phone,country\n020 7946 0123,GB\n", "OK", "+442079460123"),
    text("another region", "phone,name\n020 7946 0123,Ann\n", "OK", "+442079460123", options={"region": "GB"}),
    text("unknown region", GOOD, "REJECT", faults=((None, None, "E-CFG"),), options={"region": "XX"}),
    text("several faults in a row", f"phone,name,tz\n12,A\x07,Mars\n{A},,\n", "PARTIAL", A,
         faults=((2, "name", "E-CTRL"), (2, "tz", "E-TZ"), (2, "phone", "E-PHONE"))),
]  # fmt: skip

ENCODINGS = [
    text("UTF-8 with mark", "\ufeff" + GOOD, "OK", A, B),
    text("UTF-16", GOOD, "OK", A, B, write_as="utf-16"),
    text("UTF-16 big end", "\ufeff" + GOOD, "OK", A, B, write_as="utf-16-be"),
    text("UTF-16 without mark", GOOD, "OK", A, B, write_as="utf-16-le"),
    text("UTF-32", GOOD, "OK", A, B, write_as="utf-32"),
    text("Windows-1252", f"{HEAD}{A},José\n", "REJECT", write_as="cp1252", faults=((2, None, "E-ENC"),),
         words="leads.csv: byte 28 (line 2) is not UTF-8; looks like Windows-1252. Re-run with --encoding cp1252"),
    text("Windows-1252 said", f"{HEAD}{A},José\n", "OK", A, write_as="cp1252", options={"encoding": "cp1252"}),
    text("Cyrillic", f"{HEAD}{A},Иван Петров\n", "REJECT", write_as="cp1251", faults=((2, None, "E-ENC"),),
         words="--encoding cp1251"),
    text("Chinese", f"{HEAD}{A},王小明先生\n", "REJECT", write_as="gb18030", faults=((2, None, "E-ENC"),),
         words="--encoding gb18030"),
    text("Japanese", f"{HEAD}{A},やまだたろうさん\n", "REJECT", write_as="shift_jis",
         faults=((2, None, "E-ENC"),), words="--encoding shift_jis"),
    Case("cut UTF-8", "leads.csv", GOOD.encode() + b"\xc3", "REJECT", faults=((4, None, "E-ENC"),)),
    Case("cut UTF-16", "leads.csv", GOOD.encode("utf-16")[:-1], "REJECT", faults=((3, None, "E-ENC"),)),
    Case("overlong UTF-8", "leads.csv", HEAD.encode() + b"+12125550101,\xc0\xaf\n", "REJECT",
         faults=((2, None, "E-ENC"),)),
    Case("surrogates in UTF-8", "leads.csv", HEAD.encode() + b"+12125550101,\xed\xa0\x80\n", "REJECT",
         faults=((2, None, "E-ENC"),)),
    Case("lone surrogate in UTF-16", "leads.csv",
         codecs.BOM_UTF16_LE + (HEAD + f"{A},").encode("utf-16-le") + b"\x00\xd8x\x00", "REJECT",
         faults=((2, None, "E-ENC"),)),
    Case("a bad byte after 300 kB", "leads.csv",
         HEAD.encode() + b"".join(b"+1212555%04d,x\n" % n for n in range(100)) + b"\n" * 300_000 + b"\xff",
         "REJECT", faults=((300_102, None, "E-ENC"),)),
    text("wrong encoding said", GOOD.replace("Ann", "Änn"), "REJECT", faults=((2, None, "E-ENC"),),
         options={"encoding": "ascii"}, words="Re-run with another --encoding"),
    text("unknown encoding said", GOOD, "REJECT", faults=((None, None, "E-ENC"),), options={"encoding": "klingon"}),
    text("no text encoding said", GOOD, "REJECT", faults=((None, None, "E-ENC"),), options={"encoding": "rot13"}),
    text("escaping encoding said", GOOD, "REJECT", faults=((None, None, "E-ENC"),),
         options={"encoding": "unicode_escape"}),
]  # fmt: skip

TYPES = [
    binary("PDF", "leads.csv", b"%PDF-1.7\n%...", "E-TYPE", "is a PDF file, not CSV"),
    binary("ELF", "leads.csv", b"\x7fELF\x02\x01\x01" + bytes(60), "E-TYPE", "is an ELF file, not CSV"),
    binary("HTML", "dnc.csv", b"<!DOCTYPE html><html><body>404", "E-TYPE", "is an HTML file, not CSV"),
    binary("HTML after blanks", "leads.csv", b"\n\n  <html>", "E-TYPE", "HTML"),
    binary("XML", "leads.csv", b"<?xml version='1.0'?><a/>", "E-TYPE", "XML"),
    binary("JSON object", "leads.csv", b'{"phone": "+12125550101"}', "E-TYPE", "JSON"),
    binary("JSON list", "leads.csv", b'[\n  {"phone": 1}]', "E-TYPE", "JSON"),
    binary("PNG", "leads.csv", b"\x89PNG\r\n\x1a\n" + bytes(30), "E-TYPE", "PNG"),
    binary("JPEG", "leads.csv", b"\xff\xd8\xff\xe0" + bytes(30), "E-TYPE", "JPEG"),
    binary("GIF", "leads.csv", b"GIF89a" + bytes(30), "E-TYPE", "GIF"),
    binary("SQLite", "leads.csv", b"SQLite format 3\x00" + bytes(84), "E-TYPE", "SQLite"),
    binary("RTF", "leads.csv", rb"{\rtf1\ansi hello}", "E-TYPE", "RTF"),
    binary("script", "leads.csv", b"#!/bin/sh\necho phone\n", "E-TYPE", "script"),
    binary("vCard", "leads.csv", b"BEGIN:VCARD\nTEL:+12125550101\nEND:VCARD\n", "E-TYPE", "vCard"),
    binary("key", "leads.csv", b"-----BEGIN PRIVATE KEY-----\nphone\n", "E-TYPE", "key"),
    binary("zeros", "leads.csv", bytes(5000), "E-TYPE", "binary"),
    binary("noise", "leads.csv", random.Random(7).randbytes(5000), "E-TYPE", "binary"),
    binary("tar", "leads.csv", b"leads".ljust(257, b"\0") + b"ustar" + bytes(250), "E-TYPE", "tar"),
    binary("ZIP", "leads.csv", zipped(leads_csv=GOOD.encode()), "E-TYPE", "is a ZIP file, not CSV"),
    binary("cut ZIP", "leads.zip", zipped(leads_csv=GOOD.encode())[:40], "E-TYPE", "damaged ZIP"),
    binary("Word", "leads.csv", zipped(word__document_xml=b"<x/>"), "E-TYPE", "Word"),
    binary("Word as workbook", "leads.xlsx", zipped(word__document_xml=b"<x/>"), "E-XLSX", "Word"),
    binary("OpenDocument", "leads.ods", zipped(mimetype=b"x", **{"META-INF__manifest_xml": b"<x/>"}),
           "E-TYPE", "OpenDocument"),
    binary("binary workbook", "leads.xlsb", zipped(xl__workbook_bin=b"x"), "E-TYPE", "XLSB"),
    binary("old Excel", "leads.xls", OLE + bytes(600), "E-TYPE", "old Excel"),
    binary("protected workbook", "leads.xlsx", OLE + bytes(64) + "EncryptedPackage".encode("utf-16-le"),
           "E-XLSX", "password protected"),
    binary("workbook named csv", "leads.csv", BOOK, "E-TYPE", "name it .xlsx"),
    binary("csv named workbook", "leads.xlsx", GOOD.encode(), "E-TYPE", "not a workbook"),
    binary("cut workbook", "leads.xlsx", BOOK[:-200], "E-XLSX", "damaged"),
    binary("gzip named csv", "leads.csv", gzip.compress(GOOD.encode()), "E-TYPE", "name it .csv.gz"),
    binary("csv named gzip", "leads.csv.gz", GOOD.encode(), "E-TYPE", "not gzip"),
    binary("cut gzip", "leads.csv.gz", gzip.compress(GOOD.encode() * 9)[:-12], "E-TYPE", "damaged gzip"),
    binary("gzip with a wrong sum", "leads.csv.gz", gzip.compress(GOOD.encode())[:-8] + bytes(8),
           "E-TYPE", "damaged gzip"),
    binary("gzip of nothing", "leads.csv.gz", gzip.compress(b""), "E-EMPTY", "empty once unpacked"),
    binary("gzip of gzip", "leads.csv.gz", gzip.compress(gzip.compress(GOOD.encode())), "E-TYPE", "inside gzip"),
    binary("gzip of a PDF", "leads.csv.gz", gzip.compress(b"%PDF-1.4"), "E-TYPE", "PDF"),
    binary("gzip of a workbook", "leads.xlsx.gz", gzip.compress(BOOK), "E-TYPE", "inside gzip"),
    Case("gzip", "leads.csv.gz", gzip.compress(GOOD.encode()), "OK", (A, B)),
    Case("gzip in two members", "leads.csv.gz",
         gzip.compress(GOOD.encode()) + gzip.compress(f"{C},Cy\n".encode()), "OK", (A, B, C)),
    text("CSV that begins like a BMP", f"BMI,phone\n1,{A}\n", "OK", A),
]  # fmt: skip


def sheet_case(name: str, rows: list[list[object]], status: str, *numbers: str, **more: Any) -> Case:
    return Case(f"sheet {name}", "leads.xlsx", workbook(*rows), status, numbers, **more)


def damaged(name: str, change: Any, words: str, part: str = SHEET) -> Case:
    data = repacked(BOOK, part, change)
    return Case(f"sheet {name}", "leads.xlsx", data, "REJECT", faults=((None, None, "E-XLSX"),), words=words)


SHEETS = [
    sheet_case("numbers as numbers", [["phone", "name"], [12125550101, "Ann"], [2125550102.0, "Bob"]], "OK", A, B),
    sheet_case("short rows", [["phone", "name", "zip"], [A], [B, None, 10001]], "OK", A, B),
    sheet_case("blank rows", [["phone"], [], [A], [], [B]], "OK", A, B),
    sheet_case("line is the sheet row", [["phone"], [], [A], [], ["12"]], "PARTIAL", A,
               faults=((5, "phone", "E-PHONE"),)),
    sheet_case("formula", [["name", "phone"], ["Ann", A], ["Bob", "=1+1"]], "PARTIAL", A,
               faults=((3, "phone", "E-XLSX"),), words="Sheet1!B3: formula; paste values."),
    sheet_case("formula in the name", [["phone", "name"], [A, "=cmd|x"], [B, "Bob"]], "PARTIAL", B,
               faults=((2, "name", "E-XLSX"),)),
    sheet_case("formula in the header", [["phone", "=1"], [A, "x"]], "REJECT", faults=((1, None, "E-XLSX"),)),
    sheet_case("a broken number", [["phone"], [A], [2125550102.5]], "PARTIAL", A, faults=((3, "phone", "E-PHONE"),)),
    sheet_case("a huge number", [["phone"], [A], [7.9e20]], "PARTIAL", A, faults=((3, "phone", "E-PHONE"),)),
    sheet_case("truth for a number", [["phone"], [A], [True]], "PARTIAL", A, faults=((3, "phone", "E-PHONE"),)),
    sheet_case("no phone column", [["name"], ["Ann"]], "REJECT", faults=((1, None, "E-HEADER"),)),
    sheet_case("empty", [], "REJECT", faults=((None, None, "E-EMPTY"),)),
    sheet_case("bare numbers", [[12125550101], [12125550102]], "OK", A, B),
    sheet_case("repeated", [["phone"], [A], [A]], "OK_WARN", A, faults=((3, "phone", "W-DUP"),)),
    Case("sheet other sheets", "leads.xlsx",
         workbook(["phone"], [A], more_sheets={"More": [["phone"], [B]], "Empty": []}), "OK_WARN", (A,),
         faults=((None, None, "W-SHEET"),), words="only the sheet 'Sheet1' was read, not 1 other"),
    Case("sheet no ending", "leads", BOOK, "OK", (A,)),
    damaged("DTD", with_dtd, "uses a DTD"),
    damaged("DTD in the styles", with_dtd, "uses a DTD", part="xl/styles.xml"),
    Case("sheet as Excel writes it", "leads.xlsx", as_excel_writes("phone", A, B), "OK", (A, B)),
    Case("sheet DTD in the strings", "leads.xlsx",
         repacked(as_excel_writes("phone", A), "xl/sharedStrings.xml", with_dtd), "REJECT",
         faults=((None, None, "E-XLSX"),), words="uses a DTD"),
    Case("sheet no strings", "leads.xlsx",
         repacked(as_excel_writes("phone", A), "xl/sharedStrings.xml", lambda _: b"<sst/>"), "REJECT",
         faults=((None, None, "E-XLSX"),), words="damaged"),
    Case("sheet strings bomb", "leads.xlsx",
         repacked(as_excel_writes("phone", A), "xl/sharedStrings.xml", lambda x: x + b" " * (33 * 1024 * 1024)),
         "REJECT", faults=((None, None, "E-SIZE"),)),
    damaged("DTD between two blocks", with_late_dtd, "uses a DTD"),
    damaged("DTD in UTF-16", lambda xml: with_dtd(xml).decode().encode("utf-16"), "uses a DTD"),
    damaged("no XML", lambda _: b"\x00\x01\x02", "damaged"),
    damaged("cut XML", lambda xml: xml[: len(xml) // 2], "damaged"),
    damaged("no workbook part", lambda _: b"<x/>", "no visible worksheet", part="xl/workbook.xml"),
    damaged("a wild cell name", lambda xml: xml.replace(b'r="A2"', b'r="ZZZZZZ2"'), "damaged"),
    damaged("a far row", lambda xml: xml.replace(b'row r="2"', b'row r="99999999"'), "more than 100000 blank rows"),
    Case("sheet bomb", "leads.xlsx",
         repacked(BOOK, SHEET, lambda xml: xml + b" " * (201 * 1024 * 1024)), "REJECT",
         faults=((None, None, "E-SIZE"),), words="more than 200 MB"),
]  # fmt: skip

CASES = [*PHONES, *TEXTS, *ENCODINGS, *TYPES, *SHEETS]


def test_the_table_is_as_large_as_promised_and_names_every_case_once() -> None:
    assert len(CASES) >= 120
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_a_hostile_file_has_a_clear_answer(case: Case, tmp_path: Path) -> None:
    path = tmp_path / case.file
    path.write_bytes(case.data)
    report = check_leads(path, **case.options)
    found = [(fault.line, fault.column, str(fault.code)) for fault in (*report.rejected, *report.warnings)]
    assert (report.status, report.numbers) == (case.status, case.numbers)
    assert tuple(found) == case.faults
    told = " ".join([report.message, *(fault.reason for fault in (*report.rejected, *report.warnings))])
    assert case.words in told
    answer = report.as_json()
    assert tuple(answer) == JSON_KEYS
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e]", " ".join(_strings(answer)))
    assert not re.search(r"\d{7,}", told.replace("1000000", "").replace(case.file, ""))
    if report.status.refused:
        assert (report.numbers, report.accepted) == ((), 0)
        assert report.rejected


def _strings(answer: dict[str, object]) -> list[str]:
    """Every text of the answer, but the numbers: they are meant to be whole."""
    shown = {key: value for key, value in answer.items() if key != "numbers"}
    return [json.dumps(shown, ensure_ascii=False)]
