"""What administrators declare: that nobody here is a pharmacist (R-177); treatments offered."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from prescriptions import no_pharmacist
from prescriptions.models import TreatmentService
from prescriptions.review_models import NoPharmacist


class NoPharmacistForm(forms.ModelForm):
    """Reason and licence are written once; later on only the end can be declared."""

    over = forms.BooleanField(label=_("There is a pharmacist again"), required=False)

    class Meta:
        model = NoPharmacist
        fields = ["reason", "licence"]

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk is None and no_pharmacist.is_declared():
            raise forms.ValidationError(_("It is declared already that there is no pharmacist."))
        return cleaned


@admin.register(NoPharmacist)
class NoPharmacistAdmin(admin.ModelAdmin):
    form = NoPharmacistForm
    list_display = ["since", "reason", "licence", "declared_by", "ended_at"]
    list_select_related = ["declared_by"]

    def get_fields(self, request, obj=None):
        return ["reason", "licence"] if obj is None else ["reason", "licence", "over"]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else ["reason", "licence"]

    def has_change_permission(self, request, obj=None):
        is_over = obj is not None and obj.ended_at is not None
        return not is_over and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        if not change:
            made = no_pharmacist.declare(reason=obj.reason, licence=obj.licence, by=request.user)
            obj.pk, obj.since = made.pk, made.since
        elif form.cleaned_data.get("over"):
            no_pharmacist.end(by=request.user)


@admin.register(TreatmentService)
class TreatmentServiceAdmin(admin.ModelAdmin):
    """Stopped, not deleted: orders keep their name."""

    list_display = ["code", "name", "kind", "routes", "two_people", "active"]
    list_filter = ["kind", "active"]
    search_fields = ["code", "name", "initials"]

    def has_delete_permission(self, request, obj=None):
        return False
