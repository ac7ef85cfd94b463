"""This app's parts of a file: person, allergies, histories, consents, corrections, long care."""

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from patients import basics_words, changes_words, codes
from patients.banner import group_names
from patients.exchange.parts import Asked, Look, Part, register
from patients.followup import reading
from patients.models import Allergy, CareKind, FollowUp, History, Patient


def moment(when) -> str:
    """Local time as text: a spreadsheet program must not turn it into something else."""
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M}" if when else ""


def day(value) -> str:
    return value.isoformat() if value else ""


def yes(value: bool) -> str:
    return gettext("Yes") if value else gettext("No")


def who(user) -> str:
    return user.full_name if user else ""


def birth_words(patient: Patient) -> str:
    """As much of the date as is known (R-80)."""
    kept = {"year": 4, "month": 7}.get(patient.birth_precision, 10)
    return patient.birth_date.isoformat()[:kept]


# Field, label, how it is written; a test compares them with the model.
PERSON = (
    ("record_no", _("Record number"), lambda p: p.record_no),
    ("health_no", _("Health record number"), lambda p: p.health_no),
    ("paper_no", _("Number of the paper file"), lambda p: p.paper_no),
    ("name", _("Name"), lambda p: p.name),
    ("reading", _("Pinyin of the name"), lambda p: p.reading or p.pinyin),
    ("sex", _("Sex"), lambda p: p.get_sex_display()),
    ("birth_date", _("Date of birth"), birth_words),
    ("birth_precision", _("Known of the date"), lambda p: p.get_birth_precision_display()),
    ("birth_time", _("Time of birth"), lambda p: f"{p.birth_time:%H:%M}" if p.birth_time else ""),
    ("age", _("Age"), lambda p: p.age_text),
    ("id_type", _("Document"), lambda p: p.get_id_type_display()),
    ("id_number", _("Document number"), lambda p: p.id_number),
    ("no_id_reason", _("Why no document"), lambda p: p.no_id_reason),
    ("mother_id_number", _("Mother's document number"), lambda p: p.mother_id_number),
    ("is_unnamed", _("Nobody knows who this is yet"), lambda p: yes(p.is_unnamed)),
    ("phone", _("Phone"), lambda p: p.phone),
    ("address", _("Address"), lambda p: p.address),
    ("contact_name", _("Contact person"), lambda p: p.contact_name),
    ("contact_relation", _("Relation"), lambda p: p.contact_relation),
    ("contact_phone", _("Contact's phone"), lambda p: p.contact_phone),
    ("payment", _("Payment category"), lambda p: p.get_payment_display()),
    ("allergy_status", _("Allergies"), lambda p: p.get_allergy_status_display()),
    ("allergy_confirmed_at", _("Allergies asked on"), lambda p: moment(p.allergy_confirmed_at)),
    ("allergy_confirmed_by", _("Allergies asked by"), lambda p: who(p.allergy_confirmed_by)),
    ("notice_given", _("Purpose notice given"), lambda p: yes(p.notice_given)),
    ("state", _("State of the file"), lambda p: p.get_state_display()),
    ("merged_into", _("Merged into"), lambda p: str(p.merged_into or "")),
    ("created_at", _("File opened"), lambda p: moment(p.created_at)),
    ("created_by", _("Opened by"), lambda p: who(p.created_by)),
    ("updated_at", _("Last changed"), lambda p: moment(p.updated_at)),
    ("version", _("Version"), lambda p: p.version),
)
ALLERGY = (
    ("substance", _("Substance"), lambda a, _names: a.substance),
    ("group_code", _("Allergy group"), lambda a, names: names.get(a.group_code, a.group_code)),
    ("reaction", _("Reaction"), lambda a, _names: a.reaction),
    ("severity", _("Severity"), lambda a, _names: a.get_severity_display()),
    ("source", _("Who says so"), lambda a, _names: a.get_source_display()),
    ("since", _("When it happened"), lambda a, _names: a.since),
    ("group_confirmed_at", _("Group confirmed"), lambda a, _names: moment(a.group_confirmed_at)),
    ("group_confirmed_by", _("Confirmed by"), lambda a, _names: who(a.group_confirmed_by)),
    ("state", _("State"), lambda a, _names: a.get_state_display()),
    ("recorded_at", _("Recorded at"), lambda a, _names: moment(a.recorded_at)),
    ("recorded_by", _("Entered by"), lambda a, _names: who(a.recorded_by)),
    ("withdrawn_at", _("Withdrawn at"), lambda a, _names: moment(a.withdrawn_at)),
    ("withdrawn_by", _("Who withdrew it"), lambda a, _names: who(a.withdrawn_by)),
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
        [gettext("Workplace"), form.workplace or ""],
        [gettext("Hereditary disease"), form.genetic or ""],
        [gettext("Earlier illness"), form.get_histories_display()],
        [gettext("Asked on"), day(form.asked_on)],
    ]
    given = form.answers or {}
    for name in basics_words.in_order(given):
        rows.append([basics_words.field_label(name), basics_words.value_text(name, given[name])])
    return [row for row in rows if row[1]]


def histories(patient: Patient, asked: Asked) -> list[list]:
    found = patient.histories.select_related("recorded_by")
    if asked.on_paper:
        found = found.filter(state=History.State.ACTIVE)
    kinds = dict(History.Kind.choices)
    return [
        [
            str(kinds.get(row.kind, row.kind)),
            _history_words(row),
            str(basics_words.RELATIVE_LABELS.get(row.relative, row.relative)),
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
            gettext("Agreed") if row.agreed else gettext("Refused"),
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
        [moment(row.made_at), who(row.made_by), row.get_what_display(), line["label"]]
        + [line["before"], line["after"], row.reason]
        for row in patient.changes.select_related("made_by").order_by("made_at", "version")
        for line in changes_words.lines(row, is_revealed=True)
    ]


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
            _findings(row),
        ]
        for row in found
    ]


def _findings(row: FollowUp) -> str:
    told = [(row.findings or {}).get("missed", "")]
    for _title, asked in reading.answers(row):
        told += [f"{ask.label}：{words}" for ask, words in asked if words]
    return "；".join(filter(None, told))


def register_all() -> None:
    """Called when the app is ready."""
    labels = tuple(label for _field, label, _write in PERSON)
    register(Part("person", _("Personal details"), 10, labels, person, Look.FACTS))
    labels = tuple(label for _field, label, _write in ALLERGY)
    register(Part("allergies", _("Allergies"), 20, labels, allergies))
    labels = (_("Question"), _("Answer"))
    register(Part("basics", _("Basic information"), 30, labels, basics))
    labels = (
        _("Kind"),
        _("What it was"),
        _("Relation"),
        _("When it happened"),
        _("State"),
        _("Recorded at"),
    )
    labels += (_("Entered by"),)
    register(Part("histories", _("Earlier illnesses"), 40, labels, histories))
    labels = (_("Consent"), _("Version"), _("Answer"), _("Given by"), _("Time"), _("By"))
    labels += (_("Withdrawn at"),)
    register(Part("consents", _("Consents"), 80, labels, consents, on_paper=False))
    labels = (_("Time"), _("By"), _("Which form"), _("Field"), _("Before"), _("After"))
    labels += (_("Reason"),)
    register(Part("corrections", _("Corrections"), 85, labels, corrections, on_paper=False))
    labels = (_("File of long care"), _("Opened on"), _("Closed on"), _("Due on"), _("State"))
    labels += (_("Done on"), _("By"), _("Follow-up findings"))
    register(Part("care", _("Follow-ups"), 45, labels, care))
