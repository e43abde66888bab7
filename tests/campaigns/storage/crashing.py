"""What does a process do that is killed in the midst of importing and dialling?"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection

from campaigns.importing import LeadRow
from campaigns.storage import Store
from tests.builders.stored import NO_ANSWER, NOON, claim, imported, lead_rows, retry

LEADS = 300


def import_and_die(url: str, round_number: int, at_row: int) -> None:
    """Import a file and kill ourselves before its row `at_row`; a later row than the last: after the commit."""
    store = Store.open(url)
    imported(store, _dying(round_number, at_row), list_name="crash list", sha256=f"round {round_number}")
    os.kill(os.getpid(), signal.SIGKILL)


def dial_until_killed(url: str, round_number: int, network: Connection) -> None:
    """Claim, dial (tell the network), close, for ever."""
    store = Store.open(url)
    campaign = store.campaigns.get(1)
    ids = (f"r{round_number}-{n}" for n in range(10**9))
    while True:
        for attempt in claim(store, campaign, wanted=3, new_id=lambda: next(ids)).intents:
            network.send((attempt.id, attempt.number))
            store.attempts.close(attempt.id, NO_ANSWER, retry(attempt, NOON), None, NOON)


def claim_and_die(url: str) -> None:
    """Write an intent and die before it is dialled."""
    store = Store.open(url)
    claim(store, store.campaigns.get(1), new_id=lambda: "orphan")
    os.kill(os.getpid(), signal.SIGKILL)


def _dying(round_number: int, at_row: int) -> Iterator[LeadRow]:
    for n, row in enumerate(lead_rows(LEADS, start=round_number * LEADS)):
        if n == at_row:
            os.kill(os.getpid(), signal.SIGKILL)
        yield row
