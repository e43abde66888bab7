"""What does somebody read first who gets the folder? What each file is, what it proves, what it cannot prove."""

from __future__ import annotations

import textwrap
from typing import Any

from campaigns.foreign_text import inert

COMMAND = "dialer evidence verify FOLDER"
WHAT_IT_PROVES = (
    "Each call and each hold has a receipt, written in the same database transaction before anything was dialled. "
    "Receipts are chained: each row's hash covers the row before it, each UTC day begins with the head of the day "
    "before. A day that is over is sealed: an HMAC over its head, with a key that is not in the database.",
    "So a receipt that was changed, removed, put in or moved is found and named, and somebody who has the database "
    "only cannot write a sealed day anew without being seen.",
)
WHAT_IT_CANNOT = (
    "Whoever has both the database and the key's file can write everything anew. Whoever changes the database on the "
    "same day, before the day is sealed, can write that day anew. The newest days cut off as a whole, with their "
    "calls, leave no trace in the database. Against all three: give this folder, or its heads.json, to somebody else "
    "in time; a later folder must hold the same heads.",
    "A receipt proves what was judged, by which rules and lists, and when by this machine's clock. It does not prove "
    "that the clock was right, that a list was imported whole, or that no call was made past the dialer.",
    "What came of a call (its network outcome, times, agent and disposition) is written after its receipt and covered "
    "by none: from when this folder is made its checksums cover it, and a change in the database before that leaves no "
    "trace.",
)


def readme(summary: dict[str, Any]) -> str:
    """README.txt."""
    period = summary["period"]
    files = {
        "calls.csv": "one row per call with the fields of 16 CFR 310.5(a)(2)",
        "blocks.csv": "one row per receipt of a lead that was held; the same hold is written once a day and lead",
        "receipts.jsonl": "the chain's rows of these UTC days; rows of other campaigns by their digest only",
        "heads.json": "each day's head, how many rows it has, and its seal",
        "summary.json": "the figures; summary.pdf is the same for people",
        "manifest.json": "SHA-256 of every file and a digest of each line, sealed",
        "VERIFY.txt": "the command that finds the first changed row",
    }
    parts = [
        f"Evidence of campaign {inert(summary['campaign'], 100)}",
        f"Calls from {period['from']} to {period['to']}, both included ({period['zone']}).",
        f"Made at {summary['made_at']} by campaign-dialer {summary['program']}.",
        "\n".join(f"{name:15} {words}" for name, words in files.items()),
        "Instants are UTC. A phone number in CSV stands behind an apostrophe, so that no spreadsheet takes it for a "
        "formula.",
        "Fields of 16 CFR 310.5(a)(2) that the dialer does not know are empty columns:",
        "\n".join(f"{name}: {why}" for name, why in summary["fields_not_known"].items()),
        "What this proves",
        *WHAT_IT_PROVES,
        "What it cannot prove",
        *WHAT_IT_CANNOT,
    ]
    return "\n\n".join(_wrapped(part) for part in parts) + "\n"


def verify_words(summary: dict[str, Any]) -> str:
    """VERIFY.txt."""
    parts = [
        "To check this folder, wherever it is:",
        f"    {COMMAND}",
        "It needs nothing but the program (campaign-dialer). It compares every file with the manifest, follows the "
        "chain of receipts, and compares calls.csv with the receipts. The first change is named by file and line.",
        f"On the machine of the dialer (installation {summary['installation']}) it checks the seals too, and that the "
        "database still holds the same heads. Without a folder it checks the database alone:",
        "    dialer evidence verify",
        "How a row's hash is computed by hand: digest = SHA-256 of the receipt's text (JSON, keys sorted, no spaces, "
        'ASCII). hash = SHA-256 of the text "<hash before><digest>". Before the first row of a day stands SHA-256 of '
        '"campaign-dialer receipts 1", the date and the head of the day before, each on a line of its own.',
    ]
    return "\n\n".join(part if part.startswith("    ") else _wrapped(part) for part in parts) + "\n"


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.fill(line, 100, subsequent_indent="") for line in text.split("\n"))
