"""Temperatures of the cold chain: today's readings, a month's sheet, refrigerators (R-121)."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.posting import carry_out
from pharmacy import cold, cold_sheet
from pharmacy.forms_cold import CorrectionForm, ReadingForm, UnitForm
from pharmacy.models import ColdUnit, TemperatureRecord
from pharmacy.places import several
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

MOST = 50  # refrigerators on one page


@needs(P.RECEIVE_STOCK)
@require_GET
def cold_list(request):
    """Every refrigerator with today's two readings."""
    return _today(request)


@needs(P.RECEIVE_STOCK)
@require_http_methods(["GET", "POST"])
def cold_read(request, pk):
    """Write one reading down, from the page of today."""
    unit = get_object_or_404(ColdUnit, pk=pk, active=True)
    if request.method == "GET":
        return _today(request)
    form = ReadingForm(request.POST)
    if form.is_valid():
        response = carry_out(
            request,
            cold.read_temperature,
            to=lambda _reading: reverse("cold_list"),
            form=form,
            unit=unit,
            slot=form.cleaned_data["slot"],
            celsius=form.cleaned_data["celsius"],
            note=form.cleaned_data["note"],
        )
        if response:
            _say(request, unit, form.cleaned_data["celsius"])
            return response
    return _today(request, unit, form)


def _say(request, unit: ColdUnit, celsius) -> None:
    if unit.low <= celsius <= unit.high:
        messages.success(request, _("Written down."))
    else:
        text = _("%(unit)s: %(celsius)s ℃ is out of range. Read it again in half an hour.")
        messages.warning(request, text % {"unit": unit.name, "celsius": celsius})


def _today(request, unit: ColdUnit | None = None, form: ReadingForm | None = None):
    units = list(ColdUnit.objects.filter(active=True).select_related("place")[:MOST])
    rows = cold_sheet.today_of(units)
    for row in rows:
        for cell in row["cells"]:
            mine = unit == row["unit"] and form is not None and form["slot"].value() == cell.slot
            cell.form = form if mine else None
            cell.is_open = cell.state and not (
                cell.slot == cold.Slot.AFTERNOON and cold.slot_now() == cold.Slot.MORNING
            )
    context = {
        "rows": rows,
        "today": timezone.localdate(),
        "several": several(),
        "stopped": ColdUnit.objects.filter(active=False)[:MOST],
        "form": form,
    }
    return render(request, "pharmacy/cold_list.html", context)


@needs(P.RECEIVE_STOCK)
@require_GET
def cold_month(request, pk):
    """A month as plot and table."""
    unit = get_object_or_404(ColdUnit.objects.select_related("place"), pk=pk)
    return render(request, "pharmacy/cold_month.html", _month(request, unit))


@needs(P.RECEIVE_STOCK)
@require_GET
def cold_month_print(request, pk):
    """The same on paper."""
    unit = get_object_or_404(ColdUnit.objects.select_related("place"), pk=pk)
    context = _month(request, unit)
    context["back_url"] = f"{reverse('cold_month', args=[pk])}?month={context['first']:%Y-%m}"
    return render(request, "pharmacy/cold_month_print.html", context)


def _month(request, unit: ColdUnit) -> dict:
    first = cold_sheet.month_of(request.GET.get("month", ""))
    after = (first + timedelta(days=32)).replace(day=1)
    return {
        "unit": unit,
        "first": first,
        "previous": (first - timedelta(days=1)).replace(day=1),
        "next": after if after <= timezone.localdate() else None,
        **cold_sheet.month(unit, first),
    }


@keeps_typed
@needs(P.RECEIVE_STOCK)
@require_http_methods(["GET", "POST"])
def cold_correct(request, pk):
    """A second row beside the wrong one."""
    rows = TemperatureRecord.objects.select_related("unit", "made_by")
    reading = get_object_or_404(rows, pk=pk)
    month = f"{reverse('cold_month', args=[reading.unit_id])}?month={reading.day:%Y-%m}"
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            cold.correct_temperature,
            to=lambda _reading: month,
            form=form,
            done=_("Corrected; the first reading stays to be seen."),
            reading=reading,
            **form.cleaned_data,
        )
        if response:
            return response
    context = {"reading": reading, "form": form, "month_url": month}
    return render(request, "pharmacy/cold_correct.html", context)


@keeps_typed
@needs(P.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def cold_unit_new(request):
    """A new refrigerator."""
    return _unit_form(request, None)


@keeps_typed("pharmacy.ColdUnit")
@needs(P.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def cold_unit_edit(request, pk):
    """Its name, limits and memo."""
    return _unit_form(request, get_object_or_404(ColdUnit, pk=pk))


def _unit_form(request, unit: ColdUnit | None):
    form = UnitForm(request.POST or None, unit=unit, several=several())
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            cold.save_unit,
            to=lambda _unit: reverse("cold_list"),
            form=form,
            done=_("Saved."),
            unit=unit,
            **{"place": unit.place if unit else None, **form.cleaned_data},
        )
        if response:
            return response
    return render(request, "pharmacy/cold_unit.html", {"unit": unit, "form": form})
