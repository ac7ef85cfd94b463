"""Small groups: which cells are not shown, so that no hidden one can be computed from the others.

A cell of 1 to 4 is hidden. Whoever knows a total and all other cells knows the one that is missing,
so others are hidden beside it; doctors add up to departments and departments to the whole.
"""

from dataclasses import dataclass, field

LEAST = 5


@dataclass
class Hidden:
    """What is not shown; `whole`: not even the total."""

    doctors: set[int] = field(default_factory=set)
    departments: set[int] = field(default_factory=set)
    whole: bool = False


def is_small(n: int) -> bool:
    return 0 < n < LEAST


def batches(sizes: dict) -> list[list]:
    """Small ones together until they are enough; those that never are stand in no batch."""
    found, small = [[key] for key, n in sizes.items() if n >= LEAST], []
    for key, n in sizes.items():
        if not is_small(n):
            continue
        small.append(key)
        if sum(sizes[one] for one in small) >= LEAST:
            found.append(small)
            small = []
    return found


def hidden(sizes: dict[int, int], department_of: dict[int, int]) -> Hidden:
    """`sizes`: how many stand behind each doctor's cell."""
    found = Hidden(doctors={doctor for doctor, n in sizes.items() if is_small(n)})
    inside: dict[int, dict[int, int]] = {}
    for doctor, n in sizes.items():
        inside.setdefault(department_of[doctor], {})[doctor] = n
    sums = {department: sum(doctors.values()) for department, doctors in inside.items()}
    if is_small(sum(sums.values())):
        return Hidden({d for d, n in sizes.items() if n}, {d for d, n in sums.items() if n}, True)
    for department, doctors in inside.items():
        if is_small(sums[department]) or not _cover(doctors, found.doctors):
            found.departments.add(department)
    _cover(sums, found.departments)
    for department in found.departments:
        _hide_one(inside[department], found.doctors)
    return found


def _cover(sizes: dict[int, int], hide: set[int]) -> bool:
    """Hide more until the sum of what is hidden tells nothing; False where that can't be."""
    mine = {key for key in sizes if key in hide and sizes[key]}
    seen = sorted((n, key) for key, n in sizes.items() if n and key not in hide)
    while mine and (len(mine) < 2 or sum(sizes[key] for key in mine) < LEAST):
        if not seen:
            return False
        mine.add(seen.pop(0)[1])
    hide |= mine
    return True


def _hide_one(sizes: dict[int, int], hide: set[int]) -> None:
    """Somebody of a hidden department: else the doctors' cells would tell it."""
    if not hide & set(sizes):
        hide.add(min((n, key) for key, n in sizes.items() if n)[1])
