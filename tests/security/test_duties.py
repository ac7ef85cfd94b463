"""Duties that no other test shows; security/COMPLIANCE.md names them."""

import re

import pytest

from installer.setup import fronts
from installer.setup.paths import DataDir

OLD = "correct-horse-7"


@pytest.mark.django_db
@pytest.mark.parametrize("weak", ["", "a", "Ab3$5678", "1234567890", "password123", "frontdesk"])
def test_a_weak_password_is_refused(frontdesk, as_, weak):
    before = frontdesk.password
    answers = {"old_password": OLD, "new_password1": weak, "new_password2": weak}

    response = as_(frontdesk).post("/password/", answers)

    frontdesk.refresh_from_db()
    assert response.status_code == 200
    assert frontdesk.password == before


def test_only_tls_of_today_is_spoken(tmp_path):
    data = DataDir(tmp_path / "data")
    data.create()

    nginx = fronts.nginx_conf(data, tmp_path, 8443)
    granian = " ".join(fronts.children("granian", data, 8443)[0]["argv"])

    assert re.findall(r"ssl_protocols (.*);", nginx) == ["TLSv1.2 TLSv1.3"]
    assert "--ssl-protocol-min tls1.2" in granian
