"""Who may judge a sheet, take its drugs from the shelf, and hand them out (R-6, R-33, R-177)."""

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from prescriptions import no_pharmacist
from prescriptions.review_models import ReviewedAs
from security.permissions import P

JUDGES = (P.REVIEW_PRESCRIPTION, P.REVIEW_REMOTELY, P.CHECK_PRESCRIPTION)
AT_WINDOW = (P.DISPENSE, P.PICK_DRUGS, P.CHECK_PRESCRIPTION)


def judges(user) -> bool:
    """True for whoever holds drugs against the diagnosis by their duty."""
    return user.has_perm(P.DISPENSE) or reviews_as(user) is not None


def at_window(user) -> bool:
    """True for whoever has work there; the second person only where there is no pharmacist."""
    return user.has_perm(P.PICK_DRUGS) or judges(user)


def works_at_window(user) -> bool:
    """True for whoever takes drugs from the shelf or hands them out; one who only reviews looks."""
    return user.has_perm(P.PICK_DRUGS) or hands_out(user)


def reviews_as(user) -> str | None:
    """Empty for a pharmacist of the house, a ReviewedAs for others; None: may not review."""
    if user.has_perm(P.REVIEW_PRESCRIPTION):
        return ""
    if user.has_perm(P.REVIEW_REMOTELY):
        return ReviewedAs.REMOTE
    if user.has_perm(P.CHECK_PRESCRIPTION) and no_pharmacist.is_declared():
        return ReviewedAs.SECOND
    return None


def require_reviewer(user) -> str:
    """As what this person reviews; RuleBroken for everybody else."""
    as_whom = reviews_as(user)
    if as_whom is None:
        raise RuleBroken(
            _(
                "Not done: only a pharmacist reviews. A second person does it where an "
                "administrator has declared that there is no pharmacist."
            ),
            rule="R-6",
        )
    return as_whom


def hands_out(user) -> bool:
    """A pharmacist, or the second person where there is none; a technician only picks (R-6)."""
    if user.has_perm(P.DISPENSE):
        return True
    return user.has_perm(P.CHECK_PRESCRIPTION) and no_pharmacist.is_declared()


def require_dispenser(user) -> None:
    """RuleBroken for a technician, who only picks (R-6)."""
    if not hands_out(user):
        raise RuleBroken(
            _(
                "Not handed out: a pharmacist checks and hands out; a technician only takes the "
                "drugs from the shelf."
            ),
            rule="R-6",
        )


def require_picker(user) -> None:
    """Whoever picks: the technician too."""
    if not user.has_perm(P.PICK_DRUGS):
        require_dispenser(user)
