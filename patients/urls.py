from django.urls import path

from patients import views, views_allergies, views_export, views_glass

urlpatterns = [
    path("", views.patient_search, name="patient_search"),
    path("new/", views.patient_new, name="patient_new"),
    path("<uuid:pk>/", views.patient_chart, name="patient_chart"),
    path("<uuid:pk>/open/", views_glass.break_glass, name="break_glass"),
    path("<uuid:pk>/reveal/", views.patient_reveal, name="patient_reveal"),
    path("<uuid:pk>/copy/", views_export.patient_copy, name="patient_copy"),
    path("<uuid:pk>/export/", views_export.patient_export, name="patient_export"),
    path("list/", views_export.patient_list, name="patient_list"),
    path("datasets/", views_export.data_sets, name="data_sets"),
    path("exports/<uuid:pk>/", views_export.export_show, name="export_show"),
    path("exports/<uuid:pk>/file/", views_export.export_file, name="export_file"),
    path("copies/<uuid:pk>/", views_export.copy_print, name="copy_print"),
    path("<uuid:pk>/edit/", views.patient_edit, name="patient_edit"),
    path("<uuid:pk>/allergies/", views_allergies.patient_allergies, name="patient_allergies"),
    path(
        "allergies/<uuid:pk>/withdraw/", views_allergies.allergy_withdraw, name="allergy_withdraw"
    ),
]
