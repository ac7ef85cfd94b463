"""What is printed of a sheet: made anew while it lives, out of its document once it is archived.

Each form of sheet names its own template and stylesheet in the dictionary that its maker returns.
"""

from collections.abc import Callable

from prescriptions import printing
from prescriptions.models import ArchivedSheet, Prescription

_makers: dict[str, Callable[[Prescription], dict]] = {Prescription.Form.WESTERN: printing.sheet}


def register_maker(form: str, maker: Callable[[Prescription], dict]) -> None:
    """Tell in ready() what makes the paper of this form: plain values, with its `template`."""
    _makers[form] = maker


def made(prescription: Prescription) -> dict:
    """Everything on the paper, from the sheet as it stands now."""
    maker = _makers.get(prescription.form, printing.sheet)
    return {"style": printing.STYLE, "page_style": printing.A5_PAGE, **maker(prescription)}


def archived(prescription: Prescription) -> ArchivedSheet | None:
    return ArchivedSheet.objects.filter(prescription=prescription).first()


def paper_of(prescription: Prescription, document: ArchivedSheet | None) -> dict:
    """The paper of an archived sheet says what its document says, whatever happened since."""
    return document.content["sheet"] if document else made(prescription)
