"""Problems: what the visits' diagnoses add up to (R-74). Chronic ones stay, others pass."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from registration.care import guarded_url
from registration.chart import history
from registration.models import Diagnosis

# First and last category of ICD-10, both included. From memory of what is looked after for years;
# a diagnosis that calls itself chronic counts as well.
CHRONIC = [
    ("B18", "B18", "chronic viral hepatitis"),
    ("B20", "B24", "HIV disease"),
    ("C00", "C97", "cancer"),
    ("E03", "E05", "thyroid"),
    ("E10", "E14", "diabetes"),
    ("E78", "E79", "lipids, uric acid"),
    ("F00", "F03", "dementia"),
    ("F20", "F29", "schizophrenia"),
    ("G20", "G20", "Parkinson's disease"),
    ("G30", "G30", "Alzheimer's disease"),
    ("G40", "G40", "epilepsy"),
    ("H40", "H40", "glaucoma"),
    ("I05", "I15", "rheumatic heart disease, hypertension"),
    ("I20", "I20", "angina"),
    ("I25", "I25", "chronic ischaemic heart disease"),
    ("I27", "I27", "pulmonary heart disease"),
    ("I42", "I42", "cardiomyopathy"),
    ("I48", "I50", "atrial fibrillation, heart failure"),
    ("I69", "I69", "sequelae of stroke"),
    ("J41", "J45", "COPD, asthma"),
    ("K50", "K51", "inflammatory bowel disease"),
    ("K70", "K70", "alcoholic liver disease"),
    ("K73", "K74", "chronic hepatitis, cirrhosis"),
    ("L40", "L40", "psoriasis"),
    ("M05", "M06", "rheumatoid arthritis"),
    ("M10", "M10", "gout"),
    ("M15", "M19", "arthrosis"),
    ("M32", "M32", "lupus"),
    ("M45", "M45", "ankylosing spondylitis"),
    ("M80", "M81", "osteoporosis"),
    ("N18", "N18", "chronic kidney disease"),
    ("N40", "N40", "prostate"),
]
CURRENT = timedelta(days=30)
RETURNS = 3  # visits, over at least so long, the last within a year
OVER, LATELY = timedelta(days=90), timedelta(days=365)


@dataclass
class Problem:
    """One diagnosis over all visits: as it was written last, since when, how often."""

    latest: Diagnosis
    since: date
    last: date
    times: int = 1

    @property
    def is_chronic(self) -> bool:
        """By the table or by its own name, unless it is only suspected."""
        category, name = self.latest.code.strip().upper()[:3], self.latest.name
        listed = any(first <= category <= last for first, last, _why in CHRONIC)
        return (listed or "慢性" in name) and not self.latest.suspected

    @property
    def is_recurring(self) -> bool:
        """It came back for months, the last time within a year."""
        lasts = self.times >= RETURNS and self.last - self.since >= OVER
        return lasts and timezone.localdate() - self.last <= LATELY

    @property
    def is_current(self) -> bool:
        return timezone.localdate() - self.last <= CURRENT


def of(visits: list[history.Visit]) -> list[Problem]:
    """Every diagnosis once, by its code, that of the latest visit first."""
    found: dict[str, Problem] = {}
    for visit in visits:
        for diagnosis in visit.diagnoses:
            known = found.get(diagnosis.code)
            if known is None:
                found[diagnosis.code] = Problem(diagnosis, visit.day, visit.day)
            else:
                known.since, known.times = visit.day, known.times + 1
    return list(found.values())


def section(patient, request) -> dict:
    """Chronic ones first, then those of the last weeks; earlier ones folded away."""
    visits = history.of(patient, request)
    problems = of(visits)
    chronic = [problem for problem in problems if problem.is_chronic]
    others = [problem for problem in problems if not problem.is_chronic]
    current = [problem for problem in others if problem.is_current or problem.is_recurring]
    return {
        "problems": chronic + current,
        "earlier": [problem for problem in others if problem not in current],
        "has_closed": any(visit.is_closed for visit in visits),
        "open_url": guarded_url(patient.pk, reverse("patient_chart", args=[patient.pk])),
        "count": len(chronic) + len(current),
    }
