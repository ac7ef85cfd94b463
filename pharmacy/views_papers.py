"""The documents of the stock: list, one document, writing a draft, posting, taking back, paper."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out, gone_on
from clinic.core.site import institution
from pharmacy import paper_list, paper_page, paper_rows, paper_sheet, papers, places, refusals
from pharmacy.forms import as_id
from pharmacy.models import Batch, StockDocument
from pharmacy.paper_forms import BackForm, FilterForm, HeadForm, ReasonForm, VersionForm
from pharmacy.papers.posting import needs_another
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

PAGE = 50
Kind = StockDocument.Kind
PEOPLE = ["made_by", "changed_by", "posted_by", "witness", "accepted_by"]
LINKS = [*PEOPLE, "supplier", "place", "to_place", "reverses", "reversed_by"]


def _document(number: str) -> StockDocument:
    return get_object_or_404(StockDocument.objects.select_related(*LINKS), number=number)


def _page_of(document: StockDocument) -> str:
    return reverse("stock_document", args=[document.number])


@needs(P.SEE_STOCK)
@require_GET
def stock_documents(request):
    """Drafts first, then what was posted, by kind, number, drug, person and period."""
    form = FilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = paper_list.found(asked) if form.is_valid() else StockDocument.objects.none()
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "drafts": paper_list.drafts() if page.number == 1 else [],
        "is_asked": any(asked.values()),
        "days": paper_list.DAYS,
        "new": _kinds_to_begin(request.user),
    }
    return render(request, "pharmacy/stock_documents.html", context)


def _kinds_to_begin(user) -> list:
    if not user.has_perm(P.MANAGE_STOCK):
        return []
    rows = [papers.PAPERS[kind] for kind in papers.DRAFTED]
    return [paper for paper in rows if paper.kind != Kind.MOVE or places.several()]


@needs(P.SEE_STOCK)
@require_GET
def stock_document(request, number):
    """One document with its lines, its state, and what can be done with it now."""
    document = _document(number)
    if document.kind == Kind.PRICE:
        return redirect("price_show", number)
    return _show(request, document)


def _show(request, document, form=None):
    page = Paginator(paper_rows.query(document), PAGE).get_page(request.GET.get("page"))
    may = request.user.has_perm(P.MANAGE_STOCK)
    context = {
        "document": document,
        "page": page,
        "rows": paper_rows.shown(document, page.object_list),
        "refused": refusals.of(document),
        "form": form or ReasonForm(),
        "may": may,
        "may_edit": may and document.is_draft and document.kind in papers.DRAFTED,
        "may_reverse": may and not document.is_draft and not papers.why_not_reversible(document),
        "may_return": may and document.kind == Kind.DISPENSING,
        "asks_another": document.is_draft and needs_another(document, request.user),
    }
    return render(request, "pharmacy/stock_document.html", context)


@keeps_typed
@needs(P.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def stock_paper_new(request, kind):
    """The head of a new document; the next page takes its lines."""
    paper = papers.PAPERS.get(kind) if kind in papers.DRAFTED else None
    if paper is None:
        raise Http404
    batch = Batch.objects.filter(pk=as_id(request.GET.get("batch"))).first()
    place = batch.place_id if batch else None
    form = HeadForm(request.POST if request.method == "POST" else None, kind=kind, place=place)
    if form.is_bound and form.is_valid():
        response = carry_out(
            request,
            papers.start,
            to=lambda document: _edit_url(document, request.GET),
            form=form,
            kind=kind,
            head=form.cleaned_data,
        )
        if response:
            return response
    return render(request, "pharmacy/stock_paper_new.html", {"form": form, "paper": paper})


def _edit_url(document, asked) -> str:
    """The draft's page, still looking for the batch or the words that led here."""
    kept = {name: asked[name][:100] for name in ("batch", "only", "q") if asked.get(name)}
    url = reverse("stock_paper_edit", args=[document.number])
    return f"{url}?{urlencode(kept)}" if kept else url


@keeps_typed("pharmacy.StockDocument")
@needs(P.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def stock_paper_edit(request, number):
    """A draft in work: every button keeps what was typed."""
    document = _document(number)
    if document.kind not in papers.DRAFTED:
        return redirect("stock_document", number)
    if not document.is_draft:
        return gone_on(request, papers.no_draft_words(document), "stock_document", number)
    if request.method == "GET":
        return _edit(request, paper_page.page_of(document, asked=request.GET))
    page = paper_page.page_of(document, data=request.POST, files=request.FILES)
    version = VersionForm(request.POST)
    if page.is_valid() and version.is_valid():
        step = request.POST.get("do", "")
        response = carry_out(
            request,
            papers.save,
            to=lambda saved: _after(saved, step, page.query),
            form=page.head,
            document=document,
            version=version.cleaned_data["version"],
            head=page.head.cleaned_data,
            rows=page.rows,
        )
        if response and getattr(page, "said", ""):
            messages.info(request, page.said)
        if response and not getattr(page, "waiting", ()):
            return response
        if response:  # the good lines are kept, the others wait for their correction
            page.saved = paper_page.rows_of(document)
    document.refresh_from_db()
    seen = version.cleaned_data.get("version") if version.is_valid() else None
    return _edit(request, page, changed=seen is not None and seen != document.version)


def _after(document, step: str, query: str) -> str:
    if step == "keep":
        return _page_of(document)
    return _edit_url(document, {"q": query} if step == "find" else {})


def _edit(request, page, changed=False):
    """`changed`: somebody else was faster, and what they wrote stands beside what is typed."""
    context = {
        "otherwise": page.head.otherwise(page.document) if changed else "",
        "document": page.document,
        "page": page,
        "form": page.head,
        "paper": papers.PAPERS[page.document.kind],
        "is_opening": page.document.kind == Kind.OPENING,
    }
    return render(request, "pharmacy/stock_paper_edit.html", context)


@needs(P.MANAGE_STOCK)
@require_POST
def stock_paper_post(request, number):
    """The draft becomes the ledger's."""
    return _with_version(request, number, papers.post, _("%(number)s is posted."))


@needs(P.MANAGE_STOCK)
@require_POST
def stock_paper_discard(request, number):
    """The draft will not be posted."""
    return _with_version(request, number, papers.discard, _("%(number)s is discarded."))


def _with_version(request, number, verb, done):
    document = _document(number)
    version = VersionForm(request.POST)
    if not version.is_valid():
        messages.error(request, _("Not done: please look at the document again."))
        return redirect("stock_document", number)
    response = carry_out(
        request,
        verb,
        to=_page_of,
        done=done % {"number": number},
        document=document,
        version=version.cleaned_data["version"],
    )
    return response or redirect("stock_document", number)


@needs(P.MANAGE_STOCK)
@require_POST
def stock_document_reverse(request, number):
    """The whole document is taken back by another."""
    document = _document(number)
    form = ReasonForm(request.POST)
    if form.is_valid():
        response = carry_out(
            request,
            papers.reverse,
            to=_page_of,
            form=form,
            document=document,
            reason=form.cleaned_data["reason"],
        )
        if response:
            return response
    return _show(request, document, form)


@keeps_typed("pharmacy.StockDocument")
@needs(P.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def stock_return(request, number):
    """Drugs come back from a patient, line by line of what was handed out (R-117)."""
    document = _document(number)
    if document.kind != Kind.DISPENSING:
        raise Http404
    data = request.POST if request.method == "POST" else None
    forms = [BackForm(data, out=out) for out in papers.out_with_patients(document)]
    form = ReasonForm(data)
    if data and all([form.is_valid(), *(row.is_valid() for row in forms)]):
        rows = [row.row for row in forms if row.row]
        response = carry_out(
            request,
            papers.take_back,
            to=lambda made: _page_of(made[-1]),
            form=form,
            done=_said_of(rows),
            document=document,
            rows=rows,
            reason=form.cleaned_data["reason"],
        )
        if response:
            return response
    context = {"document": document, "rows": forms, "form": form}
    return render(request, "pharmacy/stock_return.html", context)


def _said_of(rows) -> str:
    if all(intact for _movement, _units, intact in rows):
        return _("The drugs are back.")
    return _(
        "The drugs are back. What is not intact lies apart until a colleague has looked at it and "
        "posted this document."
    )


@needs(P.SEE_STOCK)
@require_GET
def stock_document_print(request, number):
    """A document on A4, or half of it, with the lines for signatures."""
    document = _document(number)
    paper = "a5" if request.GET.get("paper") == "a5" else "a4"
    context = paper_sheet.sheet_of(document)
    context |= {"paper": paper, "back_url": _page_of(document), "institution": institution()}
    return render(request, "pharmacy/stock_document_print.html", context)
