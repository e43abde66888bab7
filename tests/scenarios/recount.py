"""What do the raw rows add up to, counted the naive way? Shares no code with the dialer's own figures.

It reads rows and their events as they lie in the database and knows the standard outcomes by heart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]
Figures = dict[str, tuple[int, int | None]]

CONTACTS = {"sale", "refused", "callback", "do_not_call", "no_decision"}
REFUSALS = {"refused", "do_not_call"}
CONNECT_WITHIN_MS = 2000


class Story:
    """One attempt, told by its own events."""

    def __init__(self, row: Row, events: Iterable[Row]) -> None:
        self.row = row
        self.log = list(events)

    def first(self, kind: str) -> Row | None:
        return next((event for event in self.log if event["kind"] == kind), None)

    def all(self, kind: str) -> list[Row]:
        return [event for event in self.log if event["kind"] == kind]

    @property
    def answered(self) -> bool:
        return self.first("answered") is not None

    @property
    def outcome(self) -> str:
        said = self.all("disposed")
        return str(said[-1]["data"]["disposition"]) if said else ""

    @property
    def human(self) -> bool:
        return self.answered and self.outcome not in ("", "machine")

    @property
    def contact(self) -> bool:
        return self.human and self.outcome in CONTACTS

    @property
    def started(self) -> bool:
        return bool(self.all("step"))

    @property
    def completed(self) -> bool:
        return any(event["data"].get("end") for event in self.all("step"))

    @property
    def left(self) -> bool:
        told = [event["kind"] for event in self.log if event["kind"] in ("step", "left_script")]
        return bool(told) and told[-1] == "left_script" and not self.completed

    @property
    def routing(self) -> str:
        answered, joined, message, ended = map(self.first, ("answered", "joined", "safe_harbour", "ended"))
        if answered is None:
            return "NOT_ROUTED"
        if joined is not None and message is None and ms(answered, joined) <= CONNECT_WITHIN_MS:
            return "AGENT"
        if joined is not None or message is not None:
            return "ABANDONED_NO_AGENT"
        assert ended is not None
        if ended["data"]["ended_by"] != "FAR_END":
            return "ABANDONED_SYSTEM"
        return "HUNG_UP_EARLY" if ms(answered, ended) <= CONNECT_WITHIN_MS else "ABANDONED_NO_AGENT"


def ms(first: Row, second: Row) -> int:
    """Milliseconds between two events of one run of the engine."""
    assert first["data"]["run"] == second["data"]["run"]
    return round(1000 * (float(second["data"]["mono_s"]) - float(first["data"]["mono_s"])))


def figures(stories: list[Story]) -> Figures:
    """Numerator and denominator of the figures that the three reports share with this recount."""
    sent = [s for s in stories if s.row["network"] != "NOT_ATTEMPTED"]
    contacts = [s for s in stories if s.contact]
    refused = [s for s in contacts if s.outcome in REFUSALS]
    started = [s for s in stories if s.started]
    people = [s for s in stories if s.answered and s.outcome != "machine"]
    abandoned = [s for s in people if s.routing.startswith("ABANDONED")]
    joined = [s for s in people if s.routing == "AGENT" and s.human]
    return {
        "attempts": (len(sent), None),
        "connect_rate": (sum(s.answered for s in sent), len(sent)),
        "hit_rate": (sum(s.human for s in sent), len(sent)),
        "contact_rate": (len(contacts), len(sent)),  # one attempt for each lead in these scenarios
        "sales_per_contact": (sum(s.outcome == "sale" for s in contacts), len(contacts)),
        "completion_rate": (sum(s.completed for s in started), len(started)),
        "left_with_permission": (sum(s.left for s in started), len(started)),
        "refused_before_script": (sum(not s.started for s in refused), len(contacts)),
        "broke_off": (sum(s.started and not s.completed for s in refused), len(contacts)),
        "heard_it_all": (sum(s.completed for s in refused), len(contacts)),
        "abandonment": (len(abandoned), len(abandoned) + len(joined)),
        "hung_up_early": (sum(s.routing == "HUNG_UP_EARLY" for s in people), None),
        "joined_without_verdict": (sum(s.routing == "AGENT" and s.outcome == "" for s in people), None),
    }


def counts(stories: list[Story]) -> dict[str, dict[str, int]]:
    """The plain counts at the end of the campaign report."""
    return {
        "outcome": dict(Counter(s.row["network"] for s in stories)),
        "routing": dict(Counter(s.routing for s in stories if s.answered)),
        "disposition": dict(Counter(s.outcome or "(none yet)" for s in stories if s.first("joined"))),
    }


def by_agent(stories: list[Story]) -> dict[str, tuple[int, int]]:
    """Scripts started and completed by each agent."""
    started, completed = Counter[str](), Counter[str]()
    for story in stories:
        if story.started:
            started[story.row["agent"]] += 1
            completed[story.row["agent"]] += story.completed
    return {agent: (count, completed[agent]) for agent, count in started.items()}


def reached(stories: list[Story]) -> dict[str, int]:
    """How many calls visited each step."""
    return dict(Counter(step for s in stories for step in {e["data"]["step"] for e in s.all("step")}))
