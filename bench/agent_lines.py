"""How long does it take to share out the lines of agents who serve several campaigns?

Run: python -m bench.agent_lines [--agents 300] [--campaigns 10] [--calls 300]
Each agent serves one to five of the campaigns, drawn at random, and the campaigns want so many calls together. The
named alternative in the same run lays all calls anew for each call that is asked for. Both must give as many calls.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable

from dialer.agent_lines import AgentLines

PER_AGENT = (1.0, 1.5, 2.0, 5.0)
ROUNDS = 9


def agents_of(count: int, campaigns: int, dice: random.Random) -> Counter[frozenset[int]]:
    """So many agents by what they serve."""
    serves = (dice.sample(range(campaigns), dice.randint(1, min(5, campaigns))) for _ in range(count))
    return Counter(frozenset(each) for each in serves)


def kept(agents: Counter[frozenset[int]], per_agent: dict[int, float], asked: list[int]) -> int:
    """What the product does, calls that are laid stay laid and move when they must: how many until one has no room."""
    lines = AgentLines(agents=agents, per_agent=per_agent, calls=dict.fromkeys(per_agent, 0))
    return sum(1 for _ in itertools.takewhile(lambda campaign: lines.take(campaign) == 1, asked))


def anew(agents: Counter[frozenset[int]], per_agent: dict[int, float], asked: list[int]) -> int:
    """The same with all calls laid again for each one more."""
    calls = dict.fromkeys(per_agent, 0)
    for number, campaign in enumerate(asked):
        if not AgentLines(agents=agents, per_agent=per_agent, calls=calls).take(campaign):
            return number
        calls[campaign] += 1
    return len(asked)


def milliseconds(what: Callable[[], object]) -> float:
    """The median of some rounds, of CPU."""
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        what()
        took.append((time.process_time() - began) * 1e3)
    return statistics.median(took)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--agents", type=int, default=300)
    options.add_argument("--campaigns", type=int, default=10)
    options.add_argument("--calls", type=int, default=300)
    asked = options.parse_args()
    dice = random.Random(1)
    agents = agents_of(asked.agents, asked.campaigns, dice)
    per_agent = {each: dice.choice(PER_AGENT) for each in range(asked.campaigns)}
    calls = [dice.randrange(asked.campaigns) for _ in range(asked.calls)]
    given = kept(agents, per_agent, calls)
    if given != anew(agents, per_agent, calls):
        print("the two ways disagree")
        return 1
    ours, other = (milliseconds(lambda way=way: way(agents, per_agent, calls)) for way in (kept, anew))  # type: ignore[misc]
    print(f"{given} calls, {asked.agents} agents in {len(agents)} combinations of {asked.campaigns} campaigns")
    print(f"kept {ours:.1f} ms of CPU, laid anew for each {other:.1f} ms: {other / ours:.0f} times as long")
    print(f"load {', '.join(f'{each:.1f}' for each in os.getloadavg())}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
