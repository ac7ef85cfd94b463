"""The chart as a whole: order, who may see what, who looked, and a file with 300 visits."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.core import prepared
from patients import records
from patients.models import CareFile, FollowUp, Merge
from prescriptions import in_use
from prescriptions.models import Prescription, PrescriptionItem
from registration.consultation import add_diagnosis
from registration.models import RecordPrint
from security.glass import break_glass
from tests.factories.long_file import fill
from tests.factories.patients import PatientFactory
from tests.factories.prescriptions import SEVERE_PENICILLIN, patient_with, tablets, visit_of
from tests.factories.registration import Icd10CodeFactory, open_session
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
MOST_QUERIES = 33

APPS = {"clinic", "security", "patients", "registration", "prescriptions"}


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


def chart(patient) -> str:
    return reverse("patient_chart", args=[patient.pk])


def seen(client, url: str) -> tuple[str, int]:
    with CaptureQueriesContext(connection) as captured:
        page = client.get(url)
    assert page.status_code == 200
    return page.content.decode(), len(captured)


def part(page: str, key: str) -> str:
    """One section of the page."""
    return page.partition(f'id="section-{key}"')[2].partition('<section class="panel')[0]


def test_a_file_with_300_visits_asks_as_often_as_one_with_3(as_, doctor):
    open_session(doctor)
    drug, client = tablets(), as_(doctor)
    short, long = patient_with(SEVERE_PENICILLIN), patient_with(SEVERE_PENICILLIN)
    fill(short, doctor, visits=3, drug=drug)
    fill(long, doctor, visits=300, drug=drug)
    _followed_at_home(long, doctor)
    for patient in (short, long):
        client.get(chart(patient))  # the look is recorded once in five minutes

    (_few, few), (page, many), (last, late) = (
        seen(client, url) for url in (chart(short), chart(long), f"{chart(long)}?visits=30")
    )

    assert few == many <= MOST_QUERIES and late <= many
    visits, oldest = part(page, "visits"), timezone.localdate() - timedelta(days=1 + 7 * 299)
    assert visits.count("<summary>") == 10 and "1 / 30" in visits
    assert oldest.isoformat() in part(last, "visits") and oldest.isoformat() not in visits
    assert part(page, "trends").count("<polyline") == 5  # two of them of the blood pressure


def test_every_question_of_a_chart_that_is_prepared_can_be(as_, doctor):
    """One that is not, for whatever reason, is asked the long way at each page."""
    open_session(doctor)
    patient = patient_with(SEVERE_PENICILLIN)
    fill(patient, doctor, visits=3, drug=tablets())
    asked = [one for one in prepared.known if one.make.__module__.partition(".")[0] in APPS]
    for one in asked:  # whatever other tests asked
        one.plans.clear()

    seen(as_(doctor), chart(patient))

    assert [one.make for one in asked if None in one.plans.values()] == []
    assert sum(bool(one.plans) for one in asked) > 20


def test_allergies_come_first_then_problems_drugs_and_the_rest_R44(as_, doctor):
    open_session(doctor)
    patient = patient_with(SEVERE_PENICILLIN)
    fill(patient, doctor, visits=3, drug=tablets())
    CareFile.objects.create(
        patient=patient, kind="pregnancy", facts={}, opened_on=date(2026, 9, 1), opened_by=doctor
    )
    _followed_at_home(patient, doctor)

    page, _count = seen(as_(doctor), chart(patient))

    assert "177" in part(page, "trends")
    order = ["allergy-yes", "Severe", 'class="name">', "Pregnant, in care since 2026-09-01"]
    order += [f'id="section-{key}"' for key in ("problems", "in-use", "trends", "documents")]
    order += [f'id="section-{key}"' for key in ("visits", "person", "past-allergies", "readers")]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert "高血压" in part(page, "problems")
    assert " style=" not in page


def _followed_at_home(patient, doctor) -> None:
    """Pressures that no visit knows, beside what was never a number."""
    care = CareFile.objects.create(
        patient=patient, kind="htn", facts={}, opened_on=date(2026, 9, 1), opened_by=doctor
    )
    done = {"state": "done", "due_on": date(2026, 9, 1), "done_by": doctor}
    for findings in ({"systolic": "177", "diastolic": "95", "weight": "?"}, {"symptoms": ["1"]}):
        FollowUp.objects.create(care_file=care, done_on=date(2026, 9, 2), findings=findings, **done)


def test_a_discreet_diagnosis_shows_in_no_section_to_another_doctor_R140(as_, doctor, other_doctor):
    """Nor do its vital signs, nor what follows from it: a pregnancy is guarded as well."""
    patient = patient_with()
    for code, name in (("F32.9", "抑郁发作"), ("Z33", "妊娠状态")):
        Icd10CodeFactory(code=code, name=name, initials="X")
    record = visit_of(doctor, patient=patient, diagnosed=False)
    for code in ("F32.9", "Z33"):
        add_diagnosis(consultation=record, code=code, by=doctor)
    record.refresh_from_db()
    record.vitals = {"weight": "77.7"}
    record.save()
    visit_of(other_doctor, patient=patient)
    hidden = ("抑郁发作", "妊娠状态", "F32.9", "Z33", "77.7", "Pregnancy")

    own, colleague = (seen(as_(who), chart(patient))[0] for who in (doctor, other_doctor))
    break_glass(patient=patient.pk, reason="colleague", by=other_doctor)
    opened = seen(as_(other_doctor), chart(patient))[0]

    assert [word for word in hidden if word not in own + opened] == []
    assert [word for word in hidden if word in colleague] == []
    assert "Sensitive record" in part(colleague, "problems")
    assert "急性支气管炎" in part(colleague, "problems")


def test_the_chart_tells_who_looked_why_and_which_files_were_merged_R143(
    as_, doctor, other_doctor, nurse
):
    patient = visit_of(doctor).patient
    old = PatientFactory(state="merged", merged_into=patient)
    undone = PatientFactory()
    for file, end in ((old, None), (undone, timezone.now())):
        Merge.objects.create(
            kept=patient, merged=file, reason="twice", moved={}, made_by=nurse, undone_at=end
        )
    asked, refused = (as_(who).get(chart(patient)) for who in (other_doctor, nurse))
    assert asked["Location"].startswith(reverse("break_glass", args=[patient.pk]))
    assert refused.status_code == 403
    post_ok(as_(other_doctor), asked["Location"], {"reason": "colleague", "next": chart(patient)})
    seen(as_(other_doctor), chart(patient))

    page, _count = seen(as_(doctor), chart(patient))

    readers = part(page, "readers")
    assert other_doctor.full_name in readers and "with a reason" in readers
    assert doctor.full_name in readers and nurse.full_name not in readers
    assert old.record_no in part(page, "person") and undone.record_no not in page


def test_what_lasts_today_and_what_is_taken_for_long_R170(doctor):
    open_session(doctor)
    patient, today = patient_with(), timezone.localdate()
    now, once, gone, out = (tablets(generic_name=f"药{n}", stock=0) for n in range(4))
    fill(patient, doctor, visits=4, drug=now, every=20, days=20)
    sheets = {
        drug.pk: _sheet_like(patient, drug, number) for number, drug in ((1, once), (2, gone))
    }
    _began(sheets[once.pk], today - timedelta(days=1), days=3)
    _began(sheets[gone.pk], today - timedelta(days=9), days=3)
    _began(_sheet_like(patient, out, 3), today - timedelta(days=40), days=28)

    found = in_use.of(patient)

    told = [(t.name, t.days_left, t.is_long) for t in found]
    assert told == [("药0", 19, True), ("药1", 2, False), ("药3", -12, True)]


def _sheet_like(patient, drug, number: int) -> Prescription:
    """A copy of the patient's first sheet that holds this drug alone."""
    sheet = Prescription.objects.filter(patient=patient).order_by("submitted_at").first()
    item = sheet.items.get()
    sheet.pk, sheet.number, sheet._state.adding = None, f"COPY{number}", True
    sheet.save()
    item.pk, item.prescription, item.drug, item._state.adding = None, sheet, drug, True
    item.drug_name = drug.generic_name
    item.save()
    return sheet


def _began(sheet: Prescription, day, *, days: int) -> None:
    moment = timezone.make_aware(timezone.datetime(day.year, day.month, day.day, 9))
    Prescription.objects.filter(pk=sheet.pk).update(submitted_at=moment)
    PrescriptionItem.objects.filter(prescription=sheet).update(days=days)


def test_papers_of_a_file_stand_together_the_newest_first(as_, doctor):
    open_session(doctor)
    patient = patient_with()
    newer, older = fill(patient, doctor, visits=2)
    for record, kind in ((older, "record"), (newer, "sick"), (older, "record")):
        RecordPrint.objects.create(consultation=record, kind=kind, version=1, printed_by=doctor)

    page, _count = seen(as_(doctor), chart(patient))

    papers = part(page, "documents")
    assert papers.count("<tr>") == 2
    record, note = (f"of the visit of {r.started_at:%Y-%m-%d}" for r in (older, newer))
    assert papers.index(record) < papers.index(note)
    assert reverse("sick_note_print", args=[newer.pk]) in papers


def test_the_chart_leads_only_where_the_reader_may_go(doctor, frontdesk, monkeypatch):
    patient = patient_with()
    monkeypatch.setattr(records, "_chart_links", {})
    link = records.register_chart_link
    link("b", "B", "security.consult", "patient_edit", order=2)
    link("a", "A", ("security.administer", "security.consult"), "patient_edit", order=1)
    link("c", "C", "security.consult", "patient_edit", fits=lambda *_: False)

    assert [found.key for found in records.chart_links(patient, doctor)] == ["a", "b"]
    assert records.chart_links(patient, frontdesk) == []


def test_while_the_patient_is_inside_the_chart_leads_back_to_the_record(as_, doctor):
    record = visit_of(doctor)

    page, _count = seen(as_(doctor), chart(record.patient))

    assert f'href="{reverse("consultation", args=[record.pk])}?at=after"' in page
