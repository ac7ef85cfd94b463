"""A name that the machine got while the clinic runs is answered without a restart."""

import os

import pytest
from django.core.exceptions import DisallowedHost
from django.test import RequestFactory

from clinic.core.hosts import GrowingHosts

NAME = "CLINIC_ALLOWED_HOSTS"


@pytest.fixture
def env_file(tmp_path, settings):
    path = tmp_path / ".env"
    path.write_text(f"{NAME}=localhost\n")
    settings.ALLOWED_HOSTS = GrowingHosts(["localhost"], path, NAME)
    return path


def asked_for(host: str) -> str:
    return RequestFactory().get("/", headers={"host": host}).get_host()


def test_what_is_added_to_the_settings_counts_at_once(env_file):
    with pytest.raises(DisallowedHost):
        asked_for("192.168.1.9")
    part = env_file.with_name("part")
    part.write_text(f"A=1\n{NAME}='localhost,192.168.1.9,[fd00::9]'\n")
    os.replace(part, env_file)

    assert asked_for("192.168.1.9") == "192.168.1.9"
    assert asked_for("[fd00::9]:8443") == "[fd00::9]:8443"
    with pytest.raises(DisallowedHost):
        asked_for("elsewhere.example")


def test_settings_that_vanish_take_nothing_away(env_file):
    env_file.unlink()

    assert asked_for("localhost") == "localhost"
