"""A page per step: a plain form, "later", and the way to the step before."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.models import GuideStep, Institution
from clinic.core.posting import carry_out, keeping
from clinic.core.site import setting
from clinic.guide import steps, verbs
from clinic.guide.forms import BackupForm, ClinicForm, PersonForm, PlacesForm
from pharmacy.models import Drug
from registration.models import Clinician
from security.access import needs
from security.models import User
from security.permissions import P

MOST_PEOPLE = 60


@dataclass
class Asked:
    """What a step does with its form: the verb, what it is given, and what is said then."""

    form: object = None
    verb: Callable | None = None
    given: Callable[[], dict] = dict
    done: str = ""
    context: dict = field(default_factory=dict)
    stays: bool = False  # the page comes again for the next person


@needs(P.ADMINISTER)
@require_GET
def guide(request):
    """The first step that is still to do; when none is, what was reached."""
    shown = steps.shown()
    here = steps.next_open(shown)
    if here is not None and "all" not in request.GET:
        return redirect("guide_step", here.code)
    return render(request, "guide/overview.html", {"steps": shown, "open": here})


@needs(P.ADMINISTER)
@require_http_methods(["GET", "POST"])
def guide_step(request, code):
    """One step; POST saves it, ticks it, or puts it or the whole guide off."""
    if code not in steps.CODES:
        raise Http404
    do = request.POST.get("do", "save")
    if request.method == "POST" and do in ("later", "off"):
        return _put_off(request, code, whole=do == "off")
    asked = ASKED[code](request)
    if request.method == "POST":
        response = _save(request, code, asked)
        if response is not None:
            return response
    shown = steps.shown()
    place = steps.CODES.index(code)
    context = {
        "steps": shown,
        "here": shown[place],
        "number": place + 1,
        "form": asked.form,
        "before": steps.CODES[place - 1] if place else "",
        "after": steps.CODES[place + 1] if place + 1 < len(steps.CODES) else "",
        **asked.context,
    }
    return render(request, f"guide/{code}.html", context)


# -- inside --


def _put_off(request, code: str, *, whole: bool):
    wanted = steps.WHOLE if whole else code
    to = reverse("security_home") if whole else _after(code)
    response = carry_out(
        request,
        verbs.mark,
        to=lambda _none: to,
        done=_("The guide is put off. “First steps” on this page leads back to it.")
        if whole
        else "",
        code=wanted,
        state=GuideStep.State.LATER,
    )
    return response or redirect("guide_step", code)


def _save(request, code: str, asked: Asked):
    if asked.form is not None and not asked.form.is_valid():
        return None
    results: list = []
    here = reverse("guide_step", args=[code])
    response = carry_out(
        request,
        keeping(asked.verb, results),
        to=lambda _result: here if asked.stays else _after(code),
        form=asked.form,
        **asked.given(),
    )
    if response is not None and results:
        _tell(request, code, results[0])
    return response


def _after(code: str) -> str:
    """Only one's own step is known to be settled now; the others are asked on the next page."""
    place = steps.CODES.index(code) + 1
    if place < len(steps.CODES):
        return reverse("guide_step", args=[steps.CODES[place]])
    return reverse("guide")


def _tell(request, code: str, result) -> None:
    if code == "people":
        user, password = result
        words = {"name": user.full_name, "username": user.username, "password": password}
        messages.warning(
            request,
            _(
                "%(name)s signs in as %(username)s with the one-time password %(password)s. "
                "Please write it down now: it is shown only once."
            )
            % words,
        )
    elif code == "week":
        words = ngettext(
            "%(count)s doctor sees patients from Monday to Friday.",
            "%(count)s doctors see patients from Monday to Friday.",
            result,
        )
        messages.success(request, words % {"count": result})


def _clinic(request) -> Asked:
    own = Institution.objects.order_by("pk").first()
    form = ClinicForm(request.POST or None, instance=own)

    def given() -> dict:
        return {"fields": form.own_fields(), "uses": form.cleaned_data["uses"]}

    return Asked(form, verbs.save_clinic, given)


def _places(request) -> Asked:
    form = PlacesForm(request.POST or None, initial=PlacesForm.begun_with())
    return Asked(form, verbs.add_places, lambda: form.cleaned_data)


def _people(request) -> Asked:
    form = PersonForm(request.POST or None)

    def given() -> dict:
        typed = {name: form.cleaned_data[name] for name in ("username", "full_name", "roles")}
        return {**typed, "place": form.place()}

    people = User.objects.filter(is_active=True).prefetch_related("groups").order_by("pk")
    context = {"people": people[:MOST_PEOPLE]}
    return Asked(form, verbs.add_colleague, given, context=context, stays=True)


def _week(request) -> Asked:
    doctors = Clinician.objects.filter(active=True).select_related("user", "department", "room")
    idle = set(doctors.filter(week__isnull=True).values_list("pk", flat=True))
    rows = [(doctor, doctor.pk in idle) for doctor in doctors]
    return Asked(None, verbs.give_usual_week, context={"doctors": rows, "idle": len(idle)})


def _tick(code: str):
    return lambda: {"code": code, "state": GuideStep.State.DONE}


def _drugs(request) -> Asked:
    drugs = Drug.objects.filter(active=True)
    context = {"count": drugs.count(), "unchecked": drugs.filter(verified=False).count()}
    return Asked(None, verbs.mark, _tick("drugs"), context=context)


def _printer(request) -> Asked:
    return Asked(None, verbs.mark, _tick("printer"))


def _backup(request) -> Asked:
    form = BackupForm(request.POST or None, initial={"folder": setting("backup.second_place")})
    return Asked(form, verbs.name_second_place, lambda: form.cleaned_data)


ASKED = {
    "clinic": _clinic,
    "places": _places,
    "people": _people,
    "week": _week,
    "drugs": _drugs,
    "printer": _printer,
    "backup": _backup,
}
