"""The day's own time: a working day of so many hours, lived in so many minutes."""

import threading
import time

OPENS = 7.5  # hours after midnight
CLOSES = 17.5


class Clock:
    """Minutes since the doors opened; `factor` of them go by in one real minute."""

    def __init__(self, *, minutes: float, hours: float = CLOSES - OPENS):
        self.length = hours * 60  # minutes of the day
        self.factor = self.length / minutes
        self.stopped = threading.Event()
        self.begun = 0.0

    def start(self) -> None:
        self.begun = time.monotonic()

    @property
    def now(self) -> float:
        """Minutes of the day gone by."""
        return (time.monotonic() - self.begun) / 60 * self.factor

    @property
    def is_closing(self) -> bool:
        """The doors are shut; who is inside is still served."""
        return self.now >= self.length

    def seconds(self, minutes: float) -> float:
        """What so many minutes of the day take in reality."""
        return max(0.0, minutes) * 60 / self.factor

    def spend(self, minutes: float) -> bool:
        """Be busy for so many minutes of the day; False when the day was broken off."""
        return not self.stopped.wait(self.seconds(minutes))

    def pause(self, seconds: float) -> bool:
        """Wait so many real seconds; False when the day was broken off."""
        return not self.stopped.wait(seconds)

    def until(self, minute: float) -> bool:
        return self.spend(minute - self.now)

    def words(self, minute: float | None = None) -> str:
        """The time on the clinic's wall, as 08:05."""
        total = OPENS * 60 + (self.now if minute is None else minute)
        return f"{int(total // 60):02d}:{int(total % 60):02d}"

    def stop(self) -> None:
        self.stopped.set()
