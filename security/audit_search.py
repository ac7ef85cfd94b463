"""Finding entries by person, patient, action and time."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from security.models import AuditEntry

EVENT_LABELS = {
    "create": _("Created"),
    "update": _("Changed"),
    "delete": _("Deleted"),
    "read": _("Read"),
    "search": _("Searched"),
    "print": _("Printed"),
    "export": _("Exported"),
    "sign_in": _("Signed in"),
    "sign_out": _("Signed out"),
    "password": _("Changed password"),
    "refused": _("Refused"),
    "audit_read": _("Read the audit log"),
}


class AuditFilterForm(forms.Form):
    """All fields may stay empty."""

    who = forms.CharField(label=_("User name"), required=False, max_length=40)
    event = forms.ChoiceField(
        label=_("Event"), required=False, choices=[("", _("All")), *EVENT_LABELS.items()]
    )
    patient = forms.UUIDField(label=_("Patient"), required=False, widget=forms.HiddenInput)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


def search(form: AuditFilterForm):
    """The entries that fit the form; all of them when it is empty or wrong."""
    entries = AuditEntry.objects.select_related("content_type").order_by("-timestamp", "-pk")
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    if wanted.get("who"):
        entries = entries.filter(actor_name__startswith=wanted["who"])
    if wanted.get("event"):
        entries = entries.filter(event=wanted["event"])
    if wanted.get("patient"):
        entries = entries.filter(subject=wanted["patient"])
    if wanted.get("since"):
        entries = entries.filter(timestamp__date__gte=wanted["since"])
    if wanted.get("until"):
        entries = entries.filter(timestamp__date__lt=wanted["until"] + timedelta(days=1))
    return entries
