"""This app's parts of a file: person, allergies, histories, consents, corrections, long care."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients import codes
from patients.banner import group_names
from patients.exchange.parts import Asked, Look, Part, register
from patients.models import Allergy, CareKind, FollowUp, History, Patient

_l = gettext_lazy


def moment(when) -> str:
    """Local time as text: a spreadsheet program must not turn it into something else."""
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M}" if when else ""


def day(value) -> str:
    return value.isoformat() if value else ""


def yes(value: bool) -> str:
    return _("Yes") if value else _("No")


def who(user) -> str:
    return user.full_name if user else ""


def birth_words(patient: Patient) -> str:
    """As much of the date as is known (R-80)."""
    kept = {"year": 4, "month": 7}.get(patient.birth_precision, 10)
    return patient.birth_date.isoformat()[:kept]


# Field, label, how it is written; a test compares them with the model.
PERSON = (
    ("record_no", _l("Record number"), lambda p: p.record_no),
    ("health_no", _l("Health record number"), lambda p: p.health_no),
    ("paper_no", _l("Number of the paper file"), lambda p: p.paper_no),
    ("name", _l("Name"), lambda p: p.name),
    ("reading", _l("Pinyin of the name"), lambda p: p.reading or p.pinyin),
    ("sex", _l("Sex"), lambda p: p.get_sex_display()),
    ("birth_date", _l("Date of birth"), birth_words),
    ("birth_precision", _l("Known of the date"), lambda p: p.get_birth_precision_display()),
    ("birth_time", _l("Time of birth"), lambda p: f"{p.birth_time:%H:%M}" if p.birth_time else ""),
    ("age", _l("Age"), lambda p: p.age_text),
    ("id_type", _l("Document"), lambda p: p.get_id_type_display()),
    ("id_number", _l("Document number"), lambda p: p.id_number),
    ("no_id_reason", _l("Why no document"), lambda p: p.no_id_reason),
    ("mother_id_number", _l("Mother's document number"), lambda p: p.mother_id_number),
    ("is_unnamed", _l("Nobody knows who this is yet"), lambda p: yes(p.is_unnamed)),
    ("phone", _l("Phone"), lambda p: p.phone),
    ("address", _l("Address"), lambda p: p.address),
    ("contact_name", _l("Contact person"), lambda p: p.contact_name),
    ("contact_relation", _l("Relation"), lambda p: p.contact_relation),
    ("contact_phone", _l("Contact's phone"), lambda p: p.contact_phone),
    ("payment", _l("Payment category"), lambda p: p.get_payment_display()),
    ("allergy_status", _l("Allergies"), lambda p: p.get_allergy_status_display()),
    ("allergy_confirmed_at", _l("Allergies asked on"), lambda p: moment(p.allergy_confirmed_at)),
    ("allergy_confirmed_by", _l("Allergies asked by"), lambda p: who(p.allergy_confirmed_by)),
    ("notice_given", _l("Purpose notice given"), lambda p: yes(p.notice_given)),
    ("state", _l("State of the file"), lambda p: p.get_state_display()),
    ("merged_into", _l("Merged into"), lambda p: str(p.merged_into or "")),
    ("created_at", _l("File opened"), lambda p: moment(p.created_at)),
    ("created_by", _l("Opened by"), lambda p: who(p.created_by)),
    ("updated_at", _l("Last changed"), lambda p: moment(p.updated_at)),
    ("version", _l("Version"), lambda p: p.version),
)
ALLERGY = (
    ("substance", _l("Substance"), lambda a, _names: a.substance),
    ("group_code", _l("Allergy group"), lambda a, names: names.get(a.group_code, a.group_code)),
    ("reaction", _l("Reaction"), lambda a, _names: a.reaction),
    ("severity", _l("Severity"), lambda a, _names: a.get_severity_display()),
    ("source", _l("Who says so"), lambda a, _names: a.get_source_display()),
    ("since", _l("When it happened"), lambda a, _names: a.since),
    ("group_confirmed_at", _l("Group confirmed"), lambda a, _names: moment(a.group_confirmed_at)),
    ("group_confirmed_by", _l("Confirmed by"), lambda a, _names: who(a.group_confirmed_by)),
    ("state", _l("State"), lambda a, _names: a.get_state_display()),
    ("recorded_at", _l("Recorded"), lambda a, _names: moment(a.recorded_at)),
    ("recorded_by", _l("Entered by"), lambda a, _names: who(a.recorded_by)),
    ("withdrawn_at", _l("Withdrawn"), lambda a, _names: moment(a.withdrawn_at)),
    ("withdrawn_by", _l("Withdrawn by"), lambda a, _names: who(a.withdrawn_by)),
)
# What keeps the file and tells a patient nothing.
ON_NO_PAPER = ("reading", "birth_precision", "is_unnamed", "notice_given", "state", "merged_into")
ON_NO_PAPER += ("created_by", "updated_at", "version", "allergy_confirmed_by")
# What no reader needs, with the reason; the same test knows them.
NOT_EXPORTED = {
    "patients.Patient": {
        "id": "technical; the record number names the file",
        "pinyin": "made from the name",
        "initials": "made from the name",
    },
    "patients.Allergy": {"id": "technical", "patient": "the file itself"},
}


def person(patient: Patient, asked: Asked) -> list[list]:
    left_out = ON_NO_PAPER if asked.on_paper else ()
    return [["" if name in left_out else write(patient) for name, _label, write in PERSON]]


def allergies(patient: Patient, asked: Asked) -> list[list]:
    """Those entered in error stand in the workbook with that word, on paper not at all."""
    found = patient.allergies.select_related("recorded_by", "withdrawn_by", "group_confirmed_by")
    if asked.on_paper:
        found = found.filter(state=Allergy.State.ACTIVE)
    names = group_names()
    return [[w(a, names) for _n, _l, w in ALLERGY] for a in found.order_by("recorded_at")]


def basics(patient: Patient, asked: Asked) -> list[list]:
    """One row for each answer of the national form (R-59)."""
    form = getattr(patient, "basics", None)
    if form is None:
        return []
    rows = [
        [_("Workplace"), form.workplace or ""],
        [_("Hereditary disease"), form.genetic or ""],
        [_("Earlier illness"), form.get_histories_display()],
        [_("Asked on"), day(form.asked_on)],
    ]
    for name, answer in (form.answers or {}).items():
        rows.append([_question(name), _answer(name, answer)])
    return [row for row in rows if row[1]]


def _question(name: str) -> str:
    return str(QUESTIONS.get(name, name))


def _answer(name: str, answer) -> str:
    several = answer if isinstance(answer, list) else [answer]
    return "；".join(_coded(name, str(code)) for code in several if code not in (None, ""))


def _coded(name: str, code: str) -> str:
    try:
        return codes.label(name, code)
    except KeyError:  # no set: what was written beside "other"
        return code


QUESTIONS = {
    "marital": _l("Marriage"), "education": _l("Education"), "occupation": _l("Occupation"),
    "ethnic": _l("Ethnic group"), "abo": _l("Blood group"), "rh": _l("Rh factor"),
    "residence": _l("Residence"), "fee_category": _l("How care is paid"),
    "disability": _l("Disability"), "exposure": _l("Exposure"), "kitchen": _l("Kitchen fan"),
    "fuel": _l("Fuel"), "water": _l("Drinking water"), "toilet": _l("Toilet"),
    "livestock": _l("Livestock"), "drug_allergy": _l("Drug allergies of the form"),
}  # fmt: skip


def histories(patient: Patient, asked: Asked) -> list[list]:
    found = patient.histories.select_related("recorded_by")
    if asked.on_paper:
        found = found.filter(state=History.State.ACTIVE)
    kinds = dict(History.Kind.choices)
    return [
        [
            str(kinds.get(row.kind, row.kind)),
            _history_words(row),
            row.relative,
            row.since,
            row.get_state_display(),
            moment(row.recorded_at),
            who(row.recorded_by),
        ]
        for row in found.order_by("recorded_at")
    ]


def _history_words(row: History) -> str:
    named = "family_disease" if row.kind == History.Kind.FAMILY else "past_disease"
    return "，".join(filter(None, [codes.label(named, row.code) if row.code else "", row.text]))


def consents(patient: Patient, asked: Asked) -> list[list]:
    found = patient.consents.select_related("text", "made_by", "withdrawn_by")
    return [
        [
            row.text.get_kind_display(),
            row.text.version,
            _("Agreed") if row.agreed else _("Refused"),
            row.given_by or "",
            moment(row.made_at),
            who(row.made_by),
            moment(row.withdrawn_at),
        ]
        for row in found.order_by("made_at")
    ]


def corrections(patient: Patient, asked: Asked) -> list[list]:
    """What stood there before, field by field (R-147)."""
    return [
        [moment(row.made_at), who(row.made_by), row.get_what_display(), _field(row, name)]
        + [_text(before), _text(after), row.reason]
        for row in patient.changes.select_related("made_by").order_by("made_at", "version")
        for name, (before, after) in row.fields.items()
    ]


def _field(row, name: str) -> str:
    labels = {field: label for field, label, _write in PERSON} | QUESTIONS
    return str(labels.get(name, name))


def _text(value) -> str:
    if isinstance(value, list):
        return "；".join(map(str, value))
    return "" if value is None else str(value)


def care(patient: Patient, asked: Asked) -> list[list]:
    """Every date of every plan of long care, with what was found (R-63)."""
    kinds = dict(CareKind.choices)
    found = FollowUp.objects.filter(care_file__patient=patient)
    found = found.select_related("care_file", "done_by").order_by("due_on", "pk")
    return [
        [
            str(kinds.get(row.care_file.kind, row.care_file.kind)),
            day(row.care_file.opened_on),
            day(row.care_file.closed_on),
            day(row.due_on),
            row.get_state_display(),
            day(row.done_on),
            who(row.done_by),
            _findings(row.findings),
        ]
        for row in found
    ]


def _findings(findings: dict | None) -> str:
    return "；".join(f"{name}：{_text(value)}" for name, value in (findings or {}).items())


def register_all() -> None:
    """Called when the app is ready."""
    labels = tuple(label for _field, label, _write in PERSON)
    register(Part("person", _l("Personal details"), 10, labels, person, Look.FACTS))
    labels = tuple(label for _field, label, _write in ALLERGY)
    register(Part("allergies", _l("Allergies"), 20, labels, allergies))
    labels = (_l("Question"), _l("Answer"))
    register(Part("basics", _l("Basic information"), 30, labels, basics))
    labels = (
        _l("Kind"),
        _l("What it was"),
        _l("Relation"),
        _l("Since"),
        _l("State"),
        _l("Recorded"),
    )
    labels += (_l("Entered by"),)
    register(Part("histories", _l("Earlier illnesses"), 40, labels, histories))
    labels = (_l("Consent"), _l("Version"), _l("Answer"), _l("Given by"), _l("Time"), _l("By"))
    labels += (_l("Withdrawn"),)
    register(Part("consents", _l("Consents"), 80, labels, consents, on_paper=False))
    labels = (_l("Time"), _l("By"), _l("Which form"), _l("Field"), _l("Before"), _l("After"))
    labels += (_l("Reason"),)
    register(Part("corrections", _l("Corrections"), 85, labels, corrections, on_paper=False))
    labels = (_l("File of long care"), _l("Opened on"), _l("Closed on"), _l("Due on"), _l("State"))
    labels += (_l("Done on"), _l("By"), _l("What was found"))
    register(Part("care", _l("Follow-ups"), 45, labels, care))
