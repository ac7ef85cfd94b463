"""The guide on the administrator's home, once it was begun and something of it is still open."""

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.core.models import GuideStep
from clinic.guide import steps
from security.home_notes import Note


def still_open(_user) -> Note | None:
    """Steps that were left for later count: they are what the line reminds of."""
    if not GuideStep.objects.exists():
        return None
    count = sum(step.state != GuideStep.State.DONE for step in steps.shown())
    if not count:
        return None
    words = _("First steps still open: %(count)s") % {"count": count}
    return Note(words, f"{reverse('guide')}?all=1", _("Go on with them"))
