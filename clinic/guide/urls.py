"""The administrator's first steps."""

from django.urls import path

from clinic.guide import views

urlpatterns = [
    path("", views.guide, name="guide"),
    path("<str:code>/", views.guide_step, name="guide_step"),
]
