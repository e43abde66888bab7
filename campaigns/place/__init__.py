"""Where may this lead be? The only place that concludes zones and regions from a number and an address.

`whereabouts` names every candidate and from what it was concluded; a call is legal only when it is legal in each.
"""

from campaigns.place.addresses import AddressReading
from campaigns.place.tables import known_regions
from campaigns.place.values import NO_ADDRESS, UNKNOWN_REGION, Address, Clue, ClueKind, Whereabouts
from campaigns.place.whereabouts import read_beside, whereabouts

__all__ = [
    "NO_ADDRESS",
    "UNKNOWN_REGION",
    "Address",
    "AddressReading",
    "Clue",
    "ClueKind",
    "Whereabouts",
    "known_regions",
    "read_beside",
    "whereabouts",
]
