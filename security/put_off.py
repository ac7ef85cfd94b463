"""The audit entries of a verb, stored together when its work is done, in the same transaction.

A verb changes many rows; an entry for each in a statement of its own would cost as much as the
changes. Nothing is committed without its entries: what goes wrong with them undoes the verb.
"""

from django.db import DEFAULT_DB_ALIAS, connections

from clinic.core import transactions
from security.entry_store import insert_rows, row_of


class Waiting:
    """An entry among what Django keeps for the commit, and forgets with a savepoint taken back."""

    def __init__(self, entry):
        self.model, self.read_key, self.values = type(entry), entry.read_key, row_of(entry)

    def __call__(self):
        """Nothing: it was stored before."""


def put_off(entries: list, using: str | None = None) -> bool:
    """Whether these completed entries wait for the end of a verb; they don't learn their numbers.

    Outside of one, or in another database than the clinic's, they are stored at once.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if using not in (None, DEFAULT_DB_ALIAS) or transactions.current_verb() is None:
        return False
    if not connection.in_atomic_block:
        return False
    for entry in entries:
        connection.on_commit(Waiting(entry))
    return True


def store() -> None:
    """What waits, in the order in which it was done."""
    hooks = connections[DEFAULT_DB_ALIAS].run_on_commit
    waiting = [hook for _sids, hook, _robust in hooks if isinstance(hook, Waiting)]
    if waiting:
        hooks[:] = [one for one in hooks if not isinstance(one[1], Waiting)]
        insert_rows(waiting[0].model, [one.values for one in waiting])


def is_waiting(read_key: str) -> bool:
    """Whether this reading is going to be stored."""
    hooks = connections[DEFAULT_DB_ALIAS].run_on_commit
    return any(isinstance(hook, Waiting) and hook.read_key == read_key for _s, hook, _r in hooks)


transactions.before_commit(store)
