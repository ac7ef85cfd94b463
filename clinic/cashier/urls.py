"""The cashier's pages."""

from django.urls import include, path

urlpatterns = [
    path("", include("clinic.cashier.money_urls")),
    path("", include("clinic.cashier.till_urls")),
]
