"""The day on paper, and whether an earlier sheet still fits the log."""

from django import forms
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from clinic.core.days import FIRST_DAY
from security import audit, daily, verdict
from security.access import needs
from security.checkpoints import Checkpoint
from security.permissions import P

ONE_DAY = timezone.timedelta(days=1)


@needs(P.READ_AUDIT, P.ADMINISTER)
@require_GET
def security_daily(request):
    """One day to print, sign and file; today without another one."""
    form = DayForm(request.GET or None)
    today = timezone.localdate()
    day = form.cleaned_data["day"] if form.is_valid() else None
    day = min(max(day or today, FIRST_DAY), today)
    audit.record("audit_read", screen="security_daily", data={"day": str(day)})
    context = {
        "sheet": daily.sheet(day),
        "form": DayForm(initial={"day": day}),
        "previous": max(day - ONE_DAY, FIRST_DAY),
        "next": day + ONE_DAY if day < today else None,
        "now": timezone.now(),
        "back_url": reverse(_home_of(request.user)),
    }
    return render(request, "security/daily_print.html", context)


def _home_of(user) -> str:
    return "audit_list" if user.has_perm(P.READ_AUDIT) else "security_home"


class DayForm(forms.Form):
    day = forms.DateField(
        label=_("Day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class PaperForm(forms.Form):
    """The two things that stand large on the sheet."""

    number = forms.CharField(
        label=_("Number of the seal"),
        max_length=18,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    digits = forms.CharField(
        label=_("Its twelve digits"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean(self):
        typed = self.cleaned_data
        if self.errors:
            return typed
        try:
            typed["paper"] = Checkpoint.typed(typed["number"], typed["digits"])
        except ValueError:
            raise forms.ValidationError(
                _(
                    "This can't stand on a sheet: the number has digits only, and there are twelve "
                    "of 0 to 9 and a to f. Please look again and type both as they are printed."
                )
            ) from None
        return typed


@needs(P.READ_AUDIT, P.ADMINISTER)
@require_GET
def seal_compare(request):
    """Type what stands on an old sheet; the answer is at once: as printed, or not."""
    form = PaperForm(request.GET or None)
    context = {"form": form, "home": _home_of(request.user)}
    if form.is_valid():
        paper = form.cleaned_data["paper"]
        fault = verdict.compare(paper)
        audit.record(
            "audit_read",
            outcome="failed" if fault else "ok",
            screen="seal_compare",
            data={"seal": paper.seq, "fault": fault.kind if fault else ""},
        )
        context |= {"compared": paper, "fault": fault, "verdict": verdict.words()}
    return render(request, "security/seal_compare.html", context)
