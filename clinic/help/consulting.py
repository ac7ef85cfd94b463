"""Doctors: queue, record, templates, signed records, report cards."""

from django.utils.translation import gettext_lazy as _

from clinic.help.topic import Topic

TOPICS = [
    Topic(
        "queue",
        _("Queue"),
        _(
            "F9 calls the next patient; when the patient is in the room, F9 opens the record. Who "
            "doesn't come is passed over and comes back behind the next few after checking in "
            "again. Pause stops calling while you are away."
        ),
        keys=(
            "F9",
            "Alt N",
            "Alt Q",
        ),
    ),
    Topic(
        "consultation",
        _("Consultation"),
        _(
            "Work from top to bottom: allergies, vital signs, complaint, diagnosis, drugs; Alt with"
            " a digit jumps there. What you type is kept every few seconds. F9 finishes and calls "
            "the next patient, F8 finishes and prints; both can be undone for a while."
        ),
        also=(
            "consultation_finish",
            "diagnosis_remove",
            "record_print",
            "sick_note_print",
            "referral_print",
            "visit_hand_over",
        ),
        keys=(
            "F9",
            "F8",
            "F2",
            "Alt 1",
            "Alt 2",
            "Alt 3",
            "Alt 5",
            "Alt 7",
            "Alt 9",
            "Alt T",
            "Alt C",
            "Alt Z",
        ),
    ),
    Topic(
        "record_templates",
        _("Templates"),
        _(
            "A template fills complaint, examination and advice with words of your own. F2 makes a "
            "new one; give it initials that you type easily. In the record you change what differs "
            "for this patient."
        ),
        also=(
            "record_template",
            "record_template_new",
        ),
        keys=("F2",),
    ),
    Topic(
        "record_correct",
        _("Signed records"),
        _(
            "A signed record is corrected with the old text kept and a reason. After the hours set "
            "here it is archived, and only an addendum is possible. An assistant's record waits for"
            " the countersignature of a doctor."
        ),
        also=(
            "record_history",
            "countersign",
            "countersign_list",
        ),
        keys=("F9",),
    ),
    Topic(
        "report_list",
        _("Report cards"),
        _(
            "A diagnosis of a notifiable disease makes a duty with its deadline. Fill in the card, "
            "print or send it by the usual way, and note when it was sent."
        ),
        also=(
            "report_duty",
            "report_card",
        ),
        keys=(
            "F9",
            "F8",
        ),
    ),
]
