"""What administrators keep: rooms, departments, doctors, the table of diagnoses.

The week has pages of its own: changing it must look after the numbers given already.
"""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

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


class ClinicianForm(forms.ModelForm):
    """A doctor, found by name and not by what is typed at the sign-in."""

    class Meta:
        model = Clinician
        fields = [
            "user",
            "department",
            "room",
            "letter",
            "title",
            "licence_no",
            "may_prescribe",
            "antibiotic_grade",
            "psychotropic_2",
            "narcotic",
            "active",
        ]
        labels = {
            "user": _("Doctor"),
            "department": _("Department"),
            "room": _("Consulting room"),
            "licence_no": _("Number of the doctor's licence"),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].label_from_instance = _called


def _called(user) -> str:
    return f"{user.full_name} ({user.username})"


@admin.register(Clinician)
class ClinicianAdmin(KeptAdmin):
    form = ClinicianForm
    list_display = ["name", "letter", "where", "in_room", "title", "may_prescribe", "active"]
    list_select_related = ["user", "department", "room"]

    @admin.display(description=_("Doctor"))
    def name(self, clinician: Clinician) -> str:
        return clinician.user.full_name

    @admin.display(description=_("Department"), ordering="department")
    def where(self, clinician: Clinician) -> str:
        return clinician.department.name

    @admin.display(description=_("Consulting room"), ordering="room")
    def in_room(self, clinician: Clinician) -> str:
        return clinician.room.name

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change:
            planning.follow_doctor(clinician=obj, by=request.user)


@admin.register(Icd10Code)
class Icd10CodeAdmin(KeptAdmin):
    list_display = ["code", "name", "initials", "active"]
    search_fields = ["code", "name", "initials"]
