from django.urls import path

from security import (
    views,
    views_accounts,
    views_audit,
    views_backup,
    views_daily,
    views_drafts,
    views_switch,
)

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
    path("second-step/", views_accounts.second_step, name="second_step"),
    path("second-step/set-up/", views_accounts.set_up, name="second_step_setup"),
    path("second-step/new-codes/", views_accounts.new_recovery_codes, name="new_recovery_codes"),
    path("sessions/", views_accounts.my_sessions, name="my_sessions"),
    path("sessions/end/", views_accounts.end_session, name="end_session"),
    path("sessions/forget/", views_accounts.forget_computer, name="forget_computer"),
    path("resets/seen/", views_accounts.resets_seen, name="resets_seen"),
    path("switch/", views_switch.switch, name="switch"),
    path("pin/", views_switch.pin_set, name="pin_set"),
    path("kept/<uuid:name>/", views_switch.kept_form, name="kept"),
    path("drafts/", views_drafts.draft_keep, name="draft_keep"),
    path("drafts/<uuid:pk>/drop/", views_drafts.draft_drop, name="draft_drop"),
    path("drafts/<uuid:pk>/undo/", views_drafts.draft_bring_back, name="draft_bring_back"),
    path("type-large/", views.type_large, name="type_large"),
    path("language/", views.language, name="set_language"),
    path("security/", views_backup.security_home, name="security_home"),
    path("security/backup/", views_backup.backup_now, name="backup_now"),
    path("security/audit/", views_audit.audit_list, name="audit_list"),
    path("security/audit/export/", views_audit.audit_export_file, name="audit_export"),
    path("security/audit/week/", views_audit.audit_week, name="audit_week"),
    path("security/daily/", views_daily.security_daily, name="security_daily"),
    path("security/daily/compare/", views_daily.seal_compare, name="seal_compare"),
]
