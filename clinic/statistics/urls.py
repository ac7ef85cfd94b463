from django.urls import path

from clinic.statistics import views, views_opinion

urlpatterns = [
    path("", views.statistics, name="statistics"),
    path("incomplete/", views.statistics_files, name="statistics_files"),
    path("opinion/", views_opinion.staff_opinion, name="staff_opinion"),
    path("<str:key>/", views.statistics_figure, name="statistics_figure"),
]
