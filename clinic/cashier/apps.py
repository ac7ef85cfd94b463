from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CashierConfig(AppConfig):
    """What visits cost, who paid, and the till."""

    name = "clinic.cashier"
    label = "cashier"
    verbose_name = _("Cashier")
