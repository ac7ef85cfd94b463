"""The first administrator's one-time password, on the disk until it was changed.

Set-up writes it into `first/` of the data directory, with the sheets that are to be printed: what
a power cut or a closed window would have lost would lock everybody out.
"""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import transaction

from security.models import User

ACCOUNT = "admin"


def still_opens(password: str) -> bool:
    """Whether the first account still waits with this password."""
    user = User.objects.filter(username=ACCOUNT, must_change_password=True).first()
    return user is not None and user.check_password(password)


def forget(user: User) -> None:
    """The account has another password now: sheets and password go."""
    folder = Path(settings.DATA_DIR) / "first"
    if user.username == ACCOUNT and folder.is_dir():
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
