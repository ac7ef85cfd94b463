"""The states of a prescription and the one table of allowed moves (R-34)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RxState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Awaiting review")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")
    UNPAID = "unpaid", _("Awaiting payment")
    PAID = "paid", _("Awaiting dispensing")
    PICKING = "picking", _("Being picked")
    PART_DISPENSED = "part_dispensed", _("Partly dispensed")
    DISPENSED = "dispensed", _("Dispensed")
    ARCHIVED = "archived", _("Archived")
    VOIDED = "voided", _("Voided")
    LAPSED = "lapsed", _("Expired")
    PART_RETURNED = "part_returned", _("Partly returned")
    ALL_RETURNED = "all_returned", _("Drugs returned")
    ISSUED = "issued", _("Issued on paper")  # where the clinic has no pharmacy


S = RxState
MOVES: dict[RxState, set[RxState]] = {
    S.DRAFT: {S.SUBMITTED, S.VOIDED},
    # Issued at once where no pharmacist of ours reviews and hands out.
    S.SUBMITTED: {S.APPROVED, S.RETURNED, S.VOIDED, S.LAPSED, S.ISSUED},
    S.RETURNED: {S.SUBMITTED, S.VOIDED, S.LAPSED},
    S.APPROVED: {S.UNPAID, S.VOIDED, S.LAPSED},
    S.UNPAID: {S.PAID, S.VOIDED, S.LAPSED},
    # Its money is given back before anything went out: it waits for payment again.
    S.PAID: {S.PICKING, S.VOIDED, S.LAPSED, S.SUBMITTED, S.UNPAID},
    S.PICKING: {S.DISPENSED, S.PART_DISPENSED, S.PAID},
    # A part is with the patient: no way back to the doctor, into the void or to expiry, all of
    # which would say that nothing was handed out. Another part, or an end: the rest went out too,
    # the doctor gave it up, or its last day passed.
    S.PART_DISPENSED: {S.PART_DISPENSED, S.DISPENSED},
    S.DISPENSED: {S.ARCHIVED, S.PART_RETURNED, S.ALL_RETURNED},
    # Back again where the return itself was taken back: the drugs are with the patient.
    S.PART_RETURNED: {S.PART_RETURNED, S.ALL_RETURNED, S.ARCHIVED, S.DISPENSED},
    S.ALL_RETURNED: {S.ARCHIVED, S.PART_RETURNED, S.DISPENSED},
    S.ISSUED: {S.ARCHIVED, S.VOIDED},
    S.ARCHIVED: set(),
    S.VOIDED: set(),
    S.LAPSED: set(),
}
EDITABLE = {S.DRAFT, S.RETURNED}
# Drugs are promised to it and not yet handed out.
RESERVING = {S.APPROVED, S.UNPAID, S.PAID, S.PICKING, S.PART_DISPENSED}
# Something is to be handed out.
AT_WINDOW = (S.PAID, S.PICKING, S.PART_DISPENSED)
BACK = {S.PART_RETURNED, S.ALL_RETURNED}
# The patient may bring drugs back. An archived sheet stays what it is; its goods move.
RETURNABLE = {S.DISPENSED, S.PART_RETURNED, S.ARCHIVED}


def may_move(old: str, new: str) -> bool:
    """True when the table allows the step."""
    return RxState(new) in MOVES[RxState(old)]
