from django import forms
from django.contrib import admin

from clinic.core import clinical
from patients import consents
from patients.models import AllergyGroup, ConsentText


@admin.register(AllergyGroup)
class AllergyGroupAdmin(admin.ModelAdmin):
    """Groups and the words that lead to them; patients' files are never in the admin."""

    list_display = ["code", "name", "default_action", "members", "checked", "source"]
    list_filter = ["checked"]
    search_fields = ["code", "name", "members", "synonyms"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []  # allergies on file point at the code

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        clinical.change(row=obj, key=obj.code, values=dict(form.cleaned_data), by=request.user)


class ConsentTextForm(forms.ModelForm):
    """A new version of one of the texts."""

    class Meta:
        model = ConsentText
        fields = ["kind", "text"]

    def clean(self):
        cleaned = super().clean()
        if "kind" in cleaned and "text" in cleaned:
            trouble = consents.text_problem(cleaned["kind"], cleaned["text"])
            if trouble:
                self.add_error("text", trouble)
        return cleaned


@admin.register(ConsentText)
class ConsentTextAdmin(admin.ModelAdmin):
    """What is explained to patients; a change is a new version, old ones stay (R-137)."""

    form = ConsentTextForm
    list_display = ["kind", "version", "made_at", "made_by"]
    list_filter = ["kind"]

    def has_change_permission(self, request, obj=None):
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_changeform_initial_data(self, request):
        """A new version begins with the words of the last."""
        kind = request.GET.get("kind", "notice")
        text = consents.texts_in_force().get(kind)
        return {"kind": kind, "text": text.text} if text else {}

    def save_model(self, request, obj, form, change):
        row = consents.write_text(**form.cleaned_data, by=request.user)
        obj.pk, obj.version, obj.made_by = row.pk, row.version, row.made_by
        obj._state.adding = False
