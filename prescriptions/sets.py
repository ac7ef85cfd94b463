"""Set prescriptions (协定方): saved from a sheet, used with a few keys, own and the clinic's."""

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.text import clean_text
from clinic.core.transactions import atomic_retry, lock
from pharmacy import pinyin
from prescriptions import rewriting
from prescriptions.herb_words import HERB
from prescriptions.herbal import Common, write
from prescriptions.models import Prescription, PrescriptionSet, PrescriptionSetItem
from prescriptions.moves import editable
from prescriptions.rewriting import set_by_hand
from security.permissions import P

MOST_FOUND, MOST_SHOWN = 4, 300
LONGEST_NAME = 40


def keeps_clinics(user) -> bool:
    """Who makes, renames and stops the clinic's sets: pharmacists and administrators."""
    return user.has_perm(P.REVIEW_PRESCRIPTION) or user.has_perm(P.ADMINISTER)


def usable(user) -> QuerySet[PrescriptionSet]:
    """One's own and the clinic's, as long as they are in use."""
    mine = Q(owner=user) | Q(owner__isnull=True)
    return PrescriptionSet.objects.filter(mine, stopped_at__isnull=True)


def seen(user) -> QuerySet[PrescriptionSet]:
    """What this person may look at: who keeps the clinic's sets sees everybody's to take over."""
    if keeps_clinics(user):
        return PrescriptionSet.objects.filter(stopped_at__isnull=True)
    return usable(user)


def find(user, words: str, *, herbal: bool = False) -> list[PrescriptionSet]:
    """By name, pinyin or initials, one's own first; nothing for no words.

    A herbal sheet is offered sets of pieces, any other sheet all but those (R-15).
    """
    words = words.strip()
    if not words:
        return []
    fits = Q(name__icontains=words) | Q(pinyin__icontains=words) | Q(initials__icontains=words)
    pieces = PrescriptionSetItem.objects.filter(drug__class_tags__contains=HERB).values("set")
    rows = usable(user).filter(fits)
    rows = rows.filter(pk__in=pieces) if herbal else rows.exclude(pk__in=pieces)
    rows = rows.prefetch_related("items__drug")[:MOST_SHOWN]
    return sorted(rows, key=lambda row: (row.owner_id is None, row.name))[:MOST_FOUND]


@atomic_retry
def save_sheet(*, prescription: Prescription, name: str, by) -> PrescriptionSet:
    """Keep the rows of one's own sheet as a set of one's own: drugs and usage, no patient."""
    if prescription.prescriber_id != by.pk:
        raise RuleBroken(_("Not saved: only the doctor of the sheet makes a set of it."))
    rows = prescription.items.filter(removed_at__isnull=True).select_related("drug")
    rows = list(rows.order_by("rank"))
    if not rows:
        raise RuleBroken(_("Not saved: there is no drug on the sheet yet."), field="name")
    made = _new(name, owner=by, by=by)
    for rank, row in enumerate(rows, 1):
        _add_row(made, rank, row, set_by_hand(row))
    return made


@atomic_retry
def take_over(*, chosen: PrescriptionSet, by) -> PrescriptionSet:
    """A colleague's set as one of the clinic's; the colleague keeps their own."""
    if not keeps_clinics(by):
        raise RuleBroken(_refused())
    made = _new(chosen.name, owner=None, by=by)
    for row in chosen.items.select_related("drug"):
        _add_row(made, row.rank, row, row.quantity)
    return made


@atomic_retry
def rename(*, chosen: PrescriptionSet, name: str, by) -> PrescriptionSet:
    """Another name for it; the rows stay."""
    chosen = _held(chosen, by)
    _name(chosen, name)
    chosen.save()
    return chosen


@atomic_retry
def stop(*, chosen: PrescriptionSet, by) -> PrescriptionSet:
    """Nobody finds it any more; it stays in the database."""
    chosen = _held(chosen, by)
    chosen.stopped_at, chosen.live_key = timezone.now(), None
    chosen.save()
    return chosen


@atomic_retry
def use(
    *, prescription: Prescription, chosen: PrescriptionSet, common: Common | None = None, by
) -> list[str]:
    """Write its rows on the sheet, with the doses saved; what could not be added, in words.

    `common` is the line above the pieces of a herbal sheet, as it stands on the screen.
    """
    prescription = editable(prescription, by)
    if common is not None:
        prescription = write(prescription=prescription, common=common, by=by)
    if not usable(by).filter(pk=chosen.pk).exists():
        raise AlreadyDone(_("Not used: this set was taken out of use. Please choose another."))
    rows = list(chosen.items.select_related("drug"))
    return rewriting.put_all(rows, [row.quantity for row in rows], prescription, by=by)


# -- inside --


def _refused() -> str:
    return _("Only pharmacists and administrators change the sets of the clinic.")


def _held(chosen: PrescriptionSet, by) -> PrescriptionSet:
    found = lock(PrescriptionSet.objects.filter(pk=chosen.pk)).get()
    if found.owner_id is None and not keeps_clinics(by):
        raise RuleBroken(_refused())
    if found.owner_id not in (None, by.pk):
        raise RuleBroken(_("Only its owner changes this set."))
    if found.stopped_at is not None:
        raise AlreadyDone(_("This set was taken out of use meanwhile."))
    return found


def _new(name: str, *, owner, by) -> PrescriptionSet:
    made = PrescriptionSet(owner=owner, made_by=by)
    _name(made, name)
    made.save()
    return made


def _name(chosen: PrescriptionSet, name: str) -> None:
    try:
        name = " ".join(clean_text(name).split())
    except ValidationError as error:
        raise RuleBroken(error.messages[0], field="name") from error
    if not name or len(name) > LONGEST_NAME:
        raise RuleBroken(_("Please write a name of at most 40 characters."), field="name")
    key = f"{chosen.owner_id or 'clinic'}/{name}"
    if PrescriptionSet.objects.filter(live_key=key).exclude(pk=chosen.pk).exists():
        raise RuleBroken(_("A set of this name exists. Please choose another name."), field="name")
    chosen.name, chosen.live_key = name, key
    chosen.pinyin = pinyin.full_pinyin(name)[:240]
    chosen.initials = pinyin.initials(name)[:40]


def _add_row(made: PrescriptionSet, rank: int, row, quantity: int | None) -> None:
    PrescriptionSetItem.objects.create(
        set=made,
        rank=rank,
        drug=row.drug,
        dose=row.dose,
        dose_unit=row.dose_unit,
        route=row.route,
        frequency=row.frequency,
        days=row.days,
        quantity=quantity,
        remark=row.remark,
        outside=row.outside,
        group=row.group,
        drip=row.drip,
        herb_note=row.herb_note,
    )
