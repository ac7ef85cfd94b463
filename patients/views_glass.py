"""A file that is not in one's care: who it is, the allergies, and the question why (R-143)."""

from django import forms
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from clinic.core.forms import CleanTextMixin
from clinic.core.posting import carry_out
from clinic.core.site import setting
from patients.banner import banner
from patients.duplicates import file_of
from patients.masking import mask_name
from patients.ways_back import way_back
from security import audit, glass
from security.access import may_read_file, needs
from security.models import BreakGlass
from security.permissions import P


class GlassForm(CleanTextMixin, forms.Form):
    """The reason by list; in words too where the list says nothing."""

    reason = forms.ChoiceField(
        label=_("Why you need this file"),
        choices=BreakGlass.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose why you need this file.")},
    )
    words = forms.CharField(
        label=_("In a few words"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.tiles_column = True
        if not self.is_bound:
            self.fields["reason"].widget.tiles = {
                BreakGlass.Reason.EMERGENCY.value: {"autofocus": True}
            }


@needs(P.READ_CHART)
@require_http_methods(["GET", "POST"])
def break_glass(request, pk):
    """Ask why. The allergies are shown all the same: no question may stand between a doctor and
    a drug that would kill, and whoever may record allergies reads them anyway."""
    patient = file_of(pk)
    to = way_back(request) or reverse("patient_chart", args=[pk])
    if request.method == "GET" and not _wants_more(request) and may_read_file(request.user, pk):
        return redirect(to)
    form = GlassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            glass.break_glass,
            to=lambda _row: to,
            form=form,
            patient=patient.pk,
            **form.cleaned_data,
        )
        if response:
            return response
    audit.record_read(by=request.user, screen="break_glass", patients=[patient.pk])
    context = {
        **banner(patient),
        "form": form,
        "masked_name": mask_name(patient.name),
        "next": way_back(request),
        "secret": _wants_more(request),
        "hours": setting("security.open_file_hours"),
    }
    return render(request, "patients/break_glass.html", context)


def _wants_more(request) -> bool:
    """The file is open already, and what is most sensitive in it is asked for (R-140)."""
    return "secret" in request.GET or "secret" in request.POST
