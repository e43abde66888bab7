"""Does every state take the events it may, and refuse the others in words?"""

import pytest

from campaigns.lifecycle import MOVES, CampaignEvent, LifecycleFault, allowed, move
from campaigns.model import CampaignState


def test_a_campaign_is_started_paused_resumed_stopped_and_falls_quiet() -> None:
    state = CampaignState.DRAFT
    seen = []
    for asked in ("start", "pause", "start", "stop", "quiet"):
        state = move(state, CampaignEvent(asked))
        seen.append(state)
    assert [str(s) for s in seen] == ["RUNNING", "PAUSED", "RUNNING", "STOPPING", "STOPPED"]


@pytest.mark.parametrize("state", CampaignState)
def test_an_emergency_stop_is_accepted_in_every_state_and_nothing_dials_after_it(state: CampaignState) -> None:
    assert move(state, CampaignEvent.EMERGENCY_STOP) is not CampaignState.RUNNING


def test_an_event_missing_from_the_table_is_an_error_naming_state_event_and_what_is_possible() -> None:
    with pytest.raises(LifecycleFault, match=r"PAUSED cannot take pause; possible now: start, stop, emergency_stop"):
        move(CampaignState.PAUSED, CampaignEvent.PAUSE)


@pytest.mark.parametrize("state", CampaignState)
@pytest.mark.parametrize("asked", CampaignEvent)
def test_every_pair_of_state_and_event_moves_or_is_refused(state: CampaignState, asked: CampaignEvent) -> None:
    if asked in allowed(state):
        assert move(state, asked) is MOVES[state, asked]
    else:
        with pytest.raises(LifecycleFault):
            move(state, asked)
