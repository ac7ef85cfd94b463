"""A seeded sample of `python -m tests.hostile`, which tries everything and takes hours."""

import random

import pytest
from django.urls import reverse

from security.models import User
from tests.hostile import addresses, clinic, fields, headers, uploads, walk
from tests.hostile.lab import Lab
from tests.records import RECORDS
from tests.scene import scene_of

SEED = 11
PAGES, FIELDS, ADDRESSES, HEADERS, UPLOADS = 16, 60, 5, 4, 5
TAKING_FILES = ("patient_import", "clinical_import", "stock_receive", "received_list")


@pytest.fixture
def lab(doctor, frontdesk, pharmacist) -> Lab:
    """Three people, and a patient with a record of every kind."""
    scene = scene_of(doctor, frontdesk, pharmacist)
    people = User.objects.filter(username__in=("doctor", "frontdesk", "pharmacist"))
    lab = Lab(clinic.sign_in(people), secrets=clinic.Secrets())
    lab.remember()
    lab.things = {name: str(thing.pk) for name, thing in scene.items()}
    lab.people = {user.username: user for user in people}
    return lab


def pages(lab) -> list[str]:
    return ["/", *(reverse(name, args=[lab.things[of]]) for name, (of, _kind) in RECORDS.items())]


@pytest.mark.django_db
def test_a_sample_of_everything_hostile_breaks_nothing_and_tells_nothing(lab):
    chance = random.Random(SEED)
    own, found = {}, []
    for who, user in lab.people.items():
        taking_files = [reverse(name) for name in TAKING_FILES]
        seeds = [*taking_files, *chance.sample(pages(lab), len(RECORDS))]
        own[who], forms = walk.walked(lab, who, seeds, user=user, each=0, most=PAGES)
        found += [(who, form) for form in forms]
    lab.secrets.learning = False
    ids, others = fields.ids_of(found), sorted(lab.things.values())
    typists = [fields.Typist(who, form, ids, others, chance) for who, form in found]
    with_files = [typist for typist in typists if typist.form.files]

    for typist in (chance.choice(typists) for _ in range(FIELDS)):
        lab.send(typist.who, typist.one(), "fields")
    for who in own:
        page, names = chance.choice(own[who]), addresses.parameters()
        for part, _who, request in addresses.some(who, page, lab.things, names, chance, ADDRESSES):
            lab.send(who, request, part)
        for part, _who, request in headers.some(who, page, chance, HEADERS):
            lab.send(who, request, part)
    files = uploads.contents(chance, large=False)
    for part, who, request in uploads.some(with_files, files, chance, UPLOADS):
        lab.send(who, request, part)

    assert len(typists) > 25 and with_files
    assert not lab.faults, "\n".join(map(str, lab.faults.values()))
