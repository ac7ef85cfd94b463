"""Words that are easily mixed, and what each of them means here (R-153)."""

from django.utils.translation import gettext_lazy as _

WORDS = [
    (
        _("Registration, booking"),
        _(
            "Registration is for today, with a number at once. A booking is for "
            "later and counts after the check-in."
        ),
    ),
    (
        _("Passed over, missed"),
        _(
            "Passed over: called and not there, comes back after a new check-in. "
            "Missed: never came to a booking."
        ),
    ),
    (
        _("Cancel the registration, refund, return drugs"),
        _(
            "Three things: the desk takes the visit back, the cashier gives money "
            "back, the pharmacy takes drugs back."
        ),
    ),
    (
        _("Review, check"),
        _(
            "Review: a pharmacist judges the prescription before it is filled. "
            "Check: drugs are compared with the sheet before they are handed out."
        ),
    ),
    (
        _("Picking, handing out"),
        _(
            "Picking takes drugs from the shelf. Handing out gives them to the "
            "patient, with words about their use."
        ),
    ),
    (
        _("Denies allergies, not asked"),
        _(
            "Denied means asked and answered no. Not asked means nobody knows, and "
            "no drug can be prescribed."
        ),
    ),
    (
        _("Near expiry, expired"),
        _(
            "Near expiry is still good and goes first. Expired is never handed out,"
            " whatever the reason."
        ),
    ),
    (
        _("Voided, deleted"),
        _("Nothing medical is ever deleted. What was voided stays readable and is marked."),
    ),
    (
        _("Counter-document"),
        _("Takes a wrong stock document back as a whole, so that the ledger still tells both."),
    ),
    (_("Lot"), _("The maker's number of one production. Recalls and expiry dates go by it.")),
    (
        _("Reason for access"),
        _("Why somebody opens a file that is not in their care. It is noted and looked at."),
    ),
    (
        _("Back entry"),
        _(
            "What was done on paper while the system was down is typed in with its "
            "original time and marked."
        ),
    ),
]
