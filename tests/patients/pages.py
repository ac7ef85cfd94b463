"""What the tests of the patients' pages share."""

import re
import uuid
from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.patients import id_number

BORN = date(1958, 3, 16)


def typed(**changes) -> dict:
    """The new-patient form as a browser sends it."""
    return {
        "once": str(uuid.uuid4()),
        "then": "save",
        "id_type": "01",
        "id_number": id_number(BORN),
        "no_id_reason": "",
        "name": "王秀英",
        "sex": "",
        "birth_date": "",
        "phone": "13812345678",
        "contact_name": "",
        "contact_relation": "",
        "contact_phone": "",
        "address": "青溪镇北桥村",
        "payment": "resident",
        "allergy_status": "denied",
        **{f"allergy{n}-{f}": "" for n in range(3) for f in ("substance", "reaction", "severity")},
        **changes,
    }


def words(response) -> str:
    return response.content.decode()


def primaries(response) -> int:
    return len(re.findall(r'class="[^"]*\bbtn-primary\b', words(response)))


def queries_of(send) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert send().status_code == 200
    return len(captured)
