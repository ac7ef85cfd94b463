from django.urls import path

from patients import views, views_allergies, views_followup, views_glass

urlpatterns = [
    path("", views.patient_search, name="patient_search"),
    path("new/", views.patient_new, name="patient_new"),
    path("<uuid:pk>/", views.patient_chart, name="patient_chart"),
    path("<uuid:pk>/open/", views_glass.break_glass, name="break_glass"),
    path("<uuid:pk>/reveal/", views.patient_reveal, name="patient_reveal"),
    path("<uuid:pk>/edit/", views.patient_edit, name="patient_edit"),
    path("<uuid:pk>/allergies/", views_allergies.patient_allergies, name="patient_allergies"),
    path(
        "allergies/<uuid:pk>/withdraw/", views_allergies.allergy_withdraw, name="allergy_withdraw"
    ),
    # long care
    path("followups/", views_followup.followup_list, name="followup_list"),
    path("followups/phones/", views_followup.followup_phones, name="followup_phones"),
    path("followups/<uuid:pk>/", views_followup.followup_record, name="followup_record"),
    path("followups/<uuid:pk>/move/", views_followup.followup_move, name="followup_move"),
    path("followups/<uuid:pk>/print/", views_followup.followup_print, name="followup_print"),
    path("<uuid:pk>/followups/", views_followup.patient_followups, name="patient_followups"),
    path("care/<uuid:pk>/close/", views_followup.care_file_close, name="care_file_close"),
    path("care/<uuid:pk>/birth/", views_followup.care_file_delivery, name="care_file_delivery"),
]
