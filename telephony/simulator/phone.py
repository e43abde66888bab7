"""How does an agent's simulated phone behave when it is rung?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Phone:
    """One agent's phone: registered or not, and when it is picked up (None: never).

    `drops_after_join_s`: the phone leaves the line so long after a customer was joined (None: stays).
    """

    reachable: bool = True
    answers_after_s: float | None = 0.5
    drops_after_join_s: float | None = None
