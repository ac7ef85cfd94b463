"""How to print without a dialog."""

from django.urls import path

from clinic.printing import views

urlpatterns = [
    path("", views.printing, name="printing"),
    path("test/<str:sheet>/", views.printing_test, name="printing_test"),
    path("shortcut/<str:sheet>/<str:kind>/", views.printing_shortcut, name="printing_shortcut"),
]
