"""What stands ready before anybody's hands are counted (tests/browser/test_six_tasks.py)."""

from django.db.models import Count

from pharmacy.models import Batch
from prescriptions.models import DispenseLine
from security.audit import acting_as
from tests.factories.scene import empty_queue, person, user, visit


def ready() -> None:
    """A known patient, one who waits alone for the doctor; tells a lot that was handed out."""
    with acting_as(user("frontdesk"), screen="scene"):
        person("鲍春华", 311)
        empty_queue("doctor")
        visit(person("宁静文", 312))
    print(handed_out())


def handed_out() -> str:
    """A lot that somebody got, and that is a lot of one drug only."""
    got = set(DispenseLine.objects.values_list("movement__batch__lot", flat=True))
    lots = Batch.objects.filter(lot__in=got).order_by().values_list("lot")
    one = lots.annotate(drugs=Count("drug", distinct=True)).filter(drugs=1)
    return sorted(lot for lot, _drugs in one if len(lot) > 3)[0]
