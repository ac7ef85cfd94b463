"""What a table can be about. An app describes its kind once: columns, and what to do with a row."""

import unicodedata
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy

from clinic.core.tables.parsers import Parser


@dataclass(frozen=True)
class Column:
    """One thing a row can say: its word on screen, the words it may have in a file."""

    key: str
    label: object
    parse: Parser
    names: tuple[str, ...] = ()
    required: bool = False
    # Said once above the preview when the file has no such column.
    without: object = ""
    strict: bool = False  # a cell that can't be read refuses the row, though it may be empty


@dataclass(frozen=True)
class Option:
    """What the person decides for the whole file, beside the columns; the first answer is meant
    where nothing was said."""

    key: str
    label: object
    answers: tuple[tuple[str, object], ...]


class Status:
    """What becomes of a row. ASKED waits for a person's answer before the import starts."""

    CREATED, CHANGED, UNCHANGED = "created", "changed", "unchanged"
    REFUSED, SKIPPED, STAYS, BACK = "refused", "skipped", "stays", "back"
    ASKED = "asked"


@dataclass
class Row:
    """One row of the file: what stands in it, what was made of it, and what became of it."""

    number: int
    cells: list
    values: dict = field(default_factory=dict)
    status: str = ""
    words: list[str] = field(default_factory=list)  # why refused, what is doubtful
    target: int | str | None = None  # the row of ours that was created or changed
    undo: dict = field(default_factory=dict)  # what take-back needs to know
    asks: list = field(default_factory=list)  # [key, word] of each thing the question is about
    answer: str = ""
    options: dict = field(default_factory=dict)  # what was decided for the whole file
    chunk: int = 0  # where it lies; known where rows are shown

    @property
    def is_refused(self) -> bool:
        """Not imported, or not taken back."""
        return self.status in (Status.REFUSED, Status.STAYS)

    @property
    def is_doubtful(self) -> bool:
        return bool(self.words) and not self.is_refused and not self.is_asked

    @property
    def is_asked(self) -> bool:
        """A person has to say what shall become of it."""
        return self.status == Status.ASKED

    def ask(self, about: list, words) -> None:
        """Wait for an answer; one that was given about something else no longer counts."""
        if about != self.asks:
            self.answer = ""
        self.status, self.asks = Status.ASKED, about
        self.words.append(str(words))

    def refuse(self, words) -> None:
        self.status = Status.REFUSED
        self.words.append(str(words))

    def pack(self) -> dict:
        """As the chunk keeps it; parsed values are made anew from the cells each time."""
        return {"n": self.number, "c": self.cells, "s": self.status, "w": self.words} | {
            "t": self.target, "u": self.undo, "q": self.asks, "a": self.answer
        }  # fmt: skip

    @classmethod
    def unpack(cls, kept: dict) -> "Row":
        return cls(
            kept["n"], kept["c"], {}, kept.get("s", ""), kept.get("w", []), kept.get("t"),
            kept.get("u", {}), kept.get("q", []), kept.get("a", ""),
        )  # fmt: skip


class TableKind:
    """Subclass it: name, label, columns, and the three verbs, each given the rows of one slice.

    Every verb sets `status` (and `words`) of each row that is not refused yet. `write` must find
    by itself what an earlier import already brought: a second import changes nothing.
    """

    name: str
    label: object
    columns: tuple[Column, ...]
    rows = 10  # of one slice: about 0.1 s on an old PC
    summary: tuple[str, ...] = ()  # keys of the columns that name a row on screen
    in_every_row: tuple[str, ...] = ()  # besides the required ones: a line of totals lacks them
    done: object = gettext_lazy("The import is done.")  # and what is to be known of it
    options: tuple[Option, ...] = ()
    # What may become of every row that asks, where it was not answered by itself.
    answers: tuple[tuple[str, object], ...] = ()

    def answers_of(self, row: Row) -> list[tuple[str, object]]:
        """What may become of a row that asks."""
        return list(self.answers)

    def named(self, row: Row) -> str:
        """What the row became, in a word of ours such as a number."""
        return ""

    def shown(self, text: str) -> str:
        """A cell's text as a screen may show it."""
        return text

    def check(self, rows: list[Row], seen: dict) -> None:
        """Say what `write` would do, without writing. `seen` is kept from slice to slice."""
        raise NotImplementedError

    def write(self, rows: list[Row], seen: dict, *, by) -> None:
        """Do it, and note in `seen` what `remember` would."""
        raise NotImplementedError

    def remember(self, rows: list[Row], seen: dict) -> None:
        """Which line an object of ours came from; after a stop it is told from earlier slices."""
        for row in rows:
            if row.target is not None:
                seen.setdefault(("row", row.target), row.number)

    def take_back(self, rows: list[Row], *, by) -> None:
        """Undo what `write` did where nothing has used it since; else STAYS with the reason."""
        raise NotImplementedError

    def column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key), None)


_kinds: dict[str, TableKind] = {}


def register(kind: TableKind) -> None:
    """Called in the app's ready()."""
    _kinds[kind.name] = kind


def kind_of(name: str) -> TableKind:
    return _kinds[name]


def plain_word(word: str) -> str:
    """A heading for comparing: without width, case, brackets and everything that is no letter."""
    text = unicodedata.normalize("NFKC", str(word)).lower()
    head = text.split("(")[0] or text
    return "".join(c for c in head if c.isalnum())
