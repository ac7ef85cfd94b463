"""What the processes of test_drafts_together.py do. A result must be plain JSON."""

from clinic.core import drafts, sealing
from security.models import User
from tests.concurrency.racer import linger_after


def keep(text: str, by: int) -> str:
    """Save what was typed for the first time, from one tab of several; the draft's number."""
    linger_after(sealing, "seal")  # called between the look and the write
    draft = drafts.save_draft(form="f", content={"text": text}, by=User.objects.get(pk=by))
    return str(draft.pk)
