"""A page of the auditor's list: the newest entries that fit, at the same price in any log.

Nothing is counted that is not shown: of ten million entries as of ten thousand at most so many are
looked at, by their keys alone, and the last page leads to what is older.
"""

from django.core.paginator import Page

from clinic.core.paging import Newest, list_of_keys
from security.audit_find import parts
from security.audit_search import AuditFilterForm
from security.models import AuditEntry

PAGE, MOST = 50, 1_000


def page_of(form: AuditFilterForm, number) -> Page:
    """The page with this number; its entries are read whole, those of the others are not."""
    found = set()
    for part in parts(form, MOST + 1):
        found.update(part.values_list("timestamp", "pk")[: MOST + 1])
    keys = [pk for _moment, pk in sorted(found, reverse=True)]
    page = Newest(keys, PAGE, MOST).get_page(number)
    whole = AuditEntry.objects.select_related("content_type")
    page.object_list = list_of_keys(page.object_list, whole)
    return page
