"""Which local days are holidays in a country or state? The one door to the package `holidays`.

Days are worked out when a profile is read, never when a lead is judged. The package knows what governments have
published when it was released; a profile's own file adds and removes days.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache


class UnknownCalendar(ValueError):
    """The package knows no calendar of this name."""


@lru_cache(maxsize=256)
def holidays_of(calendar: str, first_year: int, last_year: int) -> tuple[date, ...]:
    """The public holidays, observed days with them, of a country (`FR`) or a part of it (`US-LA`).

    Raises UnknownCalendar, also for a country without a single day in these years, which is no answer to rely on.
    """
    import holidays  # takes a tenth of a second: only profiles with a calendar need it

    country, _, part = calendar.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=part or None, years=range(first_year, last_year + 1))
    except (NotImplementedError, KeyError, AttributeError):
        raise UnknownCalendar(f"there is no holiday calendar {calendar[:20]!r}; use one such as FR or US-LA") from None
    days = tuple(sorted(found))
    if not days:
        raise UnknownCalendar(f"the holiday calendar {calendar[:20]!r} is empty for {first_year} to {last_year}")
    return days
