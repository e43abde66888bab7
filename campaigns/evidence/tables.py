"""Which rows have calls.csv and blocks.csv? Each call with the fields of 16 CFR 310.5(a)(2), each hold with its reason.

A field that this program does not know is an empty column; `UNKNOWN_FIELDS` says why, for README.txt.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.evidence.material import EvidenceMaterial, ShownReceipt, shown_at
from campaigns.foreign_text import inert
from campaigns.metrics import Call
from campaigns.model import Network
from campaigns.receipts import Receipt
from campaigns.reports import Cell, Column, ColumnKind, Report
from campaigns.settings import CampaignSettings

UNKNOWN_FIELDS = {
    "telemarketer": "the dialer does not know who operates it; add your company's name",
    "product": "the good or service is not a setting of a campaign; the script and its version stand beside it",
    "consumer_or_business": "lists do not say whether a person is called as a consumer or as a business",
    "caller_id_name": "the dialer sends a number; a name is added, if at all, by the carrier",
    "transferred_to": "the dialer joins calls with its own agents and transfers none to another number or company",
}
CALL_COLUMNS = (
    Column(name="call_id", label="Call"),
    Column(
        name="receipt", label="Receipt", definition="day and row in receipts.jsonl; empty before there were receipts"
    ),
    Column(name="telemarketer", label="Telemarketer"),
    Column(name="seller", label="Seller"),
    Column(name="product", label="Good or service"),
    Column(name="consumer_or_business", label="Consumer or business"),
    Column(name="outbound", label="Outbound"),
    Column(name="prerecorded_message", label="Prerecorded message used"),
    Column(name="calling_number", label="Calling number", kind=ColumnKind.PHONE),
    Column(name="called_number", label="Called number", kind=ColumnKind.PHONE),
    Column(name="called_extension", label="Extension keyed to the called number"),
    Column(name="made_at", label="Made at, UTC", kind=ColumnKind.INSTANT),
    Column(name="local_date", label="Date in the campaign's zone"),
    Column(name="local_time", label="Time in the campaign's zone"),
    Column(name="called_local_times", label="Local times where the person may be"),
    Column(name="duration_s", label="Seconds from answer to end", kind=ColumnKind.NUMBER),
    Column(name="ring_s", label="Seconds of ringing", kind=ColumnKind.NUMBER),
    Column(name="connect_delay_ms", label="Milliseconds from answer to agent", kind=ColumnKind.COUNT),
    Column(name="network", label="What the network did"),
    Column(name="answered_by", label="Answered by"),
    Column(name="outcome", label="Answered, connected, dropped", definition="unanswered, connected, dropped, ..."),
    Column(name="disposition", label="Disposition"),
    Column(name="agent", label="Agent"),
    Column(name="script", label="Script"),
    Column(name="script_version", label="Script version", kind=ColumnKind.COUNT),
    Column(name="message", label="Recorded message"),
    Column(name="caller_id_number", label="Caller ID number", kind=ColumnKind.PHONE),
    Column(name="caller_id_name", label="Caller ID name"),
    Column(name="caller_id_right_to_use", label="Right to use the caller ID"),
    Column(name="transferred_to", label="Transferred to"),
    Column(name="trunk", label="Trunk"),
    Column(name="settings_version", label="Settings version", kind=ColumnKind.COUNT),
    Column(name="rule_profile", label="Rule profile"),
    Column(name="verified_by", label="Who confirmed the profiles", definition="profile, version, who and when"),
    Column(name="registries", label="Registries asked, generation and date"),
    Column(name="consents", label="Consents relied on", definition="row, kind, instant given and proof of each"),
    Column(name="answers", label="Answers about the number relied on", definition="row, list, answer and days of each"),
    Column(name="overrides", label="Looser rules relied on", definition="row, rule, value and end of each"),
    Column(name="calls_in_24h_before", label="Calls to the number in the 24 h before", kind=ColumnKind.COUNT),
    Column(name="opted_out", label="Opted out in the call"),
)
BLOCK_COLUMNS = (
    Column(name="receipt", label="Receipt"),
    Column(name="at", label="At, UTC", kind=ColumnKind.INSTANT),
    Column(name="number", label="Number", kind=ColumnKind.PHONE),
    Column(name="person", label="Person", kind=ColumnKind.COUNT),
    Column(name="held_by", label="First shut gate"),
    Column(name="reason", label="Why"),
    Column(name="shut_gates", label="All shut gates"),
    Column(name="local_times", label="Local times where the person may be"),
    Column(name="rule_profile", label="Rule profile"),
    Column(name="settings_version", label="Settings version", kind=ColumnKind.COUNT),
    Column(name="registries", label="Registries asked, generation and date"),
)


def calls_report(material: EvidenceMaterial) -> Report:
    """One row for each call made in the period."""
    by_call = {row.receipt.attempt_id: row for row in material.receipts if row.receipt is not None}
    rows = tuple(_call_row(material, call, by_call.get(call.attempt.id)) for call in material.calls)
    return _report(material, "evidence-calls", CALL_COLUMNS, rows)


def blocks_report(material: EvidenceMaterial) -> Report:
    """One row for each receipt of a lead that was held in the period."""
    rows = tuple(_block_row(row, said) for row, said in material.receipts_in_period if said.attempt_id is None)
    return _report(material, "evidence-blocks", BLOCK_COLUMNS, rows)


def _report(
    material: EvidenceMaterial, kind: str, columns: tuple[Column, ...], rows: tuple[tuple[Cell, ...], ...]
) -> Report:
    return Report(
        kind=kind,
        title=material.report.title("Evidence"),
        campaign=material.report.campaign,
        period=material.report.period,
        columns=columns,
        rows=rows,
    )


def _call_row(material: EvidenceMaterial, call: Call, row: ShownReceipt | None) -> tuple[Cell, ...]:
    attempt, facts, report = call.attempt, call.attempt.facts, material.report
    said = row.receipt if row is not None else None
    settings = material.settings.get(attempt.settings_version, report.settings)
    local = attempt.created_at.astimezone(ZoneInfo(report.period.zone))
    caller_id = said.caller_id if said is not None else settings.caller_id
    played = attempt.id in material.messages
    answered = facts.answered_at is not None and facts.ended_at is not None
    values: dict[str, Cell] = {
        "call_id": attempt.id,
        "receipt": _place(row),
        "seller": settings.seller_name,
        "outbound": "yes",
        "prerecorded_message": "yes" if played else "no",
        "calling_number": caller_id,
        "called_number": attempt.number,
        "called_extension": attempt.extension,
        "made_at": shown_at(attempt.created_at),
        "local_date": local.date().isoformat(),
        "local_time": local.strftime("%H:%M:%S"),
        "called_local_times": _local_times(said),
        "duration_s": (facts.ended_at - facts.answered_at).total_seconds() if answered else 0,  # type: ignore[operator]
        "ring_s": None if facts.ring_ms is None else facts.ring_ms / 1000,
        "connect_delay_ms": facts.connect_delay_ms,
        "network": facts.network.value if facts.network else "",
        "answered_by": facts.answered_by.value if facts.answered_by else "",
        "outcome": outcome_of(call),
        "disposition": facts.disposition,
        "agent": report.agent(facts.agent_id),
        "script": settings.script,
        "script_version": attempt.script_version,
        "message": settings.message if played else "",
        "caller_id_number": caller_id,
        "caller_id_right_to_use": inert(material.right_to_use.get(attempt.id, ""), 500),
        "trunk": attempt.trunk,
        "settings_version": attempt.settings_version,
        "rule_profile": _profile(said),
        "verified_by": verified_words(said) if said is not None else "",
        "registries": _registries(said),
        "consents": consents_words(said) if said is not None else "",
        "answers": answers_words(said) if said is not None else "",
        "overrides": overrides_words(said) if said is not None else "",
        "calls_in_24h_before": said.calls_in_24h if said is not None else None,
        "opted_out": "yes" if facts.opted_out else "no",
    }
    return tuple(values.get(column.name, "") for column in CALL_COLUMNS)


def outcome_of(call: Call) -> str:
    """The call's end in the words of 16 CFR 310.5(a)(2)(x): answered and connected, dropped, or never answered."""
    facts = call.attempt.facts
    if facts.network is None:
        return "live"
    if facts.network is Network.NOT_ATTEMPTED:
        return "not dialled"
    if facts.network is Network.UNKNOWN:
        return "unknown"
    if not call.answered:
        return "unanswered"
    if facts.routing.abandoned:
        return "dropped"
    return "connected" if facts.joined_at is not None else "answered, not connected"


def _block_row(row: ShownReceipt, said: Receipt) -> tuple[Cell, ...]:
    shut = [gate for gate in said.gates if not gate.passed]
    reason = next((gate.reason for gate in shut if gate.code == said.hold), "")
    return (
        _place(row),
        shown_at(said.at),
        said.number,
        said.person_id,
        said.hold,
        reason,
        " ".join(gate.code for gate in shut),
        _local_times(said),
        _profile(said),
        said.settings_version,
        _registries(said),
    )


def _place(row: ShownReceipt | None) -> str:
    return "" if row is None else f"{row.day.isoformat()} {row.seq}"


def _profile(said: Receipt | None) -> str:
    return "" if said is None else f"{said.profile} {said.profile_version}"


def _local_times(said: Receipt | None) -> str:
    places = said.places if said is not None else ()
    return "; ".join(f"{place.local} {place.zone} (hours {place.hours or 'none'})" for place in places)


def _registries(said: Receipt | None) -> str:
    lists = said.lists if said is not None else ()
    return "; ".join(
        f"{each.list_id} generation {each.generation} of {shown_at(each.list_date)}: {each.answer}"
        + (f" (lifted by {each.lifted})" if each.lifted else "")
        for each in lists
    )


def consents_words(said: Receipt) -> str:
    """`12 express_written of 2026-03-01T...: form 4711`, several with semicolons."""
    return "; ".join(
        f"{each.id} {each.kind} of {shown_at(each.given_at)}: {inert(each.proof, 200) or 'proof erased'}"
        for each in said.consents
    )


def answers_words(said: Receipt) -> str:
    """`7 us-rnd no about 2026-03-01, asked 2026-11-02T...`, several with semicolons."""
    return "; ".join(
        f"{each.id} {each.list_id} {each.answer}{f' about {each.about}' if each.about else ''}, "
        f"asked {shown_at(each.asked_at)}"
        for each in said.answers
    )


def verified_words(said: Receipt) -> str:
    """`us-federal 3 by Jane Roe, counsel on 2026-11-22`, several with semicolons."""
    return "; ".join(f"{each.profile} {each.version} by {inert(each.by, 200)} on {each.on}" for each in said.verified)


def overrides_words(said: Receipt) -> str:
    """`3 hours.fri = 20:00-21:30 until 2026-12-02T...`, several with semicolons."""
    return "; ".join(
        f"{each.id} {inert(each.key, 60)} = {inert(each.value, 200)} until {shown_at(each.until)}"
        for each in said.overrides
    )


def settings_of(material: EvidenceMaterial, version: int) -> CampaignSettings:
    """The version of the settings that a call names."""
    return material.settings.get(version, material.report.settings)
