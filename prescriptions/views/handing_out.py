"""At the window: the pick list, handing out, who collects, sending back."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out, gone_on, repeated
from clinic.core.text import half_width
from clinic.core.together import asked_together
from prescriptions import (
    box_scan,
    collecting,
    dispensing,
    double_sign,
    lapsing,
    other_batch,
    picking,
    portions,
    queues,
    rights,
    shortages,
)
from prescriptions.access import in_pharmacy, own, sheet_in_pharmacy
from prescriptions.forms import ReasonForm, VersionForm
from prescriptions.moves import live_items, no_longer, standing
from prescriptions.review_forms import PasswordForm
from prescriptions.states import AT_WINDOW
from prescriptions.views.reviewing import day_of
from security import audit
from security.access import needs
from security.permissions import P
from security.second_person import SecondPersonForm


@dataclass
class Typed:
    """What came back with the window's form, so that the page shows it again."""

    second: SecondPersonForm | None = None
    double: PasswordForm | None = None
    batches: dict = field(default_factory=dict)
    parts: dict = field(default_factory=dict)
    short: dict = field(default_factory=dict)
    scanned: set = field(default_factory=set)
    scan: box_scan.Scan | None = None
    reason: str = ""  # for the doctor, when the sheet goes back

    def is_valid(self) -> bool:
        """Every form is asked, so that each shows its own errors."""
        forms = [self.second, self.double, *self.parts.values(), *self.batches.values()]
        valid = [form.is_valid() for form in forms if form is not None]
        agrees = [form.agrees_with(self.parts[pk].units) for pk, form in self.short.items()]
        return all(valid + agrees)

    @property
    def is_anything(self) -> bool:
        """True when the page has something to give back."""
        parts = any(form.is_open for form in self.parts.values())
        short = any(form["missing"].value() for form in self.short.values())
        kept = [self.second, self.double, self.batches, self.scan, self.scanned, self.reason]
        return bool(any(kept) or parts or short)


@needs(*rights.AT_WINDOW)
@require_GET
def dispense_list(request):
    """What waits at the window."""
    if not rights.at_window(request.user):
        return redirect("review_list")
    today = day_of(request)
    context = queues.to_dispense() | {"today": today}
    seen = [*queues.patients_of(context), *today.patients]
    audit.record_read(by=request.user, screen="dispense_list", patients=seen)
    return render(request, "prescriptions/dispense_list.html", context)


@sensitive_post_parameters("witness_password", "password")
@needs(*rights.AT_WINDOW)
@require_http_methods(["GET", "POST"])
def dispense(request, pk):
    """The pick list; a POST checks a scanned box, or hands out what is left or the parts typed."""
    with asked_together((sheet_in_pharmacy, (pk,)), (standing, (pk,))):
        prescription = in_pharmacy(pk)
        if request.method == "GET":
            if not _is_shown(request, prescription):
                return redirect("prescription_show", pk)
            return _page(request, prescription)
        items = live_items(prescription)
    form = VersionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not dispensed: please look at the prescription again."))
        return redirect("dispense", pk)
    if request.POST.get("step") == "pick":
        return _pick(request, prescription, form.cleaned_data["version"])
    if request.POST.get("step") == "close":
        return _close(request, prescription)
    if _is_scan(request.POST):
        return _again(request, prescription, _scan(request, items, prescription))
    typed = _typed(request, prescription, items)
    if not typed.is_valid():  # the first of two clicks leaves less than what was typed
        prescription.refresh_from_db()
        if prescription.state not in AT_WINDOW:  # somebody else has decided: the page is gone
            return gone_on(request, no_longer(prescription), "prescription_show", pk)
        return repeated(request) or _again(request, prescription, typed)
    parts = portions.parts_of(typed.parts)
    response = carry_out(
        request,
        dispensing.dispense,
        to=lambda _sheet: reverse("dispense_list"),
        done=_done(prescription, items, parts),
        prescription=prescription,
        version=form.cleaned_data["version"],
        witness=typed.second.cleaned_data["witness"] if typed.second else None,
        choices={pk: form.choice for pk, form in typed.batches.items() if form.choice},
        parts=parts,
        signed_again=typed.double is not None,
    )
    return response or _again(request, prescription, typed)


def _pick(request, prescription, version):
    """The technician takes the drugs from the shelf and is named on the sheet (R-6)."""
    response = carry_out(
        request,
        dispensing.pick,
        to=lambda _sheet: reverse("dispense_list"),
        done=_("%(number)s is picked; a pharmacist checks and hands out.")
        % {"number": prescription.number},
        prescription=prescription,
        version=version,
    )
    return response or redirect("dispense", prescription.pk)


def _close(request, prescription):
    """Its last day has passed: off the list at once, with its stock free again (R-22)."""
    response = carry_out(
        request,
        lapsing.close_expired,
        to=lambda _sheet: reverse("dispense_list"),
        done=_("%(number)s is closed as expired.") % {"number": prescription.number},
        prescription=prescription,
    )
    return response or redirect("dispense", prescription.pk)


def _done(prescription, items, parts) -> str:
    if any(parts.get(item.pk, portions.left(item)) < portions.left(item) for item in items):
        text = _("Of %(number)s a part is dispensed; the rest stays reserved until %(day)s.")
        return text % {"number": prescription.number, "day": prescription.valid_until}
    return _("%(number)s is dispensed.") % {"number": prescription.number}


def _is_scan(data) -> bool:
    """A code was scanned, or Enter was pressed outside the colleague's password: never hand out."""
    return bool(data.get("code", "").strip()) or (
        data.get("step") == "scan" and not (data.get("witness_password") or data.get("password"))
    )


def _scan(request, items, prescription) -> Typed:
    """The box in the hand is compared with the rows; whatever was typed stays."""
    typed = _typed(request, prescription, items)
    typed.second = _second_pharmacist(request, items)
    code = half_width(request.POST.get("code", "")).strip()[: box_scan.LONGEST]
    if code:
        typed.scan = box_scan.scan(code, items)
        if typed.scan.rank:
            typed.scanned.add(typed.scan.rank)
    return typed


def _typed(request, prescription, items) -> Typed:
    parts = portions.forms_of(items, request.POST)
    second = _second_pharmacist(request, items, request.POST)
    return Typed(
        second=second,
        double=None if second else _double_sign(request, prescription, request.POST),
        batches=_other_batches(prescription, items, request.POST, parts),
        parts=parts,
        short=shortages.forms_of(items, data=request.POST, shown=False),
        scanned=box_scan.ranks_of(request.POST.get("scanned", "")[: box_scan.LONGEST]),
        reason=request.POST.get("reason", "")[:300],
    )


def _again(request, prescription, typed: Typed):
    """The page as it is now with what was typed, as long as anything is to be handed out."""
    prescription.refresh_from_db()
    if not _is_shown(request, prescription) or not typed.is_anything:
        return redirect("dispense", prescription.pk)
    return _page(request, prescription, typed=typed)


def _is_shown(request, prescription) -> bool:
    """True while something of it is to be handed out, and this person has work at the window."""
    return prescription.state in AT_WINDOW and rights.at_window(request.user)


def _other_batches(prescription, items, data, parts) -> dict:
    """The forms of what was chosen otherwise (R-112); the usual way brings none."""
    if not other_batch.was_typed(data):
        return {}
    return other_batch.forms_of(picking.lines_of(prescription, items, parts), data)


def _second_pharmacist(request, items, data=None) -> SecondPersonForm | None:
    """The form of the second person where the sheet needs one (R-120)."""
    if not dispensing.needs_witness(items):
        return None
    return SecondPersonForm(data, request=request, permission=P.DISPENSE, belongs_to="hand-out")


def _double_sign(request, prescription, data=None) -> PasswordForm | None:
    """The second signature of whoever reviewed the sheet (R-33)."""
    if not double_sign.is_needed(prescription, request.user):
        return None
    return PasswordForm(data, request=request)


def _page(request, prescription, form=None, typed: Typed | None = None, collector=None):
    context = queues.to_dispense()
    seen = [*queues.patients_of(context), prescription.patient_id]
    audit.record_read(by=request.user, screen="dispense", patients=seen)
    typed = typed or Typed()
    items = live_items(prescription)
    typed.parts = typed.parts or portions.forms_of(items)
    context |= picking.pick_list(
        prescription, request.user, items, typed.batches, typed.parts, typed.scanned
    )
    lacks = {row["item"].pk: row["lacks"] for row in context["lacking"]}
    short = typed.short or shortages.forms_of(items, lacks=lacks)
    if typed.short and not shortages.is_typed(items, request.POST):
        short = shortages.forms_of(items, data=request.POST)  # with what could go instead
    for row in context["rows"]:
        row["short"] = short.get(row["item"].pk)
        if context["is_expired"]:  # nothing of it is typed any more
            row["short"] = row["part"] = row["choice"] = None
    context["second"] = typed.second or _second_pharmacist(request, items)
    context["double"] = None
    if not context["second"]:
        context["double"] = typed.double or _double_sign(request, prescription)
    rows = [*typed.batches.values(), *typed.parts.values()]
    context["rows_first"] = any(row.errors for row in rows)  # they stand before the signature
    context["form"] = form or ReasonForm(initial={"reason": typed.reason})
    context["hands_out"] = rights.hands_out(request.user)
    context["scan"] = typed.scan
    context["scanned"] = ",".join(str(rank) for rank in sorted(typed.scanned))
    context["collector_form"] = collector or collecting.CollectorForm()
    return render(request, "prescriptions/dispense.html", context)


@needs(*rights.AT_WINDOW)
@require_POST
def dispense_collector(request, pk):
    """Who has come for narcotics or class-I psychotropics (R-7)."""
    prescription = in_pharmacy(pk)
    form = collecting.CollectorForm(request.POST)
    if form.is_valid():
        response = carry_out(
            request,
            collecting.tell,
            to=lambda _row: reverse("dispense", args=[pk]),
            form=form,
            done=_("Saved who collects."),
            prescription=prescription,
            **form.arguments(),
        )
        if response:
            return response
    if not _is_shown(request, prescription):
        return gone_on(request, no_longer(prescription), "prescription_show", pk)
    return _page(request, prescription, collector=form)


@needs(*rights.AT_WINDOW)
@require_POST
def prescription_send_back(request, pk):
    """Something is missing: the doctor decides (R-123)."""
    prescription = in_pharmacy(pk)
    items = live_items(prescription)
    parts, short = (
        portions.forms_of(items, request.POST),
        shortages.forms_of(items, data=request.POST),
    )
    going = [part.refuse_to_go_back() for part in parts.values() if part.is_open]
    rows = {pk: one.row for pk, one in short.items() if one.is_valid() and one.row}
    form = ReasonForm(request.POST)
    form.fields["reason"].required = not rows
    if all([not going, form.is_valid(), *(one.is_valid() for one in short.values())]):
        response = carry_out(
            request,
            dispensing.send_back,
            to=lambda _sheet: reverse("dispense_list"),
            form=form,
            done=_("%(number)s is back with the doctor.") % {"number": prescription.number},
            prescription=prescription,
            reason=form.cleaned_data["reason"],
            short=rows,
            version=form.cleaned_data["version"],
        )
        if response:
            return response
    if not _is_shown(request, prescription):
        return gone_on(request, no_longer(prescription), "prescription_show", pk)
    return _page(request, prescription, form, Typed(short=short, parts=parts))


@needs(P.PRESCRIBE)
@require_POST
def prescription_give_up_rest(request, pk):
    """The doctor decides that the rest will not be handed out (R-123)."""
    prescription = get_object_or_404(own(request.user), pk=pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not done: please look at the prescription again."))
        return redirect("prescription_show", pk)
    response = carry_out(
        request,
        dispensing.give_up_rest,
        to=lambda _sheet: reverse("prescription_show", args=[pk]),
        done=_("The rest of %(number)s is given up; its stock is free again.")
        % {"number": prescription.number},
        prescription=prescription,
        version=form.cleaned_data["version"],
    )
    return response or redirect("prescription_show", pk)
