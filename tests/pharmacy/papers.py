"""Documents of the stock for tests."""

from collections import defaultdict

from pharmacy import papers
from pharmacy.models import Place, Recall, StockDocument, StockTake


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


def require_whole_series() -> None:
    """No number is given twice and none is missing, whatever was refused or cut off (R-107)."""
    # A stock-take and the document of its differences carry the same number.
    numbers = set(StockTake.objects.values_list("number", flat=True))
    for model in (StockDocument, Recall):
        numbers |= set(model.objects.values_list("number", flat=True))
    series = defaultdict(list)
    for number in numbers:
        name, _dash, last = number.partition("-")
        series[name].append(int(last))
    for name, given in series.items():
        assert sorted(given) == list(range(1, len(given) + 1)), name
