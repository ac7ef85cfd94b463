"""The clinic that is attacked: records of every state, each patient with words of their own."""

import os
import re
from collections import defaultdict

from tests.hostile import judge

PASSWORD = "demo-clinic-2026"
# Two files side by side, either chosen by its number: documents and phones are what is compared.
IN_FULL = re.compile(r"/patients/[0-9a-f-]{36}/merge/")


def make():
    """Records of every state (tests/factories/scene.py); ids by what they are."""
    from django.core.management import call_command

    from security.audit import acting_as
    from tests.factories import scene

    os.environ["CLINIC_DEMO_PASSWORD"] = PASSWORD
    call_command("load_reference_data", verbosity=0)
    call_command("demo_data", patients=12, days=1, seed=7, verbosity=0)
    with acting_as(scene.user("frontdesk"), screen="scene"):
        things = scene.build()
    paint()
    return things


def paint() -> None:
    """Words that stand in one file alone, so that whoever reads them there was let in there."""
    from patients.models import Patient
    from registration.models import Consultation

    for number, patient in enumerate(Patient.objects.order_by("pk")):
        patient.address = f"雀巷{number:04d}号"
        patient.save(update_fields=["address"])
    for number, record in enumerate(Consultation.objects.order_by("pk")):
        record.complaint = f"主诉雀{number:04d}。"
        record.present_illness = f"病史雀{number:04d}。"
        record.save(update_fields=["complaint", "present_illness"])


def sign_in(users) -> dict:
    """name -> a browser in which this person is signed in; "" is a stranger."""
    from tests.helpers import SecureClient

    clients = {"": SecureClient(raise_request_exception=False)}
    for user in users:
        client = SecureClient(raise_request_exception=False)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["second_step"] = user.pk
        session.save()
        clients[user.username] = client
    return clients


class Secrets:
    """Whose words are whose, and what each person could read by the ways that are meant."""

    WORD = re.compile(r"(?:主诉|病史)雀\d{4}")

    def __init__(self):
        from patients.models import Patient
        from registration.models import Consultation

        self.full = {}
        for patient in Patient.objects.all():
            for value in (patient.id_number, patient.phone):
                if value and len(value) > 9:
                    self.full[value] = patient.pk
        self.pattern = re.compile("|".join(map(re.escape, self.full)))
        self.clinical = {}
        for record in Consultation.objects.all():
            for word in self.WORD.findall(f"{record.complaint} {record.present_illness}"):
                self.clinical[word] = record.patient_id
        self.rules = None  # whose.Rules, for pages beyond those that were walked
        self.allowed = defaultdict(set)
        self.owners = _owners()
        self.learning = True

    def read(self, answer) -> set[str]:
        content = judge.body_of(answer)
        if content[:2] == b"PK":
            return set()
        text = content.decode("utf-8", "replace")
        return set(self.WORD.findall(text)) | set(self.pattern.findall(text))

    def leaked(self, who, request, answer) -> list[str]:
        words = self.read(answer)
        typed = request.address + request.body.decode("utf-8", "replace")
        words = {word for word in words if word not in typed}
        if IN_FULL.match(request.address):
            words -= set(self.full)
        if self.learning:
            self.allowed[who] |= words
            return []
        words -= self.allowed[who]
        if self.rules:
            words = {word for word in words if not self.rules.let(who, request, word)}
        return sorted(words)[:3]

    def not_theirs(self, who, changed, before):
        """Rows of records that another doctor writes."""
        for table, rows in changed.items():
            owners = self.owners.get(table)
            if not owners:
                continue
            for key, row in before[table].items():
                owner = owners.get(key)
                if owner and owner != who and who.startswith("doctor") and rows.get(key) != row:
                    yield table, key


def _owners() -> dict[str, dict]:
    """table -> key of the row as the database holds it -> the doctor whose record it is."""
    from prescriptions.models import Prescription, PrescriptionItem
    from registration.models import Consultation, Diagnosis, RecordTemplate

    ways = {
        Consultation: "clinician__user__username",
        Diagnosis: "consultation__clinician__user__username",
        Prescription: "consultation__clinician__user__username",
        PrescriptionItem: "prescription__consultation__clinician__user__username",
        RecordTemplate: "owner__username",
    }
    from django.db import connection

    owners = {}
    for model, way in ways.items():
        held = {}
        for key, name in model.objects.values_list("pk", way):
            held[model._meta.pk.get_db_prep_value(key, connection)] = name
        owners[model._meta.db_table] = held
    return owners
