"""What a Bundle from another institution holds: one person, and what is said of them.

What doesn't concern the person, stands there twice or is of a kind we don't know is counted and
said, and stays in the file that came. What may be shown to few (R-140) is not taken into lists that
many read: it stays in the document.
"""

from collections import Counter
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from clinic.core.practice import TEST_DATA
from patients.exchange import fhir_allergies, fhir_care, fhir_histories, fhir_person
from patients.exchange.fhir_load import Unreadable, load
from patients.exchange.fhir_terms import part, parts, words

MOST = 20_000
# Where a resource says about whom it is.
ABOUT = ("subject", "patient", "for")
OWN = {"Condition", "Procedure", "FamilyMemberHistory"}
SHOWN = {
    "Encounter", "Condition", "Observation", "MedicationRequest", "MedicationDispense",
    "MedicationStatement", "Procedure", "FamilyMemberHistory", "DiagnosticReport", "Immunization",
    "EpisodeOfCare", "Task", "Consent", "Appointment", "CarePlan", "ServiceRequest",
    "DocumentReference", "AllergyIntolerance",
}  # fmt: skip
QUIET = {"Patient", "Organization", "Practitioner", "PractitionerRole", "Composition", "Location",
         "Medication", "Provenance", "QuestionnaireResponse", "RelatedPerson"}  # fmt: skip


@dataclass
class Parcel:
    """A file of another institution, opened."""

    patient: dict
    sender: str = ""
    person: dict = field(default_factory=dict)
    allergies: list[dict] = field(default_factory=list)
    denies_allergies: bool = False
    histories: list[dict] = field(default_factory=list)
    form: dict | None = None
    consents: list[dict] = field(default_factory=list)
    care_files: list[dict] = field(default_factory=list)
    follow_ups: list[dict] = field(default_factory=list)
    others: list[dict] = field(default_factory=list)  # to be read as a document
    doubts: list[str] = field(default_factory=list)

    @property
    def counts(self) -> Counter:
        """How many of each kind are in the document."""
        return Counter(resource["resourceType"] for resource in self.others)


def open_parcel(content: bytes) -> Parcel:
    """Read a file; Unreadable says why it can't be."""
    return sort(load(content))


def _is_practice(bundle: dict) -> bool:
    labels = parts(bundle, "meta", "security")
    return any(label.get("code") == TEST_DATA["code"] for label in labels)


def sort(bundle: dict) -> Parcel:
    entries = parts(bundle, "entry")
    if len(entries) > MOST:
        raise Unreadable(_("The file holds too much for one patient. Please ask for one file."))
    if _is_practice(bundle) and not settings.CLINIC_PRACTICE:
        raise Unreadable(_("This file comes from a practice clinic: its patient is invented."))
    doubts: list[str] = []
    resources = _resources(bundle, entries, doubts)
    people = [r for r in _unique(resources) if r["resourceType"] == "Patient"]
    if len(people) != 1:
        raise Unreadable(
            _("There is no patient in this file.")
            if not people
            else _("There are %(count)s patients in this file. Please ask for one file of each.")
            % {"count": len(people)}
        )
    parcel = Parcel(people[0], doubts=doubts, person=fhir_person.read(people[0]))
    parcel.sender = _sender(people[0], resources)
    names = {name for name, resource in resources.items() if resource is people[0]}
    about = _about(resources, names, doubts)
    _look_at_references(about, resources, doubts)
    _sort_in(parcel, about)
    _doubt_person(parcel)
    return parcel


def _resources(bundle: dict, entries: list[dict], doubts: list[str]) -> dict[str, dict]:
    """By their names inside the Bundle: each under its address and under kind and id."""
    found: dict[str, dict] = {}
    nameless = twice = 0
    for number, entry in enumerate(entries):
        resource = part(entry, "resource")
        kind, pk = words(resource.get("resourceType"), 60), words(resource.get("id"), 64)
        if not kind:
            nameless += 1
            continue
        resource["resourceType"] = kind
        names = {words(entry.get("fullUrl"), 300), f"{kind}/{pk}" if pk else ""} - {""}
        names = names or {f"#{number}"}
        if names & set(found):
            twice += 1
            continue
        found |= dict.fromkeys(sorted(names), resource)
    if nameless:
        doubts.append(_("Entries without content: %(count)s; left out.") % {"count": nameless})
    if twice:
        text = _("Entries with an id that was there before: %(count)s; the first one counts.")
        doubts.append(text % {"count": twice})
    return found


def _unique(resources: dict[str, dict]) -> list[dict]:
    return list({id(resource): resource for resource in resources.values()}.values())


def _sender(patient: dict, resources: dict[str, dict]) -> str:
    """The institution that keeps the file; else the only one in it."""
    home = part(patient, "managingOrganization")
    reference = home.get("reference")
    there = resources.get(reference) if isinstance(reference, str) else None
    organizations = [r for r in _unique(resources) if r["resourceType"] == "Organization"]
    if there is None and len(organizations) == 1:
        there = organizations[0]
    return words((there or {}).get("name"), 100) or words(home.get("display"), 100)


def _about(resources: dict, names: set[str], doubts: list[str]) -> list[dict]:
    """Those of this patient. What names another person, or nobody, is not taken for theirs."""
    found, foreign, unknown = [], 0, Counter()
    for resource in _unique(resources):
        kind = resource["resourceType"]
        if kind in ("Patient", "Organization"):
            continue
        if kind not in SHOWN | QUIET:
            unknown[kind] += 1
        elif _is_about(resource, names) or kind in QUIET - {"QuestionnaireResponse"}:
            found.append(resource)
        else:
            foreign += 1
    if foreign:
        text = _("Entries that don't say they are this patient's: %(count)s; left out.")
        doubts.append(text % {"count": foreign})
    if unknown:
        kinds = "，".join(f"{kind[:40]} ({count})" for kind, count in sorted(unknown.items())[:10])
        text = _("Kinds that are not read here: %(kinds)s. They stay in the file that came.")
        doubts.append(text % {"kinds": kinds})
    return found


def _is_about(resource: dict, names: set[str]) -> bool:
    """Its subject is the patient; an appointment has several participants."""
    told = [part(resource, key).get("reference") for key in ABOUT]
    told += [part(p, "actor").get("reference") for p in parts(resource, "participant")]
    return any(isinstance(name, str) and name in names for name in told)


def _look_at_references(about: list[dict], resources: dict, doubts: list[str]) -> None:
    astray, todo = 0, list(about)
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo += value
        elif isinstance(value, dict):
            name = value.get("reference")
            if isinstance(name, str) and not name.startswith("#") and name not in resources:
                astray += 1
            todo += value.values()
    if astray:
        text = _("References that lead to nothing in the file: %(count)s.")
        doubts.append(text % {"count": astray})


def _sort_in(parcel: Parcel, about: list[dict]) -> None:
    allergies = [r for r in about if r["resourceType"] == "AllergyIntolerance"]
    parcel.allergies = fhir_allergies.read(allergies)
    parcel.denies_allergies = fhir_allergies.says_none(allergies)
    for resource in about:
        kind = resource["resourceType"]
        if kind == "QuestionnaireResponse":
            if parcel.form is None and fhir_histories.is_form(resource):
                parcel.form = fhir_histories.read_form(resource)
        elif kind in OWN and fhir_histories.is_history(resource) and not is_restricted(resource):
            parcel.histories += fhir_histories.read(resource)
        elif kind == "Consent":
            parcel.consents.append(fhir_care.read_consent(resource))
        elif kind == "EpisodeOfCare":
            parcel.care_files.append(fhir_care.read_file(resource))
        elif kind == "Task":
            parcel.follow_ups.append(fhir_care.read_follow_up(resource))
        if kind in SHOWN - {"AllergyIntolerance"}:
            parcel.others.append(resource)


def is_restricted(resource: dict) -> bool:
    """Marked as for few eyes: restricted or very restricted (R-140)."""
    return any(label.get("code") in ("R", "V") for label in parts(resource, "meta", "security"))


def _doubt_person(parcel: Parcel) -> None:
    person, doubts = parcel.person, parcel.doubts
    if not parcel.sender:
        doubts.append(_("The file doesn't say which institution it comes from."))
    if not person["name"]:
        doubts.append(_("The patient's name is missing."))
    if person["birth_date"] is None:
        doubts.append(_("The date of birth is missing or can't be read."))
    if not person["id_number"]:
        doubts.append(_("There is no document number that can be read."))
