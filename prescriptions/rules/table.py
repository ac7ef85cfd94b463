"""Every rule in one table: its level, where it is written, and what it says (R-155, R-166).

Level 1 refuses and can't be passed; level 2 asks for a reason and the password again; level 3 is
a quiet line. A new rule is one entry here and one function in a module beside it.
"""

from django.utils.translation import gettext_lazy as _

from prescriptions.rules.facts import Rule

_ALL = [
    # -- allergies --
    Rule(
        "allergy.not_asked",
        1,
        "R-44",
        _("Allergies were not asked"),
        _("Please ask the patient, then choose has allergies or denies allergies."),
    ),
    Rule(
        "allergy.severe",
        1,
        "R-43 R-166",
        _("Not allowed: %(drug)s belongs to %(group)s; severe allergy to %(substance)s"),
        _("%(date)s %(reaction)s, recorded by %(who)s."),
        offers_alternative=True,
    ),
    Rule(
        "allergy.recorded",
        2,
        "R-166",
        _("%(drug)s belongs to %(group)s; allergy to %(substance)s is recorded"),
        _("%(date)s %(reaction)s, recorded by %(who)s."),
        offers_alternative=True,
    ),
    Rule(
        "allergy.cross_severe",
        2,
        "R-45 R-166",
        _("%(drug)s may cross-react: severe allergy to %(substance)s"),
        _("%(date)s %(reaction)s, recorded by %(who)s."),
        offers_alternative=True,
    ),
    Rule(
        "allergy.cross",
        3,
        "R-166",
        _("%(drug)s may cross-react with %(substance)s, to which an allergy is recorded."),
    ),
    Rule(
        "allergy.unknown",
        2,
        "R-171",
        _("The patient is allergic to a drug that can't be named; %(drug)s is a likely one"),
        _("%(date)s %(reaction)s, recorded by %(who)s."),
        offers_alternative=True,
    ),
    Rule(
        "allergy.unknown_note",
        3,
        "R-171",
        _("The patient is allergic to a drug that can't be named."),
    ),
    Rule(
        "allergy.old",
        3,
        "R-44 R-171",
        _("Allergies were last confirmed %(days)s days ago. Please ask again."),
    ),
    # -- skin tests --
    Rule(
        "skin_test.missing",
        1,
        "R-45 R-171",
        _("%(drug)s needs a skin test: its state is not chosen"),
        _("Please choose: pending, continued use within 72 hours, or exempt."),
    ),
    Rule(
        "skin_test.positive",
        1,
        "R-45",
        _("Not allowed: the skin test for %(drug)s was positive"),
        _("The allergy was added to the patient's file. Please choose another drug."),
        offers_alternative=True,
    ),
    Rule(
        "skin_test.pending",
        3,
        "R-45",
        _("Skin test pending: %(drug)s is dispensed after a negative result."),
    ),
    # -- the sheet --
    Rule("sheet.empty", 1, "R-8", _("No drug was written")),
    Rule(
        "sheet.too_many",
        1,
        "R-14",
        _("%(count)s drugs; a prescription holds 5 at most"),
        _("Please take some off and write them on another prescription."),
    ),
    Rule(
        "sheet.herbs",
        1,
        "R-15",
        _("Herbal pieces and other drugs don't go on one prescription"),
        _("Please write the herbal pieces on a prescription of their own."),
    ),
    Rule(
        "diagnosis.missing",
        1,
        "R-13",
        _("There is no diagnosis"),
        _("Please add the clinical diagnosis to the visit first."),
    ),
    Rule(
        "visit.not_yours",
        1,
        "R-5",
        _("This visit belongs to another doctor"),
        _("Only the doctor who sees the patient writes the prescription."),
    ),
    Rule(
        "visit.finished",
        1,
        "R-5",
        _("The visit is finished"),
        _("A prescription needs an open visit. Please register the patient again."),
    ),
    # -- rights --
    Rule(
        "right.prescribe",
        1,
        "R-2",
        _("You have no right to prescribe here"),
        _("Please ask the administrator whether your right is on file."),
    ),
    Rule(
        "right.antibiotic",
        1,
        "R-47",
        _("%(drug)s is of %(grade)s, and your right does not reach that far"),
        _("Your right: %(right)s. Please choose another drug or ask a doctor with the right."),
        offers_alternative=True,
    ),
    Rule(
        "right.special",
        1,
        "R-48",
        _("%(drug)s is of special grade, which outpatients are not given"),
        _("Please choose another drug, or refer the patient."),
        offers_alternative=True,
    ),
    Rule(
        "right.controlled",
        1,
        "R-2 R-35",
        _("%(drug)s is controlled (%(control)s), and you have no right for that class"),
        _("Please choose another drug or ask a doctor with the right."),
    ),
    Rule(
        "control.separate",
        1,
        "R-10 R-120",
        _("Controlled drugs stand on a prescription of their own"),
        _("Please write %(drugs)s on a separate prescription."),
    ),
    # -- amounts --
    Rule(
        "days.long",
        2,
        "R-23",
        _("Supply for more than %(limit)s days"),
        _("Please choose the reason. It is printed on the prescription."),
        reasons="long",
    ),
    Rule(
        "days.too_long",
        1,
        "R-29 R-169",
        _("%(drug)s for %(days)s days: the most is %(limit)s days"),
        _("Please write fewer days."),
    ),
    Rule(
        "dose.maximum",
        2,
        "R-20",
        _("%(drug)s: %(daily)s a day is above the maximum of %(limit)s"),
        _("Please check the dose. If it is intended, give the reason and sign again."),
    ),
    Rule(
        "dose.unchecked",
        3,
        "R-157",
        _("%(drug)s: the daily dose can't be compared with the maximum of %(limit)s."),
    ),
    Rule(
        "quantity.edited",
        3,
        "R-116",
        _("%(drug)s: computed %(computed)s, written %(written)s."),
    ),
    Rule(
        "stock.short",
        1,
        "R-113 R-123",
        _("%(drug)s: only %(available)s in stock, %(quantity)s written"),
        _("Please change the quantity, choose another drug, or mark it as bought outside."),
        offers_alternative=True,
    ),
    Rule(
        "drug.stopped",
        1,
        "R-122",
        _("%(drug)s is no longer used here"),
        _("Please choose another drug."),
        offers_alternative=True,
    ),
    # -- combinations --
    Rule(
        "duplicate.ingredient",
        2,
        "R-170",
        _("%(ingredient)s is in both %(drug)s and %(other)s"),
        _("Please take one off. If both are intended, give the reason and sign again."),
    ),
    Rule(
        "duplicate.in_use",
        3,
        "R-170",
        _("%(drug)s was prescribed on %(date)s and lasts another %(days)s days."),
    ),
    Rule(
        "interaction.forbidden",
        1,
        "R-166",
        _("Not allowed: %(drug)s with %(other)s: %(effect)s"),
        "%(advice)s",
        offers_alternative=True,
    ),
    Rule(
        "interaction.serious",
        2,
        "R-166",
        _("%(drug)s with %(other)s: %(effect)s"),
        "%(advice)s",
        offers_alternative=True,
    ),
    Rule(
        "interaction.herbs",
        2,
        "R-166",
        _("%(drug)s with %(other)s: %(effect)s"),
        "%(advice)s",
        offers_alternative=True,
    ),
    Rule(
        "interaction.caution",
        3,
        "R-166",
        _("%(drug)s with %(other)s: %(effect)s. %(advice)s"),
    ),
]
RULES: dict[str, Rule] = {rule.key: rule for rule in _ALL}
