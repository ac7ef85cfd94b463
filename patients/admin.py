from django.contrib import admin

from clinic.core import clinical
from patients.models import AllergyGroup


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
