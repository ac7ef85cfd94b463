"""What is told in confidence lies nowhere in the clear: all screens are used, then all is searched.

Each kind of secret gets a text of its own. Plain by decision (tests/reasons.py) are
the name, drugs and states; a name serves as the proof that the search would find something.
"""

import base64
import datetime
import json
import tempfile
import uuid
import zlib
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from patients.models import Patient
from patients.reference import load_allergy_groups
from prescriptions import alerts, objections
from prescriptions.models import Prescription
from registration.models import Consultation, Icd10Code, Registration
from security.backup.make import make_backup
from security.models import BackupRecord
from security.roles import sync_roles
from tests.factories.patients import id_number
from tests.factories.prescriptions import shipped
from tests.factories.registration import open_session
from tests.helpers import post_ok
from tests.security import markers
from tests.security.markers import places_of, spellings, unpacked

pytestmark = pytest.mark.django_db(transaction=True)

BORN = datetime.date(1971, 9, 23)
SECRETS = {
    "document": id_number(BORN, 77),
    "phone": "13977120586",
    "new phone": "13977120599",
    "contact": "欧阳隐之",
    "contact's phone": "13866650917",
    "address": "暗香镇疏影村七组",
    "new address": "浮动巷黄昏楼九室",
    "allergen": "玄参秘制膏",
    "reaction": "面部麻木似蚁行",
    "complaint": "夜半忽觉心如擂鼓",
    "illness": "三日前误食野菌",
    "finding": "左颈扪及鸽卵大结节",
    "advice": "嘱勿近水火登高",
    "past history": "少年时坠马折臂",
    "results": "血中见异形细胞若干",
    "referral": "烦请贵院剖胸探查",
    "sick leave because": "家中静卧以避风寒",
    "template": "晨起口苦咽如有梅核",
    "draft": "尚未存下的半句话",
    "refused text": "版本不对的一段病史",
    "diagnosis": "隐秘性测试综合征",
    "diagnosis code": "Q98.765",
    "weight": "143.7",
    "returned because": "剂量与体重不相称请减",
    "remark by drug": "此药与体质相冲甚为不妥",
    "insisted because": "家族三代皆用此方有验",
    "sent back because": "货架上少了一盒请改方",
    "signed because": "患者坚持并已签字画押",
    "voided because": "家属来电要求作废",
    "search": "查无此人甲乙丙",
    "typed as user name": "my-secret-Passw0rd",
    "wrong password": "another-Wrong-0ne-55",
}
NAME = "慕容显眼"
# The dictionary of diagnoses names each of them; that a patient has one is the secret.
DICTIONARY = "registration_icd10code"
SHARED_FILES = ("ibdata1", "ib_logfile0", "undo001", "undo002", "undo003")


@pytest.fixture
def roles(transactional_db):
    """The roles again: a test with real transactions before this one has emptied every table."""
    sync_roles()


class Clinic:
    """The people at their screens, and every address that their browsers asked for."""

    def __init__(self, as_, people):
        self.browsers = {user.username: as_(user) for user in people}
        self.addresses: list[str] = []

    def get(self, who: str, url: str):
        self.addresses.append(url)
        response = self.browsers[who].get(url)
        assert response.status_code == 200, f"{url}: {response.status_code}"
        return response

    def post(self, who: str, url: str, data: dict, *, status: int | None = None):
        data = {"once": str(uuid.uuid4()), **data}
        if status is None:
            response = post_ok(self.browsers[who], url, data)
            self.addresses.append(response["Location"])
        else:
            response = self.browsers[who].post(url, data)
            assert response.status_code == status, f"{url}: {response.status_code}"
        self.addresses.append(url)
        return response


@pytest.fixture
def clinic(
    roles, as_, frontdesk, nurse, doctor, pharmacist, other_pharmacist, cashier, auditor
) -> Clinic:
    load_allergy_groups()
    shipped("D001")
    open_session(doctor)
    code = {"code": SECRETS["diagnosis code"], "name": SECRETS["diagnosis"], "initials": "YMCS"}
    Icd10Code.objects.bulk_create([Icd10Code(**code)])  # the log tells of changes to a dictionary
    people = [frontdesk, nurse, doctor, pharmacist, other_pharmacist, cashier, auditor]
    return Clinic(as_, people)


def at_the_desk(clinic: Clinic) -> Patient:
    """Search in vain, a form with a mistake, the file, its correction, the number."""
    for words in (SECRETS["search"], SECRETS["document"], SECRETS["phone"]):
        clinic.post("frontdesk", reverse("patient_search"), {"q": words}, status=200)
    form = {
        "id_type": "01",
        "id_number": SECRETS["document"],
        "name": NAME,
        "phone": SECRETS["phone"],
        "contact_name": SECRETS["contact"],
        "contact_relation": "配偶",
        "contact_phone": SECRETS["contact's phone"],
        "address": SECRETS["address"],
        "payment": "resident",
        "notice_given": "on",
        "allergy_status": "has",
        "allergy0-substance": "青霉素",
        "allergy0-reaction": SECRETS["reaction"],
        "allergy0-severity": "mild",
        "allergy1-substance": SECRETS["allergen"],
        "allergy1-reaction": "",
        "allergy1-severity": "moderate",
    }
    new = reverse("patient_new")
    clinic.post("frontdesk", new, {**form, "birth_date": "3001-01-01"}, status=200)
    clinic.post("frontdesk", new, form)
    clinic.post("frontdesk", new, form, status=200)  # the number is on file already
    patient = Patient.objects.get()
    edit = reverse("patient_edit", args=[patient.pk])
    clinic.get("frontdesk", edit)
    changed = {"address": SECRETS["new address"], "phone": SECRETS["new phone"]}
    clinic.post("frontdesk", edit, {**form, **changed, "version": patient.version})
    clinic.get("frontdesk", reverse("patient_allergies", args=[patient.pk]))
    for words in (NAME, SECRETS["new phone"][-4:]):
        found = {"q": words, "reveal": "1"}
        clinic.post("frontdesk", reverse("patient_search"), found, status=200)
    register = reverse("registration_new", args=[patient.pk])
    page = clinic.get("frontdesk", register)
    session = page.context["form"].fields["session"].choices[0][0]
    visit = clinic.post("frontdesk", register, {"session": session, "because": "emergency"})
    clinic.get("frontdesk", visit["Location"])
    clinic.get("frontdesk", reverse("desk"))
    return patient


def with_the_doctor(clinic: Clinic, patient: Patient) -> Consultation:
    """Vital signs, call, record with draft and conflict, diagnosis."""
    visit = Registration.objects.get(patient=patient)
    vitals = reverse("vitals", args=[visit.pk])
    clinic.post("nurse", vitals, {"weight": SECRETS["weight"], "confirmed": "on"})
    clinic.post("doctor", reverse("call_next"), {})
    clinic.get("doctor", reverse("queue"))
    clinic.post("doctor", reverse("start_consultation", args=[visit.pk]), {})
    record = Consultation.objects.get()
    here = reverse("consultation", args=[record.pk])
    clinic.get("doctor", here)
    texts = {
        "complaint": SECRETS["complaint"],
        "present_illness": SECRETS["illness"],
        "examination": SECRETS["finding"],
        "advice": SECRETS["advice"],
        "past_history": SECRETS["past history"],
        "auxiliary": SECRETS["results"],
        "referral_to": "外院",
        "referral_reason": SECRETS["referral"],
        "sick_days": "3",
        "sick_reason": SECRETS["sick leave because"],
        "dx": "",
        "code": "",
    }
    draft = {**texts, "advice": SECRETS["draft"], "version": record.version}
    clinic.post("doctor", reverse("consultation_draft", args=[record.pk]), draft, status=200)
    clinic.get("doctor", here)
    stale = {**texts, "complaint": SECRETS["refused text"], "version": 77}
    clinic.post("doctor", here, stale, status=200)
    clinic.post("doctor", here, {**texts, "version": record.version})
    record.refresh_from_db()
    clinic.post("doctor", reverse("diagnosis_suggest"), {"q": SECRETS["diagnosis"]}, status=200)
    added = {**texts, "version": record.version, "add": SECRETS["diagnosis code"]}
    clinic.post("doctor", here, added)
    for name in ("sick_note_print", "referral_print"):
        clinic.post("doctor", reverse(name, args=[record.pk]), {})
        clinic.get("doctor", reverse(name, args=[record.pk]))
    template = {"name": "喉痹", "kind": "phrase", "examination": SECRETS["template"]}
    clinic.post("doctor", reverse("record_template_new"), template)
    record.refresh_from_db()
    draft["version"] = record.version
    clinic.post("doctor", reverse("consultation_draft", args=[record.pk]), draft, status=200)
    return record


def submit(clinic: Clinic, sheet: Prescription) -> None:
    """Insist on the alert with words of one's own, then hand it over."""
    for finding in alerts.opinion(sheet).open:
        sign = {"fingerprint": finding.fingerprint, "reason": "other"}
        sign |= {"text": SECRETS["signed because"], "password": "correct-horse-7"}
        url = reverse("prescription_override", args=[sheet.pk])
        clinic.post("doctor", url, {**sign, "password": SECRETS["wrong password"]}, status=200)
        clinic.post("doctor", url, sign)
    sheet.refresh_from_db()
    if objections.standing(sheet):
        again = {"insist": SECRETS["insisted because"], "password": "correct-horse-7"}
        url = reverse("prescription_insist", args=[sheet.pk])
        clinic.post("doctor", url, {**again, "version": sheet.version})
        sheet.refresh_from_db()
    url = reverse("prescription_submit", args=[sheet.pk])
    clinic.post("doctor", url, {"version": sheet.version})
    sheet.refresh_from_db()


def at_the_pharmacy(clinic: Clinic, record: Consultation) -> Prescription:
    """Written, signed for, returned, approved, sent back, approved, handed out, printed."""
    clinic.post("doctor", reverse("prescription_start", args=[record.pk]), {})
    sheet = Prescription.objects.get()
    drug = shipped("D001", stock=0)
    row = {"drug": drug.pk, "drug_text": "x", "dose": "0.5g", "route": "口服"}
    row |= {"frequency": "tid", "days": "3", "quantity": f"1{drug.pack_unit}", "remark": ""}
    clinic.post("doctor", reverse("prescription_edit", args=[sheet.pk]), row)
    item = sheet.items.get()
    on_paper = f"{timezone.localtime() - datetime.timedelta(minutes=30):%H:%M}"
    read = {"state": "negative", "put_on_at": on_paper}
    clinic.post("doctor", reverse("skin_test", args=[item.pk]), read)
    clinic.get("doctor", reverse("prescription_edit", args=[sheet.pk]))
    remark = {f"remark-{item.pk.hex}": SECRETS["remark by drug"]}
    steps = [
        ("review_return", {"reason": SECRETS["returned because"], **remark}),
        ("review_approve", {}),
        ("prescription_send_back", {"reason": SECRETS["sent back because"]}),
        ("review_approve", {}),
        ("dispense", {}),
    ]
    for name, data in steps:
        sheet.refresh_from_db()
        if sheet.state in ("draft", "returned"):
            clinic.get("doctor", reverse("prescription_show", args=[sheet.pk]))
            submit(clinic, sheet)
        who = "pharmacist" if name.startswith("review") else "pharmacist2"
        page = "review" if name.startswith("review") else "dispense"
        clinic.get(who, reverse(f"{page}_list"))
        clinic.get(who, reverse(page, args=[sheet.pk]))
        clinic.post(who, reverse(name, args=[sheet.pk]), {**data, "version": sheet.version})
    clinic.post("pharmacist", reverse("prescription_print", args=[sheet.pk]), {})
    clinic.get("pharmacist", reverse("prescription_print", args=[sheet.pk]))
    return sheet


def at_the_end(clinic: Clinic, patient: Patient, record: Consultation) -> None:
    """A sheet that is voided, the finished visit, the chart, the log; a stranger tries to enter."""
    clinic.post("doctor", reverse("prescription_start", args=[record.pk]), {})
    other = Prescription.objects.get(state="draft")
    void = {"reason": SECRETS["voided because"], "version": other.version}
    clinic.post("doctor", reverse("prescription_void", args=[other.pk]), void)
    finish = {"version": record.version, "complaint": SECRETS["complaint"], "dx": "", "code": ""}
    finish |= {"present_illness": SECRETS["illness"], "examination": SECRETS["finding"]}
    finish |= {"advice": SECRETS["advice"]}
    clinic.post("doctor", reverse("consultation_finish", args=[record.pk]), finish)
    clinic.get("doctor", reverse("patient_chart", args=[patient.pk]))
    clinic.post("doctor", reverse("patient_reveal", args=[patient.pk]), {}, status=200)
    clinic.get("auditor", reverse("audit_list"))
    typed = {"username": SECRETS["typed as user name"], "password": SECRETS["wrong password"]}
    clinic.browsers["cashier"].logout()
    clinic.post("cashier", reverse("login"), typed, status=200)


def break_the_next(table: str) -> None:
    """From now on the database refuses every new row of this table, as a fault would."""
    body = (
        "BEGIN SELECT RAISE(ABORT, 'broken'); END"
        if connection.vendor == "sqlite"
        else "FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'broken'"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TRIGGER broken_table BEFORE INSERT ON {table} {body}")


@pytest.fixture
def mended():
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER IF EXISTS broken_table")


def is_plain(what: str, where: str) -> bool:
    """The name; and the dictionary's own row of the diagnosis, in its table and SQLite's file."""
    of_dictionary = DICTIONARY in where or where in SHARED_FILES or "sqlite" in where
    return what == "name" or (what.startswith("diagnosis") and of_dictionary)


@pytest.fixture
def own_temporary_folder(tmp_path, monkeypatch):
    """Whatever is put into a temporary file during the test lies here, and is searched."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(markers, "STORES", [*markers.STORES, lambda: folder.rglob("*")])
    return folder


def test_no_secret_lies_in_database_files_sessions_log_or_addresses(
    clinic, mended, caplog, own_temporary_folder
):
    patient = at_the_desk(clinic)
    record = with_the_doctor(clinic, patient)
    at_the_pharmacy(clinic, record)
    at_the_end(clinic, patient, record)
    backup = make_backup(kind=BackupRecord.Kind.MANUAL.value, to=own_temporary_folder)
    break_the_next("security_auditentry")
    browser = clinic.browsers["frontdesk"]
    browser.raise_request_exception = False
    fault = browser.post(reverse("patient_search"), {"q": SECRETS["new phone"]})

    found = places_of({**SECRETS, "name": NAME})
    elsewhere = {what: spellings(text) for what, text in SECRETS.items()}
    said = "\n".join([caplog.text, *clinic.addresses, fault.content.decode()]).encode()

    assert ("name", "patients_patient") in found
    assert Session.objects.exists()
    assert str(backup) in markers.kept_files()
    assert ("name", backup.name) not in found  # sealed as a whole: not even that is readable
    files = {path.name for path in markers.database_files()}
    assert not files or files & {where for what, where in found if what == "name"}
    assert not {(what, where) for what, where in found if not is_plain(what, where)}
    assert fault.status_code == 500
    assert not [what for what in elsewhere if any(s in said for s in elsewhere[what])]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: text.encode(),
        lambda text: json.dumps({"a": text}).encode(),
        lambda text: text.encode().hex().encode(),
        lambda text: base64.b64encode(b"x" + text.encode() + b"yz"),
        lambda text: base64.b64encode(b"xy" + text.encode()),
        lambda text: base64.urlsafe_b64encode(zlib.compress(b"12345" * 9 + text.encode())),
        lambda text: text.encode("utf-16-le"),
    ],
)
def test_the_search_knows_every_spelling(wrap):
    text = SECRETS["complaint"]

    kept = wrap(text)

    assert any(s in reading for s in spellings(text) for reading in unpacked(kept))


def test_the_search_looks_into_temporary_files_logs_and_backups(own_temporary_folder, db, settings):
    places = [own_temporary_folder / "upload", *_in_folders(settings, "logs", "backups")]
    for path in places:
        path.write_bytes(b"..." + SECRETS["complaint"].encode("utf-16-le"))

    found = places_of({"complaint": SECRETS["complaint"]})
    for path in places:
        path.unlink()

    assert {("complaint", path.name) for path in places} <= found


def _in_folders(settings, *names):
    for name in names:
        folder = Path(settings.DATA_DIR) / name
        folder.mkdir(exist_ok=True)
        yield folder / f"left-in-{name}"
