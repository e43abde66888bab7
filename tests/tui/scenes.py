"""What does a plausible moment of a call floor look like? Fixed values for tests and for looking at the screens."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.dialable import Candidate, GateCode, Rules, Trunk
from campaigns.forecast import Crew, Group, History, Outcome, Tally, forecast
from campaigns.hours import US_FEDERAL
from campaigns.metrics import AbandonBudget, AbandonmentCount
from campaigns.model import AnsweredBy, ContactPoint, DiallingState, Facts, LeadState, Network
from campaigns.settings import CampaignSettings
from dialer.use_cases.forecast import sentence, shown
from dialer.views import budget_shown
from tests.campaigns.rule_builders import EveryListSaysClear

Data = dict[str, Any]

HOSTILE = (
    "[/foo] [bold red]x[/] [@click=app.quit]hi[/]",
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred",
    "\x9b31m c1 \x85 next",
    "a\r\nAction: Originate\r\nb",
    "\u202edrow\u2066 bidi \u200f\u061c",
    "王小明 Олександр é\u0301\u0302\u0303\u0304\u0305\u0306",
    "\ud800 lone, \x00 nul, \x7f del",
    "=cmd|' /C calc'!A0",
    "x" * 5000,
)


def figure(numerator: int, denominator: int) -> Data:
    return {
        "numerator": numerator,
        "denominator": denominator,
        "value": numerator / denominator if denominator else None,
    }


def budget(
    *, today: tuple[int, int] = (0, 0), month: tuple[int, int] = (0, 0), shared_with: list[str] | None = None
) -> Data:
    """The budget that the service makes of so many lost of so many answers."""
    counted = [AbandonmentCount(abandoned=lost, joined_human=answers - lost) for lost, answers in (today, month)]
    made = AbandonBudget(today=counted[0], thirty_days=counted[1], cap=0.03)
    return budget_shown(made, shared_with or [])


def row(name: str = "spring-offer", **changes: Any) -> Data:
    """A running campaign's row; one visible difference per caller."""
    made: Data = {
        "name": name,
        "state": "RUNNING",
        "zone": "America/New_York",
        "mode": "power",
        "ratio": 1.5,
        "pace": "launch 3: 4 ready x 1.5, 3 in flight, 14 more may be lost",
        "calls": {"dialling": 1, "ringing": 2, "waiting": 0, "talking": 3},
        "agents": {"ready": 4, "talk": 3, "wrap_up": 1, "pause": 1, "other": 0, "logged_in": 9},
        "today": {"attempts": 412, "answered": 171, "humans": 118, "sales": 14, "refusals": 37},
        "hit_rate": figure(118, 412),
        "abandon_today": figure(2, 120),
        "abandon_30d": figure(31, 4210),
        "budget": budget(today=(2, 120), month=(31, 4210)),
        "leads": {"total": 5000, "NEW": 3310, "RETRY": 874, "CALLBACK": 22, "IN_PROGRESS": 6, "CLOSED": 788},
        "undisposed": 1,
    }
    return made | changes


def board() -> Data:
    return {
        "exchange": {"name": "asterisk", "up": True, "version": "22.10.1", "reason": ""},
        "alarms": [
            {
                "at": "2026-11-24T13:58:40+00:00",
                "words": "Trunk north answers 503 since 13:58; it is tried again at 14:08.",
            },
            {"at": "2026-11-24T13:12:02+00:00", "words": "Agent ivan: the phone did not answer the log-in call."},
        ],
        "campaigns": [
            row(),
            row(
                "winback-uk",
                mode="progressive",
                ratio=1.0,
                pace="launch 0: no agent is ready",
                calls={"dialling": 0, "ringing": 0, "waiting": 0, "talking": 2},
                agents={"ready": 0, "talk": 2, "wrap_up": 0, "pause": 0, "other": 0, "logged_in": 2},
                hit_rate=figure(25, 96),
                abandon_today=figure(2, 53),
                abandon_30d=figure(11, 480),
                budget=budget(today=(2, 53), month=(11, 480), shared_with=["winback-ie"]),
                undisposed=0,
            ),
            row(
                "survey-north",
                state="PAUSED",
                mode="manual",
                pace="nothing is dialled: the campaign is paused",
                calls={"dialling": 0, "ringing": 0, "waiting": 0, "talking": 0},
                agents={"ready": 0, "talk": 0, "wrap_up": 0, "pause": 0, "other": 0, "logged_in": 0},
                today={"attempts": 0, "answered": 0, "humans": 0, "sales": 0, "refusals": 0},
                hit_rate=figure(0, 0),
                abandon_today=figure(0, 0),
                abandon_30d=figure(0, 0),
                budget=budget(),
                undisposed=0,
            ),
        ],
    }


def campaign(name: str = "spring-offer") -> Data:
    calls = (
        ("+12025550143", "talking", 42.3, "anna", "Maria Lopez"),
        ("+12025550171", "talking", 187.0, "王小明", "Олександр Шевченко"),
        ("+12025550102", "talking", 5.1, "carl", "Ann O'Neill"),
        ("+12025550119", "ringing", 11.9, "", "Bob Stone"),
        ("+12025550188", "ringing", 3.0, "", "Li Wei"),
        ("+12025550150", "dialling", 0.4, "", "Zoë Müller"),
    )
    agents = (
        ("anna", "1001", "TALK", "", 42.3),
        ("王小明", "1002", "TALK", "", 187.0),
        ("carl", "1003", "TALK", "", 5.1),
        ("dora", "1004", "READY", "", 12.0),
        ("eve", "1005", "WRAP_UP", "", 21.5),
        ("fred", "1006", "PAUSE", "lunch", 1260.0),
        ("ivan", "1009", "LOGGED_OUT", "", 4000.0),
    )
    held = (
        (
            "Grace Kim",
            "+12025550131",
            "TOO_SOON",
            "called 35 min ago; no answer is tried again after 4 h",
            "2026-11-24T17:30:00+00:00",
        ),
        (
            "Hugo Diaz",
            "+13105550107",
            "OUTSIDE_HOURS",
            "06:05 in America/Los_Angeles; calls from 08:00",
            "2026-11-24T16:00:00+00:00",
        ),
        ("Ida Berg", "+12025550166", "DO_NOT_CALL", "on do-not-call since 2026-10-02 (asked by e-mail)", None),
    )
    decisions = (
        ("14:05", 3, "the risk of one call too many", 0.55, "launch 3: 4 idle, 11 ringing of which 2.9 should answer"),
        ("14:04", 0, "a trunk that is down", 0.97, "launch 0: trunk north is down: no answer to OPTIONS"),
        ("14:03", 9, "", 0.0, "launch 4: 3 idle, 1.6 expected free within 9 s, 8 ringing of which 2.1 should answer"),
        ("14:02", 7, "no agent ready", 0.31, "started by anna: the campaign is RUNNING"),
    )
    return {
        "row": row(name),
        "calls": [
            {"id": f"a-{place}", "number": number, "lead": lead, "state": state, "seconds": seconds, "agent": agent}
            for place, (number, state, seconds, agent, lead) in enumerate(calls)
        ],
        "agents": [
            {"name": agent, "number": number, "state": state, "code": code, "seconds": seconds, "call": ""}
            for agent, number, state, code, seconds in agents
        ],
        "held": [
            {"lead": lead, "number": number, "code": code, "reason": reason, "ask_again_at": until}
            for lead, number, code, reason, until in held
        ],
        "decisions": [
            {
                "minute": f"2026-11-24T{at}:00+00:00",
                "launched": n,
                "cancelled": 0,
                "held_by": by,
                "share": share,
                "said": said,
            }
            for at, n, by, share, said in decisions
        ],
        "settings": {"name": name, "zone": "America/New_York", "mode": "power", "ratio": 1.5, "abandon_cap": 0.03},
    }


DISPOSITIONS = [
    {"code": "sale", "label": "Sale", "key": "1", "callback": False},
    {"code": "refused", "label": "Refused", "key": "2", "callback": False},
    {"code": "callback", "label": "Callback", "key": "3", "callback": True},
    {"code": "wrong_number", "label": "Wrong number", "key": "4", "callback": False},
    {"code": "do_not_call", "label": "Do not call", "key": "5", "callback": False},
    {"code": "not_available", "label": "Person not available", "key": "6", "callback": False},
    {"code": "machine", "label": "Answering machine", "key": "7", "callback": False},
    {"code": "no_decision", "label": "Spoke, no decision", "key": "8", "callback": False},
]


def script(**changes: Any) -> Data:
    made: Data = {
        "name": "spring-offer",
        "version": 3,
        "step": "interest",
        "text": "Good afternoon, Maria. I am calling from Northwind about your contract that ends in May.\n"
        "May I tell you in two sentences what changes?",
        "fields": [
            {"name": "provider", "label": "Present provider", "kind": "text", "choices": [], "value": ""},
            {
                "name": "plan",
                "label": "Plan",
                "kind": "choice",
                "choices": ["small", "family", "business"],
                "value": "",
            },
        ],
        "next": [
            {"key": "1", "label": "Yes, tell me", "step": "offer"},
            {"key": "2", "label": "Not interested", "step": "objection"},
        ],
        "may_leave": True,
        "end": False,
        "completed": False,
    }
    return made | changes


def desk(state: str = "TALK", **changes: Any) -> Data:
    """An agent's desk; in TALK and WRAP_UP with a call."""
    live = state in ("TALK", "WRAP_UP")
    made: Data = {
        "agent": {"name": "anna", "number": "1001", "state": state, "code": "", "seconds": 42.3},
        "campaign": "spring-offer",
        "message": "",
        "call": {
            "attempt": "a-1",
            "number": "+12025550143",
            "state": "talk" if state == "TALK" else "wrap_up",
            "seconds": 42.3,
            "wrap_up_left_s": 12.4 if state == "WRAP_UP" else None,
            "disposition": "",
        }
        if live
        else None,
        "lead": {
            "name": "Maria Lopez",
            "number": "+12025550143",
            "fields": [["City", "Washington"], ["Postal code", "20001"], ["contract_until", "2027-05-31"]],
            "note": "Prefers the afternoon.",
        }
        if live
        else None,
        "script": script() if live else None,
        "dispositions": DISPOSITIONS,
        "pause_codes": ["break", "lunch", "meeting", "training", "technical", "personal"],
    }
    return made | changes


def preview_desk(**changes: Any) -> Data:
    """An agent's desk with a lead on it that he looks at."""
    shown: Data = {
        "number": "+12025550143",
        "left_s": 41.0,
        "then": "dial",
        "reasons": ["wrong time", "known already", "wrong data", "not a fit"],
        "attempts": 1,
    }
    call = desk("TALK")
    script_to_come = call["script"] | {"fields": [], "next": [], "may_leave": False}
    made = desk("PREVIEW", lead=call["lead"], script=script_to_come, preview=shown | changes)
    return made | {"agent": made["agent"] | {"seconds": 19.0}}


WHY: Data = {
    "number": "+13105550107",
    "campaign": "spring-offer",
    "dialable": False,
    "gates": [
        {"code": "campaign_state", "passed": True, "reason": "the campaign is RUNNING", "passes_at": None},
        {"code": "do_not_call", "passed": True, "reason": "on no list", "passes_at": None},
        {"code": "attempts", "passed": True, "reason": "1 of 6 tries used", "passes_at": None},
        {
            "code": "calling_hours",
            "passed": False,
            "reason": "06:05 in America/Los_Angeles; calls from 08:00",
            "passes_at": "2026-11-24T16:00:00+00:00",
        },
        {"code": "live_call", "passed": True, "reason": "no call to this number", "passes_at": None},
    ],
    "ask_again_at": "2026-11-24T16:00:00+00:00",
    "zones": [
        {"zone": "America/Los_Angeles", "local": "2026-11-24T06:05:09-08:00"},
        {"zone": "America/Denver", "local": "2026-11-24T07:05:09-07:00"},
    ],
}

PACE: Data = {
    "campaign": "spring-offer",
    "zone": "America/New_York",
    "meaning": "As many calls were live on the trunk, from all its campaigns, as its max_calls allows.",
    "figures_said": "Least, mean, most: agents idle 3, 3.5, 4; risk of one too many 2.4, 3.2, 4 %.",
    "before": "In the hour before: 6.0 calls launched a minute, held most by no agent ready (31 %).",
    "settings_said": ["08:31: version 2 of the settings was saved by anna."],
    "rows": [],
    "said": [
        {"at": "2026-11-24T09:04:00-05:00", "why": "first", "words": "launch 2: 4 idle, 9 ringing"},
        {
            "at": "2026-11-24T09:04:17-05:00",
            "why": "change",
            "words": "launch 0: 4 idle, but the trunk's lines leaves 0",
        },
    ],
    "left_out": 3,
}
PACE_SAID = "09:04-09:05: 2 calls launched in 58 looks. For 71 % of the minute held by: the trunk's lines."

REPORT: Data = {
    "format": 1,
    "kind": "completion",
    "title": "Completion report, spring-offer, 2026-11-24 (America/New_York)",
    "campaign": "spring-offer",
    "period": {"from": "2026-11-24", "to": "2026-11-24", "zone": "America/New_York"},
    "columns": [
        {"name": "by", "label": "By", "kind": "text", "definition": ""},
        {"name": "agent", "label": "Agent", "kind": "text", "definition": ""},
        {"name": "step", "label": "Step", "kind": "text", "definition": "stable key of the step"},
        {"name": "started", "label": "Started", "kind": "count", "definition": "calls with a script step"},
        {"name": "completion_rate", "label": "Completion", "kind": "share", "definition": "completed / started"},
        {"name": "ended_here", "label": "Ended here", "kind": "count", "definition": ""},
    ],
    "rows": [
        {"by": "campaign", "agent": "", "step": "", "started": 96, "completion_rate": 0.427, "ended_here": None},
        {"by": "agent", "agent": "anna", "step": "", "started": 40, "completion_rate": 0.5, "ended_here": None},
        {"by": "agent", "agent": "王小明", "step": "", "started": 56, "completion_rate": None, "ended_here": None},
        {"by": "step", "agent": "", "step": "interest", "started": None, "completion_rate": None, "ended_here": 37},
        {"by": "step", "agent": "", "step": "offer", "started": None, "completion_rate": None, "ended_here": 18},
    ],
    "figures": [
        {
            "name": "completion_rate",
            "label": "Call completion",
            "numerator": 41,
            "denominator": 96,
            "value": 0.427083,
            "unit": "share",
            "formula": "script completed / scripts started",
        },
    ],
    "notes": ["Agents have no hit rate of their own: calls that nobody answered belong to no agent."],
}

CHECKED: Data = {
    "status": "PARTIAL",
    "rows": 1204,
    "accepted": 1200,
    "numbers": ["+12025550143"],
    "rejected": [
        {
            "line": 2,
            "column": "phone",
            "code": "E-PHONE",
            "reason": "leads.csv line 2, phone '555010…': too short for US. Not imported.",
        },
        {
            "line": 17,
            "column": "timezone",
            "code": "E-TZ",
            "reason": "leads.csv line 17, timezone 'Mars/Olympus': unknown zone.",
        },
        {"line": 30, "column": "", "code": "E-COLS", "reason": "leads.csv line 30: 8 values, header has 6."},
    ],
    "warnings": [
        {
            "line": 9,
            "column": "phone",
            "code": "W-DUP",
            "reason": "line 9 repeats the number of line 3; kept the first.",
        }
    ],
    "message": "1200 of 1204 rows can be imported; nothing is stored yet.",
}

AGENTS: Data = {
    "agents": [
        {"name": "anna", "number": "1001", "campaigns": ["spring-offer"]},
        {"name": "dora", "number": "1004", "campaigns": []},
    ]
}

ENTRIES: Data = {
    "entries": [
        {
            "number": "+12025550166",
            "scope": "everything",
            "value": "",
            "actor": "anna",
            "reason": "asked by e-mail",
            "added_at": "2026-10-02T09:00:00+00:00",
            "removed_at": None,
        }
    ]
}


def fill(fake: Any) -> None:
    """Publish one moment of everything, with answers to the questions the screens ask."""
    fake.publish("board", board())
    for name in ("spring-offer", "winback-uk", "survey-north"):
        fake.publish(f"campaign:{name}", campaign(name))
    fake.publish("desk:anna", desk())
    fake.answers.update(
        {
            "why": ("done", "", WHY),
            "pace.explain": ("done", PACE_SAID, PACE),
            "report.get": ("done", REPORT["title"], REPORT),
            "export.run": ("done", "Wrote 3 files of 2026-11-24 to exports.", {}),
            "leads.check": ("done", CHECKED["message"], {"report": CHECKED}),
            "leads.import": ("done", "1200 leads stored as batch 7.", {"batch": 7, "report": CHECKED}),
            "leads.undo": ("done", "Batch 7 is undone: 1200 leads taken out.", {}),
            "agent.list": ("done", "", AGENTS),
            "dnc.check": ("done", "+12025550166 is on do-not-call.", ENTRIES),
            "dnc.list": ("done", "1 entry.", ENTRIES),
        }
    )


def move(fake: Any, tick: int) -> None:
    """Let time pass, for looking at the screens by hand."""
    values = copy.deepcopy((board(), campaign(), desk("WRAP_UP" if tick % 100 > 60 else "TALK")))
    values[0]["campaigns"][0]["calls"]["ringing"] = tick % 7
    for call in values[1]["calls"]:
        call["seconds"] += tick * 0.4
    values[2]["call"]["seconds"] += tick * 0.4
    for topic, value in zip(("board", "campaign:spring-offer", "desk:anna"), values, strict=True):
        fake.publish(topic, value)


def forecast_answer(agents: int = 9, leads: int = 1300) -> tuple[str, str, Data]:
    """What the service answers for a list in two zones that lasts for a morning."""
    at = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
    settings = CampaignSettings(name="spring-offer")
    north = Trunk(name="north", practice=False, loopback=False)
    rules = Rules(settings=settings, trunk=north, profile=US_FEDERAL, registries=EveryListSaysClear())
    heard = Outcome(
        facts=Facts(network=Network.ANSWERED, answered_by=AnsweredBy.HUMAN, joined_at=at),
        disposition=settings.disposition("refused"),
        calls=118,
    )
    quiet = Outcome(facts=Facts(network=Network.NO_ANSWER), disposition=None, calls=294)
    history = History(
        since=at - timedelta(days=28),
        tallies=(Tally(hour=10, attempt=1, calls=412, humans=118),),
        outcomes=(heard, quiet),
        attempts_at_work=412,
        hours_at_work=8.0,
    )
    groups = [_group(leads * 2 // 3, "America/New_York"), _group(leads // 3, "America/Los_Angeles")]
    told = forecast(groups, rules, Crew(agents=agents), history, at=at)
    more = {"campaign": "spring-offer", "agents_from": "logged in", "notes": ["Leads in a call now are left out."]}
    return "done", sentence("spring-offer", told), shown(told, history) | more


def funnel_answer() -> tuple[str, str, Data]:
    """What the service answers of 1,300 leads, some listed, some resting, at noon and the next morning."""

    def held(standing: str, code: str, leads: int, detail: str = "") -> Data:
        told = {"standing": standing, "code": code, "detail": detail, "leads": leads, "alone": leads}
        return told | {"words": f"{GateCode(code).words} ({detail})" if detail else GateCode(code).words}

    never = [held("never", "LEAD_STATE", 96, "sale"), held("never", "DO_NOT_CALL", 31), held("never", "REGISTRY", 3)]
    now, morning = "2026-11-24T12:05:00-05:00", "2026-11-25T09:00:00-05:00"
    told = [
        {"at": now, "callable": 866, "later": 301, "in_a_call": 3, "never": 130, "next_at": "2026-11-24T12:20:00-05:00"}
        | {"opens": [{"hour": f"2026-11-24T{hour}:00:00-05:00", "leads": hour * 2} for hour in range(12, 20)]}
        | {"held": [held("later", "RETRY_TIME", 301), held("in_a_call", "LEAD_STATE", 3), *never]},
        {"at": morning, "callable": 742, "later": 425, "in_a_call": 3, "never": 130, "next_at": morning, "opens": []}
        | {"held": [held("later", "CALLING_HOURS", 425), held("in_a_call", "LEAD_STATE", 3), *never]},
    ]
    words = "spring-offer: of 1300 leads 866 callable Tue 12:05, 742 callable Wed 09:00; 130 never."
    more = {"campaign": "spring-offer", "leads": 1300, "notes": ["Leads are taken as they stand now."]}
    return "done", words, {"instants": told} | more


def _group(leads: int, zone: str) -> Group:
    point = ContactPoint(
        id=1, number="+12127360100", kind="fixed_or_mobile", region="US", zones=(zone,), practice=False
    )
    state = DiallingState(campaign_id=1, person_id=1, list_id=1, state=LeadState.NEW, contact_point_id=1)
    one = Candidate(contact_point=point, state=state, suppressions=(), attempted_at=(), live_call=False)
    return Group(candidate=one, leads=leads)
