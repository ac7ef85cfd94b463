"""The evaluation (处方点评): a list, sheet after sheet, a doctor's answers, handwritten ones."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out
from clinic.core.text import row_number
from prescriptions import pages
from prescriptions.access import in_pharmacy, own
from prescriptions.evaluation import paper, reading, verbs
from prescriptions.forms_evaluation import AnswerForm, FilterForm, JudgeForm, PaperSheetForm
from prescriptions.hiding import Veil
from prescriptions.models import EvaluationFinding, PaperPrescription
from prescriptions.moves import live_items
from prescriptions.rows import rows_of
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

PAGE = 40


@needs(P.REVIEW_PRESCRIPTION)
@require_GET
def evaluation_list(request):
    """Judged sheets: those with points to decide, or what a figure leads to; no patient's name."""
    form = FilterForm(request.GET or None)
    given = form.cleaned_data if form.is_valid() else {}
    asked = reading.Filter(
        since=given.get("since"),
        until=given.get("until"),
        doctor=given.get("doctor"),
        code=given.get("code", ""),
        show=given.get("show") or ("all" if request.GET else "open"),
    )
    page = Paginator(reading.listed(asked.rows()), PAGE).get_page(request.GET.get("page"))
    for row in page:
        row.codes = reading.codes_of(row)
    context = {
        "form": form,
        "asked": asked,
        "page": page,
        "open_count": reading.Filter(show="open").rows().count(),
    }
    return render(request, "prescriptions/evaluation_list.html", context)


@keeps_typed
@needs(P.REVIEW_PRESCRIPTION)
@require_http_methods(["GET", "POST"])
def evaluation_sheet(request, pk):
    """One sheet, what was found on it, and the decision; then the next one."""
    sheet = in_pharmacy(pk)
    evaluation = verbs.judge_now(sheet)
    if evaluation is None or evaluation.judged_at is None:
        messages.info(request, _("This prescription is evaluated when it is finished."))
        return redirect("prescription_show", pk)
    findings = reading.findings_of(evaluation)
    veil = Veil(sheet, request.user)
    for finding in findings:
        finding.told = veil.over(finding.rule, finding.words)
    form = JudgeForm(request.POST or None, findings=findings)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            verbs.confirm,
            to=lambda done: _on_from(done, request.user),
            form=form,
            done=_("%(number)s is confirmed.") % {"number": sheet.number},
            evaluation=evaluation,
            said=form.said(),
            added=form.added(),
        )
        if response:
            return response
    audit.record_read(by=request.user, screen="evaluation_sheet", patients=[sheet.patient_id])
    context = pages.about(sheet, request.user) | {
        "evaluation": evaluation,
        "rows": rows_of(live_items(sheet)),
        "signed": pages.signed(sheet, request.user),
        "form": form,
        "next": reading.next_open(evaluation, request.user),
        "open_count": reading.Filter(show="open").rows().count(),
        "is_own": sheet.prescriber_id == request.user.pk,
    }
    return render(request, "prescriptions/evaluation_sheet.html", context)


def _on_from(done, user) -> str:
    following = reading.next_open(done, user)
    if following is None:
        return reverse("evaluation_list")
    return reverse("evaluation_sheet", args=[following.prescription_id])


@needs(P.PRESCRIBE)
@require_GET
def evaluation_own(request):
    """What stands on one's own sheets, and what one answers to it."""
    return _own_page(request)


def _own_page(request, finding=None, form=None):
    page = Paginator(reading.own(request.user), PAGE).get_page(request.GET.get("page"))
    for row in page:
        row.shown = reading.standing_of(row)
    audit.record_read(
        by=request.user,
        screen="evaluation_own",
        patients=[row.prescription.patient_id for row in page],
    )
    context = {"page": page, "answering": finding, "form": form}
    return render(request, "prescriptions/evaluation_own.html", context)


@needs(P.PRESCRIBE)
@require_POST
def evaluation_answer(request, pk):
    """One's own words to a finding on one's own sheet; refused words come back with the page."""
    sheet = get_object_or_404(own(request.user), pk=pk)
    number = row_number(request.POST.get("finding", ""))
    findings = EvaluationFinding.objects.filter(evaluation__prescription=sheet, pk=number)
    finding = findings.first()
    if finding is None:
        return redirect("evaluation_own")
    form = AnswerForm(request.POST)
    if form.is_valid():
        response = carry_out(
            request,
            verbs.answer,
            to=lambda _entry: reverse("evaluation_own"),
            form=form,
            done=_("Your answer is kept with the evaluation."),
            finding=finding,
            words=form.cleaned_data["words"],
        )
        if response:
            return response
    return _own_page(request, finding, form)


@keeps_typed
@needs(P.REVIEW_PRESCRIPTION)
@require_http_methods(["GET", "POST"])
def paper_sheets(request):
    """Handwritten sheets, one after another; day and doctor stay for the next."""
    form = PaperSheetForm(request.POST or None, initial=_last_entered(request))
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            paper.register_paper,
            to=lambda _sheet: reverse("paper_sheets"),
            form=form,
            done=_("The handwritten prescription is entered."),
            **form.cleaned_data,
        )
        if response:
            return response
    rows = PaperPrescription.objects.select_related("clinician__user", "made_by", "withdrawn_by")
    page = Paginator(rows.order_by("-made_at"), PAGE).get_page(request.GET.get("page"))
    return render(request, "prescriptions/paper_sheets.html", {"form": form, "page": page})


def _last_entered(request) -> dict:
    rows = PaperPrescription.objects.filter(made_by=request.user).order_by("-made_at")
    last = rows.first()
    return {"day": last.day, "clinician": last.clinician_id, "kind": last.kind} if last else {}


@needs(P.REVIEW_PRESCRIPTION)
@require_POST
def paper_sheet_withdraw(request, pk):
    """Take back a wrong entry."""
    sheet = get_object_or_404(PaperPrescription, pk=pk)
    response = carry_out(
        request,
        paper.withdraw_paper,
        to=lambda _sheet: reverse("paper_sheets"),
        done=_("The entry is withdrawn and counts no more."),
        sheet=sheet,
    )
    return response or redirect("paper_sheets")
