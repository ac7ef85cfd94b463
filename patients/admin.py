from django.contrib import admin

from patients.models import AllergyGroup


@admin.register(AllergyGroup)
class AllergyGroupAdmin(admin.ModelAdmin):
    """Groups and the words that lead to them; patients' files are never in the admin."""

    list_display = ["code", "name", "default_action", "members"]
    search_fields = ["code", "name", "members", "synonyms"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []  # allergies on file point at the code

    def has_delete_permission(self, request, obj=None):
        return False
