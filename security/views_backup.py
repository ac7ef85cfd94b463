"""The administrator's home: are the backups in order, and how to bring one back."""

from django.conf import settings
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.core.posting import carry_out
from security import accounts, encryption_check, home_notes, resets, verdict
from security.access import needs
from security.backup.records import request_backup
from security.backup.status import status, told
from security.models import BackupRecord
from security.permissions import P

PAGE = 20


@needs(P.ADMINISTER)
@require_GET
def security_home(request):
    """Status, the list of backups, and three plain steps."""
    records = BackupRecord.objects.select_related("asked_by").order_by("-started_at", "-pk")
    page = Paginator(records, PAGE).get_page(request.GET.get("page"))
    page.object_list = [told(record) for record in page.object_list]
    context = {
        "status": status(),
        "page": page,
        "broken": verdict.broken(),
        "unopened": encryption_check.broken(),
        "resets": resets.to_tell(request.user),
        "people": accounts.warnings(),
        "notes": home_notes.notes(),
        "lines": home_notes.lines(request.user),
        "folder": settings.CLINIC_BACKUP_DIR,
        "data_dir": settings.DATA_DIR,
        "public_url": settings.CLINIC_PUBLIC_URL,
    }
    return render(request, "security/home.html", context)


@needs(P.ADMINISTER)
@require_POST
def backup_now(request):
    """The scheduler makes it: a page must not wait for minutes."""
    done = _("The backup starts within a minute or two. Look here again then.")
    answer = carry_out(
        request, request_backup, to=lambda _record: reverse("security_home"), done=done
    )
    return answer or redirect("security_home")
