"""The answer to the monthly question of the home page."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.statistics import opinions
from security.access import signed_in


@signed_in
@require_POST
def staff_opinion(request):
    """One of five, or not this month; back to the home page."""
    score = request.POST.get("score", "")
    if score == "later":
        opinions.put_off(by=request.user)
        return redirect("home")
    try:
        opinions.answer(
            score=int(score) if score in ("1", "2", "3", "4", "5") else 0, by=request.user
        )
    except AlreadyDone as error:
        messages.info(request, error.message)
    except RuleBroken as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Thank you. Your answer is saved without your name."))
    return redirect("home")
