"""Administrator and auditor: backups, log, seals, paper layout."""

from django.utils.translation import gettext_lazy as _

from clinic.help.topic import Topic

TOPICS = [
    Topic(
        "security_home",
        _("Security and backups"),
        _(
            "Green means: a good backup today, a trial restore this week, a second place that "
            "answers. F9 makes a backup now. Keep the key sheet in a safe outside the building: "
            "without it no backup opens."
        ),
        keys=("F9",),
    ),
    Topic(
        "support",
        _("Check-up and support"),
        _(
            "Everything that keeps the system going is looked at each time this page opens; do "
            "what stands beside a fault. F9 saves one file for whoever helps you, without any "
            "patient in it. When no page opens, clinic doctor on the server says the same."
        ),
        keys=("F9",),
    ),
    Topic(
        "audit_list",
        _("Audit log"),
        _(
            "Who opened or changed what, when and at which PC; values of patients are not shown. "
            "Filter by person, number or kind. The log itself can't be changed without the next "
            "check naming the entry."
        ),
        also=("audit_export",),
        keys=("F9",),
    ),
    Topic(
        "audit_week",
        _("The week at a glance"),
        _(
            "What stands out: many files opened, reasons for closed files, work at night, refusals."
            " Print the daily sheet and keep it apart: its seal proves the log later."
        ),
        also=(
            "security_daily",
            "seal_compare",
        ),
    ),
    Topic(
        "statistics",
        _("The clinic's figures"),
        _(
            "Ten figures from the clinic's own records, beside the values of the pilot and the "
            "period before; each title leads to its course and to how it is computed. Groups under "
            "5 are hidden from whoever does not treat patients. F8 prints, Excel saves what the "
            "page shows."
        ),
        also=("statistics_figure", "statistics_files"),
        keys=("F8",),
    ),
    Topic(
        "paper_layout",
        _("Layout of the prescription sheet"),
        _(
            "Move the print by millimetres until it fits your forms; the preview changes at once. "
            "Print a sample on plain paper first."
        ),
        keys=("F9",),
    ),
]
