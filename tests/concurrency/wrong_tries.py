"""What each process does while the others do it too."""

from security.throttles import Counter, count_one


def try_wrongly(name: str, times: int) -> int:
    return sum(count_one(Counter(limit=20, account=name)) for _try in range(times))
