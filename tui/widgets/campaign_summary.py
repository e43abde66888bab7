"""What is there to know about one campaign at a glance? Pace, calls, agents, today's counts, the two shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from tui import wording
from tui.safe import joined, safe_text, stacked
from tui.snapshot import count, part, texts, words
from tui.widgets.words import Words

_LABEL_WIDTH = 10


class CampaignSummary(Words):
    """Nine lines about one campaign."""

    def draw(self, row: Mapping[str, Any]) -> None:
        """Show this row of the board; an empty one says that there is no campaign."""
        self.show(
            summary(row) if row else safe_text("No campaign yet. Make one with: dialer campaign create", style="")
        )


def summary(row: Mapping[str, Any]) -> Text:
    """The row in words, each figure with its numerator and denominator."""
    return stacked(
        _headline(row),
        _line("Pace", safe_text(words(row, "pace") or "nothing decided yet")),
        _line("Calls", _calls(part(row, "calls"))),
        _line("Agents", _agents(part(row, "agents"))),
        _line("Today", _counts(part(row, "today"), ("attempts", "answered", "humans", "sales", "refusals"))),
        _line("Hit rate", _hit_rate(row)),
        _line("Abandoned", _abandoned(row)),
        _line("Budget", _budget(part(row, "budget"))),
        _line("Leads", _leads(row)),
    )


def _headline(row: Mapping[str, Any]) -> Text:
    return joined(
        (words(row, "name"), f"bold {wording.CALM}"),
        wording.campaign_state(row.get("state")),
        (wording.mode(row), wording.DIM),
        between="  ",
    )


def _line(label: str, told: Text) -> Text:
    return joined((f"{label:<{_LABEL_WIDTH}}", wording.DIM), told)


def _counts(counts: Mapping[str, Any], names: tuple[str, ...]) -> Text:
    parts: list[Text] = []
    for name in names:
        value = count(counts, name)
        style = wording.CALL_STYLE.get(name, "") if value else wording.DIM
        parts.append(joined((str(value), f"bold {style}" if value else style), (f" {wording.said(name)}", wording.DIM)))
    return joined(*parts, between="   ")


def _calls(calls: Mapping[str, Any]) -> Text:
    """Calls that are listened to are shown where the campaign has detection, even when there are none just now."""
    listened_to = ("screening",) if "screening" in calls else ()
    return _counts(calls, ("dialling", "ringing", *listened_to, "waiting", "talking"))


def _agents(agents: Mapping[str, Any]) -> Text:
    looking = ("preview",) if "preview" in agents else ()
    told = _counts(agents, ("ready", "talk", "wrap_up", *looking, "pause", "other"))
    return joined(told, (f"of {count(agents, 'logged_in')} logged in", wording.DIM), between="   ")


def _abandoned(row: Mapping[str, Any]) -> Text:
    today, month, cap = row.get("abandon_today"), row.get("abandon_30d"), part(row, "budget").get("cap")
    unknown = count(part(row, "budget"), "unknown_30d")
    return joined(
        (f"today {wording.share_with_counts(today)}", wording.abandon_style(today, cap)),
        (f"30 days {wording.share_with_counts(month)}", wording.abandon_style(month, cap)),
        (f"{unknown} of unknown end" if unknown else "", wording.WARN),
        between="   ",
    )


def _budget(budget: Mapping[str, Any]) -> Text:
    if not budget:
        return safe_text("none known", style=wording.DIM)
    stage, needed = words(budget, "stage"), count(budget, "answers_needed")
    until = f"{stage} until {needed} more answers" if needed else stage
    others = ", ".join(texts(budget, "shared_with"))
    return joined(
        (wording.budget_left(budget), f"bold {wording.budget_style(budget)}"),
        (until, wording.budget_style(budget)),
        (f"with {others}" if others else "", wording.DIM),
        between="   ",
    )


def _hit_rate(row: Mapping[str, Any]) -> Text:
    told = safe_text(wording.share_with_counts(row.get("hit_rate")))
    undisposed = count(row, "undisposed")
    if not undisposed:
        return told
    return joined(told, (f"{undisposed} ended without an outcome yet", wording.WARN), between="   ")


def _leads(row: Mapping[str, Any]) -> Text:
    leads = part(row, "leads")
    told = "  ".join(
        f"{count(leads, state)} {wording.said(state).lower()}"
        for state in ("NEW", "RETRY", "CALLBACK", "IN_PROGRESS", "CLOSED")
    )
    return safe_text(f"{count(leads, 'total')}:  {told}")
