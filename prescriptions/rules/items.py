"""The 28 items of 处方点评, the evaluation of prescriptions, and which rules look at each (1.6)."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from prescriptions.rules.facts import Rule
from prescriptions.rules.table import RULES


class How(TextChoices):
    """Who decides about an item."""

    AUTO = "auto", _("Automatic")
    BUILT_IN = "built_in", _("Cannot happen here")
    ASSISTED = "assisted", _("Pointed at, a person decides")
    MANUAL = "manual", _("A person")


@dataclass(frozen=True)
class Item:
    """One of the 28; `looks` are keys of rules, or a family such as "contra.*"."""

    number: str
    title: object
    how: How
    looks: tuple[str, ...] = ()
    note: object = ""

    @property
    def rules(self) -> list[Rule]:
        return [rule for key, rule in RULES.items() if any(_fits(key, one) for one in self.looks)]


def _fits(key: str, look: str) -> bool:
    return key.startswith(look[:-1]) if look.endswith("*") else key == look


OTHER_ITEM = "2-9"
ITEMS = [
    Item(
        "1-1",
        _("Head, body or tail missing or illegible"),
        How.AUTO,
        ("sheet.empty", "diagnosis.missing", "allergy.not_asked"),
        _("The print is filled from the file; empty sheets are refused."),
    ),
    Item(
        "1-2",
        _("Signature or seal not as filed"),
        How.BUILT_IN,
        (),
        _("Only the signed-in doctor of the visit submits; the account is the signature."),
    ),
    Item(
        "1-3",
        _("Pharmacist's signatures missing"),
        How.BUILT_IN,
        (),
        _("No state is reached without the person who is named on the sheet."),
    ),
    Item(
        "1-4",
        _("Infants without days or months of age"),
        How.BUILT_IN,
        ("weight.missing",),
        _("The age is written from the date of birth."),
    ),
    Item(
        "1-5",
        _("Western, patent and herbal medicines not separated"),
        How.AUTO,
        ("sheet.herbs", "sheet.tcm_injection", "control.separate"),
    ),
    Item(
        "1-6",
        _("Names that are not standard"),
        How.BUILT_IN,
        ("drug.stopped",),
        _("Drugs come from the library alone."),
    ),
    Item(
        "1-7",
        _("Dose, strength, quantity or unit unclear"),
        How.AUTO,
        ("herb.unit", "herb.doses", "quantity.edited", "dose.unchecked"),
        _("Dose and unit are coded; the quantity is computed."),
    ),
    Item(
        "1-8",
        _("Vague usage"),
        How.AUTO,
        ("usage.vague",),
        _("Route and frequency are chosen from lists."),
    ),
    Item(
        "1-9",
        _("Change unsigned, or overdose without reason and signature"),
        How.AUTO,
        (
            "dose.maximum",
            "dose.single",
            "dose.single_per_kg",
            "dose.daily_per_kg",
            "dose.together",
            "dose.piece",
        ),
        _("Each change is a version with name and time."),
    ),
    Item(
        "1-10",
        _("No diagnosis, or an incomplete one"),
        How.AUTO,
        ("diagnosis.missing", "diagnosis.syndrome", "indication.missing"),
        _("That it is complete is for a person to judge."),
    ),
    Item("1-11", _("More than 5 drugs"), How.AUTO, ("sheet.too_many",)),
    Item(
        "1-12",
        _("More than 7 or 3 days without reason"),
        How.AUTO,
        ("days.long", "days.too_long", "days.excluded", "days.cold", "days.assess"),
    ),
    Item(
        "1-13",
        _("Rules of controlled drugs broken"),
        How.AUTO,
        (
            "right.controlled",
            "control.separate",
            "control.oneself",
            "days.narcotic",
            "days.narcotic_most",
            "days.psychotropic",
            "days.toxic",
            "days.toxic_piece",
            "duplicate.controlled",
        ),
    ),
    Item(
        "1-14",
        _("Rules of antibiotics broken"),
        How.AUTO,
        (
            "right.antibiotic",
            "right.special",
            "right.emergency",
            "right.emergency_again",
            "right.infusion",
            "combination.antibiotics",
        ),
    ),
    Item(
        "1-15",
        _("Herbal pieces: order or notes"),
        How.AUTO,
        ("herb.note", "herb.note_must"),
        _("The order is for a person to judge."),
    ),
    Item("2-1", _("Indication unsuitable"), How.ASSISTED, ("indication.missing",)),
    Item("2-2", _("Choice of drug unsuitable"), How.AUTO, ("allergy.*", "contra.*")),
    Item("2-3", _("Form or route unsuitable"), How.AUTO, ("route.*",)),
    Item("2-4", _("Essential medicine not preferred"), How.ASSISTED, ("essential.first",)),
    Item(
        "2-5",
        _("Usage or dose unsuitable"),
        How.AUTO,
        ("dose.*", "weight.missing", "infusion.rate"),
        _("Doses by kidney function need the eGFR, which the file does not hold yet."),
    ),
    Item(
        "2-6",
        _("Combination unsuitable"),
        How.ASSISTED,
        ("combination.antibiotics", "duplicate.class"),
    ),
    Item("2-7", _("Duplicates"), How.AUTO, ("duplicate.*",)),
    Item(
        "2-8",
        _("Incompatibility or interaction"),
        How.AUTO,
        ("interaction.*", "infusion.spoilt", "infusion.solvent"),
        _("A pair that is not listed is no evidence of safety."),
    ),
    Item("2-9", _("Other unsuitable use"), How.MANUAL, ()),
    Item("3-1", _("No indication"), How.ASSISTED, ("indication.missing",)),
    Item(
        "3-2",
        _("Expensive without reason"),
        How.MANUAL,
        (),
        _("The prices of a class are not compared yet."),
    ),
    Item(
        "3-3",
        _("Off label without reason"),
        How.ASSISTED,
        ("route.unlisted", "indication.missing", "dose.maximum", "dose.single"),
    ),
    Item(
        "3-4",
        _("Two or more drugs of the same action"),
        How.AUTO,
        ("duplicate.class", "duplicate.ingredient"),
    ),
]
