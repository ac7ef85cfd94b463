"""The rules about numbers and days, about drugs together, and what a person judges."""

from django.utils.translation import gettext_lazy as _

from prescriptions.rules.facts import Rule

RULES_ABOUT_AMOUNTS = [
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
    Rule(
        "dose.single",
        2,
        "R-20",
        _("%(drug)s: %(dose)s at once is above the maximum of %(limit)s"),
        _("Please check the dose. If it is intended, give the reason and sign again."),
    ),
    Rule(
        "dose.single_per_kg",
        2,
        "R-18 R-20",
        _("%(drug)s: %(dose)s at once is above %(limit)s (%(per_kg)s per kg, %(weight)skg)"),
        _("Please check the dose. If it is intended, give the reason and sign again."),
    ),
    Rule(
        "dose.daily_per_kg",
        2,
        "R-18 R-20",
        _("%(drug)s: %(dose)s a day is above %(limit)s (%(per_kg)s per kg, %(weight)skg)"),
        _("Please check the dose. If it is intended, give the reason and sign again."),
    ),
    Rule(
        "dose.together",
        2,
        "R-20 R-180",
        _("%(ingredient)s: %(daily)s a day in all is above the maximum of %(limit)s"),
        _(
            "Please take one off or lower the dose. If it is intended, give the reason and "
            "sign again."
        ),
    ),
    Rule(
        "dose.unchecked_by_weight",
        3,
        "R-18 R-157",
        _("%(drug)s: the dose can't be compared with %(limit)s, the most for this weight."),
    ),
    Rule(
        "weight.missing",
        1,
        "R-18",
        _("%(drug)s goes by weight in children, and the weight is not on file"),
        _("Please weigh the child and write the weight into the visit."),
    ),
    Rule(
        "days.toxic",
        1,
        "R-28",
        _("%(drug)s is a toxic drug: %(limit)s days at most, %(days)s written"),
        _("Please write fewer days."),
    ),
    Rule(
        "days.narcotic",
        2,
        "R-24 R-25",
        _("%(drug)s: %(days)s days or doses, usually %(limit)s at most"),
        _(
            "More is only for cancer or chronic pain with a file and consent. Please give the "
            "reason and sign again."
        ),
    ),
    Rule(
        "days.narcotic_most",
        1,
        "R-25 R-26",
        _("%(drug)s: %(limit)s days or one usual dose is the most"),
        _("Please write fewer days, or a single dose."),
    ),
    Rule(
        "days.psychotropic",
        2,
        "R-27",
        _("%(drug)s: %(days)s days; class-II psychotropics usually %(limit)s at most"),
        _("Please choose the reason. It is printed on the prescription."),
        reasons="long",
    ),
    Rule(
        "days.excluded",
        1,
        "R-29 R-169",
        _("%(drug)s for %(days)s days: this class is not for long-term prescriptions"),
        _("Please write %(limit)s days at most."),
    ),
    Rule(
        "days.cold",
        2,
        "R-29",
        _(
            "%(drug)s for %(days)s days: drugs that need cold storage are not for long-term "
            "prescriptions"
        ),
        _(
            "Please write %(limit)s days at most. If the patient can keep it cold, give the "
            "reason and sign again."
        ),
    ),
    Rule(
        "days.assess",
        1,
        "R-29",
        _("%(drug)s for %(days)s days: more than 4 weeks need an assessment and the patient's yes"),
        _("Please write the assessment under “Validity and long-term supply”, or fewer days."),
    ),
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
    Rule(
        "duplicate.class",
        2,
        "R-170",
        _("%(drug)s and %(other)s are of the same class: %(class)s"),
        _("Please take one off. If both are intended, give the reason and sign again."),
    ),
    Rule(
        "duplicate.class_in_use",
        3,
        "R-170",
        _(
            "%(drug)s is of the same class (%(class)s) as %(other)s, which was prescribed on "
            "%(date)s and lasts another %(days)s days."
        ),
    ),
    Rule(
        "duplicate.narrow",
        2,
        "R-37 R-170",
        _("%(drug)s, prescribed on %(date)s, lasts another %(days)s days; twice is dangerous"),
        _("Please take it off. If it replaces the earlier one, give the reason and sign again."),
    ),
    Rule(
        "duplicate.controlled",
        2,
        "R-27 R-170",
        _("%(drug)s is controlled, was prescribed on %(date)s and lasts another %(days)s days"),
        _(
            "Please write it when the supply ends. If it is intended, give the reason and sign "
            "again."
        ),
    ),
    Rule(
        "indication.missing",
        3,
        "R-37",
        _("%(drug)s (%(class)s): no diagnosis on file goes with it. To be judged."),
    ),
    Rule(
        "essential.first",
        3,
        "R-37 R-51",
        _("%(drug)s is no essential medicine; %(other)s is one and in stock. To be judged."),
    ),
    Rule(
        "combination.antibiotics",
        3,
        "R-37",
        _("Two antibiotics together: %(drug)s and %(other)s. To be judged."),
    ),
]
