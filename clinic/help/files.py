"""Patients' files: finding, writing, allergies, follow-up, copies, exchange."""

from django.utils.translation import gettext_lazy as _

from clinic.help.topic import Topic

TOPICS = [
    Topic(
        "patient_search",
        _("Patients"),
        _(
            "Search by name, pinyin, birth date, the end of the phone or any number. A name and a "
            "birth date together find best. If nobody fits, F2 opens a new file."
        ),
        keys=(
            "F9",
            "F2",
            "Alt Q",
        ),
    ),
    Topic(
        "patient_new",
        _("The patient's file"),
        _(
            "Begin with the ID number: it fills in sex and birth date. If somebody similar is on "
            "file already, that stands at the top right before you save. Every correction keeps "
            "what stood there before, with the name of whoever changed it."
        ),
        also=(
            "patient_edit",
            "patient_changes",
        ),
        keys=("F9",),
    ),
    Topic(
        "patient_chart",
        _("The whole file"),
        _(
            "One page with allergies, visits, values over time, prescriptions and follow-ups. A "
            "file that is not in your care opens after you choose a reason, and the auditor sees "
            "it."
        ),
        also=("break_glass",),
        keys=(
            "Alt 1",
            "Alt 2",
            "Alt 3",
        ),
    ),
    Topic(
        "patient_allergies",
        _("Allergies"),
        _(
            "Ask the patient, then choose: has allergies, denies them, or not asked. Write the "
            "drug, what happened and how severe it was; a doctor confirms the group. A wrong entry "
            "is withdrawn with a reason, never deleted."
        ),
        keys=("F9",),
    ),
    Topic(
        "patient_basics",
        _("Basic information form"),
        _(
            "This is the national form of the resident's health record, box by box. What the file "
            "already knows is filled in. The print fits on one sheet of A4."
        ),
        also=("basics_print",),
        keys=("F9", "F8", "Alt W"),
    ),
    Topic(
        "patient_consents",
        _("Consents"),
        _(
            "Print the text, let the patient read and sign it, then note it here. Each consent "
            "keeps the version that was signed. A patient may withdraw it at any time."
        ),
        also=(
            "consent_print",
            "consent_text",
        ),
    ),
    Topic(
        "duplicate_list",
        _("Merging files"),
        _(
            "Compare the two files side by side and merge only when document, name and birth date "
            "say it is one person. If they are two people, say so, and they are not offered again. "
            "A merge can be taken back."
        ),
        also=("patient_merge",),
        keys=("F9",),
    ),
    Topic(
        "patient_import",
        _("Bring in a list"),
        _(
            "Choose the Excel or CSV file, then say which column is what. Doubtful cells are shown "
            "before anything is saved. The whole import can be taken back."
        ),
        also=(
            "patient_import_show",
            "patient_import_refused",
        ),
        keys=("F9",),
    ),
    Topic(
        "patient_copy",
        _("Copy of the record"),
        _(
            "Check the document of whoever asks and write who it is. Choose what goes into the "
            "copy; the paper has a place for the stamp. Every copy is written into the log."
        ),
        also=("copy_print",),
        keys=("F9",),
    ),
    Topic(
        "patient_export",
        _("Take data out"),
        _(
            "Give the purpose first: it stands in the file and in the log. Large files are made in "
            "the background and can be fetched once. Keep the file safe and destroy it after use."
        ),
        also=(
            "patient_fhir",
            "export_show",
            "patient_list",
            "data_sets",
        ),
        keys=("F9",),
    ),
    Topic(
        "received_list",
        _("Files from other institutions"),
        _(
            "Choose the file; it is shown before anything is saved. Nothing of ours is overwritten "
            "unless you tick it, field by field. Visits elsewhere stay a document of their own."
        ),
        also=(
            "received_show",
            "received_document",
        ),
        keys=("F9",),
    ),
    Topic(
        "followup_list",
        _("Follow-ups"),
        _(
            "The list holds who is due today and who is overdue, the longest first. Choose village,"
            " doctor or kind to plan a round. Phone numbers are shown for the whole list at once, "
            "which is recorded."
        ),
        keys=("F9",),
    ),
    Topic(
        "followup_record",
        _("One follow-up"),
        _(
            "Write what was measured and asked; the targets stand beside the fields. The next day "
            "is proposed by the rules and can be changed. What a visit of today already measured is"
            " taken over."
        ),
        also=(
            "followup_move",
            "patient_followups",
            "followup_print",
            "care_file_close",
            "care_file_delivery",
        ),
        keys=("F9",),
    ),
]
