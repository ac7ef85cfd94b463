"""Drafts: begun, changed by whoever has the permission, discarded."""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry, lock
from pharmacy.ledger import lock_batches, new_document
from pharmacy.models import StockDocument
from pharmacy.papers import heads, lines, undoing
from pharmacy.papers.kinds import PAPERS, Kind

State = StockDocument.State


@atomic_retry
def start(*, kind: str, head: dict | None = None, rows: list[lines.Row] | None = None, by):
    """A draft of this kind with its number; nothing moves yet."""
    if kind not in PAPERS:
        raise RuleBroken(_("Documents of this kind are not begun by hand."), rule="R-107")
    fields = heads.checked(Kind(kind), head or {})
    draft = {"state": State.DRAFT, "posted_at": None, "posted_by": None}
    if rows:  # before the number is drawn, as everybody does
        lock_batches(drug_id__in={row.drug.pk for row in rows})
    document = new_document(Kind(kind), by, **draft, **fields)
    lines.write(document, rows or [])
    return document


@atomic_retry
def save(
    *,
    document: StockDocument,
    version: int | None = None,
    head: dict | None = None,
    rows: list[lines.Row] | None = None,
    by,
) -> StockDocument:
    """Another head or other lines; what is None stays. The place stays in any case."""
    document = locked_draft(document, version)
    changed = ["version", "changed_by"]
    if head is not None:
        fields = heads.checked(Kind(document.kind), {**head, "place": document.place})
        fields.pop("reference", None)
        for name, value in fields.items():
            setattr(document, name, value)
        changed += fields
    if rows is not None:
        lines.write(document, rows)
    document.version += 1
    document.changed_by = by
    document.save(update_fields=changed)
    return document


@atomic_retry
def discard(*, document: StockDocument, version: int | None = None, by) -> StockDocument:
    """The draft will not be posted; its number stays with it, so that the series has no hole."""
    document = locked_draft(document, version)
    if document.reverses:
        document.note = f"{document.reverses.number} · {document.note}"[:200]
        document.reverses = None  # so that it can be taken back by another
    document.state = State.DISCARDED
    document.version += 1
    document.changed_by = by
    document.save(update_fields=["state", "version", "changed_by", "reverses", "note"])
    undoing.hold(document)
    undoing.settle(document, by)
    return document


def no_draft_words(document: StockDocument) -> str:
    """Who posted it, or took it back, and when."""
    if document.state == State.DISCARDED:
        return _("%(number)s was discarded by %(who)s. Please begin a new document.") % {
            "number": document.number,
            "who": document.prepared_by.full_name,
        }
    return _("%(number)s was already posted by %(who)s at %(time)s.") % {
        "number": document.number,
        "who": (document.posted_by or document.prepared_by).full_name,
        "time": f"{timezone.localtime(document.posted_at):%H:%M}",
    }


def locked_draft(document: StockDocument, version: int | None = None) -> StockDocument:
    """The draft, locked and read again; refused once it is no draft or has changed."""
    document = lock(StockDocument.objects.filter(pk=document.pk)).get()
    if not document.is_draft:
        raise AlreadyDone(no_draft_words(document))
    if version is not None and version != document.version:
        raise RuleBroken(
            _(
                "Not done: %(who)s changed %(number)s meanwhile. Please look at it as it is now "
                "and decide again."
            )
            % {"number": document.number, "who": document.prepared_by.full_name},
            rule="R-107",
        )
    return document
