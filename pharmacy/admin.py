"""Drugs, suppliers and pairs are the administrator's; the shelf itself is only looked at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clinic.core import clinical
from clinic.core.transactions import lock
from pharmacy import catalogue, drugs
from pharmacy.models import (
    Batch,
    ControlClass,
    Drug,
    DrugCategory,
    Interaction,
    Place,
    StockMovement,
    Supplier,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Nothing can be added, changed or deleted here; pharmacy.stock alone writes it."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ControlClassInline(admin.TabularInline):
    """A class is never overwritten: a new one gets a row of its own with its date (R-53)."""

    model = ControlClass
    extra = 0
    can_delete = False

    def has_change_permission(self, request, obj=None):
        return False

    def has_add_permission(self, request, obj=None):
        return obj is None  # of a drug that is there, on its own page


@admin.register(Drug)
class DrugAdmin(admin.ModelAdmin):
    """What a drug is stays as it is once it was used: stop it and make a new one (R-122)."""

    list_display = ["code", "generic_name", "strength", "pack_spec", "price", "verified", "active"]
    list_filter = ["active", "verified", "category", "rx", "antibiotic_grade"]
    search_fields = ["generic_name", "trade_name", "initials", "initials_short", "code"]
    inlines = [ControlClassInline]
    list_per_page = 50

    def get_object(self, request, object_id, from_field=None):
        # Locked while it is written: a price document of this moment is not overwritten.
        obj = super().get_object(request, object_id, from_field)
        is_written = request.method == "POST" and obj is not None
        return lock(Drug.objects.filter(pk=obj.pk)).get() if is_written else obj

    def get_readonly_fields(self, request, obj=None):
        # Checked by a pharmacist, stopped, taken up again: on the drug's own page, by its verbs.
        fields = ["verified", "verified_by", "verified_at", "active", "stop_reason", "replaces"]
        # The price of a used drug changes by document only.
        return [*fields, *catalogue.IDENTITY, "price"] if obj and catalogue.is_used(obj) else fields

    def save_model(self, request, obj, form, change):
        touched = set(form.changed_data) - drugs.OF_THE_SHELF
        old = Drug.objects.get(pk=obj.pk) if change and touched else None
        if old:
            drugs.uncheck(obj)
        super().save_model(request, obj, form, change)
        if old:
            drugs.note_clinical(obj, drugs.before(old, touched), request.user)

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Supplier)
class SupplierAdmin(admin.ModelAdmin):
    list_display = ["name", "licence", "licence_until", "active"]
    search_fields = ["name", "licence"]

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Place)
class PlaceAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "dispenses", "active"]

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(DrugCategory)
class DrugCategoryAdmin(admin.ModelAdmin):
    list_display = ["name", "parent", "order"]
    list_select_related = ["parent"]
    search_fields = ["name"]
    autocomplete_fields = ["parent"]

    def get_readonly_fields(self, request, obj=None):
        # Groups are moved on their own page, where no circle can come of it.
        return ["parent"] if obj else []


@admin.register(Interaction)
class InteractionAdmin(admin.ModelAdmin):
    list_display = ["number", "a_value", "b_value", "severity", "effect", "checked", "source"]
    list_filter = ["severity", "checked"]
    search_fields = ["number", "a_value", "b_value", "effect"]
    list_per_page = 50

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        values = {name: form.cleaned_data[name] for name in form.cleaned_data}
        clinical.change(row=obj, key=obj.number, values=values, by=request.user)


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    list_display = ["drug", "lot", "expires_on", "on_hand", "frozen", "shelf"]
    list_select_related = ["drug"]
    list_filter = ["frozen"]
    search_fields = ["lot", "drug__generic_name", "drug__initials"]
    list_per_page = 50


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyAdmin):
    list_display = ["made_at", "document", "drug", "lot", "kind", "quantity", "balance", "who"]
    list_select_related = ["document", "batch__drug", "made_by"]
    list_filter = ["kind"]
    search_fields = ["reference", "document__number", "batch__lot"]
    list_per_page = 50

    @admin.display(description=_("drug"))
    def drug(self, row):
        return row.batch.drug

    @admin.display(description=_("lot"))
    def lot(self, row):
        return row.batch.lot

    @admin.display(description=_("who"), ordering="made_by")
    def who(self, row):
        return row.made_by.full_name
