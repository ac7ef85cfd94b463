"""The auditor's screens: the list of entries, its export, and what stands out in a week."""

from datetime import date, timedelta

from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from clinic.core.days import FIRST_DAY, LAST_DAY
from security import audit, audit_export, resets, verdict
from security import audit_week as weeks
from security.access import needs
from security.audit_page import page_of
from security.audit_search import AuditFilterForm, search, with_numbers
from security.permissions import P


@needs(P.READ_AUDIT)
@require_GET
def audit_list(request):
    """Who did what, when, from where; newest first."""
    form = AuditFilterForm(request.GET or None)
    page = page_of(form, request.GET.get("page"))
    with_numbers(page.object_list)
    audit.record("audit_read", screen="audit_list")
    asked = request.GET.copy()
    for name in ("page", "before"):
        asked.pop(name, None)
    return render(
        request,
        "security/audit_list.html",
        {
            "form": form,
            "page": page,
            "asked": asked.urlencode(),
            "verdict": verdict.words(),
            "resets": resets.to_tell(request.user),
        },
    )


@needs(P.READ_AUDIT)
@require_GET
def audit_export_file(request):
    """The entries that the list shows now, as a file for spreadsheets."""
    form = AuditFilterForm(request.GET or None)
    if form.is_bound and not form.is_valid():
        return redirect("audit_list")
    asked = {k: str(v) for k, v in getattr(form, "cleaned_data", {}).items() if v}
    entries = search(form)
    audit.record("export", screen="audit_export", data={"asked": asked, "entries": entries.count()})
    response = StreamingHttpResponse(
        audit_export.lines(entries, language=get_language()),
        content_type="text/csv; charset=utf-8",
    )
    name = f"audit-{timezone.localdate():%Y%m%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@needs(P.READ_AUDIT)
@require_GET
def audit_week(request):
    """What stands out in the week of a day, this week's without one; to be printed and filed."""
    monday = weeks.monday_of(_day(request.GET.get("day")))
    audit.record("audit_read", screen="audit_week", data={"week": str(monday)})
    return render(
        request,
        "security/audit_week.html",
        {
            "lines": weeks.summary(monday),
            "resets": with_numbers(weeks.resets_of_guarded(monday)),
            "glass": with_numbers(weeks.opened_without_care(monday)),
            "monday": monday,
            "sunday": monday + timedelta(days=6),
            "previous": monday - timedelta(days=7),
            "next": monday + timedelta(days=7) if monday < weeks.monday_of(_day(None)) else None,
            "verdict": verdict.words(),
        },
    )


def _day(text: str | None) -> date:
    """The day that was asked for, or today where it is none."""
    try:
        day = parse_date(text or "")
    except ValueError:
        day = None
    return min(max(day, FIRST_DAY), LAST_DAY - timedelta(days=14)) if day else timezone.localdate()
