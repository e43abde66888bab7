"""How many leads may be called in each of the next 24 hours, who will answer, and when does the list run dry?

Which leads may be called is `campaigns.dialable.judge`'s word, asked once for all who are judged alike; where called
leads go is `campaigns.retry.next_state`'s. What nobody can know (who is put on the do-not-call list meanwhile, which
promises agents will make, which other numbers a person has) is left out.
"""

from campaigns.forecast.chances import PRIOR_CALLS, Chances, rate
from campaigns.forecast.day import HOURS, forecast
from campaigns.forecast.values import (
    MOST_ATTEMPTS_APART,
    Crew,
    DryReason,
    DrySpell,
    Forecast,
    Group,
    History,
    Hour,
    Outcome,
    Rate,
    Tally,
    Totals,
)

__all__ = [
    "HOURS",
    "MOST_ATTEMPTS_APART",
    "PRIOR_CALLS",
    "Chances",
    "Crew",
    "DryReason",
    "DrySpell",
    "Forecast",
    "Group",
    "History",
    "Hour",
    "Outcome",
    "Rate",
    "Tally",
    "Totals",
    "forecast",
    "rate",
]
