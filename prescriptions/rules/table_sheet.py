"""The rules about the sheet: what stands on it, who writes it, how it is taken."""

from django.utils.translation import gettext_lazy as _

from prescriptions.rules.facts import Rule

RULES_ABOUT_SHEET = [
    Rule("sheet.empty", 1, "R-8", _("No drug was written")),
    Rule(
        "sheet.too_many",
        1,
        "R-14",
        _("%(count)s drugs; a prescription holds 5 at most"),
        _("Please take some off and write them on another prescription."),
    ),
    Rule(
        "validity.over",
        1,
        "R-22 R-169",
        _("The prescription was valid until %(day)s"),
        _("Please ask the doctor for a new prescription."),
    ),
    Rule(
        "validity.too_long",
        1,
        "R-22 R-169",
        _("An extension ends at most %(limit)s days after the day of issue"),
        _("Please ask the doctor for a new prescription."),
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
    Rule(
        "sheet.tcm_injection",
        1,
        "R-15",
        _("Injections of Chinese medicine stand on a prescription of their own"),
        _("Please write %(drugs)s on a separate prescription."),
    ),
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
    Rule(
        "right.emergency",
        2,
        "R-49 R-175",
        _("Emergency: %(drug)s is of %(grade)s, above your right"),
        _(
            "Your right: %(right)s. It is open once, with the reason; please do the "
            "formalities within 24 hours."
        ),
        offers_alternative=True,
    ),
    Rule(
        "right.emergency_again",
        1,
        "R-49 R-175",
        _("%(drug)s is of %(grade)s; the one emergency use above your right was made already"),
        _("Your right: %(right)s. Please ask a doctor with the right, or choose another drug."),
        offers_alternative=True,
    ),
    Rule(
        "right.infusion",
        1,
        "R-50",
        _("%(drug)s: antibiotics are not approved here for use into a vein"),
        _(
            "Please choose another route, or refer the patient. An administrator records the "
            "county's approval."
        ),
        offers_alternative=True,
    ),
    Rule(
        "control.oneself",
        2,
        "R-4",
        _("%(drug)s: the patient bears your name, and nobody prescribes such drugs for oneself"),
        _("If it is another person, give the reason and sign again."),
    ),
    Rule(
        "route.injected",
        1,
        "R-37",
        _("%(drug)s (%(form)s) is no injection: %(route)s is not possible"),
        _("Please choose the route again."),
    ),
    Rule(
        "route.unlisted",
        2,
        "R-37",
        _("%(drug)s: %(route)s is not among its routes (%(routes)s)"),
        _("Please choose the route again, or give the reason and sign again."),
    ),
    Rule(
        "usage.vague",
        1,
        "R-17 R-172",
        _("%(drug)s: “%(word)s” stands in place of the usage"),
        _("Please write how much and how often."),
    ),
]
