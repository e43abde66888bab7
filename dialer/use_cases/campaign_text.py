"""How does a campaign look as text that people keep, compare and give back?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from campaigns.settings import CampaignSettings, settings_as_dict


def as_toml(settings: CampaignSettings) -> str:
    """The settings as TOML in the order of their definition; `settings_from` reads an equal value back."""
    plain = settings_as_dict(settings)
    tables = {key: value for key, value in plain.items() if isinstance(value, list) and _of_tables(value)}
    lines = [f"{key} = {_value(value)}" for key, value in plain.items() if key not in tables]
    for name, entries in tables.items():
        for entry in entries:
            lines += ["", f"[[{name}]]", *_entry(entry)]
    return "\n".join(lines) + "\n"


def _of_tables(value: list[Any]) -> bool:
    return any(isinstance(entry, Mapping) for entry in value)


def _entry(entry: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in entry.items()]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    # A JSON string is a TOML basic string but for DEL, which TOML wants escaped.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
