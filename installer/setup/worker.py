"""gunicorn's worker of many threads, where the one that was at work last is the next.

Each thread has a database connection with a cache and statements of its own, some 5 MB once it
has served its pages. Woken in turns, as a queue wakes them, all 24 of a clinic with five people
come to hold them; here as many as are at work at once do, and what they hold is warm. A thread
that nobody needed for a while ends, and what a rush took is given back.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from gunicorn.workers.gthread import ThreadWorker

IDLE_SECONDS = 60


class Worker(ThreadWorker):
    def get_thread_pool(self) -> Executor:
        from django.db import connections

        return LastOneFirst(self.cfg.threads, ended=connections.close_all)


class LastOneFirst(Executor):
    """At most so many threads; what finds none free waits in order."""

    def __init__(self, most: int, ended: Callable, idle_seconds: float = IDLE_SECONDS):
        self.most, self.ended, self.idle_seconds = most, ended, idle_seconds
        self.lock = Lock()
        self.threads: set[OneThread] = set()
        self.idle: list[OneThread] = []
        self.waiting: deque[Job] = deque()
        self.is_closed = False

    def submit(self, work, /, *args, **kwargs) -> Future:
        job = Job(work, args, kwargs)
        with self.lock:
            if self.is_closed:
                raise RuntimeError("no work after the shutdown")
            if self.idle:
                self.idle.pop().given.put(job)
            elif len(self.threads) == self.most or not self._begun(job):
                self.waiting.append(job)
        return job.future

    def _begun(self, job: "Job") -> bool:
        """Where the system has no thread left, one that is at work has to do it."""
        thread = OneThread(self)
        thread.given.put(job)
        try:
            thread.start()
        except RuntimeError:
            if not self.threads:
                raise
            return False
        self.threads.add(thread)
        return True

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self.lock:
            self.is_closed = True
            while cancel_futures and self.waiting:
                self.waiting.popleft().future.cancel()
            while self.idle:
                self.idle.pop().given.put(None)
            left = list(self.threads)
        for thread in left if wait else ():
            thread.join()

    def is_free(self, thread: "OneThread") -> None:
        """It is given the job that waits longest, or the next that comes."""
        with self.lock:
            if self.waiting:
                thread.given.put(self.waiting.popleft())
            elif self.is_closed:
                thread.given.put(None)
            else:
                self.idle.append(thread)

    def may_end(self, thread: "OneThread") -> bool:
        """Not where it was given a job in this very moment."""
        with self.lock:
            is_idle = thread in self.idle
            if is_idle:
                self.idle.remove(thread)
                self.threads.discard(thread)
        return is_idle


class Job:
    def __init__(self, work, args: tuple, kwargs: dict):
        self.future, self.work, self.args, self.kwargs = Future(), work, args, kwargs

    def run(self) -> Callable[[], None]:
        """What tells of its end to whoever waits for it."""
        if not self.future.set_running_or_notify_cancel():
            return lambda: None
        try:
            return partial(self.future.set_result, self.work(*self.args, **self.kwargs))
        except BaseException as error:  # noqa: BLE001 - as Python's own executors
            return partial(self.future.set_exception, error)


class OneThread(Thread):
    """Does what it is given, and ends when nothing came for a while."""

    def __init__(self, pool: LastOneFirst):
        super().__init__(daemon=True)
        self.pool, self.given = pool, SimpleQueue()

    def run(self) -> None:
        while job := self.next():
            tell = job.run()
            self.pool.is_free(self)  # before the end is told, which brings the next request
            tell()
            del job, tell  # nothing of a request stays
        self.pool.ended()

    def next(self) -> Job | None:
        try:
            return self.given.get(timeout=self.pool.idle_seconds)
        except Empty:
            return None if self.pool.may_end(self) else self.given.get()
