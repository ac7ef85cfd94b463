"""What becomes of each line of a list of drugs: created, changed, left, or refused with a reason.

A drug is recognised by its code, or by name, form, strength, pack and maker. What it is never
changes once it was used (R-122), and a used drug's price only by a price document. New drugs are
unchecked until a pharmacist has compared them (R-157).
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import DatabaseError, OperationalError, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import RuleBroken
from clinic.core.tables.kinds import Row, Status, TableKind
from pharmacy import catalogue, drugs, groups
from pharmacy.importing import packs, undoing
from pharmacy.importing.columns import COLUMNS
from pharmacy.library import CATALOGUE_SINCE
from pharmacy.models import ControlClass, Drug
from pharmacy.sameness import Traits, is_same, plain
from security.entries import acting_as, current

NAME = "drugs"
# Taken from the line as they stand there.
TOLD = (
    "generic_name trade_name dosage_form maker approval_number insurance_code barcode price"
    " category subcategory rx essential antibiotic_grade storage routes shelf"
    " lower_limit upper_limit code"
).split()
# May change at any time; the rest only where it is empty, or nobody checked or used the drug.
FREE = {"shelf", "lower_limit", "upper_limit"}
FIXED = {*catalogue.IDENTITY, "price"}  # of a used drug
NEVER = {"code", "generic_name"}  # of a drug that was recognised
SPEC_FIELDS = {"strength", "pack_spec", "pack_unit", "base_unit", "units_per_pack"}
MOST_OF_ONE_NAME = 300
CODES_AT_ONCE = 5
LETTERS = {"Z": "中成药", "S": "疫苗及生物制品"}


@dataclass
class Line:
    """A row as facts of a drug: what it told, and what a new drug needs besides."""

    told: dict
    pack: packs.Pack
    control: str = ""

    @property
    def traits(self) -> Traits:
        pack, told = self.pack, self.told
        return Traits(
            pack.strength,
            pack.base_unit,
            pack.pack_unit,
            pack.units,
            told.get("maker", ""),
            told.get("dosage_form", ""),
            pack.known,
        )


@dataclass
class Known:
    """The drugs that the rows of one slice could mean."""

    by_code: dict = field(default_factory=dict)
    by_name: dict = field(default_factory=lambda: defaultdict(list))
    codes: Iterator[str] = field(default_factory=lambda: drugs.new_codes(CODES_AT_ONCE))

    def add(self, drug: Drug) -> None:
        self.by_code[drug.code] = drug
        self.by_name[plain(drug.generic_name)].append(drug)


class DrugTable(TableKind):
    name = NAME
    label = gettext_lazy("List of drugs")
    columns = COLUMNS
    summary = ("generic_name", "spec", "maker")
    done = gettext_lazy(
        "The import is done. New drugs are marked as unchecked until a pharmacist has compared "
        "them with the package."
    )

    def check(self, rows: list[Row], seen: dict) -> None:
        known = _known(rows)
        for row in rows:
            _decide(row, known, seen, by=None)

    def write(self, rows: list[Row], seen: dict, *, by) -> None:
        with _acting(by):
            drugs.take_turn()
            self._write_all(rows, _known(rows), seen, by)

    def _write_all(self, rows, known, seen, by) -> None:
        for row in rows:
            try:
                with transaction.atomic():
                    _decide(row, known, seen, by=by)
                self.remember([row], seen)
            except RuleBroken as error:
                row.refuse(error.message)
            except OperationalError:
                raise  # busy: the whole slice is done again
            except DatabaseError:
                row.refuse(_("The database did not take this line. Please check it."))

    def take_back(self, rows: list[Row], *, by) -> None:
        with _acting(by):
            undoing.take_back(rows)


def _acting(by):
    """The audit log names who started the import, also when the scheduler goes on with it."""
    return nullcontext() if current() is not None else acting_as(by, screen="drug_import")


def _known(rows: list[Row]) -> Known:
    """Three queries, whatever the number of rows."""
    known = Known()
    names = {row.values["generic_name"] for row in rows}
    codes = {row.values["code"] for row in rows if row.values.get("code")}
    found = {drug.pk: drug for drug in Drug.objects.filter(generic_name__in=names)}
    found |= {drug.pk: drug for drug in Drug.objects.filter(code__in=codes)}
    prefetch_related_objects(list(found.values()), "control_classes")
    for drug in found.values():
        known.add(drug)
    return known


def _line(row: Row) -> Line:
    """The row's facts; RuleBroken when it is not one drug."""
    values = row.values
    spec = values.get("spec", "")
    if packs.names_several(spec):
        raise RuleBroken(
            _("The specification lists several: write one line for each form and strength.")
        )
    pack = packs.read(
        spec,
        unit=values.get("pack_unit", ""),
        piece=values.get("base_unit", ""),
        units=values.get("units_per_pack"),
        form=values.get("dosage_form", ""),
    )
    pack.strength = values.get("strength", "") or pack.strength
    for words in (pack.strength, pack.pack_spec):
        if len(words) > 60:
            raise RuleBroken(_("The specification is longer than 60 characters: shorten it."))
    told = {name: values[name] for name in TOLD if name in values}
    return Line(told, pack, values.get("control", ""))


def _decide(row: Row, known: Known, seen: dict, *, by) -> None:
    """Set the row's status; write only when there is somebody (`by`) who does it."""
    try:
        line = _line(row)
        drugs.judge(line.told)
        _refuse_crowd(plain(row.values["generic_name"]), known, seen)
        drug = _same(line, known)
        before = _line_before(row, line, drug, seen)
    except RuleBroken as error:
        row.refuse(error.message)
        return
    if before is not None:
        row.status = Status.UNCHANGED
        row.words.append(_("The same drug as line %(number)s.") % {"number": before})
    elif drug is not None:
        _change(row, line, drug, write=by is not None)
        seen["row", drug.pk] = row.number
    else:
        row.words += [_("Specification: %(doubt)s.") % {"doubt": d} for d in line.pack.doubts]
        row.status = Status.CREATED
        if by is not None:
            known.add(_create(row, line, known.codes))
        else:
            _note(row, line, seen)


def _refuse_crowd(name: str, known: Known, seen: dict) -> None:
    """A column such as the category, taken for the name, would make thousands of one name."""
    if len(known.by_name[name]) + len(seen.get(("name", name), ())) >= MOST_OF_ONE_NAME:
        raise RuleBroken(
            _("More than %(most)s drugs have this name. Is the column really the name?")
            % {"most": MOST_OF_ONE_NAME}
        )


def _note(row: Row, line: Line, seen: dict) -> None:
    """Of a line that would create a drug: as much as is needed to know that drug again."""
    name, told = plain(line.told["generic_name"]), line.told
    seen["name", name] = (*seen.get(("name", name), ()), (row.number, line.traits))
    if told.get("code"):
        seen["code", told["code"]] = (name, row.number)


def _line_before(row: Row, line: Line, drug: Drug | None, seen: dict) -> int | None:
    """The line of this file that already meant the drug: the first one counts."""
    if drug is not None:
        found = seen.get(("row", drug.pk))
        return found if found != row.number else None
    name = plain(line.told["generic_name"])
    other, number = seen.get(("code", line.told.get("code")), (name, None))
    if other != name:
        raise RuleBroken(
            _("Line %(number)s has the same code for another drug. Give another code, or none.")
            % {"number": number}
        )
    noted = seen.get(("name", name), ())
    same = (at for at, traits in noted if is_same(traits, line.traits))
    return number or next(same, None)


def _same(line: Line, known: Known) -> Drug | None:
    """The drug that the line means; RuleBroken when its code means another one."""
    told = line.told
    drug = known.by_code.get(told.get("code") or None)
    if drug is not None:
        if plain(drug.generic_name) != plain(told["generic_name"]):
            raise RuleBroken(
                _("Code %(code)s already belongs to %(drug)s. Give another code, or none.")
                % {"code": drug.code, "drug": drug.label},
                rule="R-122",
            )
        return drug
    traits = line.traits
    alike = known.by_name[plain(told["generic_name"])]
    return next((drug for drug in alike if is_same(drug, traits)), None)


def _create(row: Row, line: Line, codes: Iterator[str]) -> Drug:
    pack, told = line.pack, {k: v for k, v in line.told.items() if v not in ("", None)}
    category = told.get("category") or _category(told)
    amount = packs.content_of(pack.strength) if category == "西药" else None
    drug = Drug(
        **{
            "rx": "Rx",
            "antibiotic_grade": "",
            **told,
            "category": category,
            "group": groups.grow(groups.path_of(category, told.get("subcategory", ""))),
            "strength": pack.strength,
            "content": amount[0] if amount else None,
            "content_unit": amount[1] if amount else "",
            "pack_spec": pack.pack_spec,
            "pack_unit": pack.pack_unit,
            "base_unit": pack.base_unit,
            "units_per_pack": pack.units,
            "divisible": pack.divisible,
            "verified": False,
            "active": pack.known,
        }
    )
    drugs.add(drug, codes=codes, control=line.control, since=CATALOGUE_SINCE)
    row.target, row.undo = drug.pk, {"made": undoing.mark_of(drug)}
    return drug


def _category(told: dict) -> str:
    number = told.get("approval_number", "").upper().replace("国药准字", "")
    return LETTERS.get(number[:1], "西药")


def _change(row: Row, line: Line, drug: Drug, *, write: bool) -> None:
    """Fill in what is empty and correct what nobody relies on yet; say what was left and why."""
    facts = {name: value for name, value in line.told.items() if name not in NEVER}
    same_code = line.told.get("code") == drug.code and bool(drug.code)
    if same_code and not is_same(drug, line.traits):
        facts |= _spec_facts(line)
    differing = {
        name: value
        for name, value in facts.items()
        if value not in ("", None) and not _equal(getattr(drug, name), value)
    }
    stays = _bound(drug, differing)
    changes = {name: value for name, value in differing.items() if name not in stays}
    row.words += [_left(drug, n, v) for n, v in differing.items() if n not in changes]
    ours = drug.control_class_on(timezone.localdate())
    if line.control and line.control != ours:
        row.words.append(
            _("Control class %(theirs)s in the file, %(ours)s here: add it on the drug's own page.")
            % {"theirs": line.control, "ours": ours or ControlClass.NONE}
        )
    row.status = Status.CHANGED if changes else Status.UNCHANGED
    row.target = drug.pk
    if changes and write:
        row.undo = undoing.change(drug, changes)


def _spec_facts(line: Line) -> dict:
    pack = line.pack
    if not pack.known:
        return {}
    return {
        "strength": pack.strength,
        "pack_spec": pack.pack_spec,
        "pack_unit": pack.pack_unit,
        "base_unit": pack.base_unit,
        "units_per_pack": pack.units,
    }


def _bound(drug: Drug, differing: dict) -> set[str]:
    """What stays as it is: what others rely on, and what a drug in use is, also where it is empty.

    Whether it is used is asked only where it matters.
    """
    fixed = FIXED & set(differing)
    held = {name for name in differing if _held(drug, name)}
    used = bool(fixed | held) and catalogue.is_used(drug)
    return (fixed if used else set()) | (held if used or drug.verified else set())


def _held(drug: Drug, name: str) -> bool:
    return name not in FREE and getattr(drug, name) not in ("", None, 0, Decimal(0))


def _equal(ours, theirs) -> bool:
    if isinstance(theirs, str):
        return packs.tidy(str(ours)) == packs.tidy(theirs)
    return ours == theirs


def _shown(value) -> str:
    return _("empty") if value in ("", None) else str(value)


def _left(drug: Drug, name: str, value) -> str:
    words = {
        "field": Drug._meta.get_field(name).verbose_name,
        "ours": _shown(getattr(drug, name)),
        "theirs": _shown(value),
    }
    if name == "price":
        return (
            _("%(field)s stays %(ours)s (the file: %(theirs)s): change it by a price document.")
            % words
        )
    if name in catalogue.IDENTITY or name in SPEC_FIELDS:
        return (
            _(
                "%(field)s stays %(ours)s (the file: %(theirs)s): a drug that was checked or used "
                "is stopped and created anew."
            )
            % words
        )
    return _("%(field)s stays %(ours)s (the file: %(theirs)s): it was checked or used.") % words
