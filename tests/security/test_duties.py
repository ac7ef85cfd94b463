"""Duties that no other test shows; security/COMPLIANCE.md names them."""

import re

import pytest
from django.utils.module_loading import import_string

from clinic import settings as shipped
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


def test_a_password_is_kept_as_argon2id_of_19_mib():
    (only,) = shipped.PASSWORD_HASHERS

    kept = import_string(only)().encode("correct-horse-7", "salt" * 4)

    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_only_tls_of_today_is_spoken(tmp_path):
    data = DataDir(tmp_path / "data")
    data.create()

    nginx = fronts.nginx_conf(data, tmp_path, 8443)
    granian = " ".join(fronts.children("granian", data, 8443)[0]["argv"])

    assert re.findall(r"ssl_protocols (.*);", nginx) == ["TLSv1.2 TLSv1.3"]
    assert "--ssl-protocol-min tls1.2" in granian
