from django.urls import path

from prescriptions.views import handing_out, papers, reading, recalls, reviewing, rules, writing

urlpatterns = [
    path("", reading.prescription_list, name="prescription_list"),
    path("start/<uuid:consultation>/", writing.prescription_start, name="prescription_start"),
    path("drugs/", writing.drug_suggest, name="drug_suggest"),
    path("review/", reviewing.review_list, name="review_list"),
    path("dispensing/", handing_out.dispense_list, name="dispense_list"),
    path("rules/", rules.rule_table, name="rule_table"),
    path("alerts/", rules.alert_outcomes, name="alert_outcomes"),
    path("skin-tests/", handing_out.skin_test_list, name="skin_test_list"),
    path(
        "items/<uuid:pk>/remove/", writing.prescription_item_remove, name="prescription_item_remove"
    ),
    path(
        "items/<uuid:pk>/replace/",
        writing.prescription_item_replace,
        name="prescription_item_replace",
    ),
    path(
        "items/<uuid:pk>/outside/",
        writing.prescription_item_outside,
        name="prescription_item_outside",
    ),
    path("items/<uuid:pk>/skin-test/", handing_out.skin_test, name="skin_test"),
    path("<uuid:pk>/", reading.prescription_show, name="prescription_show"),
    path("<uuid:pk>/edit/", writing.prescription_edit, name="prescription_edit"),
    path("<uuid:pk>/override/", writing.prescription_override, name="prescription_override"),
    path("<uuid:pk>/submit/", writing.prescription_submit, name="prescription_submit"),
    path("<uuid:pk>/void/", writing.prescription_void, name="prescription_void"),
    path("<uuid:pk>/print/", reading.prescription_print, name="prescription_print"),
    path("<uuid:pk>/review/", reviewing.review, name="review"),
    path("<uuid:pk>/approve/", reviewing.review_approve, name="review_approve"),
    path("<uuid:pk>/return/", reviewing.review_return, name="review_return"),
    path("<uuid:pk>/dispense/", handing_out.dispense, name="dispense"),
    path("<uuid:pk>/send-back/", handing_out.prescription_send_back, name="prescription_send_back"),
    path("archive/", papers.archive_list, name="archive_list"),
    path("register/", papers.prescription_register, name="prescription_register"),
    path("layout/", papers.paper_layout, name="paper_layout"),
    path("<uuid:pk>/labels/", papers.bag_labels, name="bag_labels"),
    path("<uuid:pk>/infusion/", papers.infusion_card, name="infusion_card"),
    path("recalls/<int:pk>/", recalls.recall_patients, name="recall_patients"),
    path("recalls/<int:pk>/phones/", recalls.recall_reveal, name="recall_reveal"),
    path("recalls/<int:pk>/contact/", recalls.recall_contact, name="recall_contact"),
    path("recalls/<int:pk>/print/", recalls.recall_print, name="recall_print"),
    path("recalls/<int:pk>/export/", recalls.recall_export, name="recall_export"),
]
