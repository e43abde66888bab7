"""What do the do-not-call lists of this installation say about a file that is only looked at?"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dialer.cli.output import pairs
from dialer.home import find_home

if TYPE_CHECKING:
    from campaigns.importing import CheckReport

_SHOWN = {
    "numbers": "different numbers",
    "clear": "on no do-not-call list",
    "own_list": "on our own list",
    "own_list_elsewhere": "on it for other sellers or campaigns only",
    "registry_listed": "on a national registry",
    "registry_unknown": "unknown to the registry: not called",
    "repeated_in_file": "repeated within the file",
    "erased_before": "of persons who were erased here",
}


def lists_say(report: CheckReport) -> dict[str, Any]:
    """The counts under `do_not_call`; nothing where no dialer is set up.

    It only reads, so a running service is not asked and not disturbed. Lists that cannot be asked are told as such.
    """
    home = find_home(os.environ)
    if not home.exists() or not report.numbers:
        return {}
    from dialer.bootstrap import offline_context
    from dialer.refusal import Refused
    from dialer.use_cases.scrubbing import digits_of, scrub

    try:
        with offline_context(home, os.environ) as context:
            return {"do_not_call": scrub(context, digits_of(report.numbers), report.repeated).as_json()}
    except Refused as refusal:
        return {"do_not_call": None, "not_asked": f"The do-not-call lists were not asked: {refusal.message}"}


def barred_lines(data: Mapping[str, Any]) -> Iterable[str]:
    """The counts for people, one a line; registries only where one is asked."""
    if data.get("not_asked"):
        yield str(data["not_asked"])
    found = data.get("do_not_call")
    if not found:
        return
    hidden = () if found["registries"] else ("registry_listed", "registry_unknown")
    yield from pairs({words: found[key] for key, words in _SHOWN.items() if key not in hidden})
