"""Documents of the stock for tests."""

from pharmacy import papers
from pharmacy.models import Place


def store(code: str = "YK", name: str = "药库") -> Place:
    """A place behind the pharmacy that hands nothing out."""
    return Place.objects.get_or_create(code=code, defaults={"name": name, "dispenses": False})[0]


def rows(*parts) -> list[papers.Row]:
    """Lines out of (batch, base units)."""
    return [papers.Row(batch.drug, units, batch=batch) for batch, units in parts]


def drafted(kind: str, *parts, by, **head):
    """A draft that takes these units of these batches."""
    heads = {
        "write_off": {"cause": "broken"},
        "use": {"recipient": "治疗室"},
        "return": {"note": "药品不良反应"},
    }
    head = {**heads.get(kind, {}), **head}
    head.setdefault("place", parts[0][0].place if parts else None)
    return papers.start(kind=kind, head=head, rows=rows(*parts), by=by)


def posted(kind: str, *parts, by, confirmed_by=None, **head):
    """The same, posted."""
    return papers.post(document=drafted(kind, *parts, by=by, **head), by=confirmed_by or by)


def moved(document) -> list[tuple[str, int]]:
    return [(row.kind, row.quantity) for row in document.movements.order_by("pk")]
