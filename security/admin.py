"""People in Django admin: accounts are made, given roles and closed, never deleted."""

import secrets

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.core.errors import RuleBroken
from security import devices, resets
from security.lockout import is_locked, unlock
from security.models import Device, User
from security.own_sessions import end_sessions
from security.permissions import Role
from security.roles import (
    LAST_ADMINISTRATOR,
    check_roles,
    check_who_changes,
    is_last_administrator,
    lock_administrators,
    set_roles,
)

admin.site.unregister(Group)


class PersonForm(forms.ModelForm):
    """Roles as boxes; administrator and auditor never on one person."""

    roles = forms.MultipleChoiceField(
        label=_("roles"), choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    by = None  # who fills it in; UserAdmin tells

    class Meta:
        model = User
        fields = ["username", "full_name", "is_active", "must_change_password"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["roles"] = sorted(self.instance.roles)

    def clean_roles(self):
        roles = self.cleaned_data["roles"]
        try:
            check_roles(set(roles))
        except RuleBroken as error:
            raise forms.ValidationError(error.message) from error
        return roles

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        lock_administrators()
        if self.instance.pk and set(cleaned.get("roles", [])) != self.instance.roles & {*Role}:
            try:
                check_who_changes(self.instance, self.by)
            except RuleBroken as error:
                self.add_error("roles", error.message)
        stays = Role.ADMINISTRATOR in cleaned.get("roles", []) and cleaned.get("is_active")
        if self.instance.pk and not stays and is_last_administrator(self.instance):
            raise forms.ValidationError(gettext(LAST_ADMINISTRATOR))
        return cleaned


class RoleFilter(admin.SimpleListFilter):
    """By the role's name on the screen; the groups bear the names of the code."""

    title = _("roles")
    parameter_name = "role"

    def lookups(self, request, model_admin):
        return Role.choices

    def queryset(self, request, queryset):
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """A new person gets a one-time password, shown once, to be changed at the first sign-in."""

    form = PersonForm
    list_display = ["username", "full_name", "words_of_roles", "is_active", "locked"]
    search_fields = ["username", "full_name"]
    list_filter = ["is_active", RoleFilter]
    actions = ["new_password", "unlock", "end_all_sessions", "reset_codes", "forget_computers"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def words_of_roles(self, user):
        names = {group.name for group in user.groups.all()}
        return "、".join(str(role.label) for role in Role if role in names)

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        return type(form.__name__, (form,), {"by": request.user})

    @admin.display(description=_("locked"), boolean=True)
    def locked(self, user):
        return is_locked(user)

    @admin.action(description=_("Unlock"), permissions=["change"])
    def unlock(self, request, queryset):
        for user in queryset:
            unlock(user=user, by=request.user)
        messages.success(request, gettext("Unlocked. These people can sign in again."))

    @admin.action(description=_("End all sessions"), permissions=["change"])
    def end_all_sessions(self, request, queryset):
        here = request.session.session_key
        ended = sum(
            end_sessions(user=user, keep=here if user.pk == request.user.pk else None)
            for user in queryset
        )
        messages.success(request, gettext("Sessions ended: %(count)s") % {"count": ended})

    @admin.action(description=_("Reset one-time codes (lost phone)"), permissions=["change"])
    def reset_codes(self, request, queryset):
        for user in queryset:
            try:
                resets.reset_codes(user=user, by=request.user)
            except RuleBroken as error:
                messages.error(request, error.message)
            else:
                messages.success(
                    request,
                    gettext("%(name)s sets up new one-time codes at the next sign-in.")
                    % {"name": user.username},
                )

    @admin.action(description=_("Forget the computers (PIN)"), permissions=["change"])
    def forget_computers(self, request, queryset):
        gone = sum(devices.forget_for(user=user, by=request.user) for user in queryset)
        messages.success(request, gettext("Computers forgotten: %(count)s") % {"count": gone})

    def has_delete_permission(self, request, obj=None):
        return False

    def lookup_allowed(self, lookup, value, request):
        """Nobody guesses a password's hash letter by letter through the list's address."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    def save_model(self, request, obj, form, change):
        password = None
        if not change:
            password = secrets.token_urlsafe(9)
            obj.set_password(password)
        elif "is_active" in form.changed_data:
            obj.opened_at = timezone.now()  # else it would be closed again as unused
        super().save_model(request, obj, form, change)
        set_roles(user=obj, roles=set(form.cleaned_data["roles"]), by=request.user)
        if password:
            self._show(request, obj, password)

    @admin.action(description=_("Give a new one-time password"), permissions=["change"])
    def new_password(self, request, queryset):
        for user in queryset:
            try:
                password = resets.give_password(user=user, by=request.user)
            except RuleBroken as error:
                messages.error(request, error.message)
                continue
            self._show(request, user, password)

    def _show(self, request, user, password):
        messages.warning(
            request,
            gettext("One-time password of %(name)s: %(password)s. It is shown only now.")
            % {"name": user.username, "password": password},
        )


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin):
    """Computers that know people; a lost one is forgotten, and nobody's PIN works there."""

    list_display = ["browser", "address", "last_user", "people", "created_at"]
    fields = ["browser", "address", "last_user", "created_at"]
    list_select_related = ["last_user"]
    actions = ["forget"]

    def get_queryset(self, request):
        return devices.with_people(super().get_queryset(request))

    @admin.display(description=_("people who gave the password there"))
    def people(self, device):
        return device.people

    @admin.action(description=_("Forget this computer (lost, sold)"), permissions=["view"])
    def forget(self, request, queryset):
        chosen = list(queryset)
        for device in chosen:
            devices.forget(device=device, by=request.user)
        gone = gettext("Computers forgotten: %(count)s") % {"count": len(chosen)}
        messages.success(request, gone)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
