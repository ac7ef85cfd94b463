"""What chance decides about a step, how often each step comes up, and the shortest of a failure.

Not with Hypothesis: its lists like to repeat themselves, and of three thousand steps three counted
a stock-take. What is wanted of it, the same failure with fewer steps, is short.
"""

from collections.abc import Callable, Iterable
from random import Random

from tests.pharmacy.sequences.clinic import DRUGS, PEOPLE, PLACES

drugs, places, people = list(DRUGS), ["pharmacy", *PLACES], PEOPLE
RECALLED = "recalled"  # one that is, where there is any
lots = [*"ABCDABCD", RECALLED, RECALLED, " "]
last_days = [300, 60, 150, 300, 60, 150, 20, 800, 0, -1]
costs = [7, 7, 9]
amounts = [*range(1, 16), *range(1, 16), 40, 0, -1, 10**8]
notes = ["", "", "", "KN1", "KN2"]
kinds = ["move", "use", "write_off", "to_supplier"]
seldom = [False, False, False, True]
nth = range(1000)  # of whatever there is


def some(most: int, *each):
    """One up to `most` tuples of these choices."""

    def choose(chance: Random) -> list[tuple]:
        number = chance.randint(1, most)
        return [tuple(chance.choice(choices) for choices in each) for _n in range(number)]

    return choose


new_lines = some(3, drugs, lots, last_days, costs, amounts)
wishes = some(2, drugs, amounts)
parts = some(3, nth, amounts)
misses = some(6, [0, 0, -1, 3, -25])  # of the counts of a stock-take

Step = tuple[str, dict]
STEPS: dict[str, dict] = {}
WEIGHTED: list[str] = []


def step(weight: int, **choices):
    """A step that comes up so often, with what is to be chosen for it."""

    def register(method):
        STEPS[method.__name__] = choices
        WEIGHTED.extend([method.__name__] * weight)
        return method

    return register


def sequence(seed: int, length: int) -> list[Step]:
    """The same steps for the same seed."""
    chance = Random(seed)
    return [_one(chance, chance.choice(WEIGHTED)) for _n in range(length)]


def _one(chance: Random, name: str) -> Step:
    found = {
        choice: options(chance) if callable(options) else chance.choice(options)
        for choice, options in STEPS[name].items()
    }
    return name, found


def shortest(steps: list[Step], fails: Callable[[list[Step]], bool]) -> list[Step]:
    """Fewer of these steps that still fail: parts are left out, smaller and smaller ones."""
    size = len(steps) // 2
    while size:
        start = 0
        while start < len(steps):
            fewer = steps[:start] + steps[start + size :]
            if fails(fewer):
                steps = fewer
            else:
                start += size
        size //= 2
    return steps


class Nothing(Exception):
    """There is nothing yet that this step could be done to."""


def pick(rows: Iterable, n: int):
    rows = list(rows)
    if not rows:
        raise Nothing
    return rows[n % len(rows)]


def units_of(drug: str, amount: int) -> int:
    """Base units; of what is never split mostly whole packs, for others are refused anyway."""
    kind = DRUGS[drug]
    return amount if kind.divisible or amount % 7 == 0 else amount * kind.pack
