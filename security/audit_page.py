"""A page of the auditor's list: the newest entries that fit, at the same price in any log.

Nothing is counted that is not shown: of ten million entries as of ten thousand at most so many are
looked at, by their keys alone, and the last page leads to what is older.
"""

from django.core.paginator import Page, Paginator

from security.audit_search import AuditFilterForm, parts
from security.models import AuditEntry

PAGE, MOST = 50, 1_000


class Newest(Paginator):
    """Pages of the keys that were looked at; `more` when there are older ones."""

    def __init__(self, keys: list[int]):
        super().__init__(keys[:MOST], PAGE)
        self.more = len(keys) > MOST
        self.last = keys[MOST - 1] if self.more else None


def page_of(form: AuditFilterForm, number) -> Page:
    """The page with this number; its entries are read whole, those of the others are not."""
    found = set()
    for part in parts(form, MOST + 1):
        found.update(part.values_list("timestamp", "pk")[: MOST + 1])
    page = Newest([pk for _moment, pk in sorted(found, reverse=True)]).get_page(number)
    wanted = list(page.object_list)
    rows = AuditEntry.objects.select_related("content_type").in_bulk(wanted)
    page.object_list = [rows[pk] for pk in wanted if pk in rows]
    return page
