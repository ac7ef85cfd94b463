"""The books of controlled drugs and their handover from shift to shift (R-120)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.posting import carry_out
from pharmacy import controlled, handing_over
from pharmacy.forms_controlled import Counts, PeriodForm, TakerForm
from pharmacy.models import Batch, ControlledHandover, Drug, Place
from pharmacy.special_book import Book
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

PAGE = 50
MOST_PRINTED = 2000


@needs(P.MANAGE_STOCK)
@require_GET
def controlled_list(request):
    """Every drug with a book, and what is there of it."""
    drugs = controlled.booked_drugs(timezone.localdate())
    sums = Batch.objects.filter(drug__in=[drug.pk for drug in drugs]).order_by()
    on_hand = dict(sums.values_list("drug").annotate(total=Sum("on_hand")))
    for drug in drugs:
        drug.on_hand = on_hand.get(drug.pk, 0)
    # What is there or under control now comes before books that are only kept.
    drugs.sort(key=lambda drug: not drug.on_hand)
    page = Paginator(drugs, PAGE).get_page(request.GET.get("page"))
    last = ControlledHandover.objects.select_related("from_person", "to_person").order_by("-pk")
    return render(request, "pharmacy/controlled_list.html", {"page": page, "last": last.first()})


@needs(P.MANAGE_STOCK)
@require_GET
def controlled_book(request, pk):
    """One drug's book, page by page."""
    drug, form, book = _book(request, pk)
    page = Paginator(book.rows, PAGE).get_page(request.GET.get("page"))
    page.object_list = book.with_totals(list(page.object_list))
    context = {"drug": drug, "form": form, "page": page, **_about(book), "asked": _asked(form)}
    return render(request, "pharmacy/controlled_book.html", context)


@needs(P.MANAGE_STOCK)
@require_GET
def controlled_book_print(request, pk):
    """The whole period on paper."""
    drug, form, book = _book(request, pk)
    if book.rows.count() > MOST_PRINTED:
        text = _("Too much for one print: %(most)s lines at most. Please choose a shorter period.")
        messages.error(request, text % {"most": MOST_PRINTED})
        return redirect("controlled_book", pk)
    context = {
        "drug": drug,
        "rows": book.with_totals(list(book.rows)),
        "lot": form.lot_asked(),
        "now": timezone.now(),
        "back_url": f"{reverse('controlled_book', args=[pk])}?{_asked(form)}",
        **_about(book),
    }
    return render(request, "pharmacy/controlled_book_print.html", context)


def _book(request, pk) -> tuple[Drug, PeriodForm, Book]:
    rows = Drug.objects.filter(control_classes__name__in=controlled.BOOKED).distinct()
    drug = get_object_or_404(rows.prefetch_related("control_classes"), pk=pk)
    drug.control = drug.control_class_on(timezone.localdate())
    form = PeriodForm(request.GET)
    return drug, form, Book(drug, form.period(), form.lot_asked())


def _about(book: Book) -> dict:
    return {"period": book.period, "opening": book.opening(), "closing": book.closing()}


def _asked(form: PeriodForm) -> str:
    """The period and lot as they stand in an address."""
    return urlencode({name: form.data[name] for name in form.fields if form.data[name]})


@needs(P.MANAGE_STOCK)
@require_GET
def handover_list(request):
    """Every handover, the newest first, with how many lines differed."""
    differs = Count("lines", filter=~Q(lines__counted=F("lines__book")))
    rows = ControlledHandover.objects.annotate(lines_count=Count("lines"), differences=differs)
    rows = rows.select_related("place", "from_person", "to_person").order_by("-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "pharmacy/handover_list.html", {"page": page})


@needs(P.MANAGE_STOCK)
@require_GET
def handover_show(request, pk):
    """One handover as the sheet that both sign."""
    rows = ControlledHandover.objects.select_related("place", "from_person", "to_person")
    handover = get_object_or_404(rows, pk=pk)
    lines = handover.lines.select_related("batch__drug").order_by("batch__drug__generic_name", "pk")
    lines = list(lines)
    context = {
        "handover": handover,
        "lines": lines,
        "differs": any(line.difference for line in lines),
        "back_url": reverse("handover_list"),
    }
    return render(request, "pharmacy/handover_show.html", context)


@keeps_typed
@sensitive_post_parameters("witness_password")
@needs(P.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def handover_new(request):
    """Count blind, then the colleague who takes over confirms with name and password."""
    place = _place(request)
    batches = handing_over.to_count(place) if place else []
    if request.method == "GET":
        return _handover_page(request, place, Counts(batches), _taker(request, None))
    counts, taker = Counts(batches, request.POST), _taker(request, request.POST)
    # Whoever has to count again need not type the password for nothing.
    if counts.is_valid() and taker.is_valid():
        refused = []
        response = carry_out(
            request,
            _noting(refused),
            to=lambda handover: reverse("handover_show", args=[handover.pk]),
            form=taker,
            place=place,
            counts=counts.counted(),
            to_person=taker.cleaned_data["witness"],
            note=taker.cleaned_data["note"],
        )
        if response:
            return response
        for error in refused:
            counts.mark(error.lines)
    return _handover_page(request, place, counts, taker)


def _place(request) -> Place | None:
    asked = request.POST.get("place") or request.GET.get("place", "")
    places = list(Place.objects.filter(active=True))
    return next(
        (place for place in places if str(place.pk) == asked), places[0] if places else None
    )


def _taker(request, data) -> TakerForm:
    return TakerForm(data, request=request, permission=P.MANAGE_STOCK)


def _noting(refused: list):
    """The verb; lines that differ are also put into `refused`, so that the page marks them."""

    def run(**arguments):
        try:
            return handing_over.hand_over(**arguments)
        except handing_over.Differs as error:
            refused.append(error)
            raise

    return run


def _handover_page(request, place, counts: Counts, taker: TakerForm):
    context = {
        "place": place,
        "places": list(Place.objects.filter(active=True)),
        "counts": counts,
        "taker": taker,
    }
    return render(request, "pharmacy/handover_new.html", context)
