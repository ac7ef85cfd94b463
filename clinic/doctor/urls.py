from django.urls import path

from clinic.doctor import views

urlpatterns = [
    path("", views.support, name="support"),
    path("bundle/", views.support_bundle, name="support_bundle"),
]
