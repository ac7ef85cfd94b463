"""What a herbal sheet and its record say, as the rules look at it; used by gather.py alone."""

from prescriptions.herb_words import methods
from prescriptions.models import Prescription
from prescriptions.rules.herbal import names_syndrome
from registration.models import Consultation


def herbal_facts(prescription: Prescription, visit: Consultation, conditions) -> dict:
    """What the sheet says of herbal pieces; nothing for other sheets."""
    if prescription.form != Prescription.Form.HERBAL:
        return {}
    method = methods().get(prescription.herb_method)
    named = [condition.name for condition in conditions if condition.on is None]
    written = [visit.complaint, visit.present_illness, visit.examination, visit.advice]
    return {
        "is_herbal": True,
        "herb_doses": prescription.herb_doses,
        "herb_kind": method.kind if method else "",
        "has_syndrome": any(names_syndrome(text or "") for text in [*named, *written]),
    }
