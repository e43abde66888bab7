"""What is left after kill -9? Files whole or not at all, and every call that went out."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable
from typing import Any

from campaigns.storage import Store
from tests.builders.stored import NOON, after, campaign_with, claim, imported, number
from tests.campaigns.storage.crashing import LEADS, claim_and_die, dial_until_killed, import_and_die

KILLS = 20
SEED = 20261121


def run_and_wait(target: Callable[..., None], *args: Any) -> int | None:
    process = processes().Process(target=target, args=args)
    process.start()
    process.join(30)
    assert not process.is_alive()
    code: int | None = process.exitcode
    return code


def processes() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.campaigns.storage.crashing"])
    return context


def test_an_import_that_is_killed_leaves_all_or_nothing(url: str) -> None:
    rng = random.Random(SEED)
    whole = 0
    for round_number in range(KILLS):
        at_row = rng.choice([0, 1, rng.randrange(LEADS), LEADS - 1, LEADS])
        assert run_and_wait(import_and_die, url, round_number, at_row) == -9
        whole += at_row == LEADS
        store = Store.open(url)
        on_list = store.leads.list_by_name("crash list")
        stored = store.leads.list_summary(on_list.id).leads if on_list else 0
        orphans = store.leads.persons_with_number(number(round_number * LEADS))
        store.close()
        assert stored == whole * LEADS, f"killed at row {at_row} of round {round_number}"
        assert len(orphans) == (at_row == LEADS)


def test_a_killed_import_can_be_done_again_and_is_then_whole(url: str) -> None:
    run_and_wait(import_and_die, url, 0, LEADS // 2)
    run_and_wait(import_and_die, url, 0, LEADS)
    store = Store.open(url)
    again = imported(store, 1, list_name="crash list", sha256="round 0")
    assert (again.added, again.same_file_as is not None) == (0, True)
    assert store.leads.list_summary(again.list_id).leads == LEADS
    store.close()


def test_every_call_that_went_out_was_written_before_however_the_dialer_died(url: str) -> None:
    store = Store.open(url)
    campaign_with(store, 200)
    store.close()
    rng = random.Random(SEED)
    dialled: list[tuple[str, str]] = []
    for round_number in range(KILLS):
        dialled += killed_while_dialling(url, round_number, calls=rng.randrange(1, 40))
        store = Store.open(url)
        recorded = {attempt.id: attempt.number for attempt in store.attempts.attempts(1, NOON.date(), NOON.date())}
        live = store.attempts.live()
        contradictions = store.check_consistency()
        store.close()
        assert [call for call in dialled if recorded.get(call[0]) != call[1]] == []
        assert len({attempt.number for attempt in live}) == len(live)
        assert contradictions == ()
    assert len(dialled) >= KILLS


def killed_while_dialling(url: str, round_number: int, calls: int) -> list[tuple[str, str]]:
    """What went out to the network until the dialer was killed after so many calls, in the midst of the next."""
    here, there = processes().Pipe(duplex=False)
    dialer = processes().Process(target=dial_until_killed, args=(url, round_number, there))
    dialer.start()
    there.close()
    seen: list[tuple[str, str]] = []
    while len(seen) < calls:
        assert here.poll(30), "the dialer stopped dialling"
        seen.append(here.recv())
    dialer.kill()
    dialer.join(30)
    assert dialer.exitcode == -9
    try:
        while here.poll(0):
            seen.append(here.recv())
    except EOFError:
        pass
    here.close()
    return seen


def test_orphans_of_a_killed_dialer_are_found_and_hold_their_numbers(url: str) -> None:
    store = Store.open(url)
    campaign = campaign_with(store, 3)
    store.close()
    run_and_wait(claim_and_die, url)
    store = Store.open(url)
    (orphan,) = store.attempts.open()
    assert orphan.id == "orphan"
    held = claim(store, campaign, wanted=9, now=after(seconds=1)).intents
    assert orphan.number not in [attempt.number for attempt in held]
    store.close()
