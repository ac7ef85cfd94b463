from django.urls import path

from pharmacy import views, views_import

urlpatterns = [
    path("", views.stock_list, name="stock"),
    path("receive/", views.stock_receive, name="stock_receive"),
    path("batches/<int:pk>/", views.stock_ledger, name="stock_ledger"),
    path("documents/<str:number>/", views.stock_document, name="stock_document"),
    path("drugs/", views.drug_list, name="drug_list"),
    path("drugs/choices/", views.drug_choices, name="drug_choices"),
    path("drugs/<int:pk>/", views.drug_show, name="drug_show"),
    path("drugs/import/", views_import.drug_import, name="drug_import"),
    path("drugs/import/<uuid:pk>/", views_import.drug_import_show, name="drug_import_show"),
    path(
        "drugs/import/<uuid:pk>/refused/",
        views_import.drug_import_refused,
        name="drug_import_refused",
    ),
]
