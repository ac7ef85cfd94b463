"""The rules about herbal pieces (R-15, R-19, R-21, R-28, R-37)."""

from django.utils.translation import gettext_lazy as _

from prescriptions.rules.facts import Rule

RULES_ABOUT_HERBS = [
    Rule(
        "herb.doses",
        1,
        "R-8 R-21",
        _("The number of doses is not written"),
        _("Please write how many doses above the pieces."),
    ),
    Rule(
        "herb.unit",
        1,
        "R-19",
        _("%(drug)s: herbal pieces are written in grams"),
        _("Please write the dose as 9g."),
    ),
    Rule(
        "herb.note_must",
        2,
        "R-21 R-37",
        _("%(drug)s without the note “%(note)s” is dangerous"),
        _("Please add the note. If it is intended, give the reason and sign again."),
    ),
    Rule(
        "herb.note",
        3,
        "R-21",
        _("%(drug)s: please add the note “%(note)s”."),
    ),
    Rule(
        "dose.piece",
        2,
        "R-20 R-157",
        _("%(drug)s: %(dose)s a dose is above the usual maximum of %(limit)s"),
        _("Please check the grams. If it is intended, give the reason and sign again."),
    ),
    Rule(
        "days.toxic_piece",
        1,
        "R-28",
        _("%(drug)s is a toxic piece: %(limit)s days at most, %(days)s written"),
        _("Please write fewer doses, or choose the prepared piece."),
    ),
    Rule(
        "diagnosis.syndrome",
        3,
        "R-37",
        _("No TCM syndrome is found in the record; please write diagnosis and syndrome."),
    ),
]
