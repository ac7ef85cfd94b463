"""The evaluation at the desk: one sheet after another, figures, papers (R-41, R-42, R-140)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.core.tables.reading import open_table
from prescriptions.evaluation import paper, verbs
from prescriptions.evaluation.figures import Tally, counted, tallies
from prescriptions.evaluation.reading import Filter
from prescriptions.evaluation.reports import _r42
from prescriptions.models import AlertRecord, Evaluation, EvaluationFinding, PaperPrescription
from registration.consultation import add_diagnosis
from registration.models import Clinician, Consultation
from tests.factories.prescriptions import dispensed
from tests.factories.registration import Icd10CodeFactory

pytestmark = pytest.mark.django_db


def judged(doctor, pharmacist, count=1, **candidates):
    """Sheets that went out, each with one point to decide."""
    for _n in range(count):
        dispensed(doctor, pharmacist)
    verbs.judge_waiting()
    for row in Evaluation.objects.filter(findings__isnull=True):
        finding = {"code": "2-4", "how": "candidate", "words": "有基药可用", **candidates}
        EvaluationFinding.objects.create(evaluation=row, **finding)
        row.open = 1
        row.save()
    return list(Evaluation.objects.order_by("judged_at", "pk"))


def test_the_pharmacist_decides_sheet_after_sheet_with_one_button(doctor, pharmacist, as_):
    one, two = judged(doctor, pharmacist, 2)
    finding, client = one.findings.get(), as_(pharmacist)
    page = reverse("evaluation_sheet", args=[one.prescription_id])
    assert "有基药可用" in client.get(page).content.decode()

    sent = {f"fault_{finding.pk}": "1", f"words_{finding.pk}": "未优先选用"}
    on = client.post(page, {**sent, "code": "3-2", "words": "高价"})
    done = client.post(reverse("evaluation_sheet", args=[two.prescription_id]), {})

    one.refresh_from_db()
    assert (one.result, one.confirmed_by, one.open) == ("extraordinary", pharmacist, 0)
    assert on["Location"] == reverse("evaluation_sheet", args=[two.prescription_id])
    assert (done.status_code, Evaluation.objects.get(pk=two.pk).open) == (200, 1)


def test_what_was_typed_is_not_lost_when_a_decision_lacks_its_reason(doctor, pharmacist, as_):
    (one,) = judged(doctor, pharmacist)
    finding = one.findings.get()

    answer = as_(pharmacist).post(
        reverse("evaluation_sheet", args=[one.prescription_id]),
        {f"fault_{finding.pk}": "0", "code": "2-9", "words": "滴速未写"},
    )

    text = answer.content.decode()
    assert "滴速未写" in text
    assert 'role="alert"' in text
    assert 'value="0" checked' in text


LISTS = ["evaluation_list", "rx_compliance", "rx_monthly_form", "paper_sheets"]


def test_lists_ask_the_same_with_one_sheet_and_with_many(doctor, pharmacist, as_):
    clients = [(as_(pharmacist), name) for name in LISTS] + [(as_(doctor), "evaluation_own")]
    counts = []
    for more in (1, 4):
        judged(doctor, pharmacist, more, fault=True)
        for _n in range(more):
            _paper(pharmacist)
        for client, name in clients:
            client.get(reverse(name))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(name)).status_code == 200
            counts.append((name, len(queries)))

    assert counts[:5] == counts[5:]


def _paper(pharmacist, **facts):
    usual = {"day": timezone.localdate(), "kind": "ordinary", "drugs": 2, "codes": []}
    clinician = Clinician.objects.get()
    return paper.register_paper(**{**usual, **facts}, clinician=clinician, by=pharmacist)


def test_the_figures_say_what_their_definitions_say_R41(doctor, pharmacist):
    first, second, third = judged(doctor, pharmacist, 3)
    finding = first.findings.get()
    verbs.confirm(evaluation=first, said=[verbs.Said(finding.pk, True)], by=pharmacist)
    second.allergy_asked = False
    second.save()
    _paper(pharmacist, codes=["1-1"])
    paper.withdraw_paper(sheet=_paper(pharmacist), by=pharmacist)
    today = timezone.localdate()

    whole = tallies(counted(Filter(since=today, until=today)), lambda _one: "all")["all"]
    before = counted(Filter(until=today - timedelta(days=1)))

    assert (whole.electronic, whole.paper, whole.judged) == (3, 1, 4)
    assert [str(number) for number in (whole.compliance, whole.electronic_rate)] == ["50.0", "75.0"]
    assert (str(whole.missed_allergy), whole.open, before) == ("33.3", 2, [])
    assert dict(whole.results) == {"reasonable": 2, "unsuitable": 1, "irregular": 1}


@pytest.mark.parametrize(("count", "says"), [(2, False), (3, True), (4, True), (5, True)])
def test_three_extraordinary_sheets_of_a_doctor_are_pointed_at_R42(count, says):
    tally = Tally()
    tally.results["extraordinary"] = count

    assert bool(_r42(tally)) is says


def test_a_figure_leads_to_its_sheets(doctor, pharmacist, as_):
    rows = judged(doctor, pharmacist, 2, fault=True)
    rows[0].findings.update(fault=False)
    page = as_(pharmacist).get(reverse("rx_compliance"), {"group": "item"}).content.decode()
    query = page.split(reverse("evaluation_list") + "?")[1].split('"')[0].replace("&amp;", "&")

    listed = as_(pharmacist).get(f"{reverse('evaluation_list')}?{query}").content.decode()

    assert "code=2-4" in query
    assert rows[1].prescription.number in listed
    assert rows[0].prescription.number not in listed


def test_the_monthly_form_is_the_same_on_page_paper_and_in_excel(doctor, pharmacist, as_):
    (row,) = judged(doctor, pharmacist, fault=True)
    client, url = as_(pharmacist), reverse("rx_monthly_form")

    page, sheet = client.get(url), client.post(url, {"as": "print"})
    saved = client.post(url, {"as": "xlsx"})

    _source, lines = open_table(saved.getvalue())
    cells = [cell[1] if isinstance(cell, list) else cell for cell in list(lines)[1][1]]
    assert row.prescription.number in page.content.decode()
    assert row.prescription.number in sheet.content.decode()
    assert cells[1] == row.prescription.number
    assert cells[5:9] == ["1", "0", "0", "0"]
    assert cells[14] == "2-4"


def test_a_guarded_diagnosis_stands_on_no_form_R140(doctor, pharmacist, as_):
    (row,) = judged(doctor, pharmacist)
    sheet = row.prescription
    sheet.head = {**sheet.head, "diagnoses": [["B20", "某病"]]}
    sheet.save()

    page = as_(pharmacist).get(reverse("rx_monthly_form")).content.decode()

    assert sheet.number in page
    assert "某病" not in page


def test_a_doctor_reads_and_answers_ones_own_findings_only(doctor, other_doctor, pharmacist, as_):
    (row,) = judged(doctor, pharmacist, fault=True)
    finding, url = row.findings.get(), reverse("evaluation_answer", args=[row.prescription_id])

    strangers = as_(other_doctor).post(url, {"finding": finding.pk, "words": "x"})
    empty = as_(doctor).post(url, {"finding": finding.pk, "words": ""})
    as_(doctor).post(url, {"finding": finding.pk, "words": "患者拒用基药"})

    assert (strangers.status_code, empty.status_code) == (404, 200)
    assert finding.entries.get().words == "患者拒用基药"
    assert "患者拒用基药" in as_(doctor).get(reverse("evaluation_own")).content.decode()
    other = as_(other_doctor).get(reverse("evaluation_own")).content.decode()
    assert row.prescription.number not in other


def test_a_handwritten_sheet_is_entered_and_a_wrong_one_comes_back(doctor, pharmacist, as_):
    judged(doctor, pharmacist)
    client, url = as_(pharmacist), reverse("paper_sheets")
    facts = {
        "day": timezone.localdate().isoformat(),
        "clinician": Clinician.objects.get().pk,
        "kind": "emergency",
        "drugs": "３",
        "codes": "2-5，1-1",
    }

    wrong = client.post(url, {**facts, "codes": "7-7"})
    right = client.post(url, facts)

    assert (wrong.status_code, right.status_code) == (200, 302)
    assert "7-7" in wrong.content.decode()
    kept = PaperPrescription.objects.get()
    assert (kept.drugs, kept.codes, kept.kind) == (3, "1-1;2-5", "emergency")


def test_a_finding_does_not_name_a_guarded_diagnosis_to_who_may_not_see_it_R140(
    doctor, pharmacist, as_
):
    words = "布洛芬：慎用；诊断：妊娠状态"
    (one,) = judged(doctor, pharmacist, rule="contra.pregnancy.caution", words=words)
    sheet = one.prescription
    Icd10CodeFactory(code="Z33", name="妊娠状态")
    record = sheet.consultation
    Consultation.objects.filter(pk=record.pk).update(finished_at=None)
    add_diagnosis(consultation=record, code="Z33", by=doctor)
    AlertRecord.objects.create(
        prescription=sheet,
        rule="contra.pregnancy.decide",
        fingerprint="f",
        level=2,
        outcome="overridden",
        message=words,
        reason="monitored",
        made_by=doctor,
    )
    pages = [reverse(name, args=[sheet.pk]) for name in ("evaluation_sheet", "prescription_show")]

    shown = [as_(pharmacist).get(url).content.decode() for url in pages]
    to_the_doctor = as_(doctor).get(pages[1]).content.decode()

    assert all("妊娠状态" not in page for page in shown)
    assert words in to_the_doctor
