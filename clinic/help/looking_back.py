"""The clinic's figures, first steps, printing, own keys."""

from django.utils.translation import gettext_lazy as _

from clinic.help.topic import Topic

TOPICS = [
    Topic(
        "statistics",
        _("The clinic's figures"),
        _(
            "Ten figures from your own records, each with its definition, its list and the period "
            "before. Choose the period, then a doctor or department. Groups under five people are "
            "not shown."
        ),
        also=(
            "statistics_figure",
            "statistics_files",
        ),
        keys=("F8",),
    ),
    Topic(
        "guide",
        _("First steps"),
        _(
            "One step after the other: institution, places, people, week, drugs, printer, backup. "
            "Each can be put off and taken up again. F9 saves the step and goes on."
        ),
        also=("guide_step",),
        keys=("F9",),
    ),
    Topic(
        "printing",
        _("Printing"),
        _(
            "Save the file for this PC's printer on the desktop and start the clinic with it: "
            "sheets then go to the printer without a question. Print the test sheet once and "
            "compare frame and line."
        ),
        also=("printing_test",),
    ),
    Topic(
        "my_keys",
        _("My keys"),
        _(
            "Take the tick off a key that disturbs you; its button stays. Only your own account is "
            "changed."
        ),
        keys=("F9",),
    ),
    Topic(
        "lot_patients",
        _("Who got a lot"),
        _("Everybody who got this lot, with amount and day. From here a recall can begin."),
    ),
]
