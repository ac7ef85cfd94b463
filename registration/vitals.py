"""Vital signs: what is measured, in which unit, what is plausible, what stands out (R-159)."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Vital:
    """One measured value. Outside `low` to `high` it is probably a slip of the keyboard."""

    key: str
    label: object
    unit: object
    low: Decimal
    high: Decimal
    places: int = 0
    alarm_low: Decimal | None = None  # at or below it is shown as low
    alarm_high: Decimal | None = None  # at or above it is shown as high


def _vital(key, label, unit, low, high, places=0, alarm_low=None, alarm_high=None) -> Vital:
    return Vital(
        key,
        label,
        unit,
        Decimal(low),
        Decimal(high),
        places,
        Decimal(alarm_low) if alarm_low else None,
        Decimal(alarm_high) if alarm_high else None,
    )


VITALS = {
    vital.key: vital
    for vital in [
        _vital("temperature", gettext_lazy("Temperature"), "℃", "34", "42", 1, None, "38.5"),
        _vital("systolic", gettext_lazy("Systolic pressure"), "mmHg", "60", "260", 0, None, "180"),
        _vital(
            "diastolic", gettext_lazy("Diastolic pressure"), "mmHg", "30", "160", 0, None, "110"
        ),
        _vital("pulse", gettext_lazy("Pulse"), gettext_lazy("/min"), "30", "220"),
        _vital("respiration", gettext_lazy("Respiration"), gettext_lazy("/min"), "8", "60"),
        _vital("spo2", gettext_lazy("Oxygen saturation"), "%", "50", "100", 0, "92"),
        _vital("weight", gettext_lazy("Weight"), "kg", "0.5", "250", 2),
        _vital("height", gettext_lazy("Height"), "cm", "30", "230", 1),
        _vital("glucose", gettext_lazy("Blood glucose"), "mmol/L", "1", "40", 1, "3.9", "16.7"),
    ]
}
# What a doctor types in the consultation's own row; the rest stands on the page of vital signs.
USUAL = ["temperature", "systolic", "diastolic", "pulse", "respiration", "spo2", "weight"]


def as_text(number: Decimal) -> str:
    """37.50 as 37.5 and 80.0 as 80: how people write it."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Doubt:
    """A value that should be looked at again. `token` names it: who confirms it confirms that."""

    key: str  # the value it is shown under
    words: str
    token: str


def implausible(vitals: dict[str, Decimal]) -> list[Doubt]:
    """What should be looked at again. Doubts ask and never block (R-159)."""
    found = []
    for key, number in vitals.items():
        vital = VITALS[key]
        if number is not None and not vital.low <= number <= vital.high:
            words = _("%(label)s %(number)s is outside %(low)s to %(high)s %(unit)s.") % {
                "label": vital.label,
                "number": as_text(number),
                "low": as_text(vital.low),
                "high": as_text(vital.high),
                "unit": vital.unit,
            }
            found.append(Doubt(key, words, f"{key}={as_text(number)}"))
    systolic, diastolic = vitals.get("systolic"), vitals.get("diastolic")
    if systolic is not None and diastolic is not None and systolic <= diastolic:
        words = _("The systolic pressure is not above the diastolic one.")
        both = f"pressure={as_text(systolic)}/{as_text(diastolic)}"
        found.append(Doubt("diastolic", words, both))
    return found


def standing_out(key: str, number: Decimal) -> str:
    """ "high", "low" or nothing (R-159)."""
    vital = VITALS[key]
    if vital.alarm_high is not None and number >= vital.alarm_high:
        return "high"
    if vital.alarm_low is not None and number <= vital.alarm_low:
        return "low"
    return ""


def shown(vitals: dict | None) -> list[dict]:
    """For the page: label, value, unit and whether it stands out; both pressures as one."""
    vitals = vitals or {}
    found = []
    for key, vital in VITALS.items():
        if key not in vitals or key == "diastolic" and "systolic" in vitals:
            continue
        value, mark = vitals[key], standing_out(key, Decimal(vitals[key]))
        label = vital.label
        if key == "systolic" and "diastolic" in vitals:
            label, value = _("Blood pressure"), f"{value}/{vitals['diastolic']}"
            mark = mark or standing_out("diastolic", Decimal(vitals["diastolic"]))
        found.append({"key": key, "label": label, "value": value, "unit": vital.unit, "mark": mark})
    return found
