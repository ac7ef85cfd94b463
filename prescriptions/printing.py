"""The printed sheet: A5 in the legal layout, as it was when submitted (R-7 to R-11).

Where five drugs have long texts the letters shrink from 10.5 to 9.5 and 9 points; what still
doesn't fit goes on a second page (R-162).
"""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from prescriptions import reasons
from prescriptions.head import allergies_of
from prescriptions.models import AlertRecord, Prescription
from prescriptions.moves import live_items, locked
from prescriptions.rows import rows_of
from prescriptions.states import RESERVING, RxState
from registration import guarded
from security import audit

Kind = Prescription.Kind
# Paper that has to be put in; the others are white.
PAPER = {
    Kind.EMERGENCY: "yellow",
    Kind.PAEDIATRIC: "green",
    Kind.NARCOTIC: "red",
}
LABELS = {
    Kind.EMERGENCY: "急诊",
    Kind.PAEDIATRIC: "儿科",
    Kind.PSYCHOTROPIC_2: "精二",
    Kind.NARCOTIC: "麻、精一",
}
UNDER_WAY = {RxState.SUBMITTED, RxState.RETURNED, *RESERVING}
PRINTABLE = set(RxState) - {RxState.DRAFT, RxState.VOIDED}


@dataclass(frozen=True)
class Size:
    """A size of letters: its class, its points, and what of the page it leaves for drugs."""

    name: str
    points: float

    @property
    def letter(self) -> float:
        """Width of a full-width character in millimetres."""
        return self.points * 0.3528

    @property
    def line(self) -> float:
        return self.letter * 1.35


SIZES = [Size("", 10.5), Size("rx-smaller", 9.5), Size("rx-smallest", 9)]
# Millimetres of css/print.css: the columns of an item, and the room between Rp and the blank.
NAME_WIDTH, USAGE_WIDTH, GAP = 93, 119, 2.6
ROOM = 88


@dataclass(frozen=True)
class Page:
    """One sheet of paper."""

    number: int
    rows: list[dict]
    is_last: bool


def letters(text: str) -> float:
    """Width in full-width characters; Latin letters and digits take about half."""
    return sum(0.55 if ord(character) < 0x2E80 else 1 for character in text)


def height(row: dict, size: Size) -> float:
    """Millimetres that an item takes."""
    lines = _lines(row["title"], NAME_WIDTH, size) + _lines(
        "Sig. " + row["usage"], USAGE_WIDTH, size
    )
    extra = sum(_lines(text, USAGE_WIDTH, Size("", 9)) for text in row["remarks"])
    return lines * size.line + extra * Size("", 9).line + GAP


def _lines(text: str, width: float, size: Size) -> int:
    per_line = int(width / size.letter)
    return max(1, -(-int(letters(text) + 0.999) // per_line))


def lay_out(rows: list[dict], room: float = ROOM) -> tuple[str, list[Page]]:
    """The class of the letters, and the rows page by page."""
    for size in SIZES:
        if sum(height(row, size) for row in rows) <= room:
            return size.name, [Page(1, rows, True)]
    pages, current, used = [], [], 0.0
    for row in rows:
        need = height(row, size)
        if current and used + need > room:
            pages.append(current)
            current, used = [], 0.0
        current.append(row)
        used += need
    pages.append(current)
    return size.name, [Page(n, part, n == len(pages)) for n, part in enumerate(pages, 1)]


def sheet(prescription: Prescription) -> dict:
    """The context of the printed page, in the institution's language."""
    with translation.override(settings.LANGUAGE_CODE):
        items = live_items(prescription)
        head = prescription.head or {}
        rows = [_printed(row, prescription) for row in rows_of(items)]
        diagnosis = _diagnosis(head, prescription)
        size, pages = lay_out(rows, ROOM - _extra_head(head, diagnosis))
        return {
            "prescription": prescription,
            "head": head,
            "diagnosis": diagnosis,
            "label": LABELS.get(prescription.kind, ""),
            "paper": PAPER.get(prescription.kind, ""),
            "size": size,
            "pages": pages,
            "page_count": len(pages),
            "allergy_text": allergy_text(head.get("allergies") or {}),
            "total": sum((item.amount for item in items), Decimal(0)),
            "copy": max(prescription.print_count - 1, 0),
            "sheet_language": settings.LANGUAGE_CODE,
        }


def _printed(row: dict, prescription: Prescription) -> dict:
    item = row["item"]
    title = f"{item.drug_name} {item.dosage_form} {item.pack_spec}"
    remarks = []
    if item.skin_test:
        remarks.append(_("Skin test: %(state)s") % {"state": item.get_skin_test_display()})
    if item.outside:
        remarks.append(_("Bought outside"))
    signed = _signed(prescription)
    reasons_given = list(signed.get(item.pk, []))
    if item.days > 7 or (prescription.kind == Kind.EMERGENCY and item.days > 3):
        reasons_given += signed.get(None, [])
    return {
        **row,
        "title": title,
        "remarks": remarks + reasons_given,
        "is_signed": bool(reasons_given),
    }


def _signed(prescription: Prescription) -> dict:
    """Reasons by row; the one for a longer supply, which is the whole sheet's, under None."""
    found = prescription.__dict__.get("_signed_reasons")
    if found is None:
        found = prescription.__dict__["_signed_reasons"] = {}
        rows = prescription.alerts.filter(outcome=AlertRecord.Outcome.OVERRIDDEN)
        for row in rows.order_by("made_at"):
            reason = {"reason": reasons.label(row.reason or "")}
            if row.item_id is None:
                found[None] = [_("Reason for the longer supply: %(reason)s") % reason]
            else:
                found.setdefault(row.item_id, []).append(_("Reason: %(reason)s") % reason)
    return found


def _diagnosis(head: dict, prescription: Prescription) -> str:
    """The names as they were signed. A guarded one is on no paper (R-140): the pharmacist holds the
    drugs against it on the screen, and the signed head in the database keeps it (R-7)."""
    signed = head.get("diagnoses", [])
    if guarded.is_guarded(prescription.consultation, [code for code, _name in signed]):
        return _("confidential, see the record")
    return "；".join(name for _code, name in signed)


def _extra_head(head: dict, diagnosis: str) -> float:
    """Millimetres that a long diagnosis or allergy line takes beyond one line."""
    line = SIZES[0].line
    allergy = allergy_text(head.get("allergies") or {})
    name_lines = _lines(head.get("name", ""), 44, SIZES[0]) - 1
    return (
        _lines(diagnosis, 108, SIZES[0]) - 1 + _lines(allergy, 116, SIZES[0]) - 1 + name_lines
    ) * line


def allergy_text(allergies: dict) -> str:
    """The allergy line as it was known when the sheet was submitted."""
    if allergies.get("status") == "has":
        return "；".join(
            f"{label}（{'，'.join(filter(None, [detail, severity]))}）"
            if detail or severity
            else label
            for label, detail, severity in allergies.get("entries", [])
        )
    if allergies.get("status") == "denied":
        on = allergies.get("on", "")
        return _("denied") + (f"（{on}）" if on else "")
    return _("not asked")


def require_current_allergies(prescription: Prescription) -> None:
    """RuleBroken when an allergy was recorded or withdrawn since the doctor signed.

    Until the drugs are handed out the paper is checked against (R-31), so it may not deny an
    allergy that the file holds by now, such as the one that a positive skin test added (R-45).
    """
    signed = (prescription.head or {}).get("allergies") or {}
    known = allergies_of(prescription.patient)
    same = all(signed.get(part) == known[part] for part in ("status", "entries"))
    if prescription.state in UNDER_WAY and not same:
        raise RuleBroken(
            _(
                "Not printed: the allergies were changed after the doctor signed. "
                "Please send the prescription back, so that the doctor signs it again."
            ),
            rule="R-31",
        )


@atomic_retry
def count_print(*, prescription: Prescription, by) -> Prescription:
    """One more copy goes out; from the second on the sheet says which reprint it is (R-162)."""
    prescription = locked(prescription)
    require_current_allergies(prescription)
    prescription.print_count += 1
    prescription.save(update_fields=["print_count"])
    audit.record(
        "print",
        subject=prescription.patient_id,
        screen="prescription_print",
        target=prescription,
        data={"copy": prescription.print_count},
    )
    return prescription
