"""How a row is taken, in FHIR R4: dose, route and timing of the coded frequency (R-163, R-164)."""

import re

from patients.fhir_parts import TERMS, UCUM, concept, number
from prescriptions.dictionary import Frequency, frequency_of, route_of
from prescriptions.doses import AS_NEEDED
from prescriptions.herb_words import common_line, is_piece
from prescriptions.models import PrescriptionItem
from prescriptions.rows import usage_of

# Units of the dose that UCUM knows; others (片, 支, 单位) have a name and no code.
UNITS = {"g": "g", "mg": "mg", "μg": "ug", "ng": "ng", "L": "L", "ml": "mL", "IU": "[IU]", "d": "d"}
RATES = {"滴/分": "[drp]/min", "ml/h": "mL/h", "ml/min": "mL/min"}
_RATE = re.compile(r"(\d+)(?:~(\d+))?(\D.*)")
# By code of routes.csv: HL7's own table, which needs no licence; without a code the name stands.
ROUTES = {
    "1": ("PO", "Oral"),
    "2": ("SL", "Sublingual"),
    "3": ("MTH", "Mouth/Throat"),
    "4": ("PO", "Oral"),
    "5": ("TP", "Topical"),
    "6": ("OP", "Ophthalmic"),
    "7": ("OP", "Ophthalmic"),
    "8": ("OT", "Otic"),
    "9": ("NS", "Nasal"),
    "10": ("IH", "Inhalation"),
    "11": ("IH", "Inhalation"),
    "12": ("PR", "Rectal"),
    "13": ("VG", "Vaginal"),
    "14": ("ID", "Intradermal"),
    "15": ("SC", "Subcutaneous"),
    "16": ("IM", "Intramuscular"),
    "17": ("IV", "Intravenous"),
    "18": ("IV", "Intravenous"),
    "20": ("PO", "Oral"),
    "21": ("PO", "Oral"),
    "22": ("PO", "Oral"),
}
# Codes of v3-GTSAbbreviation for those of frequencies.csv that have one.
TIMINGS = {"bid": "BID", "tid": "TID", "qid": "QID", "qod": "QOD", "q4h": "Q4H", "q6h": "Q6H"}


def dosage(item: PrescriptionItem, mates: list[PrescriptionItem]) -> dict:
    """One dosageInstruction; `mates` are the rows in the same container (R-37)."""
    frequency, route = frequency_of(item.frequency), route_of(item.route)
    words = [_sentence(item)]
    if mates:
        words.append(" + ".join([item.drug_name, *(mate.drug_name for mate in mates)]))
    found = {
        "sequence": 1,
        "text": "；".join(words),
        "timing": _timing(frequency, item.days),
        "asNeededBoolean": frequency.asks_quantity,
        "route": _route(route),
    }
    if item.remark:
        found["patientInstruction"] = item.remark
    if rate := _dose_and_rate(item):
        found["doseAndRate"] = [rate]
    return found


def quantity(value, unit: str) -> dict:
    """A number with its unit, coded where UCUM has it."""
    found = {"value": number(value), "unit": unit}
    return {**found, "system": UCUM, "code": UNITS[unit]} if unit in UNITS else found


def _sentence(item: PrescriptionItem) -> str:
    """Of a herbal piece also what stands once for the whole sheet (R-21)."""
    common = common_line(item.prescription) if is_piece(item.drug) else ""
    return " ".join(filter(None, [usage_of(item), common]))


def _route(route) -> dict:
    found = {"text": route.name}
    if route.code in ROUTES:
        found |= concept(f"{TERMS}v2-0162", *ROUTES[route.code])
    return found


def _timing(frequency: Frequency, days: int) -> dict:
    code = {"text": frequency.name}
    if frequency.code in TIMINGS:
        code |= concept(f"{TERMS}v3-GTSAbbreviation", TIMINGS[frequency.code])
    return {"repeat": _repeat(frequency, days), "code": code}


def _repeat(frequency: Frequency, days: int) -> dict:
    if frequency.is_once:
        return {"count": 1}
    found = {"boundsDuration": {"value": days, "unit": "d", "system": UCUM, "code": "d"}}
    if frequency.times is None:
        return found
    found |= _how_often(frequency)
    if frequency.execution_times:
        found["timeOfDay"] = [f"{time}:00" for time in frequency.execution_times]
    return found


def _how_often(frequency: Frequency) -> dict:
    """ "Every 8 hours" is not three times a day; twice a week is not once in 3.5 days."""
    if hours := re.fullmatch(r"q(\d+)h", frequency.code):
        return {"frequency": 1, "period": int(hours[1]), "periodUnit": "h"}
    times = frequency.times
    if times.denominator == 7:
        return {"frequency": times.numerator, "period": 1, "periodUnit": "wk"}
    return {"frequency": times.numerator, "period": times.denominator, "periodUnit": "d"}


def _dose_and_rate(item: PrescriptionItem) -> dict:
    found = {}
    if item.dose_unit != AS_NEEDED:
        found["doseQuantity"] = quantity(item.dose, item.dose_unit)
        found["type"] = concept(f"{TERMS}dose-rate-type", "ordered", "Ordered")
    if match := _RATE.fullmatch(item.drip):
        first, last, unit = match.groups()
        low = _rate(first, unit)
        found |= {"rateRange": {"low": low, "high": _rate(last, unit)}} if last else {}
        found |= {} if last else {"rateQuantity": low}
    return found


def _rate(value: str, unit: str) -> dict:
    found = {"value": int(value), "unit": unit}
    return {**found, "system": UCUM, "code": RATES[unit]} if unit in RATES else found
