"""What the processes of test_second_step_once do."""

from security import second_factor
from security.models import User
from tests.concurrency.racer import linger_after


def recovery(by: int, code: str) -> int:
    return second_factor.use_recovery_code(code=code, by=User.objects.get(pk=by))


def one_time(by: int, code: str) -> str:
    second_factor.check_code(code=code, by=User.objects.get(pk=by))
    return "in"


def begin(by: int) -> str:
    """Open the page that shows the seed; the seed."""
    linger_after(second_factor.secrets, "token_bytes")  # called between the look and the write
    return second_factor.begin(by=User.objects.get(pk=by)).seed
