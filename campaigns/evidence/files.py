"""What stands in each file of the folder, byte for byte? The same material gives the same bytes.

MANIFEST names every other file with its SHA-256, and of text files a short digest of each line, so that a changed
line is found by its number; it is sealed with the key of the receipts when there is one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from campaigns.evidence.material import EvidenceMaterial
from campaigns.evidence.summary import summary_of
from campaigns.evidence.tables import blocks_report, calls_report
from campaigns.evidence.texts import readme, verify_words
from campaigns.exporting import as_csv
from campaigns.receipts import Day, key_id
from campaigns.receipts.writing import canonical_json, instant

CALLS, BLOCKS, RECEIPTS, HEADS = "calls.csv", "blocks.csv", "receipts.jsonl", "heads.json"
SUMMARY, PAPER, README, VERIFY = "summary.json", "summary.pdf", "README.txt", "VERIFY.txt"
MANIFEST = "manifest.json"
FILES = (CALLS, BLOCKS, RECEIPTS, HEADS, SUMMARY, PAPER, README, VERIFY)
LINE_DIGITS = 16


def files_of(material: EvidenceMaterial, key: bytes | None) -> dict[str, bytes]:
    """Every file's content by its name, MANIFEST last. Without a key the manifest has no seal."""
    from campaigns.evidence.paper import as_pdf  # its library is slow to load, and every command comes by here

    summary = summary_of(material)
    files = {
        CALLS: as_csv(calls_report(material)),
        BLOCKS: as_csv(blocks_report(material)),
        RECEIPTS: _receipts(material),
        HEADS: _pretty(_heads(material)),
        SUMMARY: _pretty(summary),
        PAPER: as_pdf(summary, material.report.now),
        README: readme(summary).encode(),
        VERIFY: verify_words(summary).encode(),
    }
    return files | {MANIFEST: _pretty(_manifest(files, key))}


def line_digests(content: bytes) -> list[str]:
    """A short digest of each line, the last one too when it has no line end."""
    lines = content.split(b"\n")
    return [hashlib.sha256(line).hexdigest()[:LINE_DIGITS] for line in (lines[:-1] if lines[-1] == b"" else lines)]


def manifest_seal(key: bytes, files: object) -> str:
    """HMAC-SHA-256 over what a manifest says of its files."""
    words = f"campaign-dialer evidence seal 1\n{canonical_json(files)}"
    return hmac.new(key, words.encode(), hashlib.sha256).hexdigest()


def day_as_json(day: Day) -> dict[str, object]:
    """One day of the chain as heads.json has it."""
    return {
        "day": day.day.isoformat(),
        "previous_head": day.previous_head,
        "rows": day.rows,
        "head": day.head,
        "seal": day.seal,
        "key_id": day.key_id,
        "pruned": day.pruned,
    }


def _receipts(material: EvidenceMaterial) -> bytes:
    """One line a row, in the chain's order: ours with their receipt, others with the digest that the chain needs."""
    lines = []
    for day in material.days:
        for row in material.shown.get(day.day, ()):
            own: dict[str, object] = {"digest": row.digest}
            if row.text:
                own = {"receipt": json.loads(row.text), "private": row.private}
            lines.append(canonical_json({"day": row.day.isoformat(), "seq": row.seq, "hash": row.hash} | own))
    return "".join(f"{line}\n" for line in lines).encode()


def _heads(material: EvidenceMaterial) -> dict[str, object]:
    period = material.report.period
    return {
        "format": 1,
        "installation": material.installation,
        "campaign": material.report.campaign,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "zone": period.zone,
        "made_at": instant(material.report.now),
        "receipts_since": instant(material.since),
        "days": [day_as_json(day) | {"shown": bool(material.shown.get(day.day))} for day in material.days],
    }


def _manifest(files: dict[str, bytes], key: bytes | None) -> dict[str, object]:
    told: dict[str, dict[str, Any]] = {}
    for name, content in files.items():
        told[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        if name != PAPER:
            told[name]["lines"] = line_digests(content)
    return {
        "format": 1,
        "files": told,
        "seal": None if key is None else manifest_seal(key, told),
        "key_id": "" if key is None else key_id(key),
    }


def _pretty(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=True, indent=2, allow_nan=False) + "\n").encode()
