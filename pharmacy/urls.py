from django.urls import include, path

from pharmacy import views, views_reports, views_warnings

urlpatterns = [
    path("", views.stock_list, name="stock"),
    path("receive/", views.stock_receive, name="stock_receive"),
    path("batches/<int:pk>/", views.stock_ledger, name="stock_ledger"),
    path("documents/<str:number>/", views.stock_document, name="stock_document"),
    path("warnings/", views_warnings.stock_warnings, name="stock_warnings"),
    path("warnings/undo/", views_warnings.stock_warnings_undo, name="stock_warnings_undo"),
    path("orders/", views_warnings.stock_orders, name="stock_orders"),
    path("reports/", views_reports.stock_report, name="stock_report"),
    path("reports/<str:slug>/", views_reports.stock_report, name="stock_report_of"),
    path("drugs/<int:pk>/ledger/", views_reports.drug_ledger, name="drug_ledger"),
    path("drugs/", views.drug_list, name="drug_list"),
    path("drugs/choices/", views.drug_choices, name="drug_choices"),
    path("drugs/<int:pk>/", views.drug_show, name="drug_show"),
    path("takes/", include("pharmacy.takes.urls")),
]
