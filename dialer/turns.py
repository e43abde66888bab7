"""Whose lead is next? Campaigns whose leads agents dial by hand take turns by weight."""

from __future__ import annotations

from dialer.live import CampaignRun


class Turns:
    """Each campaign's next turn: one that is due for every 1 / weight. Who begins later is level with the others."""

    def __init__(self) -> None:
        self._next: dict[int, tuple[float, float]] = {}  # its turn, and when it had its last one (monotonic)
        self._last = 0.0

    def of(self, run: CampaignRun) -> tuple[float, float, int]:
        """What to sort by: the least is next."""
        turn, had_s = self._next.get(run.id, (0.0, 0.0))
        return max(turn, self._last), had_s, run.id

    def had(self, run: CampaignRun, now_s: float) -> None:
        """It was its turn now."""
        self._last = self.of(run)[0]
        self._next[run.id] = self._last + 1 / run.settings.weight, now_s
