from django.urls import path

from security import views, views_backup

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
    path("type-large/", views.type_large, name="type_large"),
    path("language/", views.language, name="set_language"),
    path("security/", views_backup.security_home, name="security_home"),
    path("security/backup/", views_backup.backup_now, name="backup_now"),
    path("security/audit/", views.audit_list, name="audit_list"),
]
