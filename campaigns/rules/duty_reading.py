"""Which duties does a file name beside its hours and numbers?"""

from __future__ import annotations

from datetime import timedelta

from campaigns.rules.duties import (
    ABANDONED,
    ATTEMPTS,
    CALENDAR_DAYS,
    CONVERSATION,
    COUNTS,
    GUARANTEED_AGENT,
    HOURS,
    INTERNAL,
    LONGEST_REST,
    LONGEST_WINDOW,
    MACHINE,
    NUMBER,
    PERSON,
    PURPOSES,
    REFUSAL,
    Abandonment,
    AbandonMessage,
    AttemptLimit,
    CallerIdRule,
    Consent,
    Cooldown,
    DoNotCallSource,
    Duties,
)
from campaigns.rules.fields import Table

SCOPES = ("number", "person", "person+subject", "person+seller", "person+debt")
AFTER = (ABANDONED, REFUSAL, CONVERSATION, MACHINE)
COUNTED = (HOURS, CALENDAR_DAYS)
ABANDON_WINDOWS = ("campaign_or_30_days", "calendar_month", "day")
CONSENTS = ("none", "express", "express_written", "opt_in_provable")
LIFTING = ("express", "express_written")
SAYS = ("seller_name", "callback_number", "telemarketing", "opt_out_key", "no_sales")
NOT_KINDS = ("mobile", "foreign", "hidden")


def read_duties(top: Table) -> Duties:
    """All duties of a file; what it does not name it does not demand."""
    ring, opening, records = top.table("ring"), top.table("opening"), top.table("records")
    duties = Duties(
        attempts=tuple(_attempts(each) for each in top.tables("attempts")),
        cooldowns=tuple(_cooldown(each) for each in top.tables("cooldowns")),
        abandonment=tuple(_abandonment(each) for each in _given(top, "abandonment")),
        consents=tuple(_consent(each) for each in _given(top, "consent")),
        caller_ids=tuple(_caller_id(each) for each in _given(top, "caller_id")),
        messages=tuple(_message(each) for each in _given(top, "message_on_abandon")),
        do_not_call=tuple(_list(each) for each in top.tables("do_not_call")),
        ring_at_least_s=ring.number("at_least_s", 0, 120, 0),
        identify_within_s=opening.number("identify_within_s", 0, 600, 0),
        hang_up_within_s=opening.number("hang_up_within_s", 0, 600, 0),
        keep_records=records.length("keep", timedelta(0)),
        keep_recordings=records.length("recordings", timedelta(0)),
    )
    for table in (ring, opening, records):
        table.end()
    return duties


def _given(top: Table, key: str) -> tuple[Table, ...]:
    if top.has(key):
        return (top.table(key),)
    top.raw(key)
    return ()


def _attempts(table: Table) -> AttemptLimit:
    limit = AttemptLimit(
        most=table.number("max", 1, 1000),
        window=table.length("window"),
        scope=table.word("scope", SCOPES),
        counts=table.word("counts", COUNTS, ATTEMPTS),
    )
    if limit.window > LONGEST_WINDOW:
        table.fault("window", f"at most {LONGEST_WINDOW.days}d: calls before that are not looked up")
    table.end()
    return limit


def _cooldown(table: Table) -> Cooldown:
    rest = Cooldown(
        after=table.word("after", AFTER),
        rest=table.length("for"),
        scope=table.word("scope", SCOPES),
        unless=table.word("unless", (GUARANTEED_AGENT, ""), ""),
        counted=table.word("counted", COUNTED, HOURS),
    )
    if rest.rest > LONGEST_REST:
        table.fault("for", f"at most {LONGEST_REST.days}d: outcomes before that are not looked up")
    if rest.counted == CALENDAR_DAYS and (rest.rest % timedelta(days=1) or not rest.rest):
        table.fault("for", "calendar days are whole ones, at least one, such as 7d")
    table.end()
    return rest


def _abandonment(table: Table) -> Abandonment:
    found = Abandonment(
        cap=table.share("cap"),
        window=table.word("window", ABANDON_WINDOWS),
        connect_within_ms=table.number("connect_within_ms", 0, 10_000, 0),
    )
    table.end()
    return found


def _consent(table: Table) -> Consent:
    found = Consent(needed=table.word("needed", CONSENTS), max_age=table.length_or_none("max_age"))
    table.end()
    return found


def _caller_id(table: Table) -> CallerIdRule:
    rule = CallerIdRule(
        shown=table.flag("shown", default=True),
        called_back=table.flag("called_back", default=False),
        right_to_use=table.flag("right_to_use", default=False),
        not_kinds=table.words("not_kinds", NOT_KINDS, default=()),
        prefixes=table.words("prefixes", default=()),
    )
    table.end()
    return rule


def _message(table: Table) -> AbandonMessage:
    message = AbandonMessage(within_ms=table.number("within_ms", 1, 10_000), says=table.words("says", SAYS))
    table.end()
    return message


def _list(table: Table) -> DoNotCallSource:
    found = DoNotCallSource(
        list_id=table.text("list"),
        max_age_days=table.number("max_age_days", 0, 3660),
        purposes=table.words("purposes", PURPOSES, default=()),
        consent_lifts=table.word("consent_lifts", (*LIFTING, ""), ""),
        covers=table.word("covers", (NUMBER, PERSON), NUMBER),
    )
    if found.covers == PERSON and found.list_id != INTERNAL:
        table.fault("covers", f"person: only {INTERNAL}, the house's own list, knows who a person is")
    table.end()
    return found
