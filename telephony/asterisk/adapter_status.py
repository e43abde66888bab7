"""What runs on the exchange now? Reads the answers to Status, CoreStatus and DeviceStateList."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from telephony.asterisk.ami import ManagerEvent, Reply
from telephony.port import ListedCall, Verdict

RINGING, UP = "5", "6"
REACHABLE_STATES = frozenset({"NOT_INUSE", "INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD"})
UNREACHABLE_STATES = frozenset({"UNAVAILABLE"})
REACHABLE_CONTACTS = frozenset({"Reachable", "NonQualified"})
UNREACHABLE_CONTACTS = frozenset({"Unreachable", "Removed"})
DEVICE = "PJSIP/"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One SIP channel. `agent` is set for an agent's leg; `room` is the agent whose room the customer is in."""

    id: str
    channel: str
    state: str
    context: str
    agent: str
    room: str
    opt_out_key: str
    trunk: str
    age_s: int
    detect: bool = False
    verdict: Verdict | None = None

    @property
    def answered(self) -> bool:
        """Whether the channel is up."""
        return self.state == UP

    @property
    def ringing(self) -> bool:
        """Whether the far end rings."""
        return self.state == RINGING

    @property
    def screening(self) -> bool:
        """Whether detection still listens to the customer."""
        return self.answered and self.detect and self.verdict is None

    @property
    def in_message(self) -> bool:
        """Whether the abandonment message plays."""
        return self.context == "safe"

    @property
    def on_hold(self) -> bool:
        """Whether the customer waits for another agent after he lost his."""
        return self.context in ("hold", "agent-lost")

    def listed(self, now: datetime) -> ListedCall:
        """As the port names it."""
        return ListedCall(
            id=self.id,
            agent=self.agent,
            answered=self.answered,
            joined_agent="" if self.agent else self.room,
            started_at=now - timedelta(seconds=self.age_s),
            ringing=self.ringing,
            screening=self.screening,
            verdict=self.verdict,
        )


def rows(reply: Reply) -> dict[str, Row]:
    """Every SIP channel by its id; mixers' and helpers' channels are left out."""
    return {
        event.get("Uniqueid"): _row(event)
        for event in reply.events
        if event.name == "Status" and event.get("Channel").startswith(DEVICE)
    }


def _row(event: ManagerEvent) -> Row:
    variables = {name: value for name, value in event.variables("Variable").items() if value != "(null)"}
    in_room = event.get("Application") == "ConfBridge"
    name, heard = event.get("Channel"), variables.get("VERDICT", "")
    return Row(
        id=event.get("Uniqueid"),
        channel=name,
        state=event.get("ChannelState"),
        context=event.get("Context"),
        agent=variables.get("AG", ""),
        room=event.get("Data").partition(",")[0].removeprefix("ag") if in_room else "",
        opt_out_key=variables.get("OPTKEY", "9"),
        trunk=name.removeprefix(DEVICE).rpartition("-")[0],
        age_s=int(event.get("Seconds") or 0),
        detect=variables.get("DETECT") == "1",
        verdict=Verdict(heard) if heard in Verdict.__members__ else None,
    )


def boot_of(reply: Reply) -> str:
    """What tells this run of Asterisk from another: its start, as it writes it. Empty when it did not say."""
    response = reply.response
    if response is None:
        return ""
    return f"{response.get('CoreStartupDate')} {response.get('CoreStartupTime')}".strip()


def detects_of(reply: Reply) -> bool:
    """Whether it said that answering machine detection is there; a refusal is a no."""
    return reply.ok and reply.response is not None and reply.response.get("Value") == "1"


def version_of(reply: Reply) -> str:
    """Asterisk's own version, empty when it did not say."""
    return reply.response.get("AsteriskVersion") if reply.response is not None else ""


def reachable_devices(reply: Reply) -> dict[str, bool]:
    """Trunk or agent number -> whether its device can be called; those not known are left out."""
    found: dict[str, bool] = {}
    for event in reply.events:
        name, state = event.get("Device"), event.get("State")
        if name.startswith(DEVICE) and state in REACHABLE_STATES | UNREACHABLE_STATES:
            found[name.removeprefix(DEVICE)] = state in REACHABLE_STATES
    return found


def reachable_contact(event: ManagerEvent) -> tuple[str, bool] | None:
    """What a ContactStatus or PeerStatus event says of a trunk or phone: (name, reachable), None when nothing."""
    if event.name == "ContactStatus":
        name, status = event.get("EndpointName") or event.get("AOR"), event.get("ContactStatus")
    elif event.name == "PeerStatus":
        name, status = event.get("Peer").removeprefix(DEVICE), event.get("PeerStatus")
    else:
        return None
    if status in REACHABLE_CONTACTS:
        return name, True
    return (name, False) if status in UNREACHABLE_CONTACTS else None
