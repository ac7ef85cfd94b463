"""The question behind the slip's code, once the visit is over: public, anonymous, no session."""

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.site import institution
from clinic.core.text import row_number
from registration import opinions
from security.access import public
from security.signin import client_address


@public
@require_http_methods(["GET", "POST"])
def display_opinion(request, token):
    """Five buttons; then thanks."""
    context = {"institution": institution(), "choices": opinions.CHOICES}
    if request.method == "POST":
        return render(request, "registration/opinion.html", {**context, **_answer(request, token)})
    visit = opinions.visit_of(token)
    context["is_gone"] = visit is None
    context["is_answered"] = visit is not None and opinions.is_answered(visit)
    return render(request, "registration/opinion.html", context)


def _answer(request, token: str) -> dict:
    score = request.POST.get("score", "")
    try:
        opinions.answer(
            token=token,
            score=row_number(score),
            address=client_address(request),
        )
    except AlreadyDone:
        return {"is_answered": True}
    except RuleBroken as error:
        return {"error": error.message}
    return {"is_thanked": True}
