"""The nurse's list and one turn; the doctor's orders; the papers (R-40, R-44, R-45)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from patients.services import add_allergy
from prescriptions import dispensing, services, treatment_list, treatments, turns
from prescriptions.models import PrescriptionItem, Treatment, TreatmentService, TreatmentTurn
from prescriptions.skin_tests import record_skin_test
from prescriptions.skin_timer import put_on
from prescriptions.treatment_services import load_treatment_services
from security.models import AuditEntry
from tests.factories.prescriptions import charges, draft, patient_with, row, visit_of
from tests.factories.treatments import ONCE_A_DAY, ampoules, injections

pytestmark = pytest.mark.django_db
LIST = "treatment_list"


def page(client, name=LIST, *args, query=""):
    return client.get(reverse(name, args=args) + query)


def ordered(doctor, *, code="DR1", patient=None, **more):
    load_treatment_services()
    service = TreatmentService.objects.get(code=code)
    visit = visit_of(doctor, patient=patient)
    return treatments.order(consultation=visit, service=service, by=doctor, **more)


def item_to_test(doctor):
    """A row whose skin test is ordered and not yet put on."""
    load_treatment_services()
    sheet = draft(doctor)
    facts = {"skin_test": "需皮试", "ingredients": "青霉素", "allergy_groups": "PCN"}
    item = row(sheet, ampoules(**facts), **{**ONCE_A_DAY, "route": "16"})
    record_skin_test(item=item, state="pending", by=doctor)
    services.submit(prescription=sheet, by=doctor)
    return item


def allergic(patient, *, by) -> None:
    add_allergy(patient=patient, group_code="", substance="磺胺", severity="severe", by=by)


def first(treatment) -> TreatmentTurn:
    return treatment.turns.get(number=1)


def test_the_list_shows_two_identifiers_and_allergies_beside_each_act_R40_R44(
    as_, doctor, pharmacist, nurse
):
    allergy = {"group_code": "", "substance": "磺胺", "severity": "severe"}
    treatment = ordered(doctor, patient=patient_with(allergy), words="左前臂", times=3)
    patient = treatment.patient

    text = page(as_(nurse)).content.decode()

    for words in (patient.name, patient.record_no, patient.age_text, "磺胺", "小换药", "左前臂"):
        assert words in text
    assert AuditEntry.objects.filter(screen=LIST, subject=patient.pk).count() == 1


def test_due_waiting_running_and_done_stand_apart(as_, doctor, pharmacist, nurse):
    waiting = injections(doctor, pharmacist, hand_out=False)
    due, runs, over = (ordered(doctor, code=code) for code in ("DR1", "NEB", "OX"))
    turns.start(turn=first(runs), by=nurse)
    turns.finish(turn=first(over), by=nurse)

    context = page(as_(nurse)).context

    found = {
        key: [t.treatment for t in context[key]] for key in ("due", "waiting", "running", "over")
    }
    assert found == {"due": [due], "waiting": [waiting], "running": [runs], "over": [over]}


def test_a_doctor_sees_the_patients_of_their_own_visits_R143(as_, doctor, other_doctor):
    treatment = ordered(doctor)

    assert treatment.patient.name in page(as_(doctor)).content.decode()
    assert treatment.patient.name not in page(as_(other_doctor)).content.decode()


def test_the_poll_answers_304_until_something_changes(as_, doctor, nurse):
    treatment = ordered(doctor)
    client = as_(nurse)
    etag = page(client).context["etag"]
    url = reverse("treatment_rows")
    assert client.get(url, headers={"if-none-match": etag}).status_code == 304

    turns.finish(turn=first(treatment), by=nurse)

    assert client.get(url, headers={"if-none-match": etag}).status_code == 200


@pytest.mark.parametrize("change", ["turn", "allergy", "test", "handed out"])
def test_an_unchanged_poll_asks_little_and_each_change_is_seen_at_once(
    as_, doctor, pharmacist, nurse, change
):
    waits = injections(doctor, pharmacist, hand_out=False)
    treatment = ordered(doctor)
    test = item_to_test(doctor)
    client, url = as_(nurse), reverse("treatment_rows")
    mark = {"headers": {"if-none-match": page(client).context["etag"]}}
    with CaptureQueriesContext(connection) as asked:
        mark["headers"]["if-none-match"] = client.get(url, **mark)["ETag"]
        unchanged = client.get(url, **mark).status_code
    changes = {
        "turn": lambda: turns.finish(turn=first(treatment), by=nurse),
        "allergy": lambda: allergic(treatment.patient, by=doctor),
        "test": lambda: put_on(item=test, by=nurse),
        "handed out": lambda: dispensing.dispense(
            prescription=waits.item.prescription, by=pharmacist
        ),
    }

    changes[change]()

    assert (unchanged, client.get(url, **mark).status_code) == (304, 200)
    assert len(asked) <= 2 * 12


def test_what_is_left_over_never_pushes_today_out_of_the_list(as_, doctor, nurse, monkeypatch):
    monkeypatch.setattr(treatment_list, "MOST", 2)
    monkeypatch.setattr(treatment_list, "MOST_MISSED", 2)
    for _number in range(3):
        missed = ordered(doctor)
        missed.turns.update(due_at=timezone.now() - timedelta(days=9))
    today = first(ordered(doctor))

    context = page(as_(nurse)).context

    assert context["due"] == [today]
    assert len(context["missed"]) == 2 and context["is_full"]


def test_the_list_asks_as_little_for_many_as_for_one(as_, doctor, pharmacist, nurse):
    client = as_(nurse)
    counts = []
    for number in range(2):
        for _more in range(1 + 2 * number):
            injections(doctor, pharmacist, hand_out=False)
        page(client)  # the session and what is kept for the process
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page(client)
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert counts[0] <= 40


def test_a_turn_is_carried_out_after_the_patient_was_compared(as_, doctor, nurse):
    turn = first(ordered(doctor))
    client, url = as_(nurse), reverse("treatment_turn", args=[turn.pk])

    unchecked = client.post(url, {"do": "finish", "result": "渗出少"})
    done = client.post(url, {"do": "finish", "result": "渗出少", "checked": "on"})

    assert unchecked.status_code == 200 and "渗出少" in unchecked.content.decode()
    assert done.url == reverse(LIST)
    turn.refresh_from_db()
    assert (turn.state, turn.by, turn.result) == ("done", nurse, "渗出少")


def test_words_typed_into_a_page_that_a_colleague_overtook_are_shown_again(as_, doctor, nurse):
    turn = first(ordered(doctor))
    turns.finish(turn=turn, by=doctor)
    typed = {"do": "finish", "result": "渗出少", "reaction": "头晕", "checked": "on"}

    answer = as_(nurse).post(reverse("treatment_turn", args=[turn.pk]), typed)

    assert answer.context["unsaved"] == ["渗出少", "头晕"]
    assert "渗出少" in answer.content.decode()


def test_the_first_that_is_due_is_chosen_when_it_is_asked_for(as_, doctor, nurse):
    done, next_one = first(ordered(doctor)), first(ordered(doctor))
    client = as_(nurse)
    turns.finish(turn=done, by=doctor)

    answer = page(client, query="?first=1")

    assert answer.url == reverse("treatment_turn", args=[next_one.pk])


def test_the_course_leads_to_the_turn_that_comes_first(as_, doctor, nurse):
    earlier, later = ordered(doctor, times=2).turns.order_by("number")

    text = page(as_(nurse), "treatment_turn", later.pk).content.decode()

    assert reverse("treatment_turn", args=[earlier.pk]) in text


def test_skin_tests_show_allergies_stand_first_once_due_and_on_the_days_paper_R44_R45(
    as_, doctor, nurse
):
    item = item_to_test(doctor)
    allergic(item.prescription.patient, by=doctor)
    put_on(item=item, by=nurse)
    PrescriptionItem.objects.update(skin_test_started_at=timezone.now() - timedelta(hours=1))
    client = as_(nurse)

    pages = [page(client, name) for name in (LIST, "skin_test_list", "treatment_day")]

    assert [test.pk for test in pages[0].context["to_read"]] == [item.pk]
    for shown in pages:
        text = shown.content.decode()
        assert item.drug_name in text and "磺胺" in text


def test_a_reaction_asks_whether_it_was_an_allergy_and_records_none_itself(as_, doctor, nurse):
    turn = first(ordered(doctor))
    client, url = as_(nurse), reverse("treatment_turn", args=[turn.pk])

    answer = client.post(url, {"do": "finish", "reaction": "皮疹", "checked": "on"}, follow=True)

    assert reverse("patient_allergies", args=[turn.treatment.patient_id]) in answer.content.decode()
    assert not turn.treatment.patient.allergies.exists()


def test_refused_and_left_out_need_a_reason_and_keep_what_was_typed(as_, doctor, nurse):
    turn = first(ordered(doctor))
    client, url = as_(nurse), reverse("treatment_turn", args=[turn.pk])

    assert client.post(url, {"do": "refuse", "reason": ""}).status_code == 200
    assert client.post(url, {"do": "refuse", "reason": "怕痛"}).url == reverse(LIST)
    client.post(url, {"do": "undo"})

    turn.refresh_from_db()
    assert (turn.state, turn.reason) == ("due", None)


def test_a_colleague_confirms_where_two_persons_check_R40(as_, doctor, nurse):
    turn = first(ordered(doctor))
    TreatmentService.objects.update(two_people=True)
    client, url = as_(nurse), reverse("treatment_turn", args=[turn.pk])
    alone = client.post(url, {"do": "finish", "checked": "on"})
    both = {"witness_name": "doctor", "witness_password": "correct-horse-7"}

    together = client.post(url, {"do": "finish", "checked": "on", **both})

    turn.refresh_from_db()
    assert (alone.status_code, together.url, turn.witness) == (200, reverse(LIST), doctor)


def test_unpaid_is_told_and_not_begun_R34(as_, doctor, nurse):
    charges()
    turn = first(ordered(doctor))
    client, url = as_(nurse), reverse("treatment_turn", args=[turn.pk])

    answer = client.post(url, {"do": "finish", "checked": "on"})

    turn.refresh_from_db()
    assert (answer.status_code, turn.state) == (200, "due")


def test_the_doctor_orders_and_stops_on_the_page_of_the_visit(as_, doctor, other_doctor):
    load_treatment_services()
    visit = visit_of(doctor)
    client, url = as_(doctor), reverse("treatment_order", args=[visit.pk])
    typed = {"service": "zhy", "words": "右手背", "times": "３", "every": "2"}
    assert as_(other_doctor).get(url).status_code == 404

    client.post(url, typed)
    treatment = Treatment.objects.get()
    client.post(reverse("treatment_stop", args=[treatment.pk]), {"reason": ""})

    treatment.refresh_from_db()
    assert (treatment.times, treatment.words, treatment.state) == (3, "右手背", "cancelled")
    shown = client.get(reverse("consultation", args=[visit.pk])).content.decode()
    assert "中换药" in shown


@pytest.mark.parametrize(
    "bad",
    [{"times": "0"}, {"times": "9" * 30}, {"service": "x"}, {"service": "换药"}, {"every": "-1"}],
)
def test_an_order_that_makes_no_sense_comes_back_as_it_was_typed(as_, doctor, bad):
    load_treatment_services()
    visit = visit_of(doctor)
    typed = {"service": "中换药", "words": "右手背", "times": "3", "every": "2"}

    answer = as_(doctor).post(reverse("treatment_order", args=[visit.pk]), {**typed, **bad})

    assert answer.status_code == 200 and "右手背" in answer.content.decode()
    assert not Treatment.objects.exists()


def test_skin_tests_stand_in_the_list_and_come_back_to_it_R45(as_, doctor, nurse):
    item = item_to_test(doctor)
    client = as_(nurse)
    assert item.drug_name in page(client).content.decode()
    form = {"put_on": "1", "next": reverse(LIST)}

    answer = client.post(reverse("skin_test", args=[item.pk]), form)

    item.refresh_from_db()
    assert answer.url == reverse(LIST) and item.skin_test_started_at is not None


def test_papers_list_the_day_and_label_each_bottle(as_, doctor, pharmacist, nurse):
    treatment = injections(doctor, pharmacist)
    patient, lot = treatment.patient, treatment.item.lines.get().movement.batch.lot
    client = as_(nurse)

    day = page(client, "treatment_day").content.decode()
    label = page(client, "bottle_labels", treatment.pk).content.decode()

    for text in (day, label):
        assert (
            patient.name in text and patient.record_no in text and treatment.item.drug_name in text
        )
    assert lot in label and "1/3" in label


def test_the_chart_tells_what_was_carried_out(as_, doctor, nurse):
    treatment = ordered(doctor, words="左前臂")
    turns.finish(turn=first(treatment), reaction="皮疹", by=nurse)

    text = as_(doctor).get(reverse("patient_chart", args=[treatment.patient_id])).content.decode()

    assert "小换药" in text and "皮疹" in text and nurse.full_name in text
    assert f"{timezone.localtime():%m-%d}" in text
