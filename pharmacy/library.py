"""The shipped drug library and interaction table, loaded once and then the clinic's own.

Loading again adds what is missing and changes nothing else: a row that an administrator corrected
stays as it is. Every loaded drug is unverified until a pharmacist has compared it (R-157).
"""

import csv
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path

from clinic.core.transactions import atomic_retry
from pharmacy import groups
from pharmacy.models import ControlClass, Drug, Interaction

DATA = Path(__file__).parent / "data"
PIECE = 10  # rows per transaction: none may hold SQLite's write lock for long

# The national catalogues of narcotic and psychotropic drugs of 2013 are in force since then.
CATALOGUE_SINCE = date(2014, 1, 1)

PLAIN_COLUMNS = {
    "code": "drug_no",
    "generic_name": "generic_name",
    "initials": "pinyin_initials",
    "initials_short": "pinyin_short",
    "category": "category",
    "subcategory": "subcategory",
    "dosage_form": "dosage_form",
    "strength": "strength",
    "content_unit": "content_unit",
    "pack_spec": "pack_spec",
    "pack_unit": "pack_unit",
    "base_unit": "min_unit",
    "routes": "route",
    "usual_dose": "adult_single_dose",
    "usual_frequency": "frequency",
    "max_daily_unit": "max_daily_unit",
    "max_single_unit": "max_single_unit",
    "max_daily_words": "adult_daily_max",
    "rx": "rx_otc",
    "antibiotic_grade": "antibiotic_grade",
    "antibiotic_note": "antibiotic_note",
    "skin_test": "skin_test",
    "allergy_groups": "allergy_group",
    "ingredients": "ingredients",
    "class_tags": "class_tags",
    "essential": "essential_2018",
    "storage": "storage",
    "pregnancy": "pregnancy",
    "children": "children",
    "elderly": "elderly_renal_hepatic",
    "caution": "other_caution",
    "shelf": "shelf",
}
LIMITS = ["max_single", "max_single_per_kg", "max_daily_per_kg"]
SHIPPED = "随系统提供，凭记忆整理"  # where a row is from that nobody has compared
INTERACTION_COLUMNS = ["a_type", "a_value", "b_type", "b_value", "severity", "effect", "advice"]


def load_drug_library(path: Path = DATA / "drugs.csv") -> int:
    """Create the drugs whose code is not there yet; return how many were created."""
    known = set(Drug.objects.values_list("code", flat=True))
    return _in_pieces([row for row in _rows(path) if row["drug_no"] not in known], _create_drug)


def load_interactions(path: Path = DATA / "interactions.csv") -> int:
    """Create the pairs whose number is not there yet; return how many were created."""
    known = set(Interaction.objects.values_list("number", flat=True))
    new = [row for row in _rows(path) if row["pair_no"] not in known]
    return _in_pieces(new, _create_interaction)


def _rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _in_pieces(rows: list[dict], create: Callable[[dict], bool]) -> int:
    rest = iter(rows)
    created = 0
    while piece := list(islice(rest, PIECE)):
        created += _create_piece(piece, create)
    return created


@atomic_retry
def _create_piece(rows: list[dict], create: Callable[[dict], bool]) -> int:
    return sum(create(row) for row in rows)


def _create_drug(row: dict) -> bool:
    facts = {field: row[column] for field, column in PLAIN_COLUMNS.items() if field != "code"}
    drug, created = Drug.objects.get_or_create(
        code=row["drug_no"],
        defaults={
            **facts,
            "content": _number(row["content_per_min_unit"]),
            **{name: _number(row[name]) for name in LIMITS},
            "max_daily": _number(row["max_daily_value"]),
            "group": groups.grow(groups.path_of(row["category"], row["subcategory"])),
            "both_rx_and_otc": row["dual_status"] == "Y",
            "divisible": row["divisible"] == "1",
            "units_per_pack": int(row["units_per_pack"]),
            "price": Decimal(row["demo_price"]),
            "lower_limit": int(row["lower_limit"]),
            "upper_limit": int(row["upper_limit"]),
            "verified": False,
        },
    )
    if created and (row["control_class"] != ControlClass.NONE or row["control_note"]):
        ControlClass.objects.create(
            drug=drug,
            name=row["control_class"],
            since=_since(row["control_note"]),
            note=row["control_note"],
        )
    return created


def _create_interaction(row: dict) -> bool:
    facts = {column: row[column] for column in INTERACTION_COLUMNS} | {"source": SHIPPED}
    _pair, created = Interaction.objects.get_or_create(number=row["pair_no"], defaults=facts)
    return created


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _since(note: str) -> date:
    """The date that a note such as "2024-07-01起列入" names, else that of the catalogue."""
    match = re.match(r"(\d{4}-\d{2}-\d{2})起", note)
    return date.fromisoformat(match.group(1)) if match else CATALOGUE_SINCE
