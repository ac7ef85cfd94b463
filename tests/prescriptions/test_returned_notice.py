"""A sheet that came back tells its doctor above the queue, and the desk where the patient is."""

import pytest

from prescriptions import review
from registration.desk import notices, whereabouts
from tests.factories.prescriptions import submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def returned(doctor, pharmacist):
    sheet = submitted(doctor)
    return review.return_(prescription=sheet, reason="疗程偏长，建议 3 天", by=pharmacist)


def test_the_queue_tells_its_doctor_of_a_returned_sheet_R38(returned, doctor, as_):
    page = as_(doctor).get("/registration/queue/").content.decode()

    assert "/prescriptions/?show=returned" in page


def test_the_next_poll_tells_it_R38(doctor, pharmacist, as_):
    sheet, room = submitted(doctor), as_(doctor)
    before = room.get("/registration/queue/rows/")
    review.return_(prescription=sheet, reason="疗程偏长，建议 3 天", by=pharmacist)

    after = room.get("/registration/queue/rows/", HTTP_IF_NONE_MATCH=before["ETag"])

    assert after.status_code == 200 and "show=returned" in after.content.decode()


def test_nobody_else_is_told(returned, other_doctor):
    assert notices(other_doctor) == []


def test_the_desk_sees_that_the_sheet_is_back_with_the_doctor(returned):
    visit = returned.consultation.registration

    place = whereabouts([visit])[visit.pk]

    assert (place.station, place.word) == (4, returned.get_state_display())


def test_a_nurse_finds_the_skin_tests_in_the_rail_R45(nurse, as_):
    page = as_(nurse).get("/registration/").content.decode()

    assert 'href="/prescriptions/treatments/"' in page  # they stand at its head
