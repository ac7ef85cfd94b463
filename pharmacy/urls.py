from django.urls import path

from pharmacy import views, views_cold, views_controlled, views_recalls

urlpatterns = [
    path("", views.stock_list, name="stock"),
    path("receive/", views.stock_receive, name="stock_receive"),
    path("batches/<int:pk>/", views.stock_ledger, name="stock_ledger"),
    path("documents/<str:number>/", views.stock_document, name="stock_document"),
    path("drugs/", views.drug_list, name="drug_list"),
    path("drugs/choices/", views.drug_choices, name="drug_choices"),
    path("drugs/<int:pk>/", views.drug_show, name="drug_show"),
    path("batches/<int:pk>/hold/", views_recalls.batch_hold, name="batch_hold"),
    path("recalls/", views_recalls.recall_list, name="recall_list"),
    path("recalls/new/", views_recalls.recall_new, name="recall_new"),
    path("recalls/<int:pk>/", views_recalls.recall_show, name="recall_show"),
    path("recalls/<int:pk>/close/", views_recalls.recall_close, name="recall_close"),
    path("controlled/", views_controlled.controlled_list, name="controlled_list"),
    path("controlled/<int:pk>/", views_controlled.controlled_book, name="controlled_book"),
    path(
        "controlled/<int:pk>/print/",
        views_controlled.controlled_book_print,
        name="controlled_book_print",
    ),
    path("handovers/", views_controlled.handover_list, name="handover_list"),
    path("handovers/new/", views_controlled.handover_new, name="handover_new"),
    path("handovers/<int:pk>/", views_controlled.handover_show, name="handover_show"),
    path("cold/", views_cold.cold_list, name="cold_list"),
    path("cold/units/new/", views_cold.cold_unit_new, name="cold_unit_new"),
    path("cold/units/<int:pk>/", views_cold.cold_unit_edit, name="cold_unit_edit"),
    path("cold/<int:pk>/read/", views_cold.cold_read, name="cold_read"),
    path("cold/<int:pk>/month/", views_cold.cold_month, name="cold_month"),
    path("cold/<int:pk>/month/print/", views_cold.cold_month_print, name="cold_month_print"),
    path("cold/readings/<int:pk>/correct/", views_cold.cold_correct, name="cold_correct"),
]
