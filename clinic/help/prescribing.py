"""Doctors: prescriptions, rules, countersigning, treatments to be ordered."""

from django.utils.translation import gettext_lazy as _

from clinic.help.topic import Topic

TOPICS = [
    Topic(
        "prescription_edit",
        _("Write a prescription"),
        _(
            "Type initials of a drug, choose with the arrow keys, then dose, route, frequency, "
            "days: Enter goes on. An alert unfolds under its row: a red one can't be passed, an "
            "amber one needs a reason and your password. F9 submits the sheet for review; five "
            "drugs are the most."
        ),
        also=(
            "prescription_insist",
            "pain_file",
        ),
        keys=(
            "F9",
            "F2",
            "Alt C",
            "Alt Q",
        ),
    ),
    Topic(
        "herbal_edit",
        _("Herbal prescription"),
        _(
            "Write the pieces with their grams, then doses, decoction and how to take it. Pieces "
            "that don't go together and too much of a toxic one stop the sheet."
        ),
        keys=("F9",),
    ),
    Topic(
        "prescription_list",
        _("My prescriptions"),
        _(
            "Where each of your sheets is: draft, in review, returned, approved, dispensed. "
            "Returned ones come first with the pharmacist's reason. The rules that check "
            "prescriptions stand under Rules."
        ),
        also=(
            "rule_table",
            "evaluation_own",
        ),
    ),
    Topic(
        "prescription_show",
        _("A prescription"),
        _(
            "The sheet as it was signed, with who reviewed, picked and handed out. F8 opens the "
            "print; a second print is counted and marked as a copy."
        ),
        also=(
            "prescription_print",
            "archive_list",
        ),
        keys=("F8",),
    ),
    Topic(
        "set_list",
        _("Set prescriptions"),
        _(
            "A set brings all its drugs with doses into the sheet by its initials. Doctors make "
            "them from a good sheet; the whole clinic's own are released by an administrator."
        ),
    ),
    Topic(
        "prescription_countersign_list",
        _("Countersigning prescriptions"),
        _(
            "Prescriptions of assistants wait here for a doctor. F9 countersigns; with Alt R you "
            "write why it goes back."
        ),
        also=("prescription_countersign",),
        keys=(
            "F9",
            "Alt R",
        ),
    ),
    Topic(
        "treatment_order",
        _("Order treatments"),
        _(
            "Order injections, infusions or dressings with their times and how often. The treatment"
            " room sees it at once. What has not begun can be stopped with a reason."
        ),
        keys=("F9",),
    ),
    Topic(
        "evaluation_list",
        _("Evaluation of prescriptions"),
        _(
            "Finished prescriptions are judged by the 28 items; what only a person can decide waits"
            " here. Handwritten ones are registered too. A decision is corrected with a reason, "
            "never overwritten."
        ),
        also=(
            "evaluation_sheet",
            "paper_sheets",
            "rx_compliance",
            "rx_monthly_form",
        ),
        keys=("F9",),
    ),
    Topic(
        "clinical_list",
        _("Clinical data"),
        _(
            "Interactions, groups and limits that the alerts are made of, each with its source. A "
            "pharmacist ticks what was compared with the package. Every change is a new version."
        ),
        also=(
            "clinical_edit",
            "clinical_import",
            "clinical_import_show",
            "clinical_import_refused",
            "alert_outcomes",
        ),
        keys=("F9",),
    ),
]
