"""What do the screens get to see? Plain values of the working state; the same figures as the reports."""

from __future__ import annotations

from typing import Any

from campaigns.metrics import AbandonBudget
from campaigns.model import AgentState, EventKind, Lead, LeadState
from campaigns.script import Field, Step, fill
from campaigns.settings import CampaignSettings, settings_as_dict
from dialer.abandon_window import budget_of, sharing_window
from dialer.decision_book import DecisionBook
from dialer.decision_words import recent_shown
from dialer.live import CampaignRun, Live, LiveCall, OnDesk, Seat, Stage
from dialer.refusal import Refused

View = dict[str, Any]
HELD_SHOWN = 200
LEADS_FRESH_S = 2.0
COUNTING_SHARE = 200.0
PAUSE_CODES = ("break", "lunch", "meeting", "training", "technical", "personal")


class Views:
    """Makes snapshots; never changes anything."""

    def __init__(self, live: Live, book: DecisionBook) -> None:
        self._live = live
        self._book = book
        self._leads: dict[int, tuple[float, View]] = {}

    def board(self) -> View:
        """All campaigns with state, pace and its sentence, calls, agents and figures."""
        live = self._live
        return {
            "exchange": {
                "name": live.telephony.exchange,
                "up": live.link_up,
                "version": live.exchange_version,
                "reason": live.link_words,
            },
            "alarms": [{"at": a.at.isoformat(), "words": a.words} for a in live.alarms],
            "campaigns": [self.row(run) for run in sorted(live.runs.values(), key=lambda r: r.name)],
        }

    def row(self, run: CampaignRun) -> View:
        now = self._live.clock.now()
        budget = budget_of(self._live, run, now)
        counted = run.today if run.today_date == run.local_date(now) else {}
        leads = self._lead_counts(run)
        return {
            "name": run.name,
            "state": run.state.value,
            "zone": run.settings.zone,
            "mode": run.settings.mode.value,
            "ratio": run.settings.ratio,
            "pace": run.pace.reason if run.pace is not None else "",
            "paced_at": run.paced_at.isoformat() if run.paced_at is not None else None,
            "calls": self._call_counts(run),
            "agents": self._agent_counts(run),
            "today": {k: counted.get(k, 0) for k in ("attempts", "answered", "humans", "sales", "refusals")},
            "hit_rate": figure(counted.get("humans", 0), counted.get("attempts", 0)),
            "abandon_today": figure(budget.today.abandoned, budget.today.base),
            "abandon_30d": figure(budget.thirty_days.abandoned, budget.thirty_days.base),
            "budget": budget_shown(budget, [r.name for r in sharing_window(self._live, run) if r is not run]),
            "leads": leads,
            "undisposed": leads["undisposed"],
        }

    def campaign(self, name: str) -> View:
        """One campaign with its live calls, agents and held leads."""
        run = self._live.run_named(name)
        if run is None:
            raise Refused(f"There is no campaign {name[:64]!r}.")
        held = self._live.store.queue.held(run.id, HELD_SHOWN)
        return {
            "row": self.row(run),
            "calls": [self._call(c) for c in self._live.calls.values() if c.run is run],
            "agents": [self._seat(s) for s in self._live.seats.values() if run.id in s.campaigns],
            "held": [
                {
                    "lead": self._lead_name(h.person_id),
                    "number": h.number,
                    "code": h.hold_code,
                    "reason": h.hold_reason,
                    "ask_again_at": h.ask_again_at.isoformat() if h.ask_again_at else None,
                }
                for h in held
            ],
            "decisions": [recent_shown(minute) for minute in reversed(self._book.recent(run.id))],
            "settings": settings_as_dict(run.settings),
        }

    def desk(self, seat: Seat) -> View:
        """What the agent's screen shows: his state, the lead, the script step, the outcomes."""
        call = self._live.calls.get(seat.call_id)
        if call is not None and call.stage not in (Stage.TALKING, Stage.WRAP_UP):
            call = call if call.for_agent else None
        at_work = call is not None and (call.stage in (Stage.TALKING, Stage.WRAP_UP) or bool(call.for_agent))
        campaign = self._live.runs.get(seat.last_campaign or 0)
        return {
            "agent": self._seat(seat),
            "campaign": campaign.name if campaign is not None else None,
            "message": seat.message or (_extension_words(call) if call is not None else ""),
            "late": self._late(seat),
            "call": self._desk_call(seat, call) if call is not None else None,
            "preview": self._desk_preview(seat.preview) if seat.preview is not None else None,
            **self._reading(seat, call if at_work else None),
            "dispositions": _dispositions(call.settings if call else campaign.settings if campaign else None),
            "pause_codes": list(PAUSE_CODES),
        }

    def _reading(self, seat: Seat, call: LiveCall | None) -> View:
        """Lead and script of his call, or of the lead he looks at."""
        if seat.preview is not None:
            desk = seat.preview
            card = _lead_card(desk.lead, desk.number, desk.extension, calls=desk.attempts)
            return {"lead": card, "script": self._script_to_come(seat, desk)}
        if call is None:
            return {"lead": None, "script": None}
        return {
            "lead": _lead_card(call.lead, call.attempt.number, call.attempt.extension),
            "script": self._desk_script(call),
        }

    def _desk_preview(self, desk: OnDesk) -> View:
        return {
            "number": desk.number,
            "left_s": max(desk.ends_s - self._live.clock.monotonic(), 0.0),
            "then": desk.settings.preview_then.value,
            "reasons": list(desk.settings.preview_skip_reasons),
            "attempts": desk.attempts,
        }

    def _script_to_come(self, seat: Seat, desk: OnDesk) -> View | None:
        """The script's first step to read beforehand: nothing can be chosen or filled in yet."""
        script = desk.run.script
        step = script.step(script.start) if script is not None else None
        if script is None or step is None or desk.lead is None:
            return None
        words = _call_words(seat, desk.settings)
        return {
            "name": script.name,
            "version": desk.run.script_version,
            "step": step.key,
            "text": fill(step.text, desk.lead, answers={}, call=words),
            "fields": [],
            "next": [],
            "may_leave": False,
            "end": step.end,
            "completed": False,
        }

    def _late(self, seat: Seat) -> View | None:
        """The agent's latest call that still waits for his word, when he has no other."""
        if not seat.undisposed or seat.call_id in self._live.calls:
            return None
        attempt = self._live.store.attempts.get(seat.undisposed[-1])
        if attempt is None:
            return None
        open_ = len(seat.undisposed)
        return {
            "attempt": attempt.id,
            "number": attempt.number,
            "lead": self._lead_name(attempt.person_id),
            "open": open_,
        }

    # --- parts ----------------------------------------------------------------------------------------

    def _call_counts(self, run: CampaignRun) -> View:
        stages = [c.stage for c in self._live.calls.values() if c.run is run]
        listened_to = {"screening": stages.count(Stage.SCREENING)} if run.settings.detects else {}
        return {
            "dialling": stages.count(Stage.DIALLING),
            "ringing": stages.count(Stage.RINGING),
            **listened_to,
            "waiting": sum(s in (Stage.WAITING, Stage.JOINING, Stage.MESSAGE, Stage.HOLDING) for s in stages),
            "talking": stages.count(Stage.TALKING),
        }

    def _agent_counts(self, run: CampaignRun) -> View:
        states = [s.state for s in self._live.seats.values() if run.id in s.campaigns and s.state.logged_in]
        named = {
            "ready": AgentState.READY,
            "talk": AgentState.TALK,
            "wrap_up": AgentState.WRAP_UP,
            **({"preview": AgentState.PREVIEW} if run.settings.mode.by_hand else {}),
            "pause": AgentState.PAUSE,
        }
        counts: View = {name: states.count(state) for name, state in named.items()}
        counts["other"] = sum(s not in named.values() for s in states)
        counts["logged_in"] = len(states)
        return counts

    def _lead_counts(self, run: CampaignRun) -> View:
        now_s = self._live.clock.monotonic()
        fresh_until_s, counts = self._leads.get(run.id, (now_s, {}))
        if not counts or now_s >= fresh_until_s:
            counts = {state.value: 0 for state in LeadState}
            for entry in self._live.store.queue.counts(run.id):
                counts[entry.state.value] += entry.leads
            counts["total"] = sum(counts.values())
            counts["undisposed"] = self._live.store.attempts.count_without_disposition(run.id)
            # A list of a million takes half a second to count: the longer it took, the longer it is believed.
            done_s = self._live.clock.monotonic()
            self._leads[run.id] = (done_s + max(LEADS_FRESH_S, COUNTING_SHARE * (done_s - now_s)), counts)
        return counts

    def _call(self, call: LiveCall) -> View:
        return {
            "id": call.attempt.id,
            "number": call.attempt.number,
            "lead": self._lead_name(call.attempt.person_id),
            "state": call.stage.value,
            "seconds": self._live.clock.monotonic() - call.since_s,
            "agent": call.agent,
        }

    def _seat(self, seat: Seat) -> View:
        return {
            "name": seat.agent.name,
            "number": seat.agent.number,
            "state": seat.state.value,
            "code": seat.code,
            "seconds": self._live.clock.monotonic() - seat.since_s,
            "call": seat.call_id,
        }

    def _lead_name(self, person_id: int) -> str:
        return lead_name(self._live.store.leads.lead(person_id))

    def _desk_call(self, seat: Seat, call: LiveCall) -> View:
        now_s = self._live.clock.monotonic()
        writing = call.stage is Stage.WRAP_UP
        return {
            "attempt": call.attempt.id,
            "number": call.attempt.number,
            "extension": call.attempt.extension,
            "state": "wrap_up" if writing else "talk" if call.stage is Stage.TALKING else "dialling",
            "seconds": now_s - call.since_s,
            "wrap_up_left_s": max(seat.wrap_ends_s - now_s, 0.0) if writing else None,
            "disposition": call.disposition,
        }

    def _words_of(self, call: LiveCall) -> dict[str, str]:
        return _call_words(self._live.seats.get(call.agent), call.settings)

    def _desk_script(self, call: LiveCall) -> View | None:
        script = call.script
        if script is None or not call.step or call.lead is None:
            return None
        step = script.step(call.step)
        if step is None:
            return None
        return {
            "name": script.name,
            "version": call.attempt.script_version,
            "step": step.key,
            "text": fill(step.text, call.lead, answers=_all_answers(call), call=self._words_of(call)),
            "fields": [_field(call, step, f) for f in step.fields],
            "next": _ways_on(step),
            "may_leave": step.may_leave,
            "end": step.end,
            "completed": any(dict(e.data).get("end") is True for e in call.events),
        }


def _call_words(seat: Seat | None, settings: CampaignSettings) -> dict[str, str]:
    return {
        "agent_name": seat.agent.name if seat is not None else "",
        "seller_name": settings.seller_name,
        "callback_number": settings.callback_number,
    }


def _ways_on(step: Step) -> list[View]:
    """The keys an agent can press: the step's choices, or one for its only way on."""
    ways = [{"key": c.key, "label": c.label, "step": c.next} for c in step.choices]
    return ways or ([{"key": "1", "label": "Go on", "step": step.next}] if step.next else [])


def _all_answers(call: LiveCall) -> dict[str, str]:
    return {name: value for answers in call.answers.values() for name, value in answers.items()}


def _field(call: LiveCall, step: Step, asked: Field) -> View:
    value = call.answers.get(step.key, {}).get(asked.name, "")
    return {
        "name": asked.name,
        "label": asked.label,
        "kind": asked.kind.value,
        "choices": list(asked.choices),
        "value": value,
    }


def _extension_words(call: LiveCall) -> str:
    """What becomes of the extension, for the agent who hears a switchboard."""
    extension = call.attempt.extension
    if not extension or call.stage is not Stage.TALKING:
        return ""
    if any(event.kind is EventKind.KEYS_SENT for event in call.events):
        return f"Extension {extension} was keyed to the switchboard. Listen until he answers; k keys it once more."
    return f"A switchboard's number: extension {extension} is being keyed."


def _lead_card(lead: Lead | None, number: str, extension: str, *, calls: int = 0) -> View | None:
    if lead is None:
        return None
    shown = (
        ("Extension", extension),
        ("Company", dict(lead.custom).get("company", "")),
        ("City", dict(lead.custom).get("city", "")),
        ("Region", lead.region),
        ("Postal code", lead.postal_code),
        ("E-mail", lead.email),
        ("Language", lead.language),
        ("Id", lead.external_id),
        ("Debt", lead.debt),
        ("Calls so far", str(calls or "")),
    )
    custom = [[k, v] for k, v in lead.custom if k not in ("company", "city")]
    return {
        "name": lead_name(lead),
        "number": number,
        "fields": [[label, value] for label, value in shown if value] + custom,
        "note": lead.note,
    }


def lead_name(lead: Any) -> str:
    """The name to show: as given, else first and last name, else nothing."""
    return str(lead.display_name or f"{lead.first_name} {lead.last_name}".strip())


def _dispositions(settings: Any) -> list[View]:
    if settings is None:
        return []
    return [{"code": d.code, "label": d.label, "key": d.key, "callback": d.callback} for d in settings.dispositions]


def budget_shown(budget: AbandonBudget, sharing: list[str]) -> View:
    """The abandon budget in plain values; `sharing` names the other campaigns of its window."""
    return {
        "more": budget.more,
        "more_today": budget.more_today,
        "more_30d": budget.more_30_days,
        "stage": budget.stage.value,
        "sentence": budget.sentence,
        "answers_needed": budget.answers_needed,
        "cap": budget.cap,
        "bound_today": budget.day.bound,
        "bound_30d": budget.month.bound,
        "waiting": budget.waiting,
        "unknown_30d": budget.thirty_days.unknown,
        "taken_for_machines_30d": budget.month.taken_for_machines,
        "undecided_today": budget.undecided,
        "shared_with": sorted(sharing),
    }


def figure(numerator: int, denominator: int) -> View:
    """A share with what it is made of; no data is none, never zero."""
    value = numerator / denominator if denominator else None
    return {"numerator": numerator, "denominator": denominator, "value": value}
