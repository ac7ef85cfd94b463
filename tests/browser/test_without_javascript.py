"""The main job with scripts switched off: forms and links carry all of it."""

import pytest

from tests.browser import work
from tests.browser.main_job import PENICILLIN, Walk
from tests.browser.work import Someone

pytestmark = pytest.mark.browser

PLAIN = {"java_script_enabled": False}


def test_patient_walks_through_the_clinic_without_scripts(staff, quiet_queue, tmp_path):
    patient = Someone("周玉兰", "zyl", "1962-11-05", True, "13813250031", PENICILLIN)
    walk = Walk(staff, patient, options=PLAIN)

    walk.arrive()
    walk.be_called()
    walk.be_seen()
    walk.be_prescribed()
    walk.be_reviewed()
    walk.be_given_the_drugs()
    walk.be_on_paper(tmp_path)
    walk.be_accounted_for()


def test_skin_test_is_ordered_and_read_without_scripts_R45(staff, quiet_queue):
    patient = Someone("冯志强", "fzq", "1990-01-30", False, "13813250048")
    walk = Walk(staff, patient, options=PLAIN)
    walk.arrive()
    work.call(walk.person("doctor"), walk.number)
    walk.be_seen()

    walk.be_tested()
