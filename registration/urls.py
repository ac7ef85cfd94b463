from django.urls import path

from registration.views import consultation, desk, prints, queue, schedule, templates

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("new/<uuid:patient>/", desk.registration_new, name="registration_new"),
    path("<uuid:pk>/slip/", desk.slip, name="slip"),
    path("<uuid:pk>/cancel/", desk.registration_cancel, name="registration_cancel"),
    path("<uuid:pk>/check-in/", desk.registration_check_in, name="registration_check_in"),
    path("<uuid:pk>/recall/", desk.registration_recall, name="registration_recall"),
    path("<uuid:pk>/vitals/", consultation.vitals, name="vitals"),
    path("<uuid:pk>/start/", queue.start_consultation, name="start_consultation"),
    path("<uuid:pk>/call-again/", queue.call_again, name="call_again"),
    path("<uuid:pk>/pass-over/", queue.pass_over, name="pass_over"),
    path("queue/", queue.queue, name="queue"),
    path("queue/rows/", queue.queue_fragment, name="queue_fragment"),
    path("queue/next/", queue.call_next, name="call_next"),
    path("consultations/<uuid:pk>/", consultation.consultation, name="consultation"),
    path(
        "consultations/<uuid:pk>/finish/",
        consultation.consultation_finish,
        name="consultation_finish",
    ),
    path(
        "consultations/<uuid:pk>/draft/",
        consultation.consultation_draft,
        name="consultation_draft",
    ),
    path("consultations/<uuid:pk>/print/", prints.record_print, name="record_print"),
    path("consultations/<uuid:pk>/sick-note/", prints.sick_note_print, name="sick_note_print"),
    path("consultations/<uuid:pk>/referral/", prints.referral_print, name="referral_print"),
    path("diagnoses/", consultation.diagnosis_suggest, name="diagnosis_suggest"),
    path("diagnoses/<uuid:pk>/remove/", consultation.diagnosis_remove, name="diagnosis_remove"),
    path("templates/", templates.templates, name="record_templates"),
    path("templates/new/", templates.template_new, name="record_template_new"),
    path("templates/<uuid:pk>/", templates.template, name="record_template"),
    path("schedule/", schedule.schedule, name="schedule"),
]
