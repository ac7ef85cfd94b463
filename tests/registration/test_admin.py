"""What an administrator reads on the pages of rooms and doctors."""

import re

from tests.factories.registration import ClinicianFactory


def test_a_doctor_is_kept_by_name_in_the_language_of_the_clinic(administrator, doctor, as_):
    clinician = ClinicianFactory(user=doctor)
    pages = as_(administrator)

    listed = pages.get("/admin/registration/clinician/").content.decode()
    page = pages.get(f"/admin/registration/clinician/{clinician.pk}/change/").content.decode()

    labels = re.findall(r"<label[^>]*>([^<]+)</label>", page)
    assert doctor.full_name in listed
    assert f"{doctor.full_name} ({doctor.username})" in page
    assert labels and not [label for label in labels if label.isascii()]
