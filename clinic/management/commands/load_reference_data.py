"""`load_reference_data`: drugs, interactions, allergy groups, diagnoses, texts, fee items."""

from django.core.management.base import BaseCommand

from clinic.cashier.starting import load_fee_items
from patients.reference import load_allergy_groups, load_consent_texts
from pharmacy.library import load_drug_library, load_interactions
from pharmacy.models import Drug, Interaction
from prescriptions.treatment_services import load_treatment_services
from registration.icd10 import load_icd10
from registration.models import Icd10Code
from registration.record_templates import load_record_templates

LOADS = [load_allergy_groups, load_consent_texts, load_drug_library, load_interactions, load_icd10]
LOADS += [load_record_templates, load_treatment_services, load_fee_items]
COUNTED = {"drugs": Drug, "interactions": Interaction, "diagnoses": Icd10Code}


class Command(BaseCommand):
    help = "Load the dictionaries that ship with the system; what is there already stays."

    def handle(self, *args, **options):
        for load in LOADS:
            load()
        for name, model in COUNTED.items():
            self.stdout.write(f"{name}: {model.objects.count()}")
        self.stdout.write("dictionaries are loaded")
