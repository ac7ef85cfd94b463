"""What administrators keep: rooms, departments, doctors, the week, the table of diagnoses."""

from django.contrib import admin

from registration.models import Clinician, Department, Icd10Code, Room, WeeklySchedule


class KeptAdmin(admin.ModelAdmin):
    """Rows that history points at are put out of use, never deleted."""

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Department)
class DepartmentAdmin(KeptAdmin):
    list_display = ["name", "paediatric", "emergency", "discreet", "active"]


@admin.register(Room)
class RoomAdmin(KeptAdmin):
    list_display = ["name"]


class WeekInline(admin.TabularInline):
    model = WeeklySchedule
    extra = 1
    can_delete = False


@admin.register(Clinician)
class ClinicianAdmin(KeptAdmin):
    list_display = ["user", "letter", "department", "room", "title", "may_prescribe", "active"]
    list_select_related = ["user", "department", "room"]
    inlines = [WeekInline]


@admin.register(WeeklySchedule)
class WeeklyScheduleAdmin(KeptAdmin):
    list_display = ["clinician", "weekday", "period", "starts", "ends", "quota", "active"]
    list_select_related = ["clinician__user"]
    list_filter = ["weekday", "period"]


@admin.register(Icd10Code)
class Icd10CodeAdmin(KeptAdmin):
    list_display = ["code", "name", "initials", "active"]
    search_fields = ["code", "name", "initials"]
