"""What a form begins with, so that nobody types twice (R-68): the last one's, then the visit's."""

from patients import records
from patients.followup import sheets
from patients.models import FollowUp

# What stays the same until somebody changes it; everything measured is asked anew.
CARRIED = [
    "height", "weight_aim", "smoking", "smoking_aim", "alcohol_aim", "exercise_aim", "minutes_aim",
    "salt_aim", "staple_aim", "insulin", "insulin_dose", "drug_other",
]  # fmt: skip
AT_THE_CLINIC = "1"


def beginning(row: FollowUp, *, user) -> tuple[dict, dict]:
    """(initial values, those of them that today's visit filled)."""
    if row.state == FollowUp.State.DONE:
        return {**row.findings, "done_on": row.done_on}, {}
    asked = sheets.asks_of(row.care_file.kind, row.step)
    done = row.care_file.follow_ups.filter(state=FollowUp.State.DONE)
    last = done.order_by("-done_on", "-made_at").first()
    carried = _carried(last.findings) if last else {}
    values = records.visit_values(row.care_file.patient, user=user)
    visit = values.pop("visit", None)
    if visit is None or last is not None and last.visit == visit:
        return _only(carried, asked), {}
    drugs = values.pop("drugs", [])
    filled = _only({**values, **_drug_fields(drugs), "mode": AT_THE_CLINIC}, asked)
    if drugs:  # today's drugs replace all of the last ones
        carried = {key: value for key, value in carried.items() if not key.startswith("drug")}
    return {**_only(carried, asked), **filled, "visit": visit}, filled


def _carried(findings: dict) -> dict:
    return {
        key: value for key, value in findings.items() if key in CARRIED or key.startswith("drug")
    }


def _drug_fields(drugs: list[tuple[str, str, str]]) -> dict:
    """Three drugs have lines of their own, the others share one (R-64)."""
    fields = {}
    for n, (name, times, dose) in enumerate(drugs[:3], 1):
        fields |= {f"drug{n}": name, f"drug{n}_times": times, f"drug{n}_dose": dose}
    others = "；".join(" ".join(filter(None, drug)) for drug in drugs[3:])
    return fields | ({"drug_other": others[:300]} if others else {})


def _only(values: dict, asked: dict) -> dict:
    """Values that this form asks, cut to what its fields take; empty ones fill nothing."""
    values = {"length": values.get("height"), **values}  # a child's height is its length
    return {
        key: value[: asked[key].length] if isinstance(value, str) else value
        for key, value in values.items()
        if key in asked and value
    }
