"""How is each state, figure and length of time said on a screen? Words, numbers and their colours.

Colour never stands alone: each coloured thing also says its meaning in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from rich.text import Text

from tui.safe import joined, right, safe_text

GOOD = "#5fc98a"
WARN = "#e3b341"
BAD = "#ff6b6b"
CALM = "#6cb6ff"
DIM = "#8b95a7"
STRONG = "bold"

CAMPAIGN_STYLE = {"RUNNING": GOOD, "PAUSED": WARN, "STOPPING": WARN, "STOPPED": DIM, "DRAFT": DIM}
CALL_STYLE = {
    "dialling": DIM,
    "ringing": CALM,
    "screening": CALM,
    "waiting": BAD,
    "joining": CALM,
    "talking": GOOD,
    "holding": BAD,
    "message": BAD,
    "wrap_up": WARN,
}
BUDGET_STYLE = {"free": GOOD, "tight": WARN, "spent": BAD}
AGENT_STYLE = {
    "READY": GOOD,
    "TALK": CALM,
    "HOLD": CALM,
    "WRAP_UP": WARN,
    "PREVIEW": WARN,
    "RINGING": WARN,
    "PAUSE": DIM,
    "LOGGED_OUT": DIM,
    "SYSTEM": BAD,
}
_SAID = {
    "wrap_up": "wrap-up",
    "screening": "listening",
    "WRAP_UP": "WRAP-UP",
    "LOGGED_OUT": "LOGGED OUT",
    "SYSTEM": "NO LINE",
    "IN_PROGRESS": "in progress",
}

# Each figure's definition, as docs/glossary has it; the help screen shows them.
FIGURES: tuple[tuple[str, str], ...] = (
    ("Hit rate", "attempts answered by a human / attempts sent to a trunk."),
    (
        "Lost (abandoned)",
        "answered calls that did not reach an agent in time (the campaign's limit, at most 2 s), unless a machine "
        "was proved / those plus calls joined in time and marked human. Today and over 30 days.",
    ),
    (
        "Left (budget)",
        "how many more calls may be lost now, today and in 30 days, clones counted together; calls of unknown end and "
        "people waiting count as lost. At least 2 in 30 days, however few answered.",
    ),
    (
        "free, tight, spent",
        "the cap is kept with 95 % confidence; something is left, but so few answers may hide a share over it; nothing "
        "is left: no more calls than free agents.",
    ),
    ("Pace", "the dialer's last decision and its reason: calls to start, agents ready, calls in flight."),
    (
        "Calls",
        "dialling: sent to the trunk; ringing: at the customer; listening: answered, a person or a machine?; waiting: "
        "answered, no agent yet; talking: joined.",
    ),
    ("Agents", "ready, talk, wrap-up and pause add up with the other states to those logged in."),
    ("Attempts", "calls sent to a trunk. Blocked ones are counted apart, under held leads."),
    ("Humans", "attempts answered by a person, by the agent's word or the detector's."),
    ("Sales, refusals", "attempts closed with a disposition that carries that flag."),
    ("Leads", "NEW: not called yet; RETRY: waits for its time; CALLBACK: promised; CLOSED: nothing more to do."),
    ("No outcome yet", "calls that ended without a disposition; the lead rests until it is set, or 24 h."),
    ("Held", "a lead that may not be called now, with the first gate that fails and when it will pass."),
    ("Completion", "calls with the script completed / calls where the script started; the others by their last step."),
    ("Refusal", "refused before the script, broke off at a step, heard it all and said no; each / human contacts."),
    ("none", "no data. It is never shown as zero."),
)


def said(code: object) -> str:
    """A state's code in plain words."""
    words = str(code or "")
    return _SAID.get(words, words)


def length(seconds: object) -> str:
    """A length of time: 0:42, 12:05, 1:02:03; empty when there is none."""
    if not isinstance(seconds, int | float) or seconds != seconds or seconds in (float("inf"), float("-inf")):
        return ""
    whole = max(int(seconds), 0)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def share(figure: object) -> str:
    """A figure's value as a percentage, or `none`: no data is never zero."""
    value = figure.get("value") if isinstance(figure, Mapping) else None
    return f"{value * 100:.1f} %" if isinstance(value, int | float) else "none"


def share_with_counts(figure: object) -> str:
    """A figure with what it is made of: 12.5 % (25 of 200)."""
    if not isinstance(figure, Mapping):
        return "none"
    return f"{share(figure)} ({figure.get('numerator', 0)} of {figure.get('denominator', 0)})"


def abandon_style(figure: object, cap: object = 0.03) -> str:
    """Calm far from the cap, a warning from two thirds of it, bad at it."""
    value = figure.get("value") if isinstance(figure, Mapping) else None
    if not isinstance(value, int | float):
        return DIM
    cap = cap if isinstance(cap, int | float) else 0.03
    return BAD if value >= cap else WARN if value >= cap * 2 / 3 else GOOD


def budget_left(budget: object) -> str:
    """What may still be lost: 14 more today · 96 in 30 days; empty when it is not known."""
    if not isinstance(budget, Mapping):
        return ""
    return f"{budget.get('more', '-')} more today · {budget.get('more_30d', '-')} in 30 days"


def budget_style(budget: object) -> str:
    """Calm while the limit is surely kept, a warning while chance may carry it over, bad when nothing is left."""
    return BUDGET_STYLE.get(str(budget.get("stage")), "") if isinstance(budget, Mapping) else DIM


def clock(moment: object, zone: tzinfo | None = None) -> str:
    """An ISO instant as 2026-11-24 15:00 +02:00 in `zone`, or in its own where none is given."""
    when = instant(moment)
    if when is None:
        return ""
    local = when.astimezone(zone) if zone is not None else when
    return f"{local:%Y-%m-%d %H:%M} {_offset(local)}"


def instant(moment: object) -> datetime | None:
    """The aware instant an ISO text names, or None."""
    try:
        when = datetime.fromisoformat(str(moment))
    except ValueError:
        return None
    return when if when.tzinfo is not None else None


def _offset(when: datetime) -> str:
    words = f"{when:%z}"
    return "UTC" if words == "+0000" else f"{words[:3]}:{words[3:5]}"


def number(value: object, style: str = "") -> Text:
    """A count for a column of counts: to the right, zero dimmed so that the others stand out."""
    words = value if isinstance(value, int | float) else "-"
    return right(safe_text(words, style=style if words else DIM))


def campaign_state(state: object) -> Text:
    """A campaign's state in its colour."""
    return safe_text(said(state), style=CAMPAIGN_STYLE.get(str(state), ""))


def agent_state(agent: Mapping[str, Any]) -> Text:
    """An agent's state in its colour, with the code of a pause."""
    state = str(agent.get("state", ""))
    code = agent.get("code")
    words = safe_text(said(state), style=AGENT_STYLE.get(state, ""))
    return joined(words, (f" {code}", DIM)) if code else words


def mode(row: Mapping[str, Any]) -> str:
    """How calls are paced: manual, progressive, power 1.5."""
    words = str(row.get("mode", ""))
    ratio = row.get("ratio")
    return f"power {ratio:.1f}" if words == "power" and isinstance(ratio, int | float) else words
