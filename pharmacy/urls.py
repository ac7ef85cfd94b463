from django.urls import include, path

from pharmacy import views

urlpatterns = [
    path("", views.stock_list, name="stock"),
    path("receive/", views.stock_receive, name="stock_receive"),
    path("batches/<int:pk>/", views.stock_ledger, name="stock_ledger"),
    path("documents/<str:number>/", views.stock_document, name="stock_document"),
    path("drugs/", views.drug_list, name="drug_list"),
    path("drugs/choices/", views.drug_choices, name="drug_choices"),
    path("drugs/<int:pk>/", views.drug_show, name="drug_show"),
    path("takes/", include("pharmacy.takes.urls")),
]
