from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_save, pre_save
from django.utils.translation import gettext_lazy as _


class PharmacyConfig(AppConfig):
    name = "pharmacy"
    verbose_name = _("Pharmacy")

    def ready(self):
        from clinic.core import scheduler
        from clinic.core import todo as todos
        from clinic.core.tables import kinds
        from pharmacy import limits, mending, prices, usage, words
        from pharmacy.importing.drugs import DrugTable
        from pharmacy.importing.interactions import InteractionTable
        from pharmacy.reports import days
        from pharmacy.takes import work
        from pharmacy.watch import keeping, todo

        todos.register(40, todo.of_stock, shown_on=("stock",))
        warn = partial(scheduler.register, module="pharmacy")  # not where there is none
        warn("pharmacy.warnings", every=300, run=keeping.refresh)
        warn("pharmacy.slow_movers", every=6 * 3600, run=keeping.refresh_daily)
        scheduler.register("pharmacy.days", every=900, run=days.close_past)
        scheduler.register("pharmacy.worth", every=6 * 3600, run=mending.mend_worth)
        warn("pharmacy.limits", every=12 * 3600, run=limits.follow_use)
        scheduler.register("pharmacy.takes", every=60, run=work.go_on)
        drug = self.get_model("Drug")
        pre_save.connect(words.before_save, sender=drug, dispatch_uid="drug_names")
        post_save.connect(words.after_save, sender=drug, dispatch_uid="drug_words")
        scheduler.register("pharmacy.prices", every=20, run=prices.apply_due)
        scheduler.register("pharmacy.words", every=600, run=words.index_missing)
        scheduler.register("pharmacy.used", every=6 * 3600, run=usage.count_use)
        kinds.register(DrugTable())
        kinds.register(InteractionTable())
