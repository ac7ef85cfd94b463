"""Printing without questions: three sentences, files for the desktop, and test sheets."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from clinic.core.site import setting
from clinic.printing import shortcuts
from security.access import signed_in


@signed_in
@require_GET
def printing(request):
    """What to do once per PC and printer."""
    return render(request, "printing/printing.html", {"printers": shortcuts.PRINTERS})


@signed_in
@require_GET
def printing_test(request, sheet):
    """A sheet with a frame: all four sides must be on the paper."""
    if sheet not in shortcuts.CODES:
        raise Http404
    context = {"sheet": sheet, "is_narrow": setting("site.slip_paper_mm") < 80}
    return render(request, "printing/test_sheet.html", {**context, "back_url": _back(request)})


@signed_in
@require_GET
def printing_shortcut(request, sheet, kind):
    """The file for a desktop, with the address this page was asked at."""
    if sheet not in shortcuts.CODES or kind not in shortcuts.KINDS:
        raise Http404
    address = request.build_absolute_uri("/")
    test = request.build_absolute_uri(reverse("printing_test", args=[sheet]))
    content = shortcuts.KINDS[kind](sheet, address, test)
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="clinic-{sheet}.{kind}"'
    return response


def _back(request) -> str:
    is_in_guide = request.GET.get("from") == "guide"
    return reverse("guide_step", args=["printer"]) if is_in_guide else reverse("printing")
