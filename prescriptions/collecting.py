"""Who collects narcotics and class-I psychotropics: the patient, or somebody named (R-7)."""

from django import forms
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.forms import CleanTextMixin
from clinic.core.transactions import atomic_retry
from patients.identity import read_number
from patients.masking import mask_id
from patients.models import IdType
from prescriptions import rights, special
from prescriptions.models import Collector, Prescription
from prescriptions.moves import locked
from prescriptions.states import AT_WINDOW

DOCUMENTS = [choice for choice in IdType.choices if choice[0] not in (IdType.NONE, IdType.BIRTH)]


@atomic_retry
def tell(
    *,
    prescription: Prescription,
    is_patient: bool,
    name: str = "",
    relation: str = "",
    id_type: str = "",
    id_number: str = "",
    by,
) -> Collector:
    """Note who has come for the drugs, after comparing the document; a later row corrects it."""
    prescription = locked(prescription)
    rights.require_dispenser(by)
    if not special.is_special(prescription) or prescription.state not in AT_WINDOW:
        raise AlreadyDone(
            _("Not saved: %(number)s is now “%(state)s”. Please look at it again.")
            % {"number": prescription.number, "state": prescription.get_state_display()},
            rule="R-34",
        )
    special.require_identity(prescription)
    if is_patient:
        _note_on_sheet(prescription)
        return Collector.objects.create(prescription=prescription, is_patient=True, made_by=by)
    if not name.strip() or not relation.strip():
        raise RuleBroken(
            _("Not saved: please write name and relation of who collects."),
            field="relation" if name.strip() else "name",
            rule="R-7",
        )
    if id_type not in dict(DOCUMENTS) or not id_number.strip():
        raise RuleBroken(
            _("Not saved: please choose the document of who collects and write its number."),
            field="id_number" if id_type in dict(DOCUMENTS) else "id_type",
            rule="R-7",
        )
    document = read_number(id_type, id_number, timezone.localdate())
    _note_on_sheet(prescription, name.strip(), relation.strip(), document.number)
    return Collector.objects.create(
        prescription=prescription,
        is_patient=False,
        agent=name.strip(),
        relation=relation.strip(),
        id_type=document.id_type,
        id_number=document.number,
        made_by=by,
    )


def _note_on_sheet(prescription: Prescription, *agent: str) -> None:
    """In the institution's language, as the rest of the head is."""
    with translation.override(settings.LANGUAGE_CODE):
        lines = special.with_agent(prescription.head or {}, *(agent or ("", "", "")))
    prescription.head = lines
    prescription.save(update_fields=["head"])


def told(prescription: Prescription) -> Collector | None:
    """Who has come for what is to be handed out now; of each part it is asked anew."""
    if not special.is_special(prescription):
        return None
    rows = prescription.collectors.select_related("made_by")
    if prescription.dispensed_at:
        rows = rows.filter(made_at__gt=prescription.dispensed_at)
    return rows.last()


def require_told(prescription: Prescription) -> None:
    """RuleBroken while it is not recorded who collects, or the patient has no number (R-7)."""
    if not special.is_special(prescription):
        return
    special.require_identity(prescription)
    if told(prescription) is None:
        raise RuleBroken(
            _(
                "Not dispensed: please record who collects the narcotic, the patient or somebody "
                "else, and compare the document."
            ),
            rule="R-7",
        )


class CollectorForm(CleanTextMixin, forms.Form):
    """The patient in person, or the one who comes instead, with a document."""

    half_width_fields = ("who", "id_type", "id_number")

    who = forms.ChoiceField(
        label=gettext_lazy("Who collects"),
        choices=[
            ("patient", gettext_lazy("The patient in person")),
            ("agent", gettext_lazy("Somebody else")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose who collects.")},
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=50, required=False)
    relation = forms.CharField(
        label=gettext_lazy("Relation to the patient"), max_length=20, required=False
    )
    id_type = forms.ChoiceField(label=gettext_lazy("Document"), choices=DOCUMENTS, required=False)
    id_number = forms.CharField(
        label=gettext_lazy("Document number"), max_length=30, required=False
    )

    def arguments(self) -> dict:
        """Of `tell`."""
        data = dict(self.cleaned_data)
        return {"is_patient": data.pop("who") == "patient", **data}


def shown(prescription: Prescription) -> dict | None:
    """For the window's page: the number to compare, and who was recorded; None for other sheets."""
    if not special.is_special(prescription):
        return None
    row = told(prescription)
    return {
        "patient_id": mask_id(prescription.patient.id_number),
        "row": row,
        "agent_id": mask_id(row.id_number) if row and not row.is_patient else "",
    }
