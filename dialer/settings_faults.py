"""What cannot be right in the settings of an installation? Every fault at once, one sentence each."""

from __future__ import annotations

import re

from dialer.settings import HINTS, REGISTRIES, DncSettings, RetentionSettings, Settings

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
CALLS_LAW_DAYS = 1827  # five years with their leap days
LEAST_CALLS_DAYS = 65  # a person may have to rest for 61 days (France), and is found by his number
LEAST_COMMANDS_DAYS = 30  # a command asked again gets its first answer
MOST_DAYS = 36_500
_STATES_LIST = re.compile("us-[a-z]{2}")


def faults_of(s: Settings) -> list[str]:
    """What cannot be right, one sentence each."""
    faults: list[str] = []

    def check(good: bool, words: str) -> None:
        if not good:
            faults.append(words)

    for full, port in (
        ("exchange.sip_port", s.exchange.sip_port),
        ("exchange.rtp_first", s.exchange.rtp_first),
        ("exchange.rtp_last", s.exchange.rtp_last),
        ("ami.port", s.ami.port),
    ):
        check(1 <= port <= 65535, f"{full} = {port}: a port is 1 to 65535")
    for full, host in (("exchange.sip_host", s.exchange.sip_host), ("ami.host", s.ami.host)):
        check(bool(_HOST.fullmatch(host)), f"{full} = {host[:40]!r}: a host name or an IPv4 address")
    check(
        s.exchange.rtp_last - s.exchange.rtp_first >= 15,
        "exchange.rtp_last must be at least 15 above exchange.rtp_first",
    )
    check(
        bool(re.fullmatch(r"[a-z][a-z0-9-]{0,30}", s.exchange.name)),
        f"exchange.name = {s.exchange.name[:40]!r}: lower-case letters, digits and -",
    )
    check(1 <= s.exchange.max_calls <= 10_000, f"exchange.max_calls = {s.exchange.max_calls}: 1 to 10000")
    for name in s.exchange.messages:
        known = re.fullmatch(r"[a-z0-9-]{1,64}", name)
        check(bool(known), f"exchange.messages = {name[:40]!r}: a recording's name of a-z, 0-9 and -, without .wav")
    check(0 <= s.service.drain_s <= 3600, f"service.drain_s = {s.service.drain_s}: 0 to 3600 seconds")
    check(1 <= s.decisions.keep_days <= 3650, f"decisions.keep_days = {s.decisions.keep_days}: 1 to 3650 days")
    check(1 <= s.receipts.keep_years <= 50, f"receipts.keep_years = {s.receipts.keep_years}: 1 to 50 years")
    faults.extend(_retention_faults(s.retention))
    for name in s.dnc.registries:
        check(name in REGISTRIES, f"dnc.registries = {name[:40]!r}: one of {', '.join(REGISTRIES)}")
    for area in s.dnc.us_area_codes:
        check(bool(re.fullmatch("[2-9][0-9]{2}", area)), f"dnc.us_area_codes = {area[:40]!r}: three digits such as 212")
    for name in s.compliance.officers:
        good = bool(name.strip()) and name.isprintable() and len(name) <= 64
        check(good, f"compliance.officers = {name[:40]!r}: an account's name of at most 64 characters")
    group = s.control.group
    check(group.isprintable() and len(group) <= 64, f"control.group = {group[:40]!r}: a group's name, or nothing")
    faults.extend(_serves_faults(s.dnc))
    levels = ("DEBUG", "INFO", "WARNING", "ERROR")
    check(s.log.level in levels, f"log.level = {s.log.level[:20]!r}: one of {', '.join(levels)}")
    for full, text in (
        ("exports.folder", s.exports.folder),
        ("control.socket", s.control.socket),
        ("log.file", s.log.file),
        ("dnc.folder", s.dnc.folder),
    ):
        check(bool(text.strip()), f"{full} is empty: name a path")
    return faults


def _serves_faults(dnc: DncSettings) -> list[str]:
    faults = []
    for each in dnc.serves:
        kept, _, other = (part.strip() for part in each.partition("="))
        if kept not in dnc.registries or other not in REGISTRIES or kept == other:
            words = "a list of dnc.registries, = and the list for which it stands too, such as us-ftc=us-wy"
            faults.append(f"dnc.serves = {each[:40]!r}: {words}")
        elif kept[:3] != other[:3] or _STATES_LIST.fullmatch(kept):
            words = (
                "the first is kept and stands for the second; a state's list, or another country's, covers too little"
            )
            faults.append(f"dnc.serves = {each[:40]!r}: {words}")
    return faults


def _retention_faults(r: RetentionSettings) -> list[str]:
    days = {name: getattr(r, name) for name in HINTS["retention"] if name.endswith("_days")}
    least = {"calls_days": LEAST_CALLS_DAYS, "commands_days": LEAST_COMMANDS_DAYS}
    faults = [
        f"retention.{name} = {value}: {least.get(name, 1)} to {MOST_DAYS} days"
        for name, value in days.items()
        if not least.get(name, 1) <= value <= MOST_DAYS
    ]
    if r.calls_days < CALLS_LAW_DAYS and not r.below_law_because.strip():
        faults.append(
            f"retention.calls_days = {r.calls_days}: 16 CFR 310.5 asks for five years ({CALLS_LAW_DAYS} days); if "
            "another law is yours, say which in retention.below_law_because"
        )
    return faults
