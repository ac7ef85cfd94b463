"""The clinic's addresses and the benchmark's."""

from django.urls import include, path

from clinic.urls import handler400, handler403, handler404, handler500  # noqa: F401
from tests.benchmarks.inside import views

urlpatterns = [
    path("bench/floor/", views.floor),
    path("bench/empty/", views.empty, name="bench_empty"),
    path("bench/list/", views.fifty, name="bench_list"),
    path("", include("clinic.urls")),
]
