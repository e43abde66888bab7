"""Which manager actions does the adapter send? Pure texts; nothing of a lead but an opaque id and digits goes out."""

from __future__ import annotations

from telephony.port import AgentLeg, CustomerCall

ATTEMPT_HEADER = "X-Attempt-Id"
STATUS_VARIABLES = "CALL,AG,OPTKEY,DETECT,VERDICT"

Action = list[tuple[str, str | int]]


def place_customer(call: CustomerCall) -> Action:
    """Straight on the trunk, with the attempt id as channel id: a repeated one is refused by Asterisk itself."""
    variables: dict[str, str | int] = {
        "CALL": call.id,
        "SAFEMS": call.safe_harbour_ms,
        "TALKS": call.talk_limit_s,
        "MSG": call.message,
        "OPTKEY": call.opt_out_key,
        "REC": int(call.record),
        "DETECT": int(call.detect),
        f"PJSIP_HEADER(add,{ATTEMPT_HEADER})": call.id,
    }
    return [
        *_originate(f"PJSIP/{call.number}@{call.trunk}", call.id, "cust", call.ring_timeout_s),
        ("CallerID", f"<{call.caller_id}>"),
        *_variables(variables),
    ]


def ring_agent(leg: AgentLeg) -> Action:
    """The agent's own phone; the caller ID he sees is his own number."""
    return [
        *_originate(f"PJSIP/{leg.agent}", leg.id, "agent", leg.ring_timeout_s),
        ("CallerID", f"<{leg.agent}>"),
        *_variables({"AG": leg.agent, "LEG": leg.id}),
    ]


def play_tone(agent: str) -> Action:
    """A beep whispered onto the agent's own leg."""
    return [
        ("Action", "Originate"),
        ("Channel", f"Local/{agent}@tone/n"),
        ("Context", "tone-play"),
        ("Exten", "s"),
        ("Priority", "1"),
        ("Async", "true"),
        ("Timeout", 2000),
        ("CallerID", f"<{agent}>"),
    ]


def send_keys(call_id: str, keys: str, wait_ms: int) -> Action:
    """Tones onto the customer's channel, from a helper of their own: PlayDTMF would keep this session waiting."""
    return [
        ("Action", "Originate"),
        ("Channel", "Local/s@keys/n"),
        ("Application", "Wait"),  # its other end, until the tones are out
        ("Data", "60"),
        ("Async", "true"),
        ("Timeout", 2000),
        *_variables({"CALL": call_id, "KEYS": keys, "KEYWAIT": wait_ms}),
    ]


def redirect_to_room(channel: str, agent: str) -> Action:
    """Move an answered customer into the agent's room; its response says nothing about the outcome."""
    return [
        ("Action", "Redirect"),
        ("Channel", channel),
        ("Context", "room"),
        ("Exten", agent),
        ("Priority", "1"),
    ]


def hang_up(channel: str) -> Action:
    """End a channel by its name or id."""
    return [("Action", "Hangup"), ("Channel", channel)]


def status() -> Action:
    """All channels, with the variables that tell ours."""
    return [("Action", "Status"), ("Variables", STATUS_VARIABLES)]


def core_settings() -> Action:
    """Which Asterisk is it? The banner names the protocol's version only. (AMI CoreSettings; needs class reporting.)"""
    return [("Action", "CoreSettings")]


def detection() -> Action:
    """Does it have answering machine detection? Answered with Value 1 where app_amd is loaded."""
    return [("Action", "Getvar"), ("Variable", "IFMODULE(app_amd.so)")]


def core_status() -> Action:
    """When did this Asterisk start?"""
    return [("Action", "CoreStatus")]


def device_states() -> Action:
    """Which carriers and phones can be reached now?"""
    return [("Action", "DeviceStateList")]


def _originate(channel: str, channel_id: str, context: str, timeout_s: int) -> Action:
    # Without Async the whole session waits for the far end (a ping took 2 s behind a 2 s ring).
    return [
        ("Action", "Originate"),
        ("Channel", channel),
        ("ChannelId", channel_id),
        ("Context", context),
        ("Exten", "s"),
        ("Priority", "1"),
        ("Timeout", timeout_s * 1000),
        ("Async", "true"),
    ]


def _variables(variables: dict[str, str | int]) -> Action:
    return [("Variable", f"{name}={value}") for name, value in variables.items()]
