"""How does what the store knows come into the engine? Campaigns with their rules and scripts, trunks, agents' seats.

Each may be loaded again at any time; what is live keeps the version it began with.
"""

from __future__ import annotations

from campaigns.dialable import Rules
from campaigns.script import ScriptFault, parse_script
from campaigns.storage.values import Campaign
from dialer import tallies
from dialer.live import CampaignRun, Live, Seat, TrunkLine
from dialer.recorded import Fingerprint, WhyNotPlayed
from dialer.registries import KeptRegistries
from dialer.rules import on_record, rules_for
from dialer.token_bucket import TokenBucket


class Loading:
    """Reads the store into the engine's working state."""

    def __init__(
        self, live: Live, why_not_played: WhyNotPlayed, fingerprint: Fingerprint, registries: KeptRegistries | None
    ) -> None:
        self._live = live
        self._why_not_played = why_not_played
        self._fingerprint = fingerprint
        self._registries = registries
        self._began_s = live.clock.monotonic()

    def trunks_and_campaigns(self) -> None:
        """Trunks first: the rules of a campaign ask for its trunk's."""
        for trunk in self._live.store.trunks.all():
            bucket = TokenBucket.new(self._live.clock.monotonic(), self._began_s)
            line = self._live.trunks.setdefault(trunk.name, TrunkLine(trunk=trunk, bucket=bucket))
            line.trunk = trunk
        for campaign in self._live.store.campaigns.all():
            self.campaign(campaign)

    def campaign(self, campaign: Campaign) -> None:
        """One campaign with the settings, rules and script in force now."""
        store, now_s = self._live.store, self._live.clock.monotonic()
        settings = store.campaigns.settings(campaign.id)
        run = self._live.runs.get(campaign.id)
        if run is None:
            run = CampaignRun(
                id=campaign.id,
                name=campaign.name,
                state=campaign.state,
                settings=settings,
                settings_version=campaign.settings_version,
                disposition_set=campaign.disposition_set,
                window_id=campaign.window_id,
                bucket=TokenBucket.new(now_s, self._began_s),
            )
            self._live.runs[campaign.id] = run
            tallies.load(run, store, self._live.clock.now())
        run.name, run.state, run.settings = campaign.name, campaign.state, settings
        run.settings_version, run.disposition_set = campaign.settings_version, campaign.disposition_set
        run.dry_until = None
        run.rules, run.why_no_rules = self._rules(run)
        self._script(run)

    def lend(self, run: CampaignRun) -> None:
        """What similar campaigns have learned, as long as it has learned nothing by itself."""

        def trunk_of(campaign_id: int) -> str:
            known = self._live.runs.get(campaign_id)
            return known.settings.trunk if known is not None else ""

        self._live.learned = tallies.with_campaign(self._live.learned, run.id, run.settings, trunk_of)

    def seats(self) -> None:
        """Agents and the campaigns they serve; nobody at work loses his seat."""
        for agent in self._live.store.agents.all():
            seat = self._live.seats.get(agent.number)
            if seat is None:
                seat = Seat(agent=agent, campaigns=frozenset(), since_s=self._live.clock.monotonic())
                self._live.seats[agent.number] = seat
            seat.agent = agent
            seat.campaigns = frozenset(self._live.store.campaigns.of_agent(agent.id))

    def _rules(self, run: CampaignRun) -> tuple[Rules | None, str]:
        trunks = (line.trunk for line in self._live.trunks.values())
        known = on_record(self._live.store, run.id, self._fingerprint(run.settings.message))
        rules, missing = rules_for(run.settings, trunks, self._why_not_played, self._registries, known)
        return (None, missing) if missing else (rules, "")

    def _script(self, run: CampaignRun) -> None:
        run.script = run.script_version = None
        if not run.settings.script:
            return
        stored = self._live.store.scripts.script(run.settings.script)
        if stored is None:
            return
        try:
            run.script, run.script_version = parse_script(stored.body), stored.version
        except ScriptFault as fault:
            self._live.alarm(f"Script {stored.name} version {stored.version} cannot be used: {fault}")
