from django.urls import path

from registration.views import display

urlpatterns = [
    path("", display.display, name="display"),
    path("rows/", display.display_fragment, name="display_fragment"),
]
