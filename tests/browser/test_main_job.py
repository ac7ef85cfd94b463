"""The main job: six people, each in a browser context of their own, and a screen on the wall."""

import pytest

from tests.browser import work
from tests.browser.main_job import PENICILLIN, Walk, administer
from tests.browser.work import Someone

pytestmark = pytest.mark.browser


def test_patient_walks_from_the_desk_to_the_audit_log(morning, quiet_queue, tmp_path):
    patient = Someone("吴桂芳", "wgf", "1958-03-16", True, "13813250016", PENICILLIN)
    walk = Walk(morning, patient, shots=True)

    walk.arrive()
    walk.be_called()
    walk.be_seen()
    walk.be_prescribed()
    walk.be_reviewed()
    walk.be_given_the_drugs()
    walk.be_on_paper(tmp_path)
    walk.be_accounted_for()


def test_penicillin_waits_for_its_skin_test_R45(morning, quiet_queue):
    patient = Someone("郑明辉", "zmh", "1985-07-22", False, "13813250023")
    walk = Walk(morning, patient, shots=True)
    walk.arrive()
    work.call(walk.person("doctor"), walk.number)
    walk.be_seen()

    walk.be_tested()


def test_administrator_manages_people_and_settings(morning):
    administer(morning)
