"""Can this running Asterisk do what the dialer needs, and if not, what is to be done?

Asked over the manager, as the dialer's own users, without calling anybody: the one INVITE goes to Asterisk's own
loopback, port 1, where nobody listens, and is given up after half a second. Blocks for a few seconds.
"""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from telephony.asterisk.adapter_actions import detection
from telephony.asterisk.adapter_status import detects_of
from telephony.asterisk.ami import LinkError, ManagerEvent, ManagerLink
from telephony.asterisk.configuration.manager_users import DIALER_EVENTS
from telephony.asterisk.provisioning import LEAST_WORDS, recent_enough

CONNECT_LIMIT_S = 6.0
CALL_LIMIT_S = 5.0
RING_MS = 500
NOWHERE = "sip:doctor@127.0.0.1:1"
CONTEXTS = {"agent": "s", "cust": "s", "screen": "s", "safe": "s", "hold": "s", "room": "1001", "agent-lost": "1001",
            "tone": "1001", "tone-play": "s", "sup": "1001", "visit": "1001"}  # fmt: skip
REWRITE = "Write Asterisk's configuration again (python -m telephony.asterisk.container FOLDER ...) and reload it."


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing looked at. `advice` says what to do when it is not ok; `seen` is what was found."""

    name: str
    ok: bool
    seen: str
    advice: str = ""
    needed: bool = True  # else only for some campaigns


@dataclass(frozen=True, kw_only=True)
class ManagerLogin:
    """How to reach the manager. The secrets are those of the users `dialer` and `watch`."""

    host: str
    port: int
    dialer_secret: str
    watch_secret: str
    dialer_user: str = "dialer"
    watch_user: str = "watch"


def probe(login: ManagerLogin, trunk: str | None = None) -> tuple[Finding, ...]:
    """Everything found, in the order a person would mend it. Never raises for what is wrong with Asterisk.

    `trunk` is any trunk Asterisk knows; without one the SIP status on hang-up cannot be seen and is reported so.
    """
    heard = _Heard()
    try:
        with _linked(login, login.dialer_user, login.dialer_secret, heard) as link:
            findings = tuple(_of_dialer(link, heard, trunk))
    except LinkError as fault:
        return (_unreachable(login, login.dialer_user, fault),)
    return (*findings, _of_watch(login))


def _of_dialer(link: ManagerLink, heard: "_Heard", trunk: str | None) -> Iterator[Finding]:
    yield Finding(name="manager log-in", ok=True, seen="user dialer was let in")
    yield _version(link)
    yield _rights(link)
    yield _hangup_by_cause(link)
    yield _contexts(link)
    yield _own_ids(link, heard)
    yield _sip_status(link, heard, trunk)
    yield _filters(heard)
    yield _detection(link)


def _unreachable(login: ManagerLogin, user: str, fault: LinkError) -> Finding:
    return Finding(
        name="manager log-in",
        ok=False,
        seen=f"user {user} at {login.host}:{login.port}: {fault}",
        advice="Is Asterisk running, is its manager enabled at that address, is the secret the same on both sides?",
    )


def _version(link: ManagerLink) -> Finding:
    reply = link.request({"Action": "CoreSettings"})
    text = reply.response.get("AsteriskVersion") if reply.ok and reply.response else ""
    return Finding(
        name="version",
        ok=recent_enough(text),
        seen=text or reply.reason or "unknown",
        advice=f"{LEAST_WORDS} is needed: use the private one, or docker-compose.asterisk.yml.",
    )


def _rights(link: ManagerLink) -> Finding:
    reply = link.request({"Action": "Command", "Command": "core show version"})
    return Finding(
        name="least privileges",
        ok=not reply.ok,
        seen="the dialer's user may run any command" if reply.ok else "commands are denied to the dialer's user",
        advice="Give user dialer no more than read=call,user,dtmf and write=originate,call,reporting.",
    )


def _hangup_by_cause(link: ManagerLink) -> Finding:
    reply = link.request({"Action": "ListCommands"})
    known = reply.response is not None and reply.response.get("PJSIPHangup") != ""
    return Finding(
        name="PJSIPHangup",
        ok=known,
        seen="known" if known else "not among the actions of user dialer",
        advice="Load chan_pjsip and give user dialer write=call.",
    )


def _contexts(link: ManagerLink) -> Finding:
    missing = sorted(name for name, exten in CONTEXTS.items() if not _exists(link, name, exten))
    return Finding(
        name="dialplan",
        ok=not missing,
        seen=f"missing: {', '.join(missing)}" if missing else "all contexts of the dialer are there",
        advice=REWRITE,
    )


def _exists(link: ManagerLink, context: str, exten: str) -> bool:
    # A missing context is refused at once; for a known one the unknown trunk ends it before anything is sent.
    return link.request(_originate("PJSIP/doctor@doctor-has-no-trunk", _new_id(), context, exten)).ok


def _own_ids(link: ManagerLink, heard: "_Heard") -> Finding:
    call = _new_id()
    link.request(_originate("PJSIP/doctor@doctor-has-no-trunk", call, "cust", "s"))
    told = heard.wait(lambda event: event.name == "OriginateResponse" and event.get("Uniqueid") == call)
    return Finding(
        name="own channel ids",
        ok=told,
        seen="Asterisk kept the id it was given" if told else "the id given to a call did not come back",
        advice=f"Let OriginateResponse reach user dialer. {REWRITE}",
    )


def _sip_status(link: ManagerLink, heard: "_Heard", trunk: str | None) -> Finding:
    name = "SIP status on hang-up"
    if trunk is None:
        return Finding(name=name, ok=False, seen="not looked at: no trunk is set up yet", advice="Add a trunk first.")
    call = _new_id()
    link.request(_originate(f"PJSIP/{trunk}/{NOWHERE}", call, "cust", "s"))
    ended = heard.find(lambda event: event.name == "Hangup" and event.get("Uniqueid") == call)
    status = ended.get("TechCause") if ended else ""
    return Finding(
        name=name,
        ok=status != "",
        seen=f"TechCause {status}"
        if status
        else ("no TechCause" if ended else f"trunk {trunk} is not known to Asterisk"),
        advice=f"Without it 403 and 603 look alike. {REWRITE}",
    )


def _filters(heard: "_Heard") -> Finding:
    strangers = sorted(heard.names - {*DIALER_EVENTS, "FullyBooted"})
    return Finding(
        name="event filters",
        ok=not strangers,
        seen=f"unwanted events come: {', '.join(strangers)}" if strangers else "only wanted events came",
        advice=f"Without filters the dialer reads ten times as much. {REWRITE}",
    )


def _detection(link: ManagerLink) -> Finding:
    there = detects_of(link.request(detection()))
    return Finding(
        name="answering machine detection",
        ok=there,
        seen="app_amd is loaded" if there else "app_amd is not loaded, or func_module to ask for it is not",
        advice="Load both (and amd.conf), or leave clock_from of all campaigns at 'answer'.",
        needed=False,
    )


def _of_watch(login: ManagerLogin) -> Finding:
    heard = _Heard()
    try:
        with _linked(login, login.watch_user, login.watch_secret, heard):
            booted = heard.wait(lambda event: event.name == "FullyBooted")
    except LinkError as fault:
        return _unreachable(login, login.watch_user, fault)
    return Finding(
        name="trunk and phone states",
        ok=booted,
        seen="user watch hears the system" if booted else "user watch hears nothing of the system",
        advice="Give user watch read=system.",
    )


def _originate(channel: str, call: str, context: str, exten: str) -> dict[str, str | int]:
    return {
        "Action": "Originate", "Channel": channel, "Context": context, "Exten": exten, "Priority": "1",
        "Async": "true", "ChannelId": call, "Timeout": RING_MS, "CallerID": "<0000>",
    }  # fmt: skip


def _new_id() -> str:
    return f"doctor-{secrets.token_hex(8)}"


@contextmanager
def _linked(login: ManagerLogin, user: str, secret: str, heard: "_Heard") -> Iterator[ManagerLink]:
    link = ManagerLink(login.host, login.port, user, secret, on_event=heard.take)
    link.start()
    try:
        link.wait_until_up(CONNECT_LIMIT_S)
        yield link
    finally:
        link.close()


class _Heard:
    """The events of one session, to be waited for."""

    def __init__(self) -> None:
        self._events: list[ManagerEvent] = []
        self._more = threading.Condition()

    @property
    def names(self) -> set[str]:
        with self._more:
            return {event.name for event in self._events}

    def take(self, event: ManagerEvent) -> None:
        with self._more:
            self._events.append(event)
            self._more.notify_all()

    def wait(self, wanted: Callable[[ManagerEvent], bool]) -> bool:
        return self.find(wanted) is not None

    def find(self, wanted: Callable[[ManagerEvent], bool]) -> ManagerEvent | None:
        with self._more:
            self._more.wait_for(lambda: any(map(wanted, self._events)), timeout=CALL_LIMIT_S)
            return next(filter(wanted, self._events), None)
