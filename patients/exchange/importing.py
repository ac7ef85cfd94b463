"""What becomes of each line of a list of patients: opened, matched, asked about, or refused.

A person is recognised by the document number. Who only looks like somebody on file is never
guessed: the line waits for an answer (R-81). What is on file is never overwritten; at most empty
fields are filled, where the person who imports wants that.
"""

from contextlib import nullcontext

from django.db import DatabaseError, OperationalError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import Busy, RuleBroken
from clinic.core.tables.kinds import Option, Row, Status, TableKind
from patients import services
from patients.basics import write_basics
from patients.exchange import filling, lines, matching, undoing
from patients.exchange.columns import COLUMNS
from patients.exchange.hiding import hide_numbers
from patients.exchange.lines import Line
from patients.exchange.matching import Known
from patients.models import Patient
from security.entries import acting_as, current

NAME = "patients"
SCREEN = "patient_import"
SKIP, CREATE, SAME = "skip", "create", "same"


class PatientTable(TableKind):
    name = NAME
    label = gettext_lazy("List of patients")
    columns = COLUMNS
    rows = 4  # each with its audit entries and indexes
    summary = ("name", "sex", "birth_date")
    done = gettext_lazy(
        "The import is done. Allergies that were imported wait for a doctor to confirm them."
    )
    options = (
        Option(
            "same",
            gettext_lazy("Whoever is on file already, by the document number"),
            (
                ("leave", gettext_lazy("leave the file as it is")),
                ("fill", gettext_lazy("fill in what is empty there, change nothing else")),
            ),
        ),
    )
    answers = (
        (SKIP, gettext_lazy("leave it out, nothing is to be done")),
        (CREATE, gettext_lazy("another person: open a file")),
        (SAME, gettext_lazy("the same person, where only one is in question")),
    )

    def answers_of(self, row: Row) -> list[tuple[str, object]]:
        same = _("the same person: %(file)s")
        return [
            self.answers[0],
            self.answers[1],
            *((f"{SAME}:{key}", same % {"file": word}) for key, word in row.asks),
        ]

    def shown(self, text: str) -> str:
        return hide_numbers(text)

    def named(self, row: Row) -> str:
        return row.undo.get("no", "")

    def check(self, rows: list[Row], seen: dict) -> None:
        for row, line, known in _read(rows, seen):
            try:
                _decide(row, line, known, seen, by=None)
            except RuleBroken as error:
                row.refuse(error.message)

    def write(self, rows: list[Row], seen: dict, *, by) -> None:
        with _acting(by):
            for row, line, known in _read(rows, seen):
                _write(row, line, known, seen, by)

    def remember(self, rows: list[Row], seen: dict) -> None:
        super().remember(rows, seen)
        for row in rows:
            if row.target:
                seen["made", str(row.number)] = str(row.target)

    def take_back(self, rows: list[Row], *, by) -> None:
        with _acting(by):
            undoing.take_back(rows, by=by)


def _acting(by):
    """The audit log names who started the import, also when the scheduler goes on with it."""
    return nullcontext() if current() is not None else acting_as(by, screen=SCREEN)


def _read(rows: list[Row], seen: dict):
    """(row, line, who is known) of each row that can be read; the others are refused."""
    found = []
    for row in rows:
        try:
            found.append((row, lines.read(row, seen)))
        except lines.LineRefused as refused:
            for words in refused.problems:
                row.refuse(words)
    known = matching.known_to([line for _row, line in found])
    return [(row, line, known) for row, line in found]


def _write(row: Row, line: Line, known: Known, seen: dict, by) -> None:
    """All or nothing of one row."""
    try:
        with transaction.atomic():
            _decide(row, line, known, seen, by=by)
        PatientTable.remember(KIND, [row], seen)
    except services.PossibleDuplicate as error:
        row.refuse(f"{error.message} {'、'.join(p.record_no for p in error.patients)}")
    except RuleBroken as error:
        row.refuse(error.message)
    except (Busy, OperationalError):
        raise  # the whole slice is done again
    except DatabaseError:
        row.refuse(_("The database did not take this line. Please check it."))


def _decide(row: Row, line: Line, known: Known, seen: dict, *, by) -> None:
    """Set the row's status; write only when there is somebody (`by`) who does it."""
    row.words += line.words
    same = known.same(line)
    other = known.by_health_no.get(line.person["health_no"] or "")
    if other is not None and other != same:
        raise services.NumberTaken(other, "health_no")
    if same is not None:
        _matched(row, line, same, by)
        return
    before = matching.line_with_number(line, seen) if by is None else None
    if before is not None:
        _like_line(row, before)
        return
    about = _alike(line, known, seen, by)
    if about:
        _asked(row, line, known, seen, about, by)
        return
    _open(row, line, known, seen, (), by)


def _alike(line: Line, known: Known, seen: dict, by) -> list:
    """[key, word] of the files and, before anything is written, the lines that look alike."""
    about = [[str(patient.pk), patient.record_no] for patient in known.alike(line)]
    if by is None:
        for number in matching.lines_alike(line, seen):
            about.append([f"line:{number}", _("line %(number)s") % {"number": number}])
    return about


def _like_line(row: Row, before: int) -> None:
    row.status = Status.UNCHANGED
    row.words.append(_("The same document number as line %(number)s.") % {"number": before})
    if row.options.get("same") == "fill":
        row.words.append(_("It fills what is empty there."))


def _asked(row: Row, line: Line, known: Known, seen: dict, about: list, by) -> None:
    """Somebody looks alike: do what was answered, or wait for an answer."""
    if by is None:
        words = "、".join(word for _key, word in about)
        row.ask(
            about,
            _("Perhaps the same person: %(who)s (same name, and birth date or phone).")
            % {"who": words},
        )
        matching.note(row, line, seen)
        return
    now = {key for key, _word in about}
    answered = {_now(key, seen) for key, _word in row.asks}
    answer = row.answer or row.options.get("rest", "")
    if answer == SKIP:
        row.status = Status.UNCHANGED
        row.words.append(_("Left out, as decided."))
    elif not answer or not now <= answered:
        raise RuleBroken(
            _(
                "Perhaps the same person as %(who)s, and nobody decided. If it is another one, "
                "import the line again and say so."
            )
            % {"who": "、".join(word for _key, word in about)},
            rule="R-81",
        )
    elif answer == CREATE:
        _open(row, line, known, seen, now, by)
    else:
        _matched(row, line, _meant(answer, about, known, seen), by)


def _now(key: str, seen: dict) -> str:
    """A line of the file has become a file meanwhile."""
    line = key.removeprefix("line:")
    return seen.get(("made", line), key) if line != key else key


def _meant(answer: str, about: list, known: Known, seen: dict) -> Patient:
    """The file that was chosen as the same person."""
    key = answer.partition(":")[2]
    wanted = _now(key, seen) if key else about[0][0] if len(about) == 1 else ""
    for patients in known.by_name.values():
        for patient in patients:
            if str(patient.pk) == wanted:
                return patient
    raise RuleBroken(
        _("Several look like the same person. Please say which one, and import the line again."),
        rule="R-81",
    )


def _matched(row: Row, line: Line, patient: Patient, by) -> None:
    """On file already: leave it, or fill what is empty."""
    row.target, row.undo = str(patient.pk), {"no": patient.record_no}
    if patient.name != line.person["name"]:
        raise RuleBroken(
            _(
                "The document number is on file %(record_no)s under another name. Please compare "
                "both with the document."
            )
            % {"record_no": patient.record_no},
            rule="R-81",
        )
    row.words.append(_("On file as %(record_no)s.") % {"record_no": patient.record_no})
    filling.fill(row, line, patient, by=by)


def _open(row: Row, line: Line, known: Known, seen: dict, alike, by) -> None:
    row.status = Status.CREATED
    if by is None:
        matching.note(row, line, seen)
        return
    patient = services.register(
        by=by,
        allergy_status=line.allergies.status,
        allergies=line.allergy_rows(),
        asked=False,
        not_a_duplicate=alike or False,
        **line.person,
    )
    if line.basics:
        write_basics(patient=patient, by=by, version=0, **line.basics)
    known.add(patient)
    row.target = str(patient.pk)
    row.undo = {"no": patient.record_no, "version": patient.version, "new": True}


KIND = PatientTable()
