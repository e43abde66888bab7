"""Who may command Asterisk's manager, what may he do, and which events reach him?

Two users with the least that runs the whole flow (TELEPHONY, sections 7 and 9). Filters by name are checked before
an event's text is built, so what nobody reads costs nearly nothing. What trunks and phones are reachable at the
moment of connecting is asked with DeviceStateList, which class reporting allows; PJSIPShowContacts would need class
system, and with it far more than a dialer may do.
"""

from collections.abc import Iterable

from telephony.asterisk.configuration.values import ManagerSecrets

DIALER_EVENTS = (
    "OriginateResponse", "Newchannel", "Newstate", "DialState", "Hangup", "HangupRequest",
    "SoftHangupRequest", "UserEvent", "DTMFEnd", "ConfbridgeJoin", "ConfbridgeLeave",
)  # fmt: skip
WATCH_EVENTS = ("FullyBooted", "Shutdown", "Reload", "ContactStatus", "PeerStatus")
HELPER_CHANNELS = ("Local/", "CBAnn/", "CBRec/")


def manager_conf(*, host: str, port: int, secrets: ManagerSecrets) -> str:
    """manager.conf: loopback only, `dialer` gives orders, `watch` only listens to the system."""
    general = (
        f"[general]\nenabled = yes\nwebenabled = no\nbindaddr = {host}\nport = {port}\n"
        "timestampevents = yes\nauthtimeout = 5\nauthlimit = 20\nallowmultiplelogin = yes\n"
    )
    dialer = _user("dialer", secrets.dialer, read="call,user,dtmf", write="originate,call,reporting")
    watch = _user("watch", secrets.watch, read="system", write="")
    return general + dialer + _dialer_filters() + watch + _includes(WATCH_EVENTS)


def _user(name: str, secret: str, *, read: str, write: str) -> str:
    rights = f"read = {read}\n" + (f"write = {write}\n" if write else "")
    return (
        f"[{name}]\nsecret = {secret}\ndeny = 0.0.0.0/0.0.0.0\npermit = 127.0.0.0/255.0.0.0\n"
        f"writetimeout = 1000\n{rights}"
    )


def _includes(names: Iterable[str]) -> str:
    return "".join(f"eventfilter(action(include),name({name})) =\n" for name in names)


def _dialer_filters() -> str:
    excluded = "".join(
        f"eventfilter(action(exclude),name({name}),header(Channel),method(starts_with)) = {prefix}\n"
        for name in DIALER_EVENTS
        if name not in ("UserEvent", "OriginateResponse", "DTMFEnd")
        for prefix in HELPER_CHANNELS
    )
    return _includes(DIALER_EVENTS) + excluded
