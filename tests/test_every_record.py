"""Every URL with a real record behind it: own, a stranger's, with a reason given.

Posted by everybody, opened by all whose role is let in: the others ask in tests/test_every_view.py.

One doctor's patient carries words that stand nowhere else. Whoever may not read the record must
find none of them, on any page, by GET or by POST; and a POST of theirs changes nothing.
"""

from io import BytesIO
from zipfile import ZipFile

import pytest
from django.contrib import admin
from django.urls import reverse

from patients.models import CareFile, FollowUp, Patient
from prescriptions.models import (
    Prescription,
    PrescriptionItem,
    Treatment,
    TreatmentTurn,
)
from registration.models import (
    Consultation,
    Countersignature,
    Diagnosis,
    RecordAddition,
    RecordTemplate,
    RecordVersion,
    Registration,
    ReportDuty,
)
from security.access import mark_of
from security.glass import break_glass
from security.models import User
from security.permissions import GRANTS, P, Role
from tests.conftest import person as account
from tests.helpers import undone
from tests.records import PHARMACY, READ_BY_DUTY, RECORDS, UNMASKED, Kind
from tests.scene import scene_of
from tests.test_every_view import OURS, PEOPLE, sample_url

pytestmark = pytest.mark.django_db
CLINICAL = ["主诉金丝雀", "现病史金丝雀", "查体金丝雀", "意见金丝雀", "诊断金丝雀", "备注金丝雀"]


BY_FILE = (Kind.FILE, Kind.CARE)
# Forms given back to whoever typed them (tests/security/test_kept.py, test_long_forms.py).
NO_RECORD = {"kept", "draft_drop", "draft_bring_back"}
SIGNS_OUT = {"logout"}
ASKED = {"version": "1", "reason": "", "q": "金丝雀", "guard": "1"}


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker) -> dict:
    """Made once; what somebody does with it is taken back after them."""
    cast = {
        "doctor": ("林海生", Role.DOCTOR),
        "frontdesk": ("马丽", Role.FRONTDESK),
        "pharmacist": ("许文娟", Role.PHARMACIST),
    }
    with django_db_blocker.unblock(), undone():
        people = {name: account(name, *told) for name, told in cast.items()}
        yield people | {"scene": scene_of(**people)}


@pytest.fixture
def scene(made, db) -> dict:
    return made["scene"]


@pytest.fixture
def doctor(made, db):
    return User.objects.get(pk=made["doctor"].pk)


@pytest.fixture
def frontdesk(made, db):
    return User.objects.get(pk=made["frontdesk"].pk)


@pytest.fixture
def pharmacist(made, db):
    return User.objects.get(pk=made["pharmacist"].pk)


def people():
    yield from PEOPLE
    yield "other_doctor"
    yield "other_doctor with a reason"


class Person:
    """Somebody at a browser, and what they may open in the scene."""

    def __init__(self, who: str, request, scene, as_):
        self.name, _with, reason = who.partition(" with ")
        self.user = request.getfixturevalue(self.name)
        self.role = PEOPLE[self.name.removeprefix("other_")]
        self.holds = GRANTS[self.role] if self.role else set()
        self.is_owner, self.gave_reason = who == "doctor", bool(reason)
        if reason:
            break_glass(patient=scene["patient"].pk, reason="colleague", by=self.user)
        self.client = as_(self.user)

    @property
    def works_in_pharmacy(self) -> bool:
        """A second person only where there is no pharmacist, and here is one (R-177)."""
        return not {P.READ_CHART, P.CHECK_PRESCRIPTION} & self.holds

    def is_let_in(self, pattern) -> bool:
        mark = mark_of(pattern.callback)
        return mark.public or not mark.any_of or bool(set(mark.any_of) & self.holds)

    def opens(self, pattern) -> bool:
        """May they open the scene's record here?"""
        kind = RECORDS[pattern.name][1] if pattern.name in RECORDS else Kind.ROLE
        return self.is_let_in(pattern) and (
            kind is Kind.ROLE
            or self.is_owner
            or (kind is Kind.DESK and P.REGISTER_VISIT in self.holds)
            or (kind in BY_FILE and (self.gave_reason or self.works_in_pharmacy))
            or (kind is Kind.CARE and P.READ_PRESCRIPTION not in self.holds)
        )

    def reads(self, pattern) -> bool:
        """May clinical words of the scene's patient stand in the answer?"""
        if self.is_owner or READ_BY_DUTY & self.holds and pattern.name in PHARMACY:
            return True
        return self.gave_reason and RECORDS.get(pattern.name, ("", None))[1] in BY_FILE


@pytest.fixture(params=list(people()))
def person(request, scene, as_) -> Person:
    return Person(request.param, request, scene, as_)


def url_of(pattern, scene) -> str:
    if pattern.name not in RECORDS:
        return sample_url(pattern)
    (argument,) = pattern.pattern.converters
    return reverse(pattern.name, kwargs={argument: scene[RECORDS[pattern.name][0]].pk})


def check(answer, pattern, person, scene) -> None:
    """Status, and what stands in the answer."""
    method, status = answer.request["REQUEST_METHOD"], answer.status_code
    where = f"{method} {pattern.name} as {person.name}: "
    to_question = answer.get("Location", "").startswith(
        reverse("break_glass", args=[scene["patient"].pk])
    )
    if not person.is_let_in(pattern):
        assert status == 403, f"{where}{status}"
    elif pattern.name in RECORDS and not person.opens(pattern):
        is_file = RECORDS[pattern.name][1] in BY_FILE
        assert status in (404, 405) or (is_file and to_question), f"{where}{status}"
    else:
        # Without a record of ours the address leads nowhere; a form may be for another state.
        found = pattern.name in RECORDS and method == "GET"
        gone = () if found else (404,)
        assert status in (200, 204, 302, 304, 400, 405, 409, *gone), f"{where}{status}"
        assert not to_question, where
    text = text_of(answer)
    if not person.reads(pattern):
        assert not [word for word in CLINICAL if word in text], where
    if pattern.name not in UNMASKED:
        patient = scene["patient"]
        for secret in (patient.id_number, patient.phone, patient.address):
            assert secret not in text, f"{where}{secret} in full"


def text_of(answer) -> str:
    """What it says; of a zip file, what all the files in it say."""
    content = answer.getvalue()  # a download is streamed
    if not content.startswith(b"PK"):
        return content.decode()
    with ZipFile(BytesIO(content)) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist())


def everything() -> list:
    """All records, to see whether anything was changed."""
    models = (Patient, Registration, Consultation, Diagnosis, Prescription, PrescriptionItem)
    models += (Treatment, TreatmentTurn, CareFile, FollowUp)
    models += (RecordTemplate, RecordVersion, RecordAddition, Countersignature, ReportDuty)
    return [
        [getattr(row, field.attname) for field in model._meta.concrete_fields]
        for model in models
        for row in model.objects.order_by("pk")
    ]


def test_every_url_that_names_a_record_says_who_may_open_it():
    named = {
        pattern.name
        for pattern in OURS
        if "UUIDConverter" in {type(c).__name__ for c in pattern.pattern.converters.values()}
    }

    assert named - NO_RECORD == set(RECORDS)


def test_every_page_shows_its_record_and_every_post_changes_it_for_whom_it_belongs_to_alone(
    person, scene
):
    """One after the other on one scene, which costs as much as a quarter of the pages."""
    patterns = [pattern for pattern in OURS if pattern.name not in SIGNS_OUT]

    for pattern in filter(person.is_let_in, patterns):  # others: tests/test_every_view.py
        check(person.client.get(url_of(pattern, scene)), pattern, person, scene)
    post_everything(patterns, person, scene)


def post_everything(patterns, person, scene) -> None:
    """First what must change nothing, then what may."""
    before, theirs = everything(), []
    for pattern in patterns:
        if person.is_let_in(pattern) and person.opens(pattern):
            theirs.append(pattern)
            continue
        answer = person.client.post(url_of(pattern, scene), {**ASKED, "reason": "emergency"})
        check(answer, pattern, person, scene)
    assert everything() == before
    for pattern in theirs:
        check(person.client.post(url_of(pattern, scene), ASKED), pattern, person, scene)


def test_the_scene_is_really_there(doctor, scene, as_):
    pages = [
        as_(doctor).get(reverse(name, args=[scene[RECORDS[name][0]].pk]))
        for name in ("patient_chart", "consultation", "prescription_show")
    ]

    text = "".join(page.content.decode() for page in pages)

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert all(word in text for word in CLINICAL)


def admin_urls() -> list[str]:
    urls = []
    for model in admin.site._registry:
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        known = model._default_manager.order_by("pk").first()
        urls += [reverse(f"{place}_{page}") for page in ("changelist", "add")]
        for page in ("change", "delete", "history"):
            urls.append(reverse(f"{place}_{page}", args=[known.pk if known else 1]))
    return urls


def test_no_page_of_the_administration_shows_a_record(administrator, scene, as_):
    client = as_(administrator)

    for url in admin_urls():
        answer = client.get(url)

        assert answer.status_code in (200, 302, 403), url
        text = answer.content.decode()
        assert not [word for word in (*CLINICAL, scene["patient"].name) if word in text], url


@pytest.mark.parametrize("who", sorted(set(PEOPLE) - {"administrator"}))
def test_no_page_of_the_administration_opens_for_anybody_else(who, request, as_):
    client = as_(request.getfixturevalue(who))

    for url in admin_urls()[::3]:
        assert client.get(url).status_code == 403, url
    for url in admin_urls()[1::3]:
        assert client.post(url, {}).status_code == 403, url


# A declaration about the house, and the catalogue of what can be ordered.
NO_PATIENT = {"prescriptions.NoPharmacist", "prescriptions.TreatmentService"}


def test_no_clinical_model_stands_in_the_administration():
    apps = {model._meta.label for model in admin.site._registry}

    assert not [
        label
        for label in apps
        if (label.split(".")[0] == "prescriptions" and label not in NO_PATIENT)
        or label in ("patients.Patient", "patients.Allergy", "security.BreakGlass")
        or label in ("registration.Registration", "registration.Consultation")
        or label in ("registration.Diagnosis", "registration.RecordTemplate")
        or label == "security.AuditEntry"
    ]
