"""A released version of a paper is never edited: archived sheets are printed with it for years.

A change is a new folder (paper/v2) with stylesheets of its own, and its line here.
"""

import hashlib
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
RELEASED = {
    "static/css/print-rx-v1-a4.css": "53690d1e39971e5252ff30b412fd5899",
    "static/css/print-rx-v1-a5.css": "b6d8b85940fd5b27570ae158bc9fa2df",
    "static/css/print-rx-v1.css": "1e71dd340b4e5b85e8683589cb8c9030",
    "templates/prescriptions/paper/v1/herbal.html": "28a1cb887950dcff5bc2bb2129b1a6f5",
    "templates/prescriptions/paper/v1/western.html": "0bb7aa52f75f559608c9d35ed5b2d737",
}


def digest(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()[:32]


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_paper_is_never_edited(name):
    assert digest(name) == RELEASED[name]


def test_every_version_is_listed():
    there = [*(ROOT / "templates/prescriptions/paper").rglob("*.html")]
    there += [*(ROOT / "static/css").glob("print-rx-v*.css")]

    assert {path.relative_to(ROOT).as_posix() for path in there} == set(RELEASED)
