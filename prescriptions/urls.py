from django.urls import path

from prescriptions.views import (
    evaluating,
    evaluation_reports,
    handing_out,
    reading,
    recalls,
    reviewing,
    rules,
    writing,
)

urlpatterns = [
    path("", reading.prescription_list, name="prescription_list"),
    path("start/<uuid:consultation>/", writing.prescription_start, name="prescription_start"),
    path("drugs/", writing.drug_suggest, name="drug_suggest"),
    path("review/", reviewing.review_list, name="review_list"),
    path("dispensing/", handing_out.dispense_list, name="dispense_list"),
    path("rules/", rules.rule_table, name="rule_table"),
    path("alerts/", rules.alert_outcomes, name="alert_outcomes"),
    path("evaluation/", evaluating.evaluation_list, name="evaluation_list"),
    path("evaluation/own/", evaluating.evaluation_own, name="evaluation_own"),
    path("evaluation/paper/", evaluating.paper_sheets, name="paper_sheets"),
    path(
        "evaluation/paper/<uuid:pk>/withdraw/",
        evaluating.paper_sheet_withdraw,
        name="paper_sheet_withdraw",
    ),
    path("evaluation/compliance/", evaluation_reports.rx_compliance, name="rx_compliance"),
    path("evaluation/form/", evaluation_reports.rx_monthly_form, name="rx_monthly_form"),
    path(
        "evaluation/<uuid:pk>/answer/", evaluating.evaluation_answer, name="evaluation_answer"
    ),
    path("evaluation/<uuid:pk>/", evaluating.evaluation_sheet, name="evaluation_sheet"),
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
    path("recalls/<int:pk>/", recalls.recall_patients, name="recall_patients"),
    path("recalls/<int:pk>/phones/", recalls.recall_reveal, name="recall_reveal"),
    path("recalls/<int:pk>/contact/", recalls.recall_contact, name="recall_contact"),
    path("recalls/<int:pk>/print/", recalls.recall_print, name="recall_print"),
    path("recalls/<int:pk>/export/", recalls.recall_export, name="recall_export"),
]
