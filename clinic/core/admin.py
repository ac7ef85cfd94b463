from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from clinic.core.models import Institution, Setting
from clinic.core.settings_list import in_force
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
        choices=lambda: [(key, f"{d.meaning} {d.default_text}") for key, d in DEFINITIONS.items()],
    )

    class Meta:
        model = Setting
        fields = ["key", "value"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["key"].disabled = not self.instance._state.adding
        key = self.instance.key or self.data.get("key") or self.initial.get("key")
        definition = DEFINITIONS.get(key)
        if definition is not None:
            self.fields["value"].help_text = definition.example
            if definition.options:
                options = list(definition.options)
                kept = self.instance.value
                options += [(kept, kept)] * (kept not in ("", *dict(options)))  # 是, or a slip
                self.fields["value"].widget = forms.Select(choices=options)

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
    """Every setting stands in the list, changed or not; taking the own value away brings the
    default back."""

    form = SettingForm

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        words = request.GET.get("q", "").strip()[:100]
        context = {
            **self.admin_site.each_context(request),
            "title": self.opts.verbose_name_plural,
            "opts": self.opts,
            "rows": in_force(words),
            "words": words,
        }
        return TemplateResponse(request, "admin/core/setting/change_list.html", context)

    def get_changeform_initial_data(self, request):
        """Opened from the list: the setting with its default, to be written over."""
        key = request.GET.get("key", "")
        definition = DEFINITIONS.get(key)
        return {"key": key, "value": definition.stored_default} if definition else {}
