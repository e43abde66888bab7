"""What do the figures say? Values in, numbers or none out; every figure exactly as docs/glossary.md defines it.

`calls_of` joins attempts with the agents' words; `share` computes any share of DEFINITIONS over a period and
`calls_behind` opens it; leads, agents' time and abandonment have functions of their own.
"""

from campaigns.metrics.abandon_budget import AT_LEAST, AbandonBudget, BudgetStage, PeriodBudget
from campaigns.metrics.abandonment import (
    AbandonmentCount,
    Fate,
    abandonment,
    abandonment_share,
    budget,
    count_abandonment,
    estimated_abandonment,
    fate_of,
    total,
)
from campaigns.metrics.agents import LedgerSpan, agent_call_rate, occupancy, seconds_by_state, talk_share, utilisation
from campaigns.metrics.callbacks import Promise, callbacks
from campaigns.metrics.calls import (
    DEFINITIONS,
    DETECTION,
    Behind,
    Definition,
    attempts_count,
    calls_behind,
    first_attempt_close,
    first_call_close,
    not_sent_count,
    refusals,
    share,
)
from campaigns.metrics.confidence import upper_bound
from campaigns.metrics.durations import aht, aht_bands, average_call_length, connect_delay
from campaigns.metrics.figure import Call, Figure, Period, Unit, calls_of
from campaigns.metrics.leads import list_close_rate, list_health, penetration

__all__ = [
    "AT_LEAST",
    "DEFINITIONS",
    "DETECTION",
    "AbandonBudget",
    "AbandonmentCount",
    "Behind",
    "BudgetStage",
    "Call",
    "Definition",
    "Fate",
    "Figure",
    "LedgerSpan",
    "Period",
    "PeriodBudget",
    "Promise",
    "Unit",
    "abandonment",
    "abandonment_share",
    "agent_call_rate",
    "aht",
    "aht_bands",
    "attempts_count",
    "average_call_length",
    "budget",
    "callbacks",
    "calls_behind",
    "calls_of",
    "connect_delay",
    "count_abandonment",
    "estimated_abandonment",
    "fate_of",
    "first_attempt_close",
    "first_call_close",
    "list_close_rate",
    "list_health",
    "not_sent_count",
    "occupancy",
    "penetration",
    "refusals",
    "seconds_by_state",
    "share",
    "talk_share",
    "total",
    "upper_bound",
    "utilisation",
]
