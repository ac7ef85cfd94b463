from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CashierConfig(AppConfig):
    """What visits cost, who paid, and the till."""

    name = "clinic.cashier"
    label = "cashier"
    verbose_name = _("Cashier")

    def ready(self):
        from clinic.cashier import guards, shifts
        from security import home_notes

        guards.register()
        home_notes.register(shifts.told_administrator)
