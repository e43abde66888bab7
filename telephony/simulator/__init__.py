"""How would a day of calls go without a telephone line? A simulated exchange behind the same port as the real one."""

from telephony.simulator.door import SimulatedTelephony
from telephony.simulator.exchange import SimulatedExchange, Timing
from telephony.simulator.phone import Phone
from telephony.simulator.population import Population, Screening, Shares
from telephony.simulator.practice_callees import PracticeCallees

__all__ = [
    "Phone",
    "Population",
    "PracticeCallees",
    "Screening",
    "Shares",
    "SimulatedExchange",
    "SimulatedTelephony",
    "Timing",
]
