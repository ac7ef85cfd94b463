"""A doctor is entered: the place of work and a letter for the queue numbers."""

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from registration.models import Clinician, Department, Room

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which look like digits


@atomic_retry
def add_doctor(
    *, user, department: Department, room: Room, title: str, licence_no: str = "", by
) -> Clinician:
    """The next free letter is taken; an assistant may not prescribe before the clinic says so."""
    taken = set(Clinician.objects.values_list("letter", flat=True))
    letter = next((one for one in LETTERS if one not in taken), None)
    if letter is None:
        raise RuleBroken(
            _(
                "Not added: every letter of the queue numbers belongs to a doctor. Please enter "
                "this doctor in the administration with a letter of your choice."
            )
        )
    return Clinician.objects.create(
        user=user,
        department=department,
        room=room,
        letter=letter,
        title=title,
        licence_no=licence_no,
        may_prescribe=title != Clinician.Title.ASSISTANT,
    )
