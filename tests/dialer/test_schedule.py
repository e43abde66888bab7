"""Does the scheduler tick, and go on ticking whatever a tick does?"""

from __future__ import annotations

import asyncio

from dialer.schedule import Schedule


async def until(reached: asyncio.Event) -> None:
    await asyncio.wait_for(reached.wait(), 5)


async def test_the_first_tick_comes_at_once_and_more_follow() -> None:
    ticks, third = 0, asyncio.Event()

    async def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 3:
            third.set()

    schedule = Schedule(tick, every_s=0.02)
    schedule.start()
    await until(third)
    schedule.close()


async def test_a_tick_that_fails_does_not_end_the_schedule() -> None:
    ticks, second = 0, asyncio.Event()

    async def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 2:
            second.set()
        raise ValueError("bug")

    schedule = Schedule(tick, every_s=0.02)
    schedule.start()
    await until(second)
    schedule.close()


async def test_two_ticks_never_run_at_once() -> None:
    running, most, over = 0, 0, asyncio.Event()
    turns = 0

    async def tick() -> None:
        nonlocal running, most, turns
        running, turns = running + 1, turns + 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        if turns >= 3:
            over.set()

    schedule = Schedule(tick, every_s=0.01)
    schedule.start()
    await until(over)
    schedule.close()
    assert most == 1


async def test_after_close_no_tick_comes() -> None:
    ticks, first = 0, asyncio.Event()

    async def tick() -> None:
        nonlocal ticks
        ticks += 1
        first.set()

    schedule = Schedule(tick, every_s=0.01)
    schedule.start()
    await until(first)
    schedule.close()
    after = ticks
    await asyncio.sleep(0.05)  # five ticks' time: nothing can be waited for that must not come
    assert ticks == after
