"""Called in processes of its own by tests/security/test_resets.py."""

from security import resets
from security.models import User


def reset(verb: str, user: int, by: int) -> None:
    people = {name: User.objects.get(pk=pk) for name, pk in (("user", user), ("by", by))}
    getattr(resets, verb)(**people)
