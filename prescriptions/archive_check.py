"""Is the archive of prescriptions still what was written, and is all of it there? (R-148)"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext_lazy as _

from clinic.core.paging import paged
from prescriptions import signature
from prescriptions.archive import circumstances
from prescriptions.models import ArchivedSheet, Prescription
from prescriptions.states import RxState
from security import chain
from security.crypto import CryptoError
from security.models import AuditEntry

PAGE = 100
FAULTS = {
    "missing": _("Document {} of the archive is missing."),
    "changed": _("Document {} of the archive was changed."),
    "column": _("Document {} of the archive says something else than the table beside it."),
    "signature": _("The electronic signature of document {} of the archive does not hold."),
    "order": _("Document {} of the archive does not follow the one before it."),
    "cut_off": _("The end of the archive was cut off: the audit log names document {}."),
    "no_document": _("Prescription {} is called archived and has no document."),
}


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was written; `kind` is a word of FAULTS."""

    kind: str
    number: int | str

    def __str__(self) -> str:
        return str(FAULTS[self.kind]).format(self.number)


@dataclass
class Verification:
    """One run. `faults()` yields what is wrong; `documents` is right when it has ended.

    `after_each` is called with the number of documents read so far.
    """

    documents: int = 0
    last_digest: str = ""
    after_each: Callable[[int], None] | None = None

    def faults(self) -> Iterator[Fault]:
        expected, before = 1, chain.FIRST
        for row in paged(ArchivedSheet.objects.all(), "number", PAGE):
            yield from (Fault("missing", number) for number in range(expected, row.number))
            yield from self._document(row, before if row.number == expected else None)
            self.documents += 1
            expected, before = row.number + 1, row.digest
            self.last_digest = row.digest
            if self.after_each:
                self.after_each(self.documents)
        yield from self._beyond(expected - 1)
        yield from self._without_document()

    def _document(self, row: ArchivedSheet, before: str | None) -> Iterator[Fault]:
        try:
            content = row.content
            whole = chain.digest(content) == row.digest
        except (CryptoError, TypeError, ValueError):
            yield Fault("changed", row.number)
            return
        if not whole:
            yield Fault("changed", row.number)
        if any(content.get(name) != value for name, value in circumstances(row).items()):
            yield Fault("column", row.number)
        if not signature.holds(content.get("head") or {}, content.get("items") or []):
            yield Fault("signature", row.number)
        if before is not None and content.get("before") != before:
            yield Fault("order", row.number)

    def _beyond(self, last: int) -> Iterator[Fault]:
        """The audit log, which has a chain of its own, names the last document that was made."""
        kind = ContentType.objects.get_for_model(ArchivedSheet)
        made = AuditEntry.objects.filter(content_type=kind, action=AuditEntry.Action.CREATE)
        newest = made.order_by("-pk").values_list("object_pk", "object_repr").first()
        if newest and not ArchivedSheet.objects.filter(pk=newest[0]).exists():
            yield Fault("cut_off", newest[1])

    def _without_document(self) -> Iterator[Fault]:
        rows = Prescription.objects.filter(state=RxState.ARCHIVED, archived__isnull=True)
        for number in rows.order_by("number").values_list("number", flat=True)[:1000]:
            yield Fault("no_document", number)
