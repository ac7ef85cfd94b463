"""What each kind of document asks for and does."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from pharmacy.models import StockDocument, StockMovement

Kind = StockDocument.Kind
Movement = StockMovement.Kind


@dataclass(frozen=True)
class Paper:
    """One kind of document that is drafted and then posted."""

    kind: Kind
    takes: str = ""  # the movement that takes from a batch; none: it brings
    needs: tuple[str, ...] = ()  # of the head
    two_people: bool = False  # whoever posts it is not who wrote it
    good_only: bool = False  # neither expired nor frozen goods
    unfrozen: bool = False
    keeps_promises: bool = False  # what is promised to patients stays
    hint: object = ""  # what it is for, beside its name


PAPERS = {
    paper.kind: paper
    for paper in [
        Paper(
            Kind.WRITE_OFF,
            takes=Movement.WRITE_OFF,
            needs=("cause",),
            two_people=True,
            hint=_("Expired, broken or spoilt goods leave the shelf; a colleague confirms"),
        ),
        Paper(
            Kind.USE,
            takes=Movement.USE,
            needs=("recipient",),
            good_only=True,
            keeps_promises=True,
            hint=_("Goods for the treatment room or another department"),
        ),
        Paper(
            Kind.MOVE,
            takes=Movement.MOVE_OUT,
            needs=("to_place",),
            unfrozen=True,
            keeps_promises=True,
            hint=_("Goods from one place to another"),
        ),
        Paper(
            Kind.TO_SUPPLIER,
            takes=Movement.TO_SUPPLIER,
            needs=("supplier",),
            keeps_promises=True,
            hint=_("Goods go back to whoever delivered them"),
        ),
        Paper(Kind.OPENING, hint=_("What lies on the shelf when the clinic begins")),
        Paper(Kind.RETURN, needs=("note",)),
        Paper(Kind.REVERSAL, needs=("note",), keeps_promises=True),
    ]
}

# Those that a person begins from the list of documents.
DRAFTED = [Kind.WRITE_OFF, Kind.USE, Kind.MOVE, Kind.TO_SUPPLIER, Kind.OPENING]
# Those that a reversal takes back, and of these the ones that two people answer for.
REVERSIBLE = {*DRAFTED, Kind.RECEIPT, Kind.RETURN, Kind.ADJUSTMENT}
BY_TWO = {Kind.WRITE_OFF, Kind.ADJUSTMENT}
