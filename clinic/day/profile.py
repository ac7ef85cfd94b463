"""When patients come and how long things take: stated shares and distributions, seeded.

Arrivals: 22 % of the day in the first hour and 17 % in the second, a second rise after noon, gaps
inside an hour near-exponential. Service times: log-normal, by their median and spread.
"""

import math
import random

# Shares of the day's patients by the hour after the doors open (07:30 to 17:30).
HOURS = (0.22, 0.17, 0.11, 0.08, 0.05, 0.06, 0.11, 0.09, 0.07, 0.04)
SAME_DAY_NO_SHOWS = 0.05  # took a number and are gone when called
BOOKED_NO_SHOWS = 0.25  # booked ahead and do not come
# Minutes of the day: median and sigma of the logarithm.
SERVICE = {
    "register": (1.2, 0.45),
    "new_file": (2.6, 0.40),
    "check_in": (0.6, 0.40),
    "desk_other": (0.9, 0.50),
    "vitals": (1.5, 0.40),
    "walk_in": (0.5, 0.50),  # from the call to the chair
    "consult": (3.4, 0.55),
    "prescribe": (1.6, 0.50),
    "correct": (1.2, 0.50),
    "review": (0.8, 0.50),
    "return_sheet": (0.8, 0.50),
    "dispense": (1.5, 0.45),
    "stock": (4.0, 0.50),
    "office": (3.0, 0.60),
}
LONGEST = 5.0  # times the median


def chance_of(seed: int, *what) -> random.Random:
    """A stream of its own for each purpose, so that one actor's luck does not move another's."""
    text = ":".join(str(one) for one in (seed, *what))
    return random.Random(text)  # noqa: S311  # nosec B311 # a simulation


def arrivals(count: int, chance: random.Random, length: float = 600.0) -> list[float]:
    """Minutes after the doors open, in order; exactly `count` of them.

    Inside an hour, the gaps between so many uniformly drawn moments are near-exponential.
    """
    each = length / len(HOURS)
    per_hour = _spread(count)
    found = [
        each * hour + chance.uniform(0, each)
        for hour, number in enumerate(per_hour)
        for _one in range(number)
    ]
    return sorted(found)


def _spread(count: int) -> list[int]:
    """So many per hour, by the largest remainders."""
    exact = [count * share for share in HOURS]
    whole = [math.floor(one) for one in exact]
    by_rest = sorted(range(len(HOURS)), key=lambda hour: whole[hour] - exact[hour])
    for hour in by_rest[: count - sum(whole)]:
        whole[hour] += 1
    return whole


def service(kind: str, chance: random.Random) -> float:
    """Minutes that somebody needs for it, besides what the machine takes."""
    median, sigma = SERVICE[kind]
    return min(median * LONGEST, chance.lognormvariate(math.log(median), sigma))
