"""The register of narcotics and class-I psychotropics, and their used ampoules (R-30, R-40)."""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.forms import CleanTextMixin
from clinic.core.posting import carry_out
from clinic.core.site import institution
from pharmacy.forms_controlled import PeriodForm
from prescriptions import register
from security import audit
from security.access import needs
from security.permissions import P

PAGE = 50
MOST_PRINTED = 1000


class EmptiesForm(CleanTextMixin, forms.Form):
    """How many used ampoules were counted."""

    half_width_fields = ("quantity",)

    quantity = forms.IntegerField(min_value=1, max_value=9999)


@needs(P.DISPENSE)
@require_GET
def special_register(request):
    """Page by page; or what is open."""
    form, is_open = PeriodForm(request.GET), request.GET.get("show") == "open"
    found = register.open_lines() if is_open else _asked(form)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    page.object_list = register.rows_of(list(page.object_list))
    audit.record_read(
        by=request.user,
        screen="special_register",
        patients=[row["patient"].pk for row in page.object_list],
    )
    context = {
        "page": page,
        "form": form,
        "is_open": is_open,
        "open_count": register.open_lines().count(),
        "asked": _address(form),
    }
    return render(request, "prescriptions/special_register.html", context)


@needs(P.DISPENSE)
@require_http_methods(["GET", "POST"])
def special_register_print(request):
    """The period on paper; document numbers in full only when the button for it was pressed."""
    form, revealed = PeriodForm(request.GET), request.method == "POST"
    rows = register.rows_of(list(_asked(form)[:MOST_PRINTED]), revealed=revealed)
    patients = [row["patient"].pk for row in rows]
    audit.record_read(by=request.user, screen="special_register_print", patients=patients)
    if revealed:
        audit.record("print", subjects=patients, screen="special_register_print")
    context = {
        "rows": rows,
        "period": form.period(),
        "revealed": revealed,
        "now": timezone.now(),
        "institution": institution(),
        "back_url": f"{reverse('special_register')}?{_address(form)}",
    }
    return render(request, "prescriptions/special_register_print.html", context)


@needs(P.DISPENSE)
@require_POST
def special_empties(request, pk):
    """Used ampoules of one line are back."""
    line = get_object_or_404(register.lines(), pk=pk)
    back, form = f"{reverse('special_register')}?show=open", EmptiesForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not saved: please write how many used ampoules came back."))
        return HttpResponseRedirect(back)
    response = carry_out(
        request,
        register.take_empties,
        to=lambda _row: back,
        done=_("%(count)s used ampoules of %(number)s are back.")
        % {"count": form.cleaned_data["quantity"], "number": line.item.prescription.number},
        line=line,
        quantity=form.cleaned_data["quantity"],
    )
    return response or HttpResponseRedirect(back)


def _asked(form: PeriodForm):
    period = form.period()
    return register.lines(period, lot=form.lot_asked())


def _address(form: PeriodForm) -> str:
    return urlencode({name: form.data[name] for name in form.fields if form.data[name]})
