from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clinic.core.models import Institution, Setting
from clinic.core.site import DEFINITIONS


@admin.register(Institution)
class InstitutionAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "phone"]

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not Institution.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False


class SettingForm(forms.ModelForm):
    """The key is chosen from the list of known settings; the value must fit its type."""

    key = forms.ChoiceField(
        label=_("setting"),
        choices=lambda: [(key, f"{d.help} {d.default_text}") for key, d in DEFINITIONS.items()],
    )

    class Meta:
        model = Setting
        fields = ["key", "value"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("key") and cleaned.get("value") is not None:
            try:
                DEFINITIONS[cleaned["key"]].parse(cleaned["value"])
            except forms.ValidationError as error:
                self.add_error("value", error)
        return cleaned


@admin.register(Setting)
class SettingAdmin(admin.ModelAdmin):
    form = SettingForm
    list_display = ["key", "value", "meaning"]

    @admin.display(description=_("meaning"))
    def meaning(self, row):
        definition = DEFINITIONS.get(row.key)
        return definition.help if definition else ""
