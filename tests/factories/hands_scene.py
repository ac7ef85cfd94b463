"""What stands ready before anybody's hands are counted (tests/browser/test_six_tasks.py)."""

from prescriptions.models import DispenseLine
from security.audit import acting_as
from tests.factories.scene import empty_queue, person, user, visit


def ready() -> None:
    """A known patient, one who waits alone for the doctor; tells a lot that was handed out."""
    with acting_as(user("frontdesk"), screen="scene"):
        person("鲍春华", 311)
        empty_queue("doctor")
        visit(person("宁静文", 312))
    of_one_drug = DispenseLine.objects.filter(movement__batch__lot__startswith="S")
    print(of_one_drug.latest("pk").movement.batch.lot)
