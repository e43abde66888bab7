"""A manager that tests play word by word: what Asterisk might say, in any order, or never."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from telephony.asterisk.adapter import AsteriskTelephony
from telephony.asterisk.adapter_link import ManagerAccess
from telephony.asterisk.ami import LinkDown as ManagerDown
from telephony.asterisk.ami import LinkError, LinkFault, LinkInfo, ManagerEvent, Reply, ReplyKind
from telephony.asterisk.messages import ActionLike, ManagerResponse, build_action
from telephony.call_log import CallLog
from telephony.clock import ManualClock
from telephony.port import (
    AgentLeg,
    CallEnded,
    CallEvent,
    CustomerCall,
    EndCause,
    Event,
)

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
Headers = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Access:
    host: str = "127.0.0.1"
    port: int = 5038
    dialer_secret: str = "d"
    watch_secret: str = "w"


@dataclass
class PlayedLink:
    """One manager session whose other end is the test."""

    manager: PlayedManager
    user: str
    on_event: Callable[[ManagerEvent], None]
    on_up: Callable[[LinkInfo], None]
    on_down: Callable[[ManagerDown], None]
    up: bool = False

    def start(self) -> None:
        self.come_up()

    def close(self) -> None:
        self.up = False

    def come_up(self) -> None:
        self.up = True
        self.on_up(LinkInfo(host="127.0.0.1", port=5038, version="11.0.0", connection=1))
        if self.user == "watch":
            self.on_event(event("FullyBooted", Uptime="100"))

    def go_down(self) -> None:
        self.up = False
        self.on_down(ManagerDown(fault=LinkFault.CLOSED, reason="closed", was_up=True, retry_in_s=1.0))

    def send(self, action: ActionLike, on_response: Callable[[Reply], None] | None = None) -> str:
        return self.manager.take(self, action, on_response)

    def ask_list(self, action: ActionLike, on_done: Callable[[Reply], None]) -> str:
        return self.manager.take(self, action, on_done)


@dataclass
class PlayedManager:
    """Answers lists from `channels` and `devices`; every other action is kept, and answered when `answers` says so."""

    links: dict[str, PlayedLink] = field(default_factory=dict)
    actions: list[Headers] = field(default_factory=list)
    channels: list[Headers] = field(default_factory=list)
    devices: Headers = field(default_factory=lambda: {"PJSIP/carrier": "NOT_INUSE"})
    started: str = "14:00:00"
    detects: bool = True
    answers: dict[str, ReplyKind] = field(default_factory=dict)

    def connect(
        self,
        access: ManagerAccess,
        user: str,
        *,
        on_event: Callable[[ManagerEvent], None],
        on_up: Callable[[LinkInfo], None],
        on_down: Callable[[ManagerDown], None],
    ) -> PlayedLink:
        self.links[user] = PlayedLink(manager=self, user=user, on_event=on_event, on_up=on_up, on_down=on_down)
        return self.links[user]

    def take(self, link: PlayedLink, action: ActionLike, told: Callable[[Reply], None] | None) -> str:
        if not link.up:
            raise LinkError(LinkFault.CLOSED)
        built = build_action(action, "id-1")  # refuses what the real link refuses
        headers = {"Action": str(built.name), **{str(k): str(v) for k, v in built.keys.items()}}
        headers |= {f"Variable {k}": str(v) for k, v in built.variables.items()}
        self.actions.append(headers)
        reply = self._reply(headers["Action"])
        if told is not None and reply is not None:
            told(reply)
        return "id-1"

    def _reply(self, name: str) -> Reply | None:
        kind = self.answers.get(name, ReplyKind.DONE)
        events: tuple[ManagerEvent, ...] = ()
        headers: tuple[tuple[str, str], ...] = (("Message", f"{name} was answered"),)
        if name == "CoreSettings":
            headers = (("AMIversion", "11.0.0"), ("AsteriskVersion", "22.10.1"))
        elif name == "CoreStatus":
            headers = (("CoreStartupDate", "2026-03-02"), ("CoreStartupTime", self.started))
        elif name == "Getvar":
            headers = (("Variable", "IFMODULE(app_amd.so)"), ("Value", str(int(self.detects))))
        elif name == "Status":
            events = tuple(status(channel) for channel in self.channels)
        elif name == "DeviceStateList":
            events = tuple(event("DeviceStateChange", Device=d, State=s) for d, s in self.devices.items())
        elif name == "Originate" and kind is ReplyKind.DONE:
            return None if "Originate" in self.answers else Reply(kind=kind, action_id="")
        if kind is not ReplyKind.DONE:
            events = ()
        response = ManagerResponse(status="Success" if kind is ReplyKind.DONE else "Error", headers=headers)
        return Reply(kind=kind, action_id="", response=response, events=events, reason=headers[0][1])

    def sent(self, name: str) -> list[Headers]:
        return [action for action in self.actions if action["Action"] == name]


def event(name: str, **headers: str) -> ManagerEvent:
    return ManagerEvent(name=name, headers=tuple(headers.items()))


def status(channel: Headers) -> ManagerEvent:
    plain = {k: v for k, v in channel.items() if not k.startswith("var ")}
    pairs = [*plain.items(), *(("Variable", f"{k[4:]}={v}") for k, v in channel.items() if k.startswith("var "))]
    return ManagerEvent(name="Status", headers=tuple(pairs))


class Floor:
    """An adapter whose manager is played; `told` is what the port said."""

    def __init__(self, log: Path | None = None, *, refused: str = "") -> None:
        self.clock = ManualClock(START)
        self.manager = PlayedManager()
        if refused:
            self.manager.answers[refused] = ReplyKind.REFUSED
        self.told: list[Event] = []
        self.port = AsteriskTelephony(
            self.clock,
            exchange="lab",
            access=Access(),
            connect=self.manager.connect,
            trunks=("carrier",),
            prefix="a-",
            log=CallLog(log, self.clock) if log is not None else None,
        )
        self.port.start(self.told.append)
        self.clock.advance(0)

    def call(self, call_id: str = "a-1", **fields: object) -> None:
        values: dict[str, object] = {
            "id": call_id,
            "number": "+12025550143",
            "trunk": "carrier",
            "caller_id": "+12025550100",
            "ring_timeout_s": 20,
        }
        self.port.originate(CustomerCall(**{**values, **fields}))  # type: ignore[arg-type]
        self.clock.advance(0)

    def say(self, name: str, call_id: str = "a-1", **headers: str) -> None:
        self.manager.links["dialer"].on_event(event(name, Uniqueid=call_id, **headers))
        self.clock.advance(0)

    def watched(self, name: str, **headers: str) -> None:
        self.manager.links["watch"].on_event(event(name, **headers))
        self.clock.advance(0)

    def stage(self, stage: str, call_id: str = "a-1", **headers: str) -> None:
        self.say("UserEvent", call_id, UserEvent="Dialer", Stage=stage, **headers)

    def answered(self, call_id: str = "a-1") -> None:
        self.call(call_id)
        self.say("Newchannel", call_id, Channel=f"PJSIP/carrier-{call_id}", ChannelState="0")
        self.say("Newstate", call_id, Channel=f"PJSIP/carrier-{call_id}", ChannelState="6")
        self.say("OriginateResponse", call_id, Response="Success", Reason="4")

    def agent_up(self, leg_id: str = "a-leg-1", agent: str = "1001") -> None:
        self.port.ring_agent(AgentLeg(id=leg_id, agent=agent))
        self.say("Newchannel", leg_id, Channel=f"PJSIP/{agent}-1", ChannelState="0")
        self.stage("AgentUp", leg_id, Agent=agent)
        self.say("ConfbridgeJoin", leg_id, Conference=f"ag{agent}")

    def joined(self) -> None:
        self.agent_up()
        self.answered()
        self.port.join("a-1", "1001")
        self.say("ConfbridgeJoin", Conference="ag1001")

    def lose_link(self) -> None:
        self.manager.links["dialer"].go_down()
        self.clock.advance(0)

    def find_link(self) -> None:
        self.manager.links["dialer"].come_up()
        self.clock.advance(0)

    def kinds(self) -> list[type[Event]]:
        return [type(e) for e in self.told if isinstance(e, CallEvent)]

    def of(self, kind: type[Event]) -> list[Event]:
        return [e for e in self.told if isinstance(e, kind)]

    def ends(self) -> list[EndCause]:
        return [e.cause for e in self.told if isinstance(e, CallEnded)]


def channel(call_id: str = "a-1", **headers: str) -> Headers:
    values = {"Channel": f"PJSIP/carrier-{call_id}", "ChannelState": "6", "Seconds": "7", "Uniqueid": call_id}
    return {**values, "Context": "cust", "Application": "Wait", "Data": "1", **headers}


Said = tuple[str, Headers]
CHANNEL: Said = ("Newchannel", {"Channel": "PJSIP/carrier-1", "ChannelState": "0"})
RINGING: Said = ("Newstate", {"ChannelState": "5"})
DIAL_RINGING: Said = ("DialState", {"DialStatus": "RINGING"})
UP: Said = ("Newstate", {"ChannelState": "6"})
OK: Said = ("OriginateResponse", {"Response": "Success", "Reason": "4"})
NO: Said = ("OriginateResponse", {"Response": "Failure", "Reason": "0"})
TIMED_OUT: Said = ("OriginateResponse", {"Response": "Failure", "Reason": "3"})
BYE: Said = ("HangupRequest", {"Cause": "16"})
BUSY: Said = ("Hangup", {"Cause": "17", "TechCause": "486"})
GONE: Said = ("Hangup", {"Cause": "16"})
RANG_OUT: Said = ("Hangup", {"Cause": "19", "TechCause": "480"})
