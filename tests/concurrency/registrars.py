"""What the processes of test_same_id_number.py and test_same_person.py do.

A result must be plain JSON.
"""

from datetime import date

from patients import services
from patients.models import IdType
from security.models import User
from tests.concurrency.racer import change, linger_after, look


def open_file(number: str, name: str, by: int, how: str) -> str:
    """Open a file with this document number; the record number it got.

    `how`: "whole" runs the verb as it is; "bare" statement by statement, without its transaction;
    "check alone" also without what the verb does when the database refuses the row.
    """
    refuse = services.refuse_taken_number
    calls = []

    def refuse_and_linger(*args, **kwargs):
        refuse(*args, **kwargs)
        calls.append(args)
        if len(calls) == 1:
            look()

    change(services, "refuse_taken_number", refuse_and_linger)
    verb = services.register if how == "whole" else services.register.__wrapped__
    if how == "check alone":
        change(services, "_save", lambda patient: patient.save())
    patient = verb(
        by=User.objects.get(pk=by),
        name=name,
        sex="2",
        birth_date=date(1958, 3, 16),
        id_type="01",
        id_number=number,
        phone="13812345678",
        allergy_status="not_asked",
    )
    return patient.record_no


def open_without_number(name: str, by: int) -> str:
    """Open a file for somebody who has no document at hand; the record number it got."""
    linger_after(services, "refuse_possible_duplicate")
    patient = services.register(
        by=User.objects.get(pk=by),
        name=name,
        sex="2",
        birth_date=date(1958, 3, 16),
        id_type=IdType.NONE.value,
        no_id_reason="未带证件",
        phone="13812345678",
        allergy_status="not_asked",
    )
    return patient.record_no
