"""When shall the customer be called back? Typed as people say it, shown back in the customer's own time."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.text import Text

from tui import wording
from tui.safe import joined, safe_text, stacked
from tui.screens.dialogs import OneLine
from tui.when import EXAMPLES, NotATime, parse_when


def callback_dialog(zones: tuple[str, ...], *, now: datetime) -> OneLine:
    """A line for the time. The first zone of the number is the one typed times are meant in."""
    known = tuple(_zone(name) for name in zones if _zone(name) is not None) or (ZoneInfo("UTC"),)
    usable = tuple(zone for zone in known if zone is not None)
    first = usable[0]
    hint = f"The customer's time ({first.key}, now {now.astimezone(first):%a %H:%M}). {EXAMPLES}"

    def check(written: str) -> tuple[bool, Text]:
        try:
            when = parse_when(written, now=now, zone=first)
        except NotATime as fault:
            return False, safe_text(str(fault), style=wording.BAD)
        return True, shown_back(when, usable)

    return OneLine("Call back when?", hint=hint, check=check)


def chosen_instant(written: str, zones: tuple[str, ...], *, now: datetime) -> datetime:
    """The instant the dialog accepted, aware UTC."""
    return parse_when(written, now=now, zone=_zone(zones[0]) or ZoneInfo("UTC") if zones else ZoneInfo("UTC"))


def shown_back(when: datetime, zones: tuple[ZoneInfo, ...]) -> Text:
    """The instant in the customer's time, and here."""
    lines = [
        joined(
            (f"{when.astimezone(zone):%A %d %B %Y %H:%M}", f"bold {wording.GOOD}"),
            (zone.key, wording.DIM),
            between="  ",
        )
        for zone in zones[:3]
    ]
    here = when.astimezone()
    lines.append(safe_text(f"{here:%A %H:%M %Z} here, {when.astimezone(UTC):%Y-%m-%d %H:%M} UTC", style=wording.DIM))
    return stacked(*lines)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
