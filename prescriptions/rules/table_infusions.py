"""The rules about what is given together in one container."""

from django.utils.translation import gettext_lazy as _

from prescriptions.rules.facts import Rule

RULES_ABOUT_INFUSIONS = [
    Rule(
        "infusion.rate",
        1,
        "R-37",
        _("%(drugs)s: the drip rate is missing"),
        _("Please write the rate as 40滴/分 or 100ml/h."),
    ),
    Rule(
        "infusion.solvent",
        3,
        "R-37",
        _("%(drugs)s: no solvent stands in the same group. To be judged."),
    ),
    Rule(
        "infusion.spoilt",
        3,
        "R-37",
        _("%(drug)s does not keep in %(other)s. Another solvent is usual. To be judged."),
    ),
]
