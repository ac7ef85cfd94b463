"""What people do with the drugs of the library: create, change, check, stop, classify.

A drug's identity is fixed by its first use: whoever needs another one stops it and creates a new
one, which remembers whom it replaces (R-122). Every verb locks the drug's row; whoever makes new
drugs, by the form or by a list, takes the turn first.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core import clinical
from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.numbers import next_numbers
from clinic.core.transactions import atomic_retry, lock
from pharmacy.catalogue import IDENTITY, is_used
from pharmacy.models import ControlClass, Drug
from pharmacy.sameness import is_same
from pharmacy.watch.after import warn_after_commit
from security.permissions import P

# Where it lies and how much of it: nothing that a pharmacist compares with the package.
OF_THE_SHELF = {
    "group", "price", "lower_limit", "upper_limit", "limits_fixed", "lead_days", "near_months",
    "shelf", "initials", "initials_short",
}  # fmt: skip
WARNED_BY = {"lower_limit", "upper_limit", "near_months"}
SERIES = "drug"  # of the codes that we give


class Alike(RuleBroken):
    """There is such a drug already; `drugs` names them."""

    def __init__(self, drugs: list[Drug]):
        names = ", ".join(f"{drug.code} {drug.label}" for drug in drugs)
        message = _(
            "The library already holds a drug of this name, strength, pack and maker: %(names)s. "
            "Please use it, or tick that this one is different."
        ) % {"names": names}
        super().__init__(message, field="anyway", rule="R-122")
        self.drugs = drugs


@atomic_retry
def create_drug(
    *,
    facts: dict,
    by,
    control: str = "",
    control_since: date | None = None,
    replaces: Drug | None = None,
    stop_old: bool = False,
    anyway: bool = False,
) -> Drug:
    """A new drug of the library, unchecked; where it replaces another, that one may be stopped."""
    judge(facts)
    take_turn()
    old = _locked(replaces) if replaces else None
    drug = Drug(**facts, replaces=old)
    if drug.code and Drug.objects.filter(code=drug.code).exists():
        raise RuleBroken(
            _("Another drug has the code %(code)s. Please choose another, or leave it empty.")
            % {"code": drug.code},
            field="code",
            rule="R-122",
        )
    alike = [] if anyway else alike_to(drug)
    if alike:
        raise Alike(alike)
    add(drug, codes=new_codes(), control=control, since=control_since or timezone.localdate())
    if old and stop_old and old.active:
        _stop(old, _("Replaced by %(code)s %(drug)s") % {"code": drug.code, "drug": drug.label})
    return drug


def alike_to(drug: Drug) -> list[Drug]:
    """Drugs in use that are the same, apart from the one that this one replaces."""
    found = Drug.objects.filter(generic_name=drug.generic_name, active=True)
    return [other for other in found if other.pk != drug.replaces_id and is_same(other, drug)]


def take_turn() -> None:
    """Who creates drugs at the same time comes one after the other, until the transaction ends:
    neither a code nor a drug is there twice."""
    next_numbers(SERIES, 0)


def new_codes(at_once: int = 1) -> Iterator[str]:
    """Codes of ours that no drug bears: D144 behind the shipped library.

    So many are drawn at a time, and what is left over is not used.
    """
    while True:
        codes = [f"D{number:03}" for number in next_numbers(SERIES, at_once)]
        taken = set(Drug.objects.filter(code__in=codes).values_list("code", flat=True))
        yield from (code for code in codes if code not in taken)


def add(drug: Drug, *, codes: Iterator[str], control: str, since: date) -> Drug:
    """The end of every road to a new drug, which nobody knew before: its code, row and class."""
    drug.code = drug.code or next(codes)
    drug.save()
    if control and control != ControlClass.NONE:
        ControlClass.objects.create(drug=drug, name=control, since=since)
    return drug


@atomic_retry
def change_drug(*, drug: Drug, facts: dict, seen: datetime | None, by) -> Drug:
    """Write these facts; `seen` is the drug's `changed_at` when the form was opened."""
    judge(facts)
    drug = _locked(drug)
    if seen is not None and seen != drug.changed_at:
        raise RuleBroken(
            _(
                "Somebody else changed this drug while you were writing. Nothing was saved: please "
                "open it again and compare."
            ),
            rule="R-122",
        )
    changed = [name for name, value in facts.items() if getattr(drug, name) != value]
    if {*IDENTITY, "price"} & set(changed) and is_used(drug):
        raise RuleBroken(
            _(
                "This drug is in use: its name, strength, pack, maker and price stay as they are. "
                "Please stop it and create it anew; a price is changed by a price document."
            ),
            rule="R-122",
        )
    told = before(drug, changed)
    for name in changed:
        setattr(drug, name, facts[name])
    if set(changed) - OF_THE_SHELF:
        uncheck(drug)
    if changed:
        drug.save()
        note_clinical(drug, told, by)
    if WARNED_BY & set(changed):
        warn_after_commit(drug.pk)
    return drug


@atomic_retry
def check_drug(*, drug: Drug, seen: datetime | None, by) -> Drug:
    """A pharmacist compared the facts with the package and the label (R-157)."""
    if not by.has_perm(P.REVIEW_PRESCRIPTION):
        raise RuleBroken(_("Only a pharmacist checks a drug. Please ask one."), rule="R-157")
    drug = _locked(drug)
    if drug.verified:
        raise AlreadyDone(_("This drug was already checked."))
    if seen is not None and seen != drug.changed_at:
        raise RuleBroken(
            _("Somebody changed this drug just now. Please look at it once more, then check it."),
            rule="R-157",
        )
    told = before(drug, ())
    drug.verified, drug.verified_by, drug.verified_at = True, by, timezone.now()
    drug.save()
    note_clinical(drug, told, by)
    return drug


@atomic_retry
def stop_drug(*, drug: Drug, reason: str, by) -> Drug:
    """Take it out of use: no longer prescribed or bought; what is on the shelf stays there."""
    if not reason.strip():
        raise RuleBroken(_("Please write why the drug is stopped."), field="reason", rule="R-122")
    drug = _locked(drug)
    if not drug.active:
        raise AlreadyDone(_("This drug was already stopped."))
    _stop(drug, reason.strip())
    return drug


@atomic_retry
def restart_drug(*, drug: Drug, by) -> Drug:
    """Put it back into use, also beside a drug that took its place: a rest may be sold off."""
    drug = _locked(drug)
    if drug.active:
        raise AlreadyDone(_("This drug is already in use."))
    drug.active, drug.stop_reason = True, ""
    drug.save()
    warn_after_commit(drug.pk)
    return drug


@atomic_retry
def add_control_class(*, drug: Drug, name: str, since: date, note: str, by) -> ControlClass:
    """From that day on under this class; earlier rows stay as they are (R-53)."""
    drug = _locked(drug)
    rows = list(drug.control_classes.all())
    if any(row.since == since for row in rows):
        raise RuleBroken(
            _("From %(day)s on there is a class already. Please choose another day.")
            % {"day": since.isoformat()},
            field="since",
            rule="R-53",
        )
    before = max((row for row in rows if row.since < since), key=lambda r: r.since, default=None)
    if (before.name if before else ControlClass.NONE) == name:
        raise RuleBroken(
            _("The drug is in this class on that day already. Please choose another class."),
            field="name",
            rule="R-53",
        )
    row = ControlClass.objects.create(drug=drug, name=name, since=since, note=note)
    uncheck(drug)
    drug.save()
    return row


def judge(facts: dict) -> None:
    """RuleBroken where two facts contradict each other."""
    lower, upper = facts.get("lower_limit") or 0, facts.get("upper_limit") or 0
    if upper and upper < lower:
        raise RuleBroken(
            _("The upper limit lies below the lower one. Please correct one of them."),
            field="upper_limit",
            rule="R-114",
        )
    pairs = [
        ("content", "content_unit"),
        ("max_single", "max_single_unit"),
        ("max_single_per_kg", "max_single_unit"),
        ("max_daily", "max_daily_unit"),
        ("max_daily_per_kg", "max_daily_unit"),
    ]
    _judge_numbers(facts, [number for number, _unit in pairs])
    for number, unit in pairs:
        if facts.get(number) is not None and not facts.get(unit, ""):
            raise RuleBroken(
                _("There is a number without its unit. Please write the unit, such as g or mg."),
                field=unit,
                rule="R-157",
            )


def _judge_numbers(facts: dict, amounts: list[str]) -> None:
    """Doses and packs are counted with these: nothing and less make no sense (R-115, R-168)."""
    units, price = facts.get("units_per_pack"), facts.get("price")
    if units is not None and units < 1:
        raise RuleBroken(
            _("A pack holds at least 1. Please write how many are in it."),
            field="units_per_pack",
            rule="R-115",
        )
    if price is not None and price < 0:
        raise RuleBroken(
            _("The price lies below 0. Please correct it."), field="price", rule="R-122"
        )
    for name in amounts:
        if facts.get(name) is not None and facts[name] <= 0:
            raise RuleBroken(
                _("This must be more than 0. Please correct it, or leave it empty if unknown."),
                field=name,
                rule="R-168",
            )


def _locked(drug: Drug) -> Drug:
    return lock(Drug.objects.filter(pk=drug.pk)).get()


def _stop(drug: Drug, reason: str) -> None:
    drug.active, drug.stop_reason = False, reason[:200]
    drug.save()
    warn_after_commit(drug.pk)


def uncheck(drug: Drug) -> None:
    """What a pharmacist checked is no longer what stands there."""
    drug.verified, drug.verified_by, drug.verified_at = False, None, None


def before(drug: Drug, changed: Iterable[str]) -> dict:
    """What the rules read of it, before it is changed (R-157)."""
    return clinical.values_of(drug, [name for name in changed if name not in OF_THE_SHELF]) | {
        "verified": drug.verified
    }


def note_clinical(drug: Drug, told: dict, by) -> None:
    """Who changed what the rules read, as a new version of the clinical data (R-157)."""
    clinical.note(drug, key=drug.code, before=told, after=clinical.values_of(drug, told), by=by)
