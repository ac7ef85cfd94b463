"""Documents of the stock: drafted, posted, taken back by a counter-document (R-107).

A draft is a StockDocument with lines and without movements; colleagues see it and go on with it.
`post` makes it the ledger's, all of its lines or none, and after that nothing changes it. Wrong
ones are taken back as a whole by `reverse`.

Lock order: the document (of a reversal the original first), then all batches of its drugs in the
order of their ids, then the number's series.
"""

from pharmacy.papers.drafts import discard, no_draft_words, save, start
from pharmacy.papers.kinds import DRAFTED, PAPERS, Paper
from pharmacy.papers.lines import Row
from pharmacy.papers.posting import post
from pharmacy.papers.returns import (
    is_never_sold_again,
    out_with_patients,
    register_before,
    start_return,
    take_back,
)
from pharmacy.papers.reversal import reverse, why_not_reversible
from pharmacy.papers.undoing import register_undone

__all__ = [
    "DRAFTED",
    "PAPERS",
    "Paper",
    "Row",
    "discard",
    "is_never_sold_again",
    "no_draft_words",
    "out_with_patients",
    "post",
    "register_before",
    "register_undone",
    "reverse",
    "save",
    "start",
    "start_return",
    "take_back",
    "why_not_reversible",
]
