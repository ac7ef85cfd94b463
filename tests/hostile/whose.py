"""Who may read what by the rules (R-141 to R-143), asked of the records: not of the product's own
question, which this is to judge. For addresses with the number of a record that the walk did not
open: whoever changes the number may see what the rules let them see, and nothing else."""

import re
from collections import defaultdict

from django.apps import apps
from django.urls import Resolver404, resolve

from security.permissions import P
from tests.records import PHARMACY, READ_BY_DUTY, UNMASKED

# A sheet of narcotic or psychotropic drugs names the patient's document; that no other does
# is asked by tests/test_every_record.py.
IN_FULL = UNMASKED | {"prescription_print"}
# Lists of many patients in full, for calling them or for the paper of controlled drugs; that
# somebody pressed the button for it is recorded. Doctors call their own patients alone.
LISTS = {"recall_print", "recall_reveal", "recall_export", "special_register_print"}
LIST_OF_OWN = "followup_phones"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
PLACES = ("patients", "registration", "prescriptions")


class Rules:
    """May this person read this word on this page?"""

    def __init__(self, people: dict, words: dict):
        self.people = people  # username -> User
        self.words = words  # what stands in one file alone -> the patient's key
        self.belongs = _belongings()
        self.cares = _carers()

    def let(self, who: str, request, word: str) -> bool:
        try:
            view = resolve(request.address.partition("?")[0]).url_name
        except Resolver404:
            return False
        patient, user = self.words[word], self.people.get(who)
        if user is None:
            return False
        reads = user.has_perm(P.READ_CHART)
        if word.isdigit() or word[:-1].isdigit():  # a phone or a document in full
            if view == LIST_OF_OWN:
                return not reads or (who, patient) in self.cares
            return view in LISTS or (view in IN_FULL and self._is_about(request, patient))
        if reads:
            return (who, patient) in self.cares
        by_duty = view in PHARMACY and any(user.has_perm(one) for one in READ_BY_DUTY)
        return by_duty and self._is_about(request, patient)

    def _is_about(self, request, patient) -> bool:
        return any(patient in self.belongs[one] for one in ID.findall(request.address))


def _carers() -> set:
    """(who, patient): a visit of their session, a record or a care file of theirs."""
    from patients.models import CareFile
    from registration.models import Consultation, Registration

    rows = [
        *Registration.objects.values_list("session__clinician__user__username", "patient"),
        *Consultation.objects.values_list("clinician__user__username", "patient"),
        *CareFile.objects.values_list("doctor__username", "patient"),
    ]
    return set(rows)


def _belongings() -> dict:
    """The key of each row, as an address names it -> the patients it belongs to."""
    of = {
        model: defaultdict(set)
        for name in PLACES
        for model in apps.get_app_config(name).get_models()
    }
    patients = apps.get_model("patients", "Patient")
    for key in patients.objects.values_list("pk", flat=True):
        of[patients][key].add(key)
    for _round in range(4):  # a sheet's row belongs to its sheet, that to its visit
        for model, rows in of.items():
            for field in model._meta.concrete_fields:
                if field.related_model not in of:
                    continue
                for key, to in model._base_manager.values_list("pk", field.attname):
                    rows[key] |= of[field.related_model].get(to, set())
    keys = defaultdict(set)
    for rows in of.values():
        for key, owners in rows.items():
            keys[str(key)] |= owners
    return keys
