"""Home pages: the true state of every patient, one next action that the person may do, bounded."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from clinic.core.todo import todos
from clinic.navigation import home_of
from pharmacy.watch import keeping
from prescriptions import pharmacy_day, treatments, turns
from prescriptions.models import Prescription, Treatment, TreatmentService
from prescriptions.states import RxState
from prescriptions.treatment_services import load_treatment_services
from registration import journey
from registration.models import Registration
from registration.states import VisitState
from security.models import AuditEntry
from security.permissions import Role
from tests.conftest import person
from tests.factories.prescriptions import charges, draft, row, tablets
from tests.factories.registration import open_record, open_session, waiting_visit

pytestmark = pytest.mark.django_db
# The state of a finished visit's sheet: (stage, station, word).
AFTER = {
    None: ("done", 6, "已完诊"),
    RxState.DRAFT: ("done", 6, "已完诊"),
    RxState.SUBMITTED: ("review", 4, "待审方"),
    RxState.RETURNED: ("returned", 4, "已退回"),
    RxState.APPROVED: ("unpaid", 4, "审核通过"),
    RxState.UNPAID: ("unpaid", 4, "待收费"),
    RxState.PAID: ("dispensing", 5, "待发药"),
    RxState.PICKING: ("dispensing", 5, "调配中"),
    RxState.PART_DISPENSED: ("dispensing", 5, "部分发药"),
    RxState.DISPENSED: ("done", 6, "已发药"),
    RxState.ISSUED: ("done", 6, str(RxState.ISSUED.label)),
    RxState.ARCHIVED: ("done", 6, "已发药"),
    RxState.VOIDED: ("done", 6, "已完诊"),
    RxState.LAPSED: ("done", 6, "已完诊"),
    RxState.PART_RETURNED: ("done", 6, "部分退药"),
    RxState.ALL_RETURNED: ("done", 6, "已退药"),
}
# The state of a visit that is not over.
BEFORE = {
    VisitState.BOOKED: ("booked", 1, "未签到"),
    VisitState.WAITING: ("waiting", 2, "候诊"),
    VisitState.CALLED: ("called", 2, "已叫号"),
    VisitState.MISSED: ("missed", 2, "过号"),
    VisitState.IN_CONSULTATION: ("consulting", 3, "就诊中"),
    VisitState.EXAM: ("exam", 3, "检查中"),
    VisitState.CANCELLED: ("cancelled", 0, "已退号"),
    VisitState.LAPSED: ("lapsed", 0, "已失效"),
}
INSIDE = {VisitState.IN_CONSULTATION, VisitState.EXAM}
# Where each role goes on with a patient after the doctor.
STEPS = {
    Role.FRONTDESK: set(),
    Role.NURSE: {"treatment_list", "skin_test_list"},
    Role.DOCTOR: {"prescription_edit", "treatment_list", "skin_test_list"},
    Role.PHARMACIST: {"review", "dispense", "skin_test_list"},
    Role.TECHNICIAN: {"dispense"},
    Role.REMOTE_PHARMACIST: {"review"},
    Role.SECOND_CHECKER: set(),  # there is a pharmacist
    Role.STOREKEEPER: set(),
    Role.CASHIER: set(),  # a list of its own
    Role.ADMINISTRATOR: set(),
    Role.AUDITOR: set(),
}


def finished(record) -> Registration:
    """The visit as it stands when the doctor is done."""
    visits = Registration.objects.filter(pk=record.registration_id)
    visits.update(state=VisitState.FINISHED, finished_at=timezone.now())
    return Registration.objects.get(pk=record.registration_id)


def with_sheet(session, by, drug, state: str | None) -> Registration:
    """A finished visit whose only sheet is in this state."""
    doctor = session.clinician.user
    record = open_record(session, by)
    if state is not None:
        row(draft(doctor, record=record), drug)
        times = {"submitted_at": timezone.now(), "approved_at": timezone.now()}
        out = {"dispensed_at": timezone.now()} if AFTER[state][0] == "done" else {}
        Prescription.objects.filter(consultation=record).update(state=state, **times, **out)
    return finished(record)


def treated(session, by, **more):
    """A finished visit with a change of dressing to be done today."""
    load_treatment_services()
    record = open_record(session, by)
    service = TreatmentService.objects.get(code="DR1")
    treatment = treatments.order(
        consultation=record, service=service, by=session.clinician.user, **more
    )
    return finished(record), treatment


def skin_tested(session, by, drug) -> Registration:
    """A finished visit whose sheet waits at the window for a skin test."""
    visit = with_sheet(session, by, drug, RxState.PAID)
    sheet = Prescription.objects.get(consultation__registration=visit)
    sheet.items.update(skin_test="pending")
    return visit


def begun(session, by, state: str) -> Registration:
    """A visit in one of the states before its end."""
    visit = open_record(session, by).registration if state in INSIDE else waiting_visit(session, by)
    Registration.objects.filter(pk=visit.pk).update(state=state)
    return Registration.objects.get(pk=visit.pk)


@pytest.fixture
def session(doctor):
    return open_session(doctor, quota=1000)


@pytest.fixture
def everybody(session, frontdesk) -> dict[str, Registration]:
    """A patient in every state there is, of one doctor."""
    drug = tablets()
    scene = {f"rx_{state}": with_sheet(session, frontdesk, drug, state) for state in AFTER}
    scene["skin_test"] = skin_tested(session, frontdesk, drug)
    scene["treatment"] = treated(session, frontdesk)[0]
    # Whoever is inside was called, so they come before the one whose call still stands.
    states = sorted(BEFORE, key=lambda state: state not in INSIDE)
    return scene | {str(state): begun(session, frontdesk, state) for state in states}


def test_the_word_and_the_track_say_the_true_state_on_every_list(
    as_, session, everybody, frontdesk, doctor, cashier
):
    assert set(AFTER) == {None, *RxState} and set(BEFORE) == {*VisitState} - {VisitState.FINISHED}
    expected = {everybody[f"rx_{state}"].number: said for state, said in AFTER.items()}
    expected |= {everybody[str(state)].number: said for state, said in BEFORE.items()}
    expected[everybody["skin_test"].number] = ("skin_test", 4, "待皮试")
    expected[everybody["treatment"].number] = ("treatment", 5, everybody["treatment"].number)

    told = {}
    for who in (frontdesk, doctor):
        page = as_(who).get("/", follow=True)
        told[who] = {
            row.visit.number: (row.key, row.station, row.word) for row in page.context["today"].rows
        }
    elsewhere = journey.places(list(Registration.objects.all()))

    assert told[frontdesk] == told[doctor]
    for number, (key, station, word) in expected.items():
        assert told[frontdesk][number][:2] == (key, station), number
        assert key == "treatment" or told[frontdesk][number][2] == word, number
    for visit in everybody.values():
        place = elsewhere[visit.pk]
        assert (place.key, place.station, str(place.word)) == told[frontdesk][visit.number]


def test_two_papers_stand_where_the_patient_is_held_up_most(session, frontdesk, doctor):
    visit, treatment = treated(session, frontdesk)
    sheet = draft(doctor, record=treatment.consultation)
    row(sheet)
    Prescription.objects.update(state=RxState.SUBMITTED, submitted_at=timezone.now())

    held = journey.places([visit])[visit.pk]
    Prescription.objects.update(state=RxState.DISPENSED, dispensed_at=timezone.now())
    behind = journey.places([visit])[visit.pk]

    assert (held.key, set(held.targets)) == ("review", {"review", "treatment"})
    assert behind.key == "treatment"


def test_a_treatment_waits_for_its_payment_and_is_over_when_it_is_done_R34(
    session, frontdesk, nurse
):
    charges()
    visit, treatment = treated(session, frontdesk)
    keys = [journey.places([visit])[visit.pk].key]

    Treatment.objects.update(settled=Treatment.Settled.PAID, settled_at=timezone.now())
    keys.append(journey.places([visit])[visit.pk].key)
    turns.finish(turn=treatment.turns.get(), by=nurse)
    keys.append(journey.places([visit])[visit.pk].key)

    assert keys == ["unpaid", "treatment", "done"]


# -- the next action --


def links(page) -> tuple[set[str], set[str]]:
    """What a page leads to, and what its forms post to."""
    text = page.content.decode().replace("&amp;", "&")
    return set(re.findall(r'href="(/[^"#]*)"', text)), set(re.findall(r'action="(/[^"]*)"', text))


def name_of(url: str) -> str:
    try:
        return resolve(url.partition("?")[0]).view_name
    except Resolver404:  # a stylesheet
        return ""


def test_every_action_of_every_home_page_is_one_that_its_role_may_do(as_, everybody, session):
    charges()
    wrong, found = [], {}
    for roles in [*((role,) for role in STEPS), (Role.DOCTOR, Role.NURSE), tuple(Role)[:4]]:
        # The doctor's own patients are only the own doctor's; whoever else has the role has none.
        own = roles == (Role.DOCTOR,)
        user = (
            session.clinician.user
            if own
            else person(f"home-{len(roles)}-{roles[0]}", "某人", *roles)
        )
        client = as_(user)

        page = client.get("/", follow=True)

        assert page.status_code == 200, roles
        pages, forms = links(page)
        for url in sorted(pages - {"/logout/"}):
            name = name_of(url)
            if not name or name.startswith("admin:") or (roles, name) in found:
                continue
            if "-" not in url:  # without a record in it: one of a kind is enough
                found[roles, name] = True
            if client.get(url).status_code not in (200, 302, 304):
                wrong.append((roles, url))
        for url in sorted(forms):
            if not resolve(url.partition("?")[0]).func.clinic_access.allows(user):
                wrong.append((roles, url))
        rows = getattr(page.context.get("today"), "rows", [])
        if len(roles) == 1:
            steps = {name_of(row.step["url"]) for row in rows if row.step}
            assert steps == STEPS[roles[0]], roles
    assert not wrong


def test_whoever_can_be_helped_stands_first_and_who_is_done_last(as_, everybody, nurse, pharmacist):
    desk_rows = as_(nurse).get("/", follow=True).context["today"].rows
    window = as_(pharmacist).get("/", follow=True).context["today"].rows

    acts = [bool(row.actions or row.step) for row in desk_rows]
    over = [row.key in journey.OVER for row in desk_rows]
    assert acts == sorted(acts, reverse=True)
    assert over == sorted(over)
    assert [bool(row.step) for row in window] == sorted(
        (bool(r.step) for r in window), reverse=True
    )


def test_the_filters_count_what_they_show(as_, everybody, frontdesk, pharmacist):
    for who in (frontdesk, pharmacist):
        client = as_(who)
        filters = client.get("/", follow=True).context["today"].filters
        home = reverse(home_of(who))
        for one in filters:
            assert len(client.get(f"{home}?at={one['key']}").context["today"].rows) == one["count"]
    keys = {one["key"]: one["count"] for one in pharmacy_day.today(user=pharmacist).filters}
    # What went out today is archived tomorrow at the earliest: the archived one is no longer here.
    assert keys == {"": 9, "review": 1, "returned": 1, "dispensing": 4, "done": 3}


# -- bounded, and passive --

LISTS = {
    "desk": "frontdesk",
    "desk_rows": "frontdesk",
    "queue": "doctor",
    "queue_patients": "doctor",
    "review_list": "pharmacist",
    "dispense_list": "technician",
    "pharmacy_patients": "technician",
    "cashier": "cashier",
}


def test_a_home_asks_as_often_for_many_patients_as_for_few(as_, session, frontdesk, request):
    clients = {name: as_(request.getfixturevalue(who)) for name, who in LISTS.items()}
    drug = tablets()

    def scene():
        for state in (RxState.SUBMITTED, RxState.UNPAID, RxState.PAID, RxState.DISPENSED):
            with_sheet(session, frontdesk, drug, state)
        skin_tested(session, frontdesk, drug)
        treated(session, frontdesk)
        for state in (VisitState.EXAM, VisitState.WAITING, VisitState.MISSED):
            begun(session, frontdesk, state)

    def asked() -> dict[str, list[str]]:
        counts = {}
        for name, client in clients.items():
            charges(value=name == "cashier")
            client.get(reverse(name))  # reads of new patients are written once
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(name)).status_code == 200
            counts[name] = [query["sql"][:140] for query in queries]
        charges(value=False)
        return counts

    scene()
    few = asked()
    for _n in range(3):
        scene()

    many = asked()

    for name, queries in many.items():
        assert len(queries) == len(few[name]), (name, [q for q in queries if q not in few[name]])


@pytest.mark.parametrize("name", ["desk_rows", "queue_patients", "pharmacy_patients"])
def test_a_list_is_asked_for_passively_and_answered_304_until_somebody_moves(
    as_, session, frontdesk, request, name
):
    client = as_(request.getfixturevalue(LISTS[name]))
    visit = with_sheet(session, frontdesk, tablets(), RxState.SUBMITTED)
    url = reverse(name)
    etag = client.get(url)["ETag"]
    before = AuditEntry.objects.count()

    same, after = client.get(url, HTTP_IF_NONE_MATCH=etag), AuditEntry.objects.count()
    Prescription.objects.filter(consultation__registration=visit).update(state=RxState.PAID)
    other = client.get(url, HTTP_IF_NONE_MATCH=etag)

    assert resolve(url).func.clinic_access.passive
    assert same.status_code == 304 and after == before
    assert other.status_code == 200 and other["ETag"] != etag
    assert "<html" not in other.content.decode()


# -- of several roles, and what else waits --


@pytest.mark.parametrize(
    "roles, home",
    [
        ((Role.DOCTOR,), "queue"),
        ((Role.DOCTOR, Role.FRONTDESK), "desk"),  # no room yet: the queue would be empty words
        ((Role.NURSE, Role.CASHIER), "desk"),
        ((Role.PHARMACIST, Role.STOREKEEPER), "review_list"),
        ((Role.SECOND_CHECKER, Role.NURSE), "desk"),
        ((Role.SECOND_CHECKER, Role.STOREKEEPER), "stock"),  # there is a pharmacist
        ((Role.CASHIER, Role.ADMINISTRATOR), "security_home"),  # nothing is charged here
        ((Role.DOCTOR, Role.ADMINISTRATOR), "security_home"),
        ((), None),
    ],
)
def test_of_several_roles_the_day_begins_where_there_is_work(roles, home):
    assert home_of(person("who", "某人", *roles)) == home


def test_a_doctor_with_a_room_begins_with_the_own_patients(session, doctor):
    from security.roles import set_roles

    set_roles(user=doctor, roles={Role.DOCTOR.value, Role.FRONTDESK.value}, by=None)

    assert home_of(type(doctor).objects.get(pk=doctor.pk)) == "queue"


def test_each_is_told_what_waits_for_them_and_nothing_else(
    as_, everybody, nurse, frontdesk, pharmacist, storekeeper, auditor, administrator
):
    keeping.refresh()
    as_(nurse).get(reverse("audit_list"))  # refused, and the auditor is told

    told = {who: [str(one.url) for one in todos(who)] for who in (nurse, pharmacist, auditor)}

    assert told[nurse] == [reverse("skin_test_list"), reverse("treatment_list")]
    assert told[pharmacist][:2] == [reverse("review_list"), reverse("dispense_list")]
    assert "event=refused" in told[auditor][0]
    assert todos(frontdesk) == [] and todos(administrator) == []


def test_the_line_stands_on_the_home_page_alone(as_, everybody, nurse):
    client = as_(nurse)

    assert "counts todo" in client.get("/", follow=True).content.decode()
    assert "counts todo" not in client.get(reverse("patient_search")).content.decode()
