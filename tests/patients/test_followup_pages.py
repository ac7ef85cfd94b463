"""The list of the due, a patient's files, the form: who sees what, filters, wrong entries."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from patients import records
from patients.followup import lists, verbs
from patients.models import CareFile, CareKind, FollowUp
from security.models import AuditEntry
from tests.factories.patients import PatientFactory
from tests.patients.plans import whole_reads

State = FollowUp.State
TODAY = timezone.localdate
HTN, DM = CareKind.HYPERTENSION, CareKind.DIABETES


def opened(by, *, kind=HTN, days=0, doctor=None, **person) -> FollowUp:
    """The first date of a new file, due `days` ago."""
    patient = PatientFactory(birth_date=date(1980, 3, 16), **person)
    day = TODAY() - timedelta(days=days)
    care = verbs.open_file(patient=patient, kind=kind, doctor=doctor, opened_on=day, by=by)
    return care.follow_ups.get()


def answers(row: FollowUp, **more) -> dict:
    typed = {"version": row.version, "done_on": TODAY().isoformat(), "mode": "1"}
    return {**typed, "systolic": "132", "diastolic": "84", **more}


def page(response) -> str:
    return response.content.decode()


def test_the_list_shows_the_longest_overdue_first_and_masks_R68_R141(as_, nurse):
    opened(nurse, name="王近期")
    opened(nurse, name="李久未", days=40, phone="13912345678", address="青溪镇南塘村3组7号")
    opened(nurse, name="赵糖", kind=DM, days=5)

    shown = page(as_(nurse).get(reverse("followup_list")))

    assert shown.index("李久未") < shown.index("赵糖") < shown.index("王近期")
    assert "139****5678" in shown and "13912345678" not in shown
    assert "南塘村" in shown and "7号" not in shown


def test_the_list_is_narrowed_by_kind_day_doctor_and_village(as_, nurse, doctor):
    opened(nurse, name="王近期", doctor=doctor)
    opened(nurse, name="李久未", days=40, address="青溪镇南塘村3组7号")
    opened(nurse, name="赵糖", kind=DM, days=5)
    client, url = as_(nurse), reverse("followup_list")

    def names(**query):
        shown = page(client.get(url, query))
        return {name for name in ("王近期", "李久未", "赵糖") if name in shown}

    assert names(kind="dm2") == {"赵糖"}
    assert names(when="overdue") == {"李久未", "赵糖"}
    assert names(when="today") == {"王近期"}
    assert names(doctor=doctor.pk) == {"王近期"}
    assert names(area="青溪镇南塘村") == {"李久未"}
    assert names(kind="nonsense", page="x") == set()


def test_phones_are_shown_on_asking_and_that_is_recorded_R141(as_, nurse):
    row = opened(nurse, phone="13912345678")
    other = opened(nurse, kind=DM, phone="13887654321")

    shown = page(as_(nurse).post(reverse("followup_phones") + "?kind=htn"))

    assert "13912345678" in shown and "13887654321" not in shown
    assert as_(nurse).get(reverse("followup_phones") + "?page=2").url.endswith("?page=2")
    entry = AuditEntry.objects.filter(event="read", screen="followup_phones").get()
    assert entry.subject == row.care_file.patient_id != other.care_file.patient_id
    assert entry.additional_data == {"fields": ["phone", "contact_phone"]}


def test_a_doctor_sees_the_own_files_others_need_a_reason_R143(as_, nurse, doctor, other_doctor):
    row = opened(nurse, name="李久未", doctor=doctor)
    form = reverse("followup_record", args=[row.pk])
    files = reverse("patient_followups", args=[row.care_file.patient_id])
    own, stranger = as_(doctor), as_(other_doctor)

    assert "李久未" in page(own.get(reverse("followup_list")))
    assert own.get(form).status_code == own.get(files).status_code == 200

    assert "李久未" not in page(stranger.get(reverse("followup_list")))
    for response in (stranger.get(form), stranger.get(files), stranger.post(form, answers(row))):
        assert response.status_code in (302, 403) and "李久未" not in page(response)
    assert FollowUp.objects.get(pk=row.pk).state == State.PLANNED


def test_a_follow_up_is_recorded_from_the_form(as_, nurse):
    row = opened(nurse, days=3)
    url = reverse("followup_record", args=[row.pk])
    typed = answers(row, symptoms=["2", "5"], weight="６５．５", height="160", danger=[])

    response = as_(nurse).post(url, typed)

    row.refresh_from_db()
    assert response.url == reverse("patient_followups", args=[row.care_file.patient_id])
    assert row.findings["symptoms"] == ["2", "5"]
    assert (row.findings["weight"], row.findings["grade"]) == ("65.5", "1")
    shown = page(as_(nurse).get(response.url))
    assert "132/84" in shown
    sheet = page(as_(nurse).get(reverse("followup_print", args=[row.pk])))
    assert "25.6" in sheet  # BMI
    assert AuditEntry.objects.filter(event="print", screen="followup_print").exists()


WRONG = [
    ({"systolic": ""}, "systolic"),
    ({"systolic": "1320"}, "systolic"),
    ({"diastolic": "abc"}, "diastolic"),
    ({"systolic": "80", "diastolic": "120"}, "diastolic"),
    ({"mode": ""}, "mode"),
    ({"mode": "9"}, "mode"),
    ({"done_on": "2026-13-40"}, "done_on"),
    ({"done_on": ""}, "done_on"),
    ({"weight": "65.55"}, "weight"),
    ({"systolic": "190"}, "referral_to"),
    ({"mode": "3", "systolic": "", "diastolic": ""}, "grade"),
    ({"grade": "2"}, "grade"),
    ({"next_on": "2099-01-01"}, "next_on"),
]


def test_wrong_entries_stay_in_the_form_with_a_word_at_their_field(as_, nurse):
    row, client = opened(nurse, days=3), as_(nurse)
    url = reverse("followup_record", args=[row.pk])
    for wrong, field in WRONG:
        response = client.post(url, answers(row, symptoms_other="夜间头晕") | wrong)

        assert response.status_code == 200, wrong
        assert field in response.context["form"].errors, (wrong, response.context["form"].errors)
        assert "夜间头晕" in page(response)
    assert FollowUp.objects.get(pk=row.pk).state == State.PLANNED


def test_a_colleagues_values_are_shown_and_the_next_save_is_a_correction(as_, nurse, doctor):
    row = opened(nurse, days=3, doctor=doctor)
    stale = answers(row, systolic="136")
    url = reverse("followup_record", args=[row.pk])
    as_(doctor).post(url, answers(row, systolic="131"))

    told = as_(nurse).post(url, stale)
    as_(nurse).post(url, stale | {"version": told.context["form"]["version"].value()})

    assert "131" in page(told) and 'value="136"' in page(told)
    row.refresh_from_db()
    assert row.findings["systolic"] == "136"
    assert row.earlier[0]["findings"]["systolic"] == "131"


def test_today_s_visit_fills_the_form_R68(as_, nurse, monkeypatch):
    row = opened(nurse, days=3)
    told = {"visit": row.pk, "systolic": "128", "diastolic": "82", "temperature": "36.5"}
    told["drugs"] = [(f"药{n}", "每日1次", "5mg") for n in range(1, 5)]
    monkeypatch.setattr(records, "_visit_values", [lambda patient, user: dict(told)])
    url = reverse("followup_record", args=[row.pk])

    form = as_(nurse).get(url).context["form"]
    typed = answers(row, visit=str(row.pk), systolic="128", drug1="药1", next="/registration/")
    saved = as_(nurse).post(url, typed)

    assert saved.url == "/registration/"
    assert form["systolic"].value() == "128" and "systolic" in form.filled
    assert (form["drug3"].value(), form["drug3_dose"].value()) == ("药3", "5mg")
    assert form["drug_other"].value() == "药4 每日1次 5mg"
    later = row.care_file.follow_ups.get(state=State.PLANNED)
    again = as_(nurse).get(reverse("followup_record", args=[later.pk])).context["form"]
    assert again["systolic"].value() is None  # this visit has filled a follow-up already
    assert again["drug1"].value() == "药1"


def test_files_are_opened_closed_and_dates_moved_from_the_pages(as_, nurse, doctor):
    patient, client = PatientFactory(birth_date=date(1996, 3, 16)), as_(nurse)
    url = reverse("patient_followups", args=[patient.pk])
    begun = (TODAY() - timedelta(days=60)).isoformat()

    assert "last_period" in client.post(url, {"kind": "pregnancy"}).context["form"].errors
    client.post(url, {"kind": "pregnancy", "last_period": begun, "doctor": doctor.pk})
    care = CareFile.objects.get(patient=patient)
    row = care.follow_ups.order_by("due_on").first()
    move = reverse("followup_move", args=[row.pk])
    day = (TODAY() + timedelta(days=9)).isoformat()
    for refused in ({"do": "move", "reason": "x"}, {"do": "missed", "reason": ""}):
        assert client.post(move, {"version": row.version, **refused}).status_code == 200
    client.post(move, {"version": row.version, "do": "move", "due_on": day, "reason": "外出"})
    row.refresh_from_db()
    assert row.due_on.isoformat() == day
    birth, close = (
        reverse(name, args=[care.pk]) for name in ("care_file_delivery", "care_file_close")
    )
    born = {"version": care.version, "delivered_on": TODAY().isoformat()}
    assert client.post(birth, born | {"delivered_on": ""}).status_code == 200
    assert client.post(birth, born).status_code == 302
    care.refresh_from_db()
    assert client.post(close, {"version": care.version, "reason": ""}).status_code == 200
    assert client.post(close, {"version": care.version, "reason": "迁出"}).status_code == 302
    assert not care.follow_ups.filter(state=State.PLANNED).exists()
    assert "迁出" in page(client.get(url))


def test_a_missed_date_points_to_the_later_one_that_has_come_too_R67(as_, nurse):
    begun = TODAY() - timedelta(days=150)
    care = verbs.open_file(
        patient=PatientFactory(birth_date=date(1996, 3, 16), sex="2"), kind=CareKind.PREGNANCY,
        facts={"last_period": begun.isoformat()}, opened_on=begun + timedelta(days=60), by=nurse,
    )  # fmt: skip
    first, *_between, last = care.follow_ups.filter(due_on__lte=TODAY()).order_by("due_on")

    shown = {
        row: page(as_(nurse).get(reverse("followup_record", args=[row.pk])))
        for row in (first, last)
    }

    there = reverse("followup_record", args=[last.pk])
    assert f'class="push" href="{there}"' in shown[first]
    assert 'class="push" href="/patients/followups/' not in shown[last]


def test_every_kind_has_its_form_and_its_paper(as_, nurse):
    client = as_(nurse)
    born = {
        CareKind.ELDERLY: date(1950, 1, 1),
        CareKind.CHILD: TODAY() - timedelta(days=2),
        CareKind.PREGNANCY: date(1996, 1, 1),
    }
    facts = {"last_period": (TODAY() - timedelta(days=80)).isoformat()}
    for kind in CareKind.values:
        patient = PatientFactory(birth_date=born.get(kind, date(1980, 1, 1)))
        care = verbs.open_file(
            patient=patient, kind=kind, by=nurse,
            facts=facts if kind == CareKind.PREGNANCY else {},
        )  # fmt: skip
        for row in care.follow_ups.all():
            for name in ("followup_record", "followup_print"):
                assert client.get(reverse(name, args=[row.pk])).status_code == 200
        assert client.get(reverse("patient_followups", args=[patient.pk])).status_code == 200


def test_pages_ask_the_database_as_often_for_many_as_for_one(
    as_, nurse, django_assert_max_num_queries
):
    first, client = opened(nurse, days=400), as_(nurse)
    urls = [
        reverse("followup_list"),
        reverse("patient_followups", args=[first.care_file.patient_id]),
        reverse("followup_record", args=[first.pk]),
    ]

    def counts():
        told = []
        for url in urls:
            client.get(url)  # the look is recorded once in five minutes
            with django_assert_max_num_queries(60) as asked:
                client.get(url)
            told.append(len(asked))
        return told

    def one_more(row, n):
        opened(nurse, days=n)
        done = verbs.record(
            follow_up=row, version=row.version, done_on=TODAY() - timedelta(days=300 - n),
            findings={"mode": "1", "systolic": "132", "diastolic": "84"}, by=nurse,
        )  # fmt: skip
        return done.care_file.follow_ups.get(state=State.PLANNED)

    row = one_more(first, 0)
    few = counts()
    for n in range(1, 12):
        row = one_more(row, n)

    assert counts() == few


def test_the_list_and_the_counter_are_look_ups_in_an_index_R68(nurse, doctor):
    for n in range(60):
        verbs.open_file(
            patient=PatientFactory(birth_date=date(1980, 3, 16)), kind=CareKind.HYPERTENSION,
            doctor=doctor, opened_on=timezone.localdate() - timedelta(days=n), by=nurse,
        )  # fmt: skip

    for work in (
        lists.due_count,
        lambda: lists.own_due_count(doctor),
        lambda: list(lists.Due(nurse, lists.Asked(), 1).page.object_list),
        lambda: list(lists.Due(doctor, lists.Asked(kind="htn"), 1).page.object_list),
    ):
        assert [line for line in whole_reads(work) if "followup" in line.split(" in ")[0]] == []


@pytest.mark.parametrize("reason", ["外出", ""])
def test_who_moves_a_date_that_a_colleague_recorded_meanwhile_is_told(reason, as_, nurse, doctor):
    patient, client = PatientFactory(birth_date=date(1996, 3, 16)), as_(nurse)
    begun = (TODAY() - timedelta(days=60)).isoformat()
    opened = {"kind": "pregnancy", "last_period": begun, "doctor": doctor.pk}
    client.post(reverse("patient_followups", args=[patient.pk]), opened)
    row = CareFile.objects.get(patient=patient).follow_ups.order_by("due_on").first()
    verbs.missed(follow_up=row, version=row.version, reason="电话未接", by=doctor)

    typed = {"version": row.version, "do": "move", "due_on": TODAY().isoformat(), "reason": reason}
    page = client.post(reverse("followup_move", args=[row.pk]), typed, follow=True)

    assert "message-error" in page.content.decode()


@pytest.mark.parametrize("day", [None, "", "  ", "\u3000", "2026-02-30"])
def test_another_day_that_is_none_is_asked_for_and_the_reason_stays(day, as_, nurse, doctor):
    patient, client = PatientFactory(birth_date=TODAY() - timedelta(days=40)), as_(nurse)
    opened = {"kind": "child", "doctor": doctor.pk}
    client.post(reverse("patient_followups", args=[patient.pk]), opened)
    row = CareFile.objects.get(patient=patient).follow_ups.order_by("due_on").first()

    typed = {"version": row.version, "do": "move", "reason": "外出"}
    typed |= {} if day is None else {"due_on": day}
    page = client.post(reverse("followup_move", args=[row.pk]), typed)

    assert page.status_code == 200
    assert set(page.context["move"].errors) == {"due_on"}
    assert page.context["move"]["reason"].value() == "外出"
    (focused,) = re.findall(r"<[^>]* autofocus[^>]*>", page.content.decode())
    assert 'name="due_on"' in focused
