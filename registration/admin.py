"""What administrators keep: rooms, departments, doctors, the table of diagnoses.

The week has pages of its own: changing it must look after the numbers given already.
"""

from django.contrib import admin

from registration import planning
from registration.models import Area, Clinician, Department, Icd10Code, Room


class KeptAdmin(admin.ModelAdmin):
    """Rows that history points at are put out of use, never deleted."""

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Department)
class DepartmentAdmin(KeptAdmin):
    list_display = ["name", "paediatric", "emergency", "discreet", "active"]


@admin.register(Area)
class AreaAdmin(KeptAdmin):
    list_display = ["name", "numbers_only", "active"]


@admin.register(Room)
class RoomAdmin(KeptAdmin):
    list_display = ["name", "area"]
    list_select_related = ["area"]


@admin.register(Clinician)
class ClinicianAdmin(KeptAdmin):
    list_display = ["user", "letter", "department", "room", "title", "may_prescribe", "active"]
    list_select_related = ["user", "department", "room"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change:
            planning.follow_doctor(clinician=obj, by=request.user)


@admin.register(Icd10Code)
class Icd10CodeAdmin(KeptAdmin):
    list_display = ["code", "name", "initials", "active"]
    search_fields = ["code", "name", "initials"]
