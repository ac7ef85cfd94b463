"""The printed sheet in the legal layout, as it was when submitted (R-7 to R-11, R-162)."""

from decimal import Decimal

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from prescriptions import reasons
from prescriptions.fitting import (
    NARROWEST,
    ROOM,
    as_plain,
    extra_head,
    lay_out,
    leaves,
    letters,
)
from prescriptions.head import allergies_of
from prescriptions.layout import Layout, current, for_kind
from prescriptions.models import AlertRecord, Prescription
from prescriptions.moves import live_items, locked
from prescriptions.review_models import ReviewedAs
from prescriptions.rows import rows_of
from prescriptions.states import RESERVING, RxState
from prescriptions.terms import is_long_term
from registration import guarded
from security import audit

Kind = Prescription.Kind
# Paper that has to be put in; an ordinary sheet needs no word.
PAPER = {
    Kind.EMERGENCY: "yellow",
    Kind.PAEDIATRIC: "green",
    Kind.PSYCHOTROPIC_2: "white",
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


# The version of the templates that sheets are printed with now; a released one is never edited
# (tests/prescriptions/test_paper_versions.py), a change is a new folder.
TEMPLATE = "prescriptions/paper/v1/western.html"
STYLE = "css/print-rx-v1.css"
A5_PAGE, A4_PAGE = "css/print-rx-v1-a5.css", "css/print-rx-v1-a4.css"


def sheet(prescription: Prescription, layout: Layout | None = None) -> dict:
    """Everything that stands on the paper, in the institution's language, as plain values.

    No template computes anything more: the archive keeps this and prints from it.
    """
    form = Prescription.Form.WESTERN
    layout = for_kind(layout or current(form), prescription.kind)
    with translation.override(settings.LANGUAGE_CODE):
        items = live_items(prescription)
        rows = [_printed(row, prescription) for row in rows_of(items)]
        diagnosis = diagnosis_of(prescription.head or {}, prescription)
        total = sum((item.amount for item in items), Decimal(0))
        made = composed(prescription, layout, rows, diagnosis, total)
        return {**made, "standing": standing(prescription, items)}


def composed(
    prescription: Prescription, layout: Layout, rows: list[dict], diagnosis: str, total: Decimal
) -> dict:
    """The sheet of these rows, whoever wrote them; a made-up one for the layout's preview."""
    with translation.override(settings.LANGUAGE_CODE):
        head = prescription.head or {}
        cells = cells_of(prescription, layout)
        allergies = allergy_text(head.get("allergies") or {})
        room = ROOM - extra_head(cells, diagnosis, allergies)
        size, pages = lay_out(rows, room, points=float(layout.points))
        return {
            **sheet_frame(prescription, layout),
            "label": LABELS.get(prescription.kind, ""),
            "cells": cells,
            "diagnosis": diagnosis,
            "size": size,
            "leaves": leaves([as_plain(page, len(pages)) for page in pages], layout),
            "allergy_text": allergies if layout.shows("allergies") else "",
            "total": str(total),
        }


def sheet_frame(prescription: Prescription, layout: Layout) -> dict:
    """What every form of sheet says around its drugs."""
    head = prescription.head or {}
    return {
        "template": TEMPLATE,
        "style": STYLE,
        "page_style": A5_PAGE if layout.across == 1 else A4_PAGE,
        "classes": layout.classes(),
        "layout": layout.as_plain(),
        "sheet_language": settings.LANGUAGE_CODE,
        "number": prescription.number,
        "kind": prescription.kind,
        "paper": PAPER.get(prescription.kind, ""),
        "institution_name": head.get("institution", ""),
        "standing": standing(prescription, []),
        "is_void": prescription.state == RxState.VOIDED,
        "doctor": head.get("doctor", ""),
        "time": head.get("time", ""),
        "boxes": [
            [_reviewed_as(prescription), _name(prescription.reviewer)],
            [_("Picked by"), _name(prescription.picker)],
            [_("Checked by"), _name(prescription.checker)],
            [_("Handed out by"), _handed_out_by(prescription)],
        ],
        "words": words(),
    }


def words() -> dict:
    """The printed words: a later translation changes no archived sheet."""
    return {
        "title": _("Prescription sheet"),
        "number": _("Prescription number"),
        "diagnosis": _("Clinical diagnosis"),
        "allergies": _("Allergies"),
        "physician": _("Physician"),
        "time": _("Time"),
        "amount": _("Drug amount"),
        "blank": _("Blank below"),
        "continued": _("Continued on the next page"),
        "signs_again": _("The doctor signs again"),
        "valid": _("Valid when signed or sealed"),
        "practice": _("Practice clinic: nothing here is a real patient"),
    }


def standing(prescription: Prescription, items: list) -> str:
    """What the sheet is worth: its days, longer ones where the doctor said so (R-22), and that it
    is a long-term prescription (R-29)."""
    if prescription.state == RxState.VOIDED:
        return _("Voided")
    if prescription.state == RxState.LAPSED:
        return _("Expired")
    said = _("Valid on the day of issue")
    if prescription.extra_days and prescription.valid_until:
        said = _("Valid until %(day)s") % {"day": prescription.valid_until.isoformat()}
    kind = _("Long-term prescription") if is_long_term(items) else ""
    return " ".join(filter(None, [kind, said]))


def _name(user) -> str:
    return user.full_name if user else ""


def _reviewed_as(prescription: Prescription) -> str:
    """The paper tells that it was no pharmacist of the house (R-33, R-177)."""
    if prescription.reviewed_as == ReviewedAs.REMOTE:
        return _("Reviewed remotely by")
    if prescription.reviewed_as == ReviewedAs.SECOND:
        return _("Second person, no pharmacist")
    return _("Reviewed by")


def _handed_out_by(prescription: Prescription) -> str:
    """With a word where one pharmacist reviewed and handed out, and signed for both (R-33)."""
    name = _name(prescription.dispenser)
    return _("%(name)s (signed twice)") % {"name": name} if prescription.double_signed_at else name


def cells_of(prescription: Prescription, layout: Layout) -> list[list]:
    """The head of this sheet; an assistant's names the doctor who stands for it (R-3)."""
    cells = head_cells(prescription.head or {}, layout)
    if prescription.countersigner_id:
        name = _name(prescription.countersigner)
        cells.append([_("Countersigned by"), name, _width(_("Countersigned by"), name)])
    return cells


def head_cells(head: dict, layout: Layout) -> list[list]:
    """Label, text and width of each cell of the head (R-7); what is optional as the clinic likes.

    `extra` of the head are more of them, such as who fetches a narcotic.
    """
    first = _("First visit") if head.get("first_visit") else _("Return visit")
    weight = f"{head['weight']}kg" if head.get("weight") else ""
    cells = [
        [_("Name"), head.get("name", ""), ""],
        [_("Sex"), head.get("sex", ""), ""],
        [_("Age"), head.get("age", ""), ""],
        [_("Outpatient record number"), head.get("record_no", ""), ""],
        [_("Payment category"), head.get("payment", ""), ""],
        [_("Prescribing department"), head.get("department", ""), ""],
        [_("Date of issue"), head.get("date", ""), ""],
    ]
    if layout.shows("weight"):
        cells.append([_("Weight"), weight, ""])
    if head.get("guardian"):
        cells.append([_("Guardian"), head["guardian"], ""])
    elif layout.shows("visit"):
        cells.append([_("First or return"), first, ""])
    if layout.shows("phone"):
        cells.append([_("Phone"), head.get("phone", ""), ""])
    cells += [[label, text, _width(label, text)] for label, text in head.get("extra", [])]
    if layout.shows("address"):
        cells.append([_("Address"), head.get("address", ""), "wide"])
    return cells


def again(copy: int) -> str:
    """What a reprint says of itself at its foot; nothing on the first print (R-162)."""
    if copy < 1:
        return ""
    with translation.override(settings.LANGUAGE_CODE):
        said = _("Reprint no. %(count)s") % {"count": copy}
        return f"{said} {timezone.localtime():%Y-%m-%d %H:%M}"


def _width(label: str, text: str) -> str:
    """A line of its own for what doesn't fit into the middle column, such as an identity number."""
    return "wide" if letters(f"{label}：{text}") > NARROWEST else ""


def _printed(row: dict, prescription: Prescription) -> dict:
    """A row as it is printed; nothing but plain values."""
    item = row["item"]
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
        "place": row["place"],
        "title": f"{item.drug_name} {item.dosage_form} {item.pack_spec}",
        "quantity": row["packs"] if row["packs"] and not row["is_split"] else row["units"],
        "usage": row["usage"] if item.drip in row["usage"] else f"{row['usage']} {item.drip}",
        # Rows of one group run from the same container.
        "group": _("Group %(number)s") % {"number": item.group} if item.group else "",
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


def diagnosis_of(head: dict, prescription: Prescription) -> str:
    """The names as they were signed. A guarded one is on no paper (R-140): the pharmacist holds the
    drugs against it on the screen, and the signed head in the database keeps it (R-7)."""
    signed = head.get("diagnoses", [])
    if guarded.is_guarded(prescription.consultation, [code for code, _name in signed]):
        return _("confidential, see the record")
    return "；".join(name for _code, name in signed)


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
