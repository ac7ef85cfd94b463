from django.urls import path

from pharmacy import views, views_drugs, views_groups, views_prices

urlpatterns = [
    path("", views.stock_list, name="stock"),
    path("receive/", views.stock_receive, name="stock_receive"),
    path("batches/<int:pk>/", views.stock_ledger, name="stock_ledger"),
    path("documents/<str:number>/", views.stock_document, name="stock_document"),
    path("drugs/", views_drugs.drug_list, name="drug_list"),
    path("drugs/choices/", views.drug_choices, name="drug_choices"),
    path("drugs/new/", views_drugs.drug_new, name="drug_new"),
    path("drugs/groups/", views_groups.drug_groups, name="drug_groups"),
    path("drugs/<int:pk>/", views_drugs.drug_show, name="drug_show"),
    path("drugs/<int:pk>/change/", views_drugs.drug_change, name="drug_change"),
    path("drugs/<int:pk>/check/", views_drugs.drug_check, name="drug_check"),
    path("drugs/<int:pk>/stop/", views_drugs.drug_stop, name="drug_stop"),
    path("drugs/<int:pk>/restart/", views_drugs.drug_restart, name="drug_restart"),
    path("drugs/<int:pk>/control/", views_drugs.drug_control, name="drug_control"),
    path("prices/", views_prices.price_list, name="price_list"),
    path("prices/new/", views_prices.price_new, name="price_new"),
    path("prices/<str:number>/", views_prices.price_show, name="price_show"),
    path("prices/<str:number>/print/", views_prices.price_print, name="price_print"),
    path("prices/<str:number>/withdraw/", views_prices.price_withdraw, name="price_withdraw"),
]
