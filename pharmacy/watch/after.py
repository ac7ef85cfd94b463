"""Warnings follow the stock: brought up to date as soon as a change is committed."""

from django.db import connection, transaction

from pharmacy.watch import keeping


class _Warn:
    """Brings the warnings of the drugs that moved in one transaction up to date, once."""

    def __init__(self):
        self.drugs: set[int] = set()
        self.__qualname__ = type(self).__qualname__  # by which Django logs a hook that failed

    def __call__(self):
        keeping.refresh_of(self.drugs)


def warn_after_commit(drug_id: int) -> None:
    """The drug's warnings follow as soon as this transaction has ended well."""
    waiting = (hook for _sids, hook, _robust in connection.run_on_commit)
    hook = next((hook for hook in waiting if isinstance(hook, _Warn)), None)
    if hook is None:
        hook = _Warn()
        # Robust: the stock is right already, and the scheduler looks again within minutes.
        transaction.on_commit(hook, robust=True)
    hook.drugs.add(drug_id)
