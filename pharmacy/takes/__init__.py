"""Stock-taking (R-119): started, counted blind, differences counted again, confirmed, posted.

- A take begins with a line for every batch of its scope. Work goes on: a difference is that between
  a count and the book at the moment of counting, never the book at posting.
- Nobody sees the book before both counts are done. Every count is kept, also a corrected one.
- Each difference is confirmed by somebody who did not count it, then posted in short pieces; what
  broke off is gone on with, each line once.

Locking: the take first, then its lines, then batches in the order of their ids (pharmacy/stock.py).
"""

from pharmacy.takes.counting import Entry, close_count, count, count_again
from pharmacy.takes.finding import add_found
from pharmacy.takes.posting import confirm, explain
from pharmacy.takes.result import accuracy
from pharmacy.takes.starting import cancel, start
from pharmacy.takes.work import go_on

__all__ = [
    "Entry",
    "accuracy",
    "add_found",
    "cancel",
    "close_count",
    "confirm",
    "count",
    "count_again",
    "explain",
    "go_on",
    "start",
]
