"""The threads that serve requests behind nginx: the one that was at work last is the next."""

import threading
import time
from concurrent.futures import wait

import pytest

from installer.setup.worker import LastOneFirst

SECONDS = 20


@pytest.fixture
def ended():
    return []


@pytest.fixture
def pool(ended):
    pool = LastOneFirst(3, ended=lambda: ended.append(me()))
    yield pool
    pool.shutdown(wait=True)


def me() -> int:
    return threading.get_ident()


class Busy:
    """Holds so many threads until it is told."""

    def __init__(self, pool, number: int):
        self.go_on, self.began = threading.Event(), threading.Barrier(number + 1)
        self.done = [pool.submit(self.hold) for _ in range(number)]
        self.began.wait(SECONDS)

    def hold(self) -> int:
        self.began.wait(SECONDS)
        assert self.go_on.wait(SECONDS)
        return me()

    def end(self) -> set[int]:
        self.go_on.set()
        return {one.result(SECONDS) for one in self.done}


def test_one_after_another_is_served_by_one_thread(pool):
    assert len({pool.submit(me).result(SECONDS) for _ in range(300)}) == 1


def test_after_a_rush_the_last_one_goes_on_alone(pool):
    assert len(Busy(pool, 3).end()) == 3

    assert len({pool.submit(me).result(SECONDS) for _ in range(100)}) == 1


def test_no_more_than_allowed_and_the_others_wait_in_order(pool):
    busy, order = Busy(pool, 3), []

    later = [pool.submit(order.append, number) for number in range(50)]

    assert not order and len(pool.threads) == 3
    busy.end()
    assert not wait(later, SECONDS).not_done
    assert sorted(order) == list(range(50)) and order[0] < 3


def test_what_fails_is_told_and_the_thread_goes_on(pool):
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 / 0).result(SECONDS)
    with pytest.raises(SystemExit):
        pool.submit(lambda: (_ for _ in ()).throw(SystemExit(1))).result(SECONDS)

    assert pool.submit(me).result(SECONDS) and len(pool.threads) == 1


def test_whom_nobody_needs_ends_and_gives_back_what_it_held(ended):
    pool = LastOneFirst(3, ended=lambda: ended.append(me()), idle_seconds=0.2)
    threads = Busy(pool, 3).end()

    _until(lambda: not pool.threads)

    _until(lambda: set(ended) == threads)
    assert pool.submit(me).result(SECONDS)


def test_a_job_that_comes_when_a_thread_is_about_to_end_is_done():
    pool = LastOneFirst(2, ended=lambda: None, idle_seconds=0.001)
    results = []
    for number in range(400):
        results.append(pool.submit(int, number).result(SECONDS))
        time.sleep(0.0005 * (number % 5))

    assert results == list(range(400))


def test_many_at_once_are_each_done_once(pool):
    counts, lock = [], threading.Lock()

    def count(number: int) -> None:
        with lock:
            counts.append(number)

    def ask(start: int) -> list:
        return [pool.submit(count, number) for number in range(start, start + 500)]

    asking = [threading.Thread(target=ask, args=(500 * n,)) for n in range(4)]
    for one in asking:
        one.start()
    for one in asking:
        one.join(SECONDS)

    _until(lambda: len(counts) >= 2000)
    assert sorted(counts) == list(range(2000))


def test_after_the_end_what_was_taken_is_done_and_nothing_more(ended):
    pool = LastOneFirst(1, ended=lambda: ended.append(me()))
    busy = Busy(pool, 1)
    waiting = pool.submit(me)

    pool.shutdown(wait=False)

    with pytest.raises(RuntimeError):
        pool.submit(me)
    assert busy.end() == {waiting.result(SECONDS)}
    pool.shutdown(wait=True)
    assert len(ended) == 1


def test_at_the_end_what_waits_can_be_given_up():
    pool = LastOneFirst(1, ended=lambda: None)
    busy = Busy(pool, 1)
    waiting = pool.submit(me)

    pool.shutdown(wait=False, cancel_futures=True)

    assert waiting.cancelled() and busy.end()


def test_where_the_system_has_no_thread_left_another_does_it(pool, monkeypatch):
    busy = Busy(pool, 1)
    monkeypatch.setattr(threading.Thread, "start", _no_thread)

    waiting = pool.submit(me)

    assert not waiting.done()
    assert busy.end() == {waiting.result(SECONDS)}


def test_where_there_is_not_even_one_it_is_said(pool, monkeypatch):
    monkeypatch.setattr(threading.Thread, "start", _no_thread)

    with pytest.raises(RuntimeError, match="can't start new thread"):
        pool.submit(me)


def _no_thread(_self):
    raise RuntimeError("can't start new thread")


def _until(holds) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
