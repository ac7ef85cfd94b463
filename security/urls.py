from django.urls import path

from security import views, views_switch

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
    path("switch/", views_switch.switch, name="switch"),
    path("pin/", views_switch.pin_set, name="pin_set"),
    path("kept/<uuid:name>/", views_switch.kept_form, name="kept"),
    path("type-large/", views.type_large, name="type_large"),
    path("language/", views.language, name="set_language"),
    path("security/audit/", views.audit_list, name="audit_list"),
]
