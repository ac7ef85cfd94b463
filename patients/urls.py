from django.urls import path

from patients import (
    views,
    views_allergies,
    views_basics,
    views_changes,
    views_chart,
    views_consents,
    views_glass,
    views_import,
    views_merge,
    views_person,
)

urlpatterns = [
    path("", views.patient_search, name="patient_search"),
    path("new/", views.patient_new, name="patient_new"),
    path("import/", views_import.patient_import, name="patient_import"),
    path("import/<uuid:pk>/", views_import.patient_import_show, name="patient_import_show"),
    path(
        "import/<uuid:pk>/refused/",
        views_import.patient_import_refused,
        name="patient_import_refused",
    ),
    path("new/unnamed/", views_person.patient_unnamed, name="patient_unnamed"),
    path("<uuid:pk>/", views_chart.patient_chart, name="patient_chart"),
    path("<uuid:pk>/open/", views_glass.break_glass, name="break_glass"),
    path("<uuid:pk>/reveal/", views_chart.patient_reveal, name="patient_reveal"),
    path("duplicates/", views_merge.duplicate_list, name="duplicate_list"),
    path("<uuid:pk>/merge/", views_merge.patient_merge, name="patient_merge"),
    path("<uuid:pk>/different/", views_merge.patient_different, name="patient_different"),
    path("merges/<uuid:pk>/undo/", views_merge.merge_undo, name="merge_undo"),
    path("<uuid:pk>/edit/", views.patient_edit, name="patient_edit"),
    path("<uuid:pk>/allergies/", views_allergies.patient_allergies, name="patient_allergies"),
    path("<uuid:pk>/basics/", views_basics.patient_basics, name="patient_basics"),
    path("<uuid:pk>/basics/print/", views_basics.basics_print, name="basics_print"),
    path("<uuid:pk>/changes/", views_changes.patient_changes, name="patient_changes"),
    path("allergies/<uuid:pk>/group/", views_allergies.allergy_group, name="allergy_group"),
    path(
        "allergies/<uuid:pk>/withdraw/", views_allergies.allergy_withdraw, name="allergy_withdraw"
    ),
    path("<uuid:pk>/consents/", views_consents.patient_consents, name="patient_consents"),
    path("<uuid:pk>/consents/print/", views_consents.consent_print, name="consent_print"),
    path("consents/<uuid:pk>/withdraw/", views_consents.consent_withdraw, name="consent_withdraw"),
    path("consents/<str:kind>/", views_consents.consent_text, name="consent_text"),
]
