"""Do the examples that the README names work as they stand?"""

from __future__ import annotations

import tomllib
from pathlib import Path

from campaigns.script import parse_script
from campaigns.settings import settings_from

ROOT = Path(__file__).parent.parent


def test_the_example_campaign_has_only_settings_that_exist() -> None:
    values = tomllib.loads((ROOT / "examples" / "autumn.toml").read_text())
    settings = settings_from({"name": "Autumn"} | values)
    assert settings.script == "autumn-offer"


def test_the_example_script_is_a_usable_script_of_that_name() -> None:
    assert parse_script((ROOT / "examples" / "offer.toml").read_text()).name == "autumn-offer"
