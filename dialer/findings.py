"""How is one check of the doctor told? Good, or a fault with its mend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found; `mend` says what to do about a fault."""

    check: str
    good: bool
    words: str
    mend: str = ""

    def line(self) -> str:
        """One line for a person."""
        mend = f" -> {self.mend}" if self.mend else ""
        return f"{'ok   ' if self.good else 'FAULT'}  {self.check}: {self.words}{mend}"

    def as_json(self) -> dict[str, object]:
        return {"check": self.check, "ok": self.good, "message": self.words, "mend": self.mend}


def good(check: str, words: str) -> Finding:
    return Finding(check=check, good=True, words=words)


def fault(check: str, words: str, mend: str) -> Finding:
    return Finding(check=check, good=False, words=words, mend=mend)
