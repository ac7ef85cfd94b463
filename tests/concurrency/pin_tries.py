"""What the processes of the PIN's race test do."""

from security.models import Device, User
from security.switching import _count_try


def count_try(device: str, user: int) -> bool:
    """Take one of the tries that are left."""
    return _count_try(device=Device.objects.get(pk=device), user=User.objects.get(pk=user))
