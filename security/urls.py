from django.urls import path

from security import views, views_audit

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
    path("type-large/", views.type_large, name="type_large"),
    path("language/", views.language, name="set_language"),
    path("security/audit/", views_audit.audit_list, name="audit_list"),
    path("security/audit/export/", views_audit.audit_export_file, name="audit_export"),
    path("security/audit/week/", views_audit.audit_week, name="audit_week"),
]
