"""For the administrator: what the doctor says, and a file for whoever helps."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from clinic.doctor import bundle, whole
from clinic.doctor.findings import CARE, FAULT, NOTE, OK
from security.access import needs
from security.permissions import P

URGENCY = (FAULT, CARE, NOTE, OK)


@needs(P.ADMINISTER)
@require_GET
def support(request):
    """Looked at anew each time the page is opened; what needs somebody stands on top."""
    found = sorted(whole.examine(), key=lambda one: URGENCY.index(one.level))
    levels = [one.level for one in found]
    context = {"found": found, "faults": levels.count(FAULT), "cares": levels.count(CARE)}
    return render(request, "security/support.html", context)


@needs(P.ADMINISTER)
@require_POST
def support_bundle(request):
    """Made in memory and sent: nothing of it stays here."""
    content = bundle.make(by=request.user)
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{bundle.file_name()}"'
    return answer
