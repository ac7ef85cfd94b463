from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """The ground: what every app needs and what needs no app of ours."""

    name = "clinic.core"
    label = "core"
    verbose_name = _("Institution and settings")
