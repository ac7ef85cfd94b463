"""People who stand before a window, or who will: who comes first is served first."""

import heapq
import itertools
import threading

from clinic.day.plan import Plan


class Line:
    """Errands of patients, by the minute of the day at which they come. Thread-safe."""

    def __init__(self):
        self.heap: list[tuple[float, int, str, Plan]] = []
        self.lock = threading.Lock()
        self.numbers = itertools.count()

    def put(self, minute: float, errand: str, plan: Plan) -> None:
        with self.lock:
            heapq.heappush(self.heap, (minute, next(self.numbers), errand, plan))

    def take(self, now: float, *errands: str) -> tuple[str, Plan] | None:
        """Whoever has come and waits longest (of these errands only, if any are named)."""
        with self.lock:
            due = [row for row in self.heap if row[0] <= now and (not errands or row[2] in errands)]
            if not due:
                return None
            first = min(due)
            self.heap.remove(first)
            heapq.heapify(self.heap)
            return first[2], first[3]

    def next_at(self) -> float | None:
        with self.lock:
            return self.heap[0][0] if self.heap else None

    def __len__(self) -> int:
        with self.lock:
            return len(self.heap)
