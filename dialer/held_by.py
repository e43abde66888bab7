"""What keeps a campaign from calling faster? Each cause by name, and what it means for who asks."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialer.floor import CampaignFloor, Pace


class HeldBy(StrEnum):
    """The causes. Each value is what a person reads, without numbers, so that decisions alike are counted as one."""

    NOTHING = "nothing"
    NO_AGENT = "no agent ready"
    ENOUGH = "enough calls under way"
    RISK = "the risk of one call too many"
    BUDGET = "the abandon budget"
    LINES_PER_AGENT = "the lines per agent"
    AGENT_LINES_SHARE = "the share by weight of the lines per agent"
    CAMPAIGN_LINES = "max_calls of the campaign"
    TRUNK_LINES = "the trunk's lines"
    TRUNK_SHARE = "the share by weight of the trunk"
    CAMPAIGN_RATE = "attempts_per_second of the campaign"
    TRUNK_RATE = "attempts_per_second of the trunk"
    BY_HAND = "the mode: agents dial themselves"
    NO_LEAD = "no lead left to dial"
    NOT_DUE = "no lead due yet"
    NO_TRUNK = "a missing trunk"
    TRUNK_DOWN = "a trunk that is down"
    TRUNK_SUSPENDED = "a suspended trunk"
    EXCHANGE = "an exchange that cannot be reached"
    ASKING = "asking the exchange which calls still run"
    DATABASE = "a database that cannot be written"
    RULES = "rules that are missing"
    TIME_ZONES = "time zone data that is too old"
    DETECTION = "answering machine detection that is missing"
    FAULT = "a fault of the dialer"
    NOT_RUNNING = "a campaign that was not running"
    UNKNOWN = "a limit without a name"

    @property
    def of_pacing(self) -> bool:
        """Whether it is pacing's daily bread, and a change to it tells nothing unless something graver ends."""
        return self in _OF_PACING

    @property
    def comes_and_goes(self) -> bool:
        """Whether it may come and go with every call: told once a minute, not each time."""
        return self in _OF_PACING or self in _COMES_AND_GOES

    @property
    def meaning(self) -> str:
        """What it means and what may be done about it; empty for what explains itself."""
        return _MEANING.get(self, "")


_H = HeldBy
_OF_PACING = frozenset({_H.NOTHING, _H.NO_AGENT, _H.ENOUGH, _H.RISK})
_LINES = {_H.LINES_PER_AGENT, _H.AGENT_LINES_SHARE, _H.CAMPAIGN_LINES, _H.TRUNK_LINES, _H.TRUNK_SHARE}
_COMES_AND_GOES = frozenset({_H.BUDGET, _H.CAMPAIGN_RATE, _H.TRUNK_RATE, *_LINES})
_MEANING = {
    _H.NO_AGENT: "Every agent who was logged in was in a call, in wrap-up or paused.",
    _H.ENOUGH: "As many calls were ringing as the agents free then could take.",
    _H.RISK: "One more call was likelier to meet nobody than could be risked: the sentences say how much.",
    _H.BUDGET: "The abandoned calls of the day or of 30 days left no room for more calls than agents.",
    _H.LINES_PER_AGENT: "Each agent had as many calls under way as the campaign's setting allows.",
    _H.AGENT_LINES_SHARE: "Its agents serve other campaigns too, whose calls had their lines or were next by weight.",
    _H.CAMPAIGN_LINES: "As many calls were live as the campaign's max_calls allows.",
    _H.TRUNK_LINES: "As many calls were live on the trunk, from all its campaigns, as its max_calls allows.",
    _H.TRUNK_SHARE: "The trunk had lines or calls per second left, and by weight they were other campaigns'.",
    _H.CAMPAIGN_RATE: "Calls were wanted faster than the campaign's attempts_per_second lets them go out.",
    _H.TRUNK_RATE: "Calls were wanted faster than the trunk's attempts_per_second lets them go out.",
    _H.NO_LEAD: "Every lead was closed or under way: import more, or attach another list.",
    _H.NOT_DUE: "Leads were left, but none might be called yet: calling hours, or too soon after the last try.",
    _H.TRUNK_DOWN: "The carrier did not answer; nothing is dialled on a trunk that is down.",
    _H.TRUNK_SUSPENDED: "Nothing is dialled on it until a person resumes it.",
    _H.EXCHANGE: "Without the exchange nobody can be called.",
    _H.DATABASE: "No call is placed that cannot be written down first.",
    _H.TIME_ZONES: "Calling hours cannot be judged by it: pip install --upgrade tzdata, then start the dialer anew.",
    _H.DETECTION: "The exchange cannot tell machines from persons; without that the clock starts at the answer.",
    _H.FAULT: "The dialer's log has its details; a new start of the campaign clears it.",
}


def cause_of(campaign: CampaignFloor, pace: Pace) -> str:
    """What kept this decision from starting more calls: as pacing says, else as the floor shows."""
    if campaign.hold:
        return campaign.held_by or campaign.hold
    if pace.held_by:
        return pace.held_by
    if campaign.mode.by_hand:
        return HeldBy.BY_HAND
    idle = dict(pace.figures).get("idle", 0.0)
    if pace.launch >= campaign.may_start and pace.launch < idle:
        return campaign.limited_by or HeldBy.UNKNOWN
    if pace.launch:
        return HeldBy.NOTHING
    if campaign.mode.may_abandon and campaign.budget is not None and campaign.budget.more == 0:
        return HeldBy.BUDGET
    return HeldBy.ENOUGH if idle > 0 else HeldBy.NO_AGENT
