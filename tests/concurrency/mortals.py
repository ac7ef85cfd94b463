"""The processes of test_stock_killed.py: they issue and receive until they are killed."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import date

from django.db import connection, transaction

from clinic.core.errors import Busy
from pharmacy import stock
from pharmacy.models import Drug, Supplier
from security.models import User
from tests.concurrency.racer import asked, tell

AT_ONCE = 2  # work at the same moment and are killed one after the other
UNITS = 3  # of each of the two lines of a document


def die_at_each(act: Callable) -> None:
    """For each number asked: do it and die before that statement; "killed" or "done"."""
    rehearse(act)
    for last in asked():
        connection.close()
        child = os.fork()
        if child == 0:
            try:
                with suppress(Busy), connection.execute_wrapper(deadly(last)):
                    act()
                os._exit(0)
            finally:
                os._exit(1)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, -signal.SIGKILL), status
        tell("killed" if status else "done")


def rehearse(act: Callable) -> None:
    """Do it and take it back: those who are forked now have done it before, as workers have."""
    with transaction.atomic():
        act()
        transaction.set_rollback(True)


def die_again_and_again(drugs: list[int], supplier: int, by: int, day: str) -> None:
    """For each number asked: processes that work and are killed; what they had told by then.

    Every second one dies by its own hand after so many statements, and so in the middle of a
    document; the others are killed from outside whenever it is, once they have done something.
    """
    facts = {"rows": list(Drug.objects.filter(pk__in=drugs).order_by("pk")), "day": day}
    facts |= {"person": User.objects.get(pk=by), "supplier": Supplier.objects.get(pk=supplier)}
    rehearse(lambda: (_issue("rehearsal", **facts), _receive(**facts)))
    for seed in asked():
        chance = random.Random(seed)
        connection.close()
        children = [_start(chance, facts, inside=bool(n % 2)) for n in range(AT_ONCE)]
        told = [_end(*child, chance) for child in children]
        tell(sum(told, []))


def _start(chance, facts, *, inside: bool) -> tuple[int, int, bool]:
    here, there = os.pipe()
    last = chance.randint(1, 120) if inside else None
    name = f"{chance.getrandbits(40):x}"
    child = os.fork()
    if child == 0:
        random.seed()  # else both would wait for each other for the same time
        try:
            with connection.execute_wrapper(deadly(last)) if last else nullcontext():
                work(name, there, random.Random(name), **facts)
        finally:
            os._exit(1)
    os.close(there)
    return child, here, inside


def _end(child: int, here: int, inside: bool, chance) -> list[str]:
    """Kill it, where it does not do so itself; the documents it had told of."""
    told = b""
    if not inside:
        told = os.read(here, 1000)  # waits until something is done
        time.sleep(chance.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == -signal.SIGKILL, status
    while more := os.read(here, 10000):
        told += more
    os.close(here)
    return told.decode().split()


def deadly(last: int):
    left = iter(range(last - 1, -1, -1))

    def count(execute, *args):
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*args)

    return count


def work(name: str, there: int, chance, *, rows: list[Drug], **facts) -> None:
    """Issue and receive for ever; each document is told of once it is done."""
    number = 0
    while True:
        number += 1
        try:
            if chance.random() < 0.5:
                done = _issue(f"{name}-{number}", rows, **facts)
            else:
                done = _receive(rows, **facts)
        except Busy:
            continue
        os.write(there, f"{done}\n".encode())


def _issue(reference: str, rows: list[Drug], *, person: User, **_delivery) -> str:
    wants = [stock.Want(drug, UNITS, f"{reference}/{n}") for n, drug in enumerate(rows)]
    stock.reserve_all(wants=wants, by=person)
    lines = [want.reference for want in wants]
    stock.issue_all(references=lines, by=person, document_reference=reference)
    return reference


def _receive(rows: list[Drug], *, supplier: Supplier, person: User, day: str) -> str:
    line = {"lot": "NEU", "expires_on": date.fromisoformat(day), "quantity": UNITS}
    lines = [{**line, "drug": drug} for drug in rows]
    return stock.receive(supplier=supplier, lines=lines, by=person).number
