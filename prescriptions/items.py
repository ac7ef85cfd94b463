"""A row's numbers: what was typed checked against the drug, quantity and amount computed."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from pharmacy.money import price_of
from pharmacy.units import packs_and_pieces, require_sellable
from prescriptions import doses
from prescriptions.dictionary import frequencies, frequency_of, routes
from prescriptions.doses import Dose
from prescriptions.models import PrescriptionItem
from prescriptions.quantity import MOST, Pack, Quantity, compute

LONGEST = 365  # days; what is too long for a prescription is a rule's business


@dataclass(frozen=True)
class Usage:
    """A row as it is asked for; `quantity` in base units, None where it shall be computed."""

    drug: object
    dose: Decimal
    dose_unit: str
    route: str
    frequency: str
    days: int
    quantity: int | None = None
    remark: str = ""
    outside: bool = False
    group: int | None = None
    drip: str = ""


def compute_row(item: PrescriptionItem, usage: Usage) -> None:
    """Fill the row from the usage; RuleBroken names the field that can't stand."""
    pack = Pack.of(usage.drug)
    dose = Dose(usage.dose, usage.dose_unit)
    _check(pack, dose, usage)
    computed = compute(pack, dose, frequency_of(usage.frequency), usage.days)
    quantity = usage.quantity if usage.quantity is not None else computed.units
    if quantity is None:
        raise RuleBroken(ask_text(usage.drug, computed), field="quantity", rule="R-168")
    # A dose that comes to more is a slip too, whatever stands beside it: no column may hold it.
    if max(quantity, computed.units or 0) > MOST:
        raise RuleBroken(
            _("The quantity is too large. Please check dose, days and quantity."),
            field="quantity" if usage.quantity is None or quantity > MOST else "dose",
        )
    require_sellable(usage.drug, quantity)
    _fill(item, usage, computed, quantity)


def _check(pack: Pack, dose: Dose, usage: Usage) -> None:
    if usage.route not in routes():
        raise RuleBroken(_("Please choose the route from the list."), field="route", rule="R-164")
    if usage.frequency not in frequencies():
        raise RuleBroken(
            _("Please choose the frequency from the list."), field="frequency", rule="R-116"
        )
    if not 0 < dose.amount < 1_000_000:
        raise RuleBroken(_("Please write the dose as 0.5g or 2片."), field="dose", rule="R-19")
    if dose.is_as_needed and not pack.is_container:
        raise RuleBroken(
            _("“As needed” is no dose for this drug. Please write a number and a unit."),
            field="dose",
            rule="R-17",
        )
    if not 1 <= usage.days <= LONGEST:
        raise RuleBroken(_("Please write the days as a number from 1."), field="days", rule="R-23")


def ask_text(drug, computed: Quantity) -> str:
    """Why the quantity must be given, and what it might be (R-168)."""
    return _("Please write the quantity: %(reason)s. Proposal: %(proposal)s.") % {
        "reason": computed.ask.label,
        "proposal": packs_and_pieces(drug, computed.proposal),
    }


def _fill(item: PrescriptionItem, usage: Usage, computed: Quantity, quantity: int) -> None:
    drug = usage.drug
    item.drug = drug
    item.drug_name, item.dosage_form = drug.generic_name, drug.dosage_form
    item.strength, item.pack_spec = drug.strength, drug.pack_spec
    item.dose, item.dose_unit = usage.dose, usage.dose_unit
    item.route, item.frequency = usage.route, usage.frequency
    item.days, item.remark = usage.days, usage.remark
    item.group, item.drip = usage.group, usage.drip
    item.computed, item.quantity = computed.units, quantity
    item.base_unit, item.units_per_pack = drug.base_unit, drug.units_per_pack
    item.price, item.outside = drug.price, usage.outside
    item.amount = Decimal(0) if usage.outside else price_of(drug, quantity)


def usual_usage(drug, *, days: int) -> Usage:
    """The library's usual usage for adults; RuleBroken where it names no plain numbers (R-157)."""
    dose = doses.usual_dose(drug.usual_dose)
    frequency = doses.usual_frequency(drug.usual_frequency)
    route = doses.usual_route(drug.routes)
    if dose is None or frequency is None or route is None:
        raise RuleBroken(
            _("%(drug)s has no usual dose on file. Please write the usage yourself.")
            % {"drug": drug.generic_name},
            rule="R-157",
        )
    return Usage(
        drug=drug,
        dose=dose.amount,
        dose_unit=dose.unit,
        route=route.code,
        frequency=frequency.code,
        days=doses.usual_days(drug.usual_frequency) or days,
        remark=doses.usual_remark(drug.routes),
    )
