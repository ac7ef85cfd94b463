from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CashierConfig(AppConfig):
    """What visits cost, who paid, and the till."""

    name = "clinic.cashier"
    label = "cashier"
    verbose_name = _("Cashier")

    def ready(self):
        from clinic.cashier import exporting, guards, handed, merging, nightly, shifts, todo
        from clinic.cashier.importing import FeeTable
        from clinic.core import scheduler
        from clinic.core import todo as todos
        from clinic.core.tables import kinds
        from patients import records
        from pharmacy import papers
        from security import home_notes

        guards.register()
        todos.register(15, todo.of_cashier)
        todo.register_step()
        records.register_merge_handler(merging.move)
        exporting.register_all()
        papers.register_undone(hold=handed.hold, settle=handed.settle)
        kinds.register(FeeTable())
        home_notes.register(shifts.told_administrator, module="charges")
        home_notes.register(nightly.told_administrator)
        scheduler.register("cashier.books", every=3600, run=nightly.verify_nightly)
