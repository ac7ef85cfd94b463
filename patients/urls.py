from django.urls import path

from patients import views, views_allergies, views_find, views_glass

urlpatterns = [
    path("", views.patient_search, name="patient_search"),
    path("find/", views_find.patient_find, name="patient_find"),
    path("new/", views.patient_new, name="patient_new"),
    path("<uuid:pk>/", views.patient_chart, name="patient_chart"),
    path("<uuid:pk>/open/", views_glass.break_glass, name="break_glass"),
    path("<uuid:pk>/reveal/", views.patient_reveal, name="patient_reveal"),
    path("<uuid:pk>/edit/", views.patient_edit, name="patient_edit"),
    path("<uuid:pk>/allergies/", views_allergies.patient_allergies, name="patient_allergies"),
    path(
        "allergies/<uuid:pk>/withdraw/", views_allergies.allergy_withdraw, name="allergy_withdraw"
    ),
]
