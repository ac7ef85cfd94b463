"""A file in which nothing is left empty, so that an exchange can lose nothing unnoticed."""

import datetime
import uuid

from django.utils import timezone

from patients.models import (
    Allergy,
    Basics,
    CareFile,
    Consent,
    ConsentText,
    FollowUp,
    History,
    Patient,
)
from patients.reading import search_keys
from tests.factories.patients import AllergyFactory, AllergyGroupFactory, PatientFactory, id_number

NOW = timezone.now
DAY = datetime.date(2026, 3, 2)


def whole_patient(by, **more) -> Patient:
    """A woman with everything the national forms ask; `by` wrote and confirmed it all."""
    return fill_file(PatientFactory(created_by=by, **more), by, **more)


def fill_file(patient: Patient, by, **more) -> Patient:
    """Write into each field of the file and of what hangs on it on this floor."""
    AllergyGroupFactory()
    fields = {
        "name": "曾秀英",
        "reading": "zeng xiu ying",
        "health_no": "32058210300100017",
        "paper_no": "青溪-0412",
        "mother_id_number": id_number(datetime.date(1935, 3, 7), 7),
        "birth_time": datetime.time(3, 25),
        "contact_name": "李建国",
        "contact_relation": "儿子",
        "contact_phone": "0512-58123456",
        "allergy_status": "has",
        "version": 4,
    }
    for name, value in {**fields, **more}.items():
        setattr(patient, name, value)
    for name, value in search_keys(patient.name, patient.reading).items():
        setattr(patient, name, value)
    patient.save()
    _allergies(patient, by)
    _basics(patient, by)
    _consents(patient, by)
    _care(patient, by)
    return patient


def _allergies(patient, by) -> None:
    AllergyFactory(
        patient=patient,
        recorded_by=by,
        source="papers",
        since="2019-05",
        group_confirmed_at=NOW(),
        group_confirmed_by=by,
    )
    wrong = {"state": "withdrawn", "withdrawn_at": NOW(), "withdrawn_by": by}
    some = {"group_code": "", "reaction": None, "severity": Allergy.Severity.MILD}
    AllergyFactory(patient=patient, recorded_by=by, substance="芒果", **some, **wrong)


def _basics(patient, by) -> None:
    answers = {"ethnic": "01", "abo": "2", "disability": ["2", "8"], "disability_other": "耳鸣"}
    Basics.objects.create(
        patient=patient,
        answers=answers | {"exposure": ["1"]},
        workplace="青溪镇小学",
        genetic="血友病",
        histories="has",
        asked_on=DAY,
        version=2,
        written_by=by,
    )
    rows = [
        ("disease", "2", "", "", "2009-05"),
        ("surgery", "", "阑尾切除 <1998>", "", "1998"),
        ("trauma", "", "右前臂骨折", "", "2001-07-30"),
        ("transfusion", "", "产后输血", "", "1986"),
        ("family", "2", "绝经后", "mother", "1975"),
    ]
    for kind, code, text, relative, since in rows:
        values = {"kind": kind, "code": code, "text": text, "relative": relative, "since": since}
        History.objects.create(patient=patient, recorded_by=by, **values)
    History.objects.create(
        patient=patient,
        kind="disease",
        text="记错的",
        state="withdrawn",
        withdrawn_at=NOW(),
        withdrawn_by=by,
        recorded_by=by,
    )


def _consents(patient, by) -> None:
    text, _new = ConsentText.objects.get_or_create(
        kind="sharing", version=7, defaults={"text": "我同意把病历转给上级医院。", "made_by": by}
    )
    Consent.objects.create(patient=patient, text=text, agreed=True, given_by="曾秀英", made_by=by)
    Consent.objects.create(
        patient=patient,
        text=text,
        agreed=False,
        given_by="李建国",
        made_by=by,
        withdrawn_at=NOW(),
        withdrawn_by=by,
    )


def _care(patient, by) -> None:
    closed = CareFile.objects.create(
        patient=patient,
        kind="htn",
        facts={"since": "2009-05", "aims": {"systolic": 140}},
        doctor=by,
        version=3,
        opened_on=DAY,
        opened_by=by,
        closed_on=DAY + datetime.timedelta(days=90),
        closed_by=by,
        close_reason="迁居",
    )
    FollowUp.objects.create(
        care_file=closed,
        step="referral",
        state="done",
        due_on=DAY,
        done_on=DAY + datetime.timedelta(days=1),
        findings={"systolic": 152, "drugs": ["氨氯地平 5 mg"]},
        earlier=[{"systolic": 125}],
        visit=uuid.uuid4(),
        version=2,
        done_by=by,
    )
