"""Follow-ups due, for whoever carries them out for everybody."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.core.todo import Todo
from patients.followup import lists
from security.permissions import P


def due(user) -> Iterable[Todo]:
    """A doctor is told above the queue, of the own files."""
    if user.has_perm(P.FOLLOW_UP) and not user.has_perm(P.CONSULT):
        yield Todo(_("Follow-ups due"), lists.due_count(), reverse("followup_list"))
