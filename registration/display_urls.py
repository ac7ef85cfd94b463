from django.urls import path

from registration.views import display, opinion

urlpatterns = [
    path("", display.display, name="display"),
    path("all/", display.display_all, name="display_all"),
    path("rows/", display.display_fragment, name="display_fragment"),
    path("<int:area>/", display.display_area, name="display_area"),
    path("<int:area>/rows/", display.display_area_fragment, name="display_area_fragment"),
    path("place/<str:token>/", display.display_place, name="display_place"),
    path("place/<str:token>/now/", display.display_place_fragment, name="display_place_fragment"),
    path("place/<str:token>/opinion/", opinion.display_opinion, name="display_opinion"),
]
